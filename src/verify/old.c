/* What rests on what, for a log that was succeeded. Its tree is held against the root that a later
 * log's entry names; its own last checkpoint is a second word, by the key it was signed with. */
#include "verify/old.h"

static void mark_add(struct verify_marks *marks, enum verify_mark_kind kind, uint64_t size,
                     const digest *root) {
    assert(marks->count < VERIFY_MARKS_MAX);
    marks->at[marks->count++] = (struct verify_mark){size, *root, kind};
}

static const struct verify_log *namer_of(const struct verify_line *line,
                                         const struct verify_log *log) {
    for (size_t i = 0; i < line->count; i++)
        if (line->logs[i].number == log->named_in) return &line->logs[i];
    return verify_line_newest(line);
}

/* ---- keys */

/* The log's name under the newest log's public key: one key signs a whole line. */
static bool key_derive(const struct verify_trust *trust, const struct verify_line *line, str origin,
                       struct tlog_vkey *out) {
    const struct tlog_vkey *newest = verify_key_find(trust, verify_line_newest(line)->origin);
    return newest && tlog_vkey_make(origin, newest->type, newest->public_key, out, NULL) == OK;
}

/* NULL: neither given nor derivable. */
static const struct tlog_vkey *key_of(const struct verify_trust *trust,
                                      const struct verify_line *line, str origin,
                                      struct tlog_vkey *memory, const char **whose) {
    const struct tlog_vkey *given = verify_key_find(trust, origin);
    *whose = "with the key given for it";
    if (given) return given;
    *whose = "with the newest log's key, under its own name";
    return key_derive(trust, line, origin, memory) ? memory : NULL;
}

/* ---- the last checkpoint of an old log */

/* Where it stands to what is left, and to what the naming entry admits was known. */
static void note_place(const struct verify_log *log, const struct tlog_checkpoint *note,
                       struct verify_result *result, struct verify_marks *marks) {
    if (note->size <= log->size) {
        mark_add(marks, VERIFY_MARK_OLD, note->size, &note->root);
    } else if (note->size > log->known_size) {
        verify_finding(
            result, "%.*s was signed at %llu entries, and entry %llu of log %u admits to %llu",
            STR_FMT(log->origin), (unsigned long long)note->size, (unsigned long long)log->named_at,
            log->named_in, (unsigned long long)log->known_size);
    } else if (note->size == log->known_size && !digest_equal(&note->root, &log->known_root)) {
        verify_finding(result,
                       "%.*s was signed at %llu entries with another root than the one that entry "
                       "%llu of log %u names",
                       STR_FMT(log->origin), (unsigned long long)note->size,
                       (unsigned long long)log->named_at, log->named_in);
    }
}

static const char *policy_word(const struct verify_trust *trust, const struct tlog_vkey *key,
                               str bytes) {
    struct tlog_policy_result found;
    struct tlog_checkpoint checkpoint;
    if (!trust->policy) return "";
    if (tlog_policy_open(trust->policy, key, bytes, &checkpoint, &found, NULL) != OK)
        return ", not cosigned as the policy asks";
    return found.witnesses_signed ? ", cosigned as the policy asks"
                                  : ", signed by the operator alone, which the policy allows";
}

/* Who they are that signed it too; without a policy there is no key to check them with. */
static void cosigners_say(const struct tlog_note *note, const struct verify_log *log,
                          struct verify_result *result) {
    for (unsigned i = 0; i < note->count; i++)
        if (!str_equal(note->lines[i].name, log->origin))
            verify_item(result, "cosignature under it",
                        "in the name of %.*s; not checked: no policy names its key (--policy)",
                        STR_FMT(str_slice(note->lines[i].name, 0, 100)));
}

static void note_say(const struct verify_trust *trust, const struct verify_line *line,
                     const struct verify_log *log, str bytes, struct verify_result *result,
                     struct verify_marks *marks) {
    struct tlog_note parsed;
    struct tlog_checkpoint note;
    struct tlog_vkey memory;
    struct tlog_signed said = {.valid = false};
    struct error e = {0};
    const char *whose;
    if (tlog_note_parse(bytes, &parsed, &e) != OK ||
        tlog_checkpoint_parse(parsed.text, &note, &e) != OK) {
        verify_finding(result, "%scheckpoint is no checkpoint: %s", log->prefix, e.message);
        return;
    }
    if (!str_equal(note.origin, log->origin)) {
        verify_finding(result, "%scheckpoint is of the log %.*s, not of %.*s", log->prefix,
                       STR_FMT(note.origin), STR_FMT(log->origin));
        return;
    }
    const struct tlog_vkey *key = key_of(trust, line, log->origin, &memory, &whose);
    if (key && tlog_note_verify(&parsed, key, 1, &said, &e) != OK) {
        verify_finding(result, "%scheckpoint: %s", log->prefix, e.message);
        return;
    }
    if (!said.valid) { /* anybody could have written it, so it says nothing */
        verify_item(result, "last checkpoint of it",
                    "of %llu entries; not checked: it is signed with a key that was not given "
                    "(--key)",
                    (unsigned long long)note.size);
        return;
    }
    note_place(log, &note, result, marks);
    verify_item(result, "last checkpoint of it", "of %llu entries, signed %s%s%s",
                (unsigned long long)note.size, whose, policy_word(trust, key, bytes),
                note.size > log->size ? "; of more entries than are left" : "");
    if (!trust->policy) cosigners_say(&parsed, log, result);
}

/* ---- an old log */

