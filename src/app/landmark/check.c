/* azekura landmark check: a kept transcript and the report on it, held against public keys alone. */
#include "app/landmark/landmarks.h"

#include "base/disk.h"

#include <fcntl.h>
#include <unistd.h>

enum {
    EXIT_NOT_WITHIN = 1,
    EXIT_UNCHECKED = 4,
    ARENA_BYTES = 1 << 30, /* address space: the longest transcript and its rounds */
};

struct checking {
    const struct landmark_check_words *words;
    struct arena *arena;
    struct tlog_vkey keys[OPTION_LIST_MAX], ledger;
    struct locproof_kept kept;
    struct locproof_tag tag;
    unsigned char nv_name[LOCPROOF_NV_NAME_BYTES];
    struct locproof_checked checked;
    struct locproof_attest attest;
};

static enum error_code file_read(struct checking *c, const char *path, size_t bytes_max, str *out,
                                 struct error *e) {
    enum error_code code = disk_file_read(AT_FDCWD, path, bytes_max, c->arena, out, e);
    return code == OK ? OK : error_note(e, "landmark_check", "reading %s", path);
}

/* A verifier key, or the name of a file whose first line is one. */
static enum error_code vkey_read(struct checking *c, const char *option, const char *text,
                                 struct tlog_vkey *out, struct error *e) {
    str vkey = str_from_c(text), line;
    if (access(text, R_OK) == 0) {
        TRY(file_read(c, text, 4096, &vkey, e));
        if (str_cut(&vkey, '\n', &line)) vkey = line;
    }
    if (tlog_vkey_parse(str_trim(vkey), out, e) == OK) return OK;
    return error_note(e, "landmark_check", "%s %s is no key NAME+ID+KEY and no file that holds one",
                      option, text);
}

static enum error_code tag_words_read(struct checking *c, struct error *e) {
    const struct landmark_check_words *w = c->words;
    int given = (w->attest != NULL) + (w->sig != NULL) + (w->ak != NULL);
    if (given != 0 && given != 3)
        return error_set(e, FAIL_USAGE,
                         "an asset tag is --attest FILE, --sig FILE and --ak PEM together");
    if (given == 0 && (w->record != NULL || w->nv_name != NULL))
        return error_set(e, FAIL_USAGE, "--record and --nv-name go with --attest");
    if (w->nv_name == NULL) return OK;
    size_t count = strlen(w->nv_name) / 2;
    if (count == 0 || count > sizeof c->nv_name ||
        !hex_read(str_from_c(w->nv_name), c->nv_name, count))
        return error_set(
            e, FAIL_USAGE,
            "--nv-name takes the name in hex that tpm2_nvreadpublic prints, not \"%.80s\"",
            w->nv_name);
    c->tag.index = str_of(c->nv_name, count);
    return OK;
}

static enum error_code words_read(struct checking *c, struct error *e) {
    const struct landmark_check_words *w = c->words;
    if (w->vkeys.count == 0)
        return error_set(e, FAIL_USAGE,
                         "--vkey VKEY is missing: the key of the landmark that signed");
    for (size_t i = 0; i < w->vkeys.count; i++)
        TRY(vkey_read(c, "--vkey", w->vkeys.at[i], &c->keys[i], e));
    c->kept.keys = c->keys;
    c->kept.key_count = w->vkeys.count;
    TRY(tag_words_read(c, e));
    if (w->ledger == NULL) return OK;
    TRY(vkey_read(c, "--ledger", w->ledger, &c->ledger, e));
    c->kept.ledger = &c->ledger;
    return OK;
}

static enum error_code files_read(struct checking *c, struct error *e) {
    const struct landmark_check_words *w = c->words;
    str beside = w->note != NULL ? str_from_c(w->note) : STR_EMPTY;
    if (w->note == NULL) TRY(arena_format(c->arena, &beside, e, "%s.note", w->transcript));
    TRY(file_read(c, beside.at, LOCPROOF_REPORT_BYTES, &c->kept.note, e));
    return file_read(c, w->transcript, LOCPROOF_TRANSCRIPT_BYTES, &c->kept.transcript, e);
}

static enum error_code tag_check(struct checking *c, struct error *e) {
    const struct landmark_check_words *w = c->words;
    if (w->attest == NULL) return OK;
    TRY(file_read(c, w->attest, LOCPROOF_ATTEST_BYTES, &c->tag.attest, e));
    TRY(file_read(c, w->sig, LOCPROOF_ATTEST_BYTES, &c->tag.signature, e));
    TRY(file_read(c, w->ak, LOCPROOF_ATTEST_KEY_BYTES, &c->tag.pem, e));
    if (w->record != NULL) {
        TRY(file_read(c, w->record, LIMIT_DOC_BYTES, &c->tag.record, e));
        if (c->tag.record.len == 0) return error_set(e, FAIL_USAGE, "%s is empty", w->record);
    }
    return locproof_tag_check(&c->tag, &c->checked.report.transcript, &c->attest, e);
}

static enum error_code tell(const struct checking *c, const char *failed, struct error *e) {
    const struct landmark_check_words *w = c->words;
    struct landmark_checked told = {.checked = &c->checked,
                                    .max_km = w->max_km,
                                    .tag = w->attest != NULL ? &c->attest : NULL,
                                    .record_given = w->record != NULL,
                                    .name_given = w->nv_name != NULL};
    struct report_out out;
    bool is_json = strcmp(w->format, "json") == 0;
    if (failed != NULL && !is_json) return OK;
    TRY(report_open(w->out, &out, e));
    if (failed != NULL)
        landmark_unchecked_json(&out, failed);
    else if (is_json)
        landmark_checked_json(&out, &told);
    else
        landmark_checked_text(&out, &told, strcmp(w->lang, "ja") == 0);
    return report_close(&out, e);
}

static int complain(const struct checking *c, const struct error *e, int status) {
    char text[1400];
    struct error why;
    error_text(e, text, sizeof text);
    fprintf(stderr, "azekura landmark check: %s\n", text);
    if (status == EXIT_UNCHECKED && tell(c, text, &why) != OK)
        fprintf(stderr, "azekura landmark check: %s\n", why.message);
    return status;
}

int landmark_check_run(const struct landmark_check_words *words) {
    static struct checking c; /* large, and one a process */
    struct arena_space space;
    struct arena arena;
    struct error e;
    c = (struct checking){.words = words, .arena = &arena};
    if (arena_space_open(&space, ARENA_BYTES, &arena, &e) != OK)
        return complain(&c, &e, EXIT_UNCHECKED);
    if (words_read(&c, &e) != OK) {
        arena_space_release(&space);
        return complain(&c, &e, EXIT_USAGE);
    }
    enum error_code code = files_read(&c, &e);
    if (code == OK) code = locproof_check(&c.kept, &arena, &c.checked, &e);
    if (code == OK) code = tag_check(&c, &e);
    if (code == OK) code = tell(&c, NULL, &e);
    const struct locproof_report *r = &c.checked.report;
    bool within = code == OK && r->figures.verdict == LOCPROOF_WITHIN &&
                  (words->max_km == 0 || locproof_report_bound_km(r) <= words->max_km);
    arena_space_release(&space);
    if (code != OK) return complain(&c, &e, EXIT_UNCHECKED);
    return within ? 0 : EXIT_NOT_WITHIN;
}
