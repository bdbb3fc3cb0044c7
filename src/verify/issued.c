/* The rulebooks of a bundle: whether each is what its issuer signed. */
#include "verify/bundle.h"

#include "base/disk.h"
#include "issuer/issuer.h"

struct issued_file {
    const struct verify_trust *trust;
    struct verify_result *result;
    struct arena arena;
    str path, bytes; /* of the rulebook file */
};

static bool any_speaks_for(const struct verify_trust *trust, str line) {
    for (size_t i = 0; i < trust->issuer_count; i++)
        if (issuer_speaks_for(&trust->issuers[i], line)) return true;
    return false;
}

static void claim_check(const struct issued_file *f, const struct issuer_signature *signature,
                        const struct issuer_claim *claim) {
    const struct tlog_vkey *by = NULL;
    struct error e;
    digest hash = sha256_of(f->bytes);
    if (!digest_equal(&hash, &claim->file)) {
        verify_finding(f->result, "%.*s: rulebook %.*s was signed with other bytes",
                       STR_FMT(f->path), STR_FMT(claim->name));
    } else if (!any_speaks_for(f->trust, claim->line)) {
        verify_item(f->result, "rulebook", "%.*s of line %.*s: signature kept, issuer not given",
                    STR_FMT(claim->name), STR_FMT(claim->line));
    } else if (issuer_claim_signer(signature, claim, f->trust->issuers, f->trust->issuer_count,
                                   f->arena, &by, &e) != OK) {
        verify_finding(f->result, "%.*s.sig: %s", STR_FMT(f->path), e.message);
    } else if (by == NULL) {
        verify_finding(f->result,
                       "%.*s.sig: rulebook %.*s is signed by no issuer given for line %.*s",
                       STR_FMT(f->path), STR_FMT(claim->name), STR_FMT(claim->line));
    } else {
        char issued[CLOCK_TEXT_BYTES];
        clock_iso_s_write(signature->statement.issued_ns, issued);
        verify_item(f->result, "rulebook", "%.*s of line %.*s: signed by %.*s, issued %s",
                    STR_FMT(claim->name), STR_FMT(claim->line), STR_FMT(tlog_vkey_name(by)),
                    issued);
    }
}

enum error_code verify_bundle_issued(const struct verify_trust *trust,
                                     const struct verify_folder *folder, str path,
                                     struct arena arena, struct verify_result *result,
                                     struct error *e) {
    struct issued_file f = {.trust = trust, .result = result};
    struct issuer_signature *signature = arena_new(&arena, struct issuer_signature, 1);
    struct error why;
    str note;
    if (!signature) return error_set(e, FAIL_MEMORY, "no room for a signature");
    TRY(arena_copy(&arena, str_slice(path, 0, path.len - 4), &f.path, e)); /* closed by a zero */
    enum error_code code =
        disk_file_read(folder->dir_fd, path.at, ISSUER_SIGNATURE_BYTES_MAX, &arena, &note, &why);
    if (code == OK)
        code = disk_file_read(folder->dir_fd, f.path.at, LIMIT_DOC_BYTES, &arena, &f.bytes, &why);
    if (code == OK) code = issuer_signature_read(note, signature, &why);
    if (code != OK) {
        verify_finding(result, "%.*s: %s", STR_FMT(path), why.message);
        return OK;
    }
    f.arena = arena;
    for (size_t i = 0; i < signature->statement.count; i++)
        claim_check(&f, signature, &signature->statement.claims[i]);
    return OK;
}
