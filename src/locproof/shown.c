/* Showing that an answer was right, and holding it against the ledger. */
#include "locproof/shown.h"

#include "evidence/evidence.h"

enum { FORMAT = 1, HAS_PIECE = 1, HAS_PART = 2 };

/* ---- bytes ---- */

static void path_write(struct pack *p, const struct tlog_path *path) {
    pack_u8(p, (uint8_t)path->count);
    pack_raw(p, path->at, path->count * sizeof *path->at);
}

static void path_read(struct unpack *u, struct tlog_path *path) {
    path->count = unpack_u8(u);
    if (path->count > TLOG_PATH_MAX) u->broken = true;
    if (u->broken) path->count = 0;
    for (unsigned i = 0; i < path->count; i++) unpack_raw(u, path->at[i].at, DIGEST_BYTES);
}

enum error_code locproof_shown_write(const struct locproof_shown *shown, void *out, size_t cap,
                                     str *bytes, struct error *e) {
    struct pack p = pack_into(out, cap);
    assert(!shown->has_part || shown->has_piece);
    pack_u8(&p, FORMAT);
    pack_u8(&p, (uint8_t)((shown->has_piece ? HAS_PIECE : 0) | (shown->has_part ? HAS_PART : 0)));
    pack_str(&p, shown->entry);
    path_write(&p, &shown->entry_path);
    if (shown->has_piece) path_write(&p, &shown->piece_path);
    if (shown->has_part) {
        pack_raw(&p, shown->part_root.at, DIGEST_BYTES);
        path_write(&p, &shown->part_path);
    }
    return pack_done(&p, "what shows a piece", bytes, e);
}

enum error_code locproof_shown_read(str bytes, struct locproof_shown *out, struct error *e) {
    struct unpack u = unpack_from(bytes);
    uint8_t format = unpack_u8(&u), flags = unpack_u8(&u);
    if (format != FORMAT || (flags & ~(HAS_PIECE | HAS_PART)) != 0 || flags == HAS_PART)
        return error_set(e, FAIL_SYNTAX, "what shows a piece: format %u, flags %u", format, flags);
    *out = (struct locproof_shown){.has_piece = (flags & HAS_PIECE) != 0,
                                   .has_part = (flags & HAS_PART) != 0};
    out->entry = unpack_str(&u);
    path_read(&u, &out->entry_path);
    if (out->has_piece) path_read(&u, &out->piece_path);
    if (out->has_part) {
        unpack_raw(&u, out->part_root.at, DIGEST_BYTES);
        path_read(&u, &out->part_path);
    }
    if (u.broken || u.rest.len > 0 || out->entry.len > LIMIT_ENTRY_BYTES)
        return error_set(e, FAIL_SYNTAX, "what shows a piece does not parse");
    return OK;
}

/* ---- checking ---- */

static bool entry_stores(const struct evidence_entry *entry) {
    digest empty = tlog_empty_root();
    return (evidence_type_parts(entry->type) & EVIDENCE_STORED) != 0 &&
           !digest_equal(&entry->stored_root, &empty);
}

/* The root that the piece must lead to: stored_root itself, or that of one part under it. */
static enum error_code root_wanted(const struct locproof_shown *shown,
                                   const struct locproof_draw *draw,
                                   const struct evidence_entry *entry, digest *out,
                                   struct error *e) {
    bool of_parts = entry->type == EVIDENCE_UPLOAD_COMPLETE;
    if (of_parts != shown->has_part)
        return error_set(e, FAIL_PROOF,
                         of_parts ? "a body of parts is shown without its part"
                                  : "a plain body is shown with a part");
    *out = entry->stored_root;
    if (!of_parts) return OK;
    digest leaf = tlog_leaf_hash(digest_str(&shown->part_root));
    digest root = locproof_root_from(draw->list_bits, &leaf, &shown->part_path);
    if (!digest_equal(&root, &entry->stored_root))
        return error_set(e, FAIL_PROOF, "the part is not the one drawn, or none of that body");
    *out = shown->part_root;
    return OK;
}

enum error_code locproof_shown_check(const struct locproof_shown *shown,
                                     const struct locproof_draw *draw,
                                     const struct locproof_answer *answer,
                                     const struct locproof_tree *ledger, struct arena scratch,
                                     struct error *e) {
    struct evidence_entry entry;
    struct error why;
    digest leaf = tlog_leaf_hash(shown->entry), wanted;
    TRY(tlog_inclusion_verify(draw->entry, ledger->size, &leaf, &shown->entry_path, &ledger->root,
                              e));
    enum error_code code = evidence_entry_decode(shown->entry, &scratch, &entry, &why);
    if (code == FAIL_MEMORY) return error_set(e, code, "%s", why.message);
    if (code != OK) return error_set(e, FAIL_PROOF, "entry: %s", why.message);
    if (!answer->has_piece && answer->why == LOCPROOF_NO_BODY && entry_stores(&entry))
        return error_set(e, FAIL_PROOF, "the entry stored a body, and the store says it did not");
    if (!answer->has_piece && answer->why != LOCPROOF_NO_BODY && !entry_stores(&entry))
        return error_set(e, FAIL_PROOF, "the entry stored nothing, and the store says it is gone");
    if (answer->has_piece != shown->has_piece)
        return error_set(e, FAIL_PROOF, "a piece was %s and is %s",
                         answer->has_piece ? "given" : "not given",
                         shown->has_piece ? "shown" : "not shown");
    if (!answer->has_piece) return OK;
    if (!entry_stores(&entry))
        return error_set(e, FAIL_PROOF, "a piece was given of an entry that stored nothing");
    TRY(root_wanted(shown, draw, &entry, &wanted, e));
    digest root = locproof_root_from(draw->piece_bits, &answer->leaf, &shown->piece_path);
    if (digest_equal(&root, &wanted)) return OK;
    return error_set(e, FAIL_PROOF, "the piece is not what the ledger says was stored");
}
