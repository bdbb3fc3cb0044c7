/* azekura landmark check: a kept transcript and the report on it, held against public keys alone. */
#include "app/landmarks.h"

#include "base/disk.h"

#include <fcntl.h>
#include <unistd.h>

enum {
    EXIT_NOT_WITHIN = 1,
    EXIT_WORDS = 2,
    EXIT_UNCHECKED = 4,
    ARENA_BYTES = 1 << 30, /* address space: the longest transcript and its rounds */
};

struct checking {
    const struct landmark_check_words *words;
    struct arena *arena;
    struct tlog_vkey keys[OPTION_LIST_MAX], ledger;
    struct locproof_kept kept;
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

static enum error_code words_read(struct checking *c, struct error *e) {
    const struct landmark_check_words *w = c->words;
    if (w->vkeys.count == 0)
        return error_set(e, FAIL_USAGE,
                         "--vkey VKEY is missing: the key of the landmark that signed");
    for (size_t i = 0; i < w->vkeys.count; i++)
        TRY(vkey_read(c, "--vkey", w->vkeys.at[i], &c->keys[i], e));
    c->kept.keys = c->keys;
    c->kept.key_count = w->vkeys.count;
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

static enum error_code tell(const struct landmark_check_words *w,
                            const struct locproof_checked *checked, const char *failed,
                            struct error *e) {
    struct report_out out;
    bool is_json = strcmp(w->format, "json") == 0;
    if (failed != NULL && !is_json) return OK;
    TRY(report_open(w->out, &out, e));
    if (failed != NULL)
        landmark_unchecked_json(&out, failed);
    else if (is_json)
        landmark_checked_json(&out, checked, w->max_km);
    else
        landmark_checked_text(&out, checked, w->max_km, strcmp(w->lang, "ja") == 0);
    return report_close(&out, e);
}

static int complain(const struct landmark_check_words *w, const struct error *e, int status) {
    char text[1400];
    struct error why;
    error_text(e, text, sizeof text);
    fprintf(stderr, "azekura landmark check: %s\n", text);
    if (status == EXIT_UNCHECKED && tell(w, NULL, text, &why) != OK)
        fprintf(stderr, "azekura landmark check: %s\n", why.message);
    return status;
}

int landmark_check_run(const struct landmark_check_words *words) {
    static struct checking c;               /* large, and one a process */
    static struct locproof_checked checked; /* likewise */
    struct arena_space space;
    struct arena arena;
    struct error e;
    c = (struct checking){.words = words, .arena = &arena};
    if (arena_space_open(&space, ARENA_BYTES, &arena, &e) != OK)
        return complain(words, &e, EXIT_UNCHECKED);
    if (words_read(&c, &e) != OK) {
        arena_space_release(&space);
        return complain(words, &e, EXIT_WORDS);
    }
    enum error_code code = files_read(&c, &e);
    if (code == OK) code = locproof_check(&c.kept, &arena, &checked, &e);
    if (code == OK) code = tell(words, &checked, NULL, &e);
    const struct locproof_report *r = &checked.report;
    bool within = code == OK && r->figures.verdict == LOCPROOF_WITHIN &&
                  (words->max_km == 0 || locproof_report_bound_km(r) <= words->max_km);
    arena_space_release(&space);
    if (code != OK) return complain(words, &e, EXIT_UNCHECKED);
    return within ? 0 : EXIT_NOT_WITHIN;
}