void verify_old_left(const struct verify_log *log, str namer, struct verify_result *result) {
    char root[2 * DIGEST_BYTES];
    hex_write(log->root.at, DIGEST_BYTES, root);
    result->limits |= VERIFY_LIMIT_SUCCESSION;
    verify_item(result, "earlier log", "%.*s, as entry %llu of %.*s names it", STR_FMT(log->origin),
                (unsigned long long)log->named_at, STR_FMT(namer));
    if (log->size == 0)
        verify_item(result, "left of it",
                    "0 entries: it was lost whole, and of what was in it "
                    "nothing is shown");
    else
        verify_item(result, "left of it", "%llu entries, root %.*s", (unsigned long long)log->size,
                    (int)sizeof root, root);
    if (log->known_size <= log->size) {
        verify_item(result, "lost of it", "nothing that anybody knew of");
    } else if (log->known_size - log->size == 1) {
        verify_item(result, "lost of it", "entry %llu", (unsigned long long)log->size);
    } else {
        verify_item(result, "lost of it", "entries %llu to %llu", (unsigned long long)log->size,
                    (unsigned long long)(log->known_size - 1));
    }
}

void verify_old_log(const struct verify_trust *trust, const struct verify_source *source,
                    const struct verify_line *line, const struct verify_log *log,
                    struct arena scratch, struct verify_result *result,
                    struct verify_marks *marks) {
    str bytes;
    struct error e;
    verify_old_left(log, namer_of(line, log)->origin, result);
    if (log->known_size <= log->size)
        mark_add(marks, VERIFY_MARK_KNOWN, log->known_size, &log->known_root);
    enum error_code code =
        source->read(source->self, "checkpoint", TLOG_NOTE_BYTES_MAX, &scratch, &bytes, &e);
    if (code == FAIL_NOT_FOUND) {
        verify_item(result, "last checkpoint of it", "did not survive");
    } else if (code != OK) {
        verify_finding(result, "%scheckpoint: %s", log->prefix, e.message);
    } else {
        note_say(trust, line, log, bytes, result, marks);
    }
}

void verify_mark_missed(const struct verify_log *log, const struct verify_mark *mark,
                        struct verify_result *result) {
    unsigned long long size = mark->size;
    switch (mark->kind) {
    case VERIFY_MARK_SINCE:
        verify_finding(result,
                       "the older checkpoint of %llu entries is not a beginning of this log: its "
                       "history was rewritten, or there are two",
                       size);
        return;
    case VERIFY_MARK_OLD:
        verify_finding(result,
                       "%scheckpoint, of %llu entries, is not a beginning of what is left of the "
                       "log: its history was rewritten, or there are two",
                       log->prefix, size);
        return;
    case VERIFY_MARK_KNOWN: /* a succession may say so: a copy was put back and written on */
        verify_item(result, "replaced in it",
                    "what others knew of %.*s at %llu entries is not its history; the log after it "
                    "says so",
                    STR_FMT(log->origin), size);
        return;
    }
}

/* ---- an auditor's checkpoint */

static void since_place(const struct verify_line *line, const struct verify_log *log,
                        const struct tlog_checkpoint *since, struct verify_result *result,
                        struct verify_marks *marks) {
    bool is_newest = log == verify_line_newest(line);
    verify_item(result, "older checkpoint", "%llu entries of %.*s", (unsigned long long)since->size,
                STR_FMT(log->origin));
    if (since->size <= log->size) {
        mark_add(marks, VERIFY_MARK_SINCE, since->size, &since->root);
    } else if (is_newest) {
        verify_finding(result,
                       "the older checkpoint has %llu entries, more than this log: it was rolled "
                       "back",
                       (unsigned long long)since->size);
    } else if (since->size > log->known_size) {
        verify_finding(result,
                       "the older checkpoint has %llu entries of %.*s, more than the log after it "
                       "admits were known (%llu)",
                       (unsigned long long)since->size, STR_FMT(log->origin),
                       (unsigned long long)log->known_size);
    } else if (since->size == log->known_size && !digest_equal(&since->root, &log->known_root)) {
        verify_finding(result,
                       "the older checkpoint of %llu entries of %.*s has another root than "
                       "the one the log after it says was known",
                       (unsigned long long)since->size, STR_FMT(log->origin));
    } else {
        verify_item(result, "older checkpoint",
                    "it ends in what was lost, which the log after it says; it is not shown to be "
                    "a beginning of what is left");
    }
}

enum error_code verify_since(const struct verify_trust *trust, const struct verify_line *line,
                             str bytes, struct verify_result *result, const struct verify_log **log,
                             struct verify_marks *marks, struct error *e) {
    struct tlog_note parsed;
    struct tlog_checkpoint since;
    struct tlog_vkey memory;
    const char *whose;
    TRY(tlog_note_parse(bytes, &parsed, e));
    TRY(tlog_checkpoint_parse(parsed.text, &since, e));
    *log = verify_line_find(line, since.origin);
    if (!*log)
        return error_set(e, FAIL_PROOF,
                         "the older checkpoint is of the log %.*s, and no log here is",
                         STR_FMT(str_slice(since.origin, 0, 100)));
    const struct tlog_vkey *key = key_of(trust, line, since.origin, &memory, &whose);
    if (!key)
        return error_set(e, FAIL_PROOF, "no key was given for the log %.*s of the older checkpoint",
                         STR_FMT(str_slice(since.origin, 0, 100)));
    TRY(tlog_checkpoint_open(bytes, key, NULL, &since, e));
    since_place(line, *log, &since, result, marks);
    return OK;
}
