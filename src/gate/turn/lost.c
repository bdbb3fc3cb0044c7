/* Logs of the line of which nothing, or not what should be there, is left: what is known of each, so
 * that an export says it and pretends nothing. What a log was known for stands in the entry of a log
 * after it; beside that there may be the last checkpoint that survived. */
#include "gate/turn/past.h"

enum { LOST_SPACE_BYTES = 4 << 20 };

struct losing {
    const struct gate *gate;
    struct engine_view *view;
    struct arena *arena, scratch;
    struct gate_lost *at; /* log N of the line is at[N - 1] until they are sorted out */
    uint32_t newest;
};

/* Takes what the first entries of log `in` say of the logs before; *next: the one they lead to. */
static enum error_code names_take(struct losing *l, uint32_t in, uint32_t *next, struct error *e) {
    *next = 0;
    for (uint64_t i = 0; i + 1 < in; i++) {
        struct evidence_entry entry;
        struct arena scratch = l->scratch, own = l->scratch;
        str bytes;
        own.end = own.next + LIMIT_ENTRY_BYTES + 4096;
        scratch.next = own.end;
        TRY(ledger_entry_read(l->gate->ledger, in, i, l->view, &own, scratch, &bytes, e));
        TRY(evidence_entry_decode(bytes, &scratch, &entry, e));
        if (entry.type != EVIDENCE_SUCCESSION) return OK;
        *next = in - 1 - (uint32_t)i;
        struct gate_lost *lost = &l->at[*next - 1];
        lost->is_named = true;
        lost->known_size = entry.known_size;
        lost->left_size = entry.left_size;
        TRY(gate_entry_name(l->gate, in, i, l->arena, &lost->named_by, e));
    }
    return OK;
}

static enum error_code note_take(struct losing *l, struct gate_lost *lost, struct error *e) {
    struct arena scratch = l->scratch;
    struct tlog_checkpoint checkpoint;
    struct tlog_note *note = arena_new(&scratch, struct tlog_note, 1);
    str bytes;
    if (note == NULL) return error_set(e, FAIL_MEMORY, "no room for a checkpoint");
    enum error_code code = ledger_old_note(l->gate->ledger, lost->number, &scratch, &bytes, e);
    if (code != OK) return code == FAIL_NOT_FOUND ? OK : code;
    TRY(tlog_note_parse(bytes, note, e));
    TRY(tlog_checkpoint_parse(note->text, &checkpoint, e));
    lost->has_note = true;
    lost->note_size = checkpoint.size;
    for (unsigned i = 0; i < note->count; i++)
        lost->cosigned += !str_equal(note->lines[i].name, lost->origin);
    return OK;
}

static enum error_code logs_read(struct losing *l, struct error *e) {
    for (uint32_t n = 1; n < l->newest; n++) {
        struct gate_lost *lost = &l->at[n - 1];
        struct ledger_old old;
        char origin[TLOG_NAME_BYTES_MAX];
        size_t bytes;
        lost->number = n;
        TRY(ledger_origin_find(l->gate->ledger, n, origin, &bytes, e));
        TRY(arena_copy(l->arena, str_of(origin, bytes), &lost->origin, e));
        enum error_code code = ledger_old_find(l->gate->ledger, n, &old, e);
        if (code != OK && code != FAIL_NOT_FOUND) return code;
        lost->is_gone = code != OK;
    }
    /* From the newest back, as far as there are entries that name. */
    for (uint32_t at = l->newest; at > 1;) {
        if (at < l->newest && (l->at[at - 1].is_gone || l->at[at - 1].left_size == 0)) return OK;
        TRY(names_take(l, at, &at, e));
    }
    return OK;
}

enum error_code gate_lost_find(const struct gate *gate, struct engine_view *view,
                               struct arena *arena, struct gate_lost **out, size_t *count,
                               struct error *e) {
    struct arena_space space;
    struct losing l = {
        .gate = gate, .view = view, .arena = arena, .newest = ledger_number(gate->ledger)};
    l.at = arena_new(arena, struct gate_lost, l.newest);
    if (l.at == NULL) return error_set(e, FAIL_MEMORY, "no room for old logs");
    TRY(arena_space_open(&space, LOST_SPACE_BYTES, &l.scratch, e));
    size_t kept = 0;
    enum error_code code = logs_read(&l, e);
    for (uint32_t n = 1; code == OK && n < l.newest; n++) {
        struct gate_lost lost = l.at[n - 1];
        if (!lost.is_gone && lost.left_size > 0) continue;
        code = note_take(&l, &lost, e);
        l.at[kept++] = lost;
    }
    arena_space_release(&space);
    if (code != OK) return code;
    *out = l.at;
    *count = kept;
    return OK;
}

/* ---- in words ---- */

static void lost_text(const struct gate_lost *lost, struct text *out) {
    if (lost->left_size > 0)
        text_format(out, "log %.*s is not there: %llu entries were left of it",
                    STR_FMT(lost->origin), (unsigned long long)lost->left_size);
    else
        text_format(out, "log %.*s was lost whole: nothing is left of it", STR_FMT(lost->origin));
    if (lost->is_named)
        text_format(out, ", and %llu were known, as entry %.*s says",
                    (unsigned long long)lost->known_size, STR_FMT(lost->named_by));
    else
        text_add_c(out, ", and no log that is there says how many entries it had");
    if (lost->has_note)
        text_format(
            out, "; its last checkpoint that survives is of %llu entries, with %u cosignature%s",
            (unsigned long long)lost->note_size, lost->cosigned, lost->cosigned == 1 ? "" : "s");
    else
        text_add_c(out, "; no checkpoint of it survives");
    text_add_char(out, '\n');
}

enum error_code gate_lost_tell(struct gate_visit *visit, struct text *out, bool *incomplete,
                               struct error *e) {
    struct engine_view *view;
    struct arena_space space;
    struct arena arena;
    struct gate_lost *lost;
    size_t count = 0;
    *incomplete = false;
    TRY(arena_space_open(&space, LOST_SPACE_BYTES, &arena, e));
    enum error_code code = engine_view_open(visit->gate->engine, &view, e);
    if (code == OK) {
        code = gate_lost_find(visit->gate, view, &arena, &lost, &count, e);
        engine_view_close(view);
    }
    for (size_t i = 0; code == OK && i < count; i++) {
        lost_text(&lost[i], out);
        /* One that nobody names may have had entries: that it had none cannot be told. */
        *incomplete |= lost[i].left_size > 0 || !lost[i].is_named;
    }
    arena_space_release(&space);
    return code;
}
