/* Deleting: a decision and an entry per key; the keys of one call go in as few turns as fit, in the
 * order they were named, so their receipts are one run of the log. */
#include "gate/debt/debt.h"
#include "gate/object/keep.h"
#include "gate/turn/committer.h"

enum { MESSAGE_ROOM_BYTES = 8192 };

struct deleting {
    struct gate_work work;
    struct gate_visit *visit;
    const struct store_bucket *bucket;
    str bucket_name;
    struct gate_decided decided; /* one bucket, one dataset: one decision serves every key */
    struct gate_delete *rows;
    size_t count;
    uint64_t first, last; /* entries of this turn */
    bool any;
};

static enum error_code version_of(struct gate_delete *row, bool *is_null, uint64_t *sequence,
                                  struct error *e) {
    *is_null = false;
    *sequence = 0;
    if (!row->with_version || store_version_read(row->version, is_null, sequence)) return OK;
    return error_set(e, FAIL_INVALID_ARGUMENT, "\"%.*s\" is no version id of this store",
                     STR_FMT(row->version));
}

/* Which version an entry speaks of: the one that went, the marker made, or the one asked for. */
static enum error_code version_said(struct deleting *d, const struct gate_delete *row, str *out,
                                    struct error *e) {
    char text[STORE_VERSION_TEXT_BYTES];
    const struct store_deleted *deleted = &row->deleted;
    if (!deleted->found && !deleted->marker_made) {
        *out = row->with_version ? row->version : STR("null");
        return OK;
    }
    return arena_copy(d->visit->arena, str_of(text, store_version_text(&deleted->version, text)),
                      out, e);
}

/* What must be kept is refused like any act: recorded, folded, with its clause. Of a thousand keys
 * refused the visit keeps a message each, not a decision. */
static enum error_code row_judge(struct gate_turn *turn, struct deleting *d,
                                 struct gate_delete *row, const struct gate_going *going,
                                 struct gate_decided *decided, struct error *e) {
    struct arena before = *d->visit->arena, long_before = d->visit->long_facts;
    bool had_long = d->visit->long_space.at != NULL;
    struct evidence_values values;
    struct error why;
    uint64_t entry;
    enum error_code code = gate_keep_judge(turn, d->visit, going, decided, e);
    if (code != FAIL_REFUSED) return code;
    why = *e;
    struct gate_folding folding = {
        .type = EVIDENCE_REFUSE, .decided = decided, .values = &values, .may_fold = true};
    TRY(gate_visit_values(d->visit, d->bucket_name, row->key, &values, e));
    TRY(gate_fold_record(turn, &folding, &entry, e));
    atomic_fetch_add_explicit(&turn->gate->counters.refused, 1, memory_order_relaxed);
    if (d->count == 1) gate_decided_show(d->visit, decided, &row->answer);
    if (d->count > 1) *d->visit->arena = before;
    if (had_long) d->visit->long_facts = long_before;
    row->answer.decided = true;
    row->answer.effect = GATE_REFUSE;
    TRY(gate_receipt(d->visit, entry, entry, &row->answer.receipt, e));
    *e = why;
    return FAIL_REFUSED;
}

static enum error_code row_delete(struct gate_turn *turn, struct deleting *d,
                                  const struct store_bucket *bucket, struct gate_delete *row,
                                  struct error *e) {
    bool is_null;
    uint64_t sequence, entry = ledger_next_index(turn->gate->ledger);
    struct arena scratch = turn->scratch;
    struct gate_decided decided = d->decided;
    struct gate_going going;
    TRY(gate_key_check(row->key, e));
    TRY(version_of(row, &is_null, &sequence, e));
    TRY(gate_going_find(turn, bucket, row->key, row->with_version, is_null, sequence, &scratch,
                        &going, e));
    TRY(row_judge(turn, d, row, &going, &decided, e));
    TRY(store_delete(turn->engine, bucket, row->key, row->with_version, is_null, sequence,
                     &row->condition, (uint64_t)turn->now_ns, gate_visit_user(d->visit), entry,
                     &scratch, &row->deleted, e));
    struct gate_record record = {.type = row->deleted.marker_made ? EVIDENCE_DELETE_MARKER
                                                                  : EVIDENCE_DELETE,
                                 .decided = &decided};
    TRY(gate_visit_values(d->visit, d->bucket_name, row->key, &record.values, e));
    TRY(version_said(d, row, &record.values.of[EVIDENCE_VERSION], e));
    bool is_versioned = bucket->versioning != STORE_UNVERSIONED;
    if (is_versioned && (row->deleted.found || row->deleted.marker_made))
        row->deleted_version = record.values.of[EVIDENCE_VERSION];
    TRY(gate_record_append(turn, &record, &entry, e));
    if (row->deleted.marker_made && row->deleted.version.entry != entry) {
        /* A new word of the code table took the index that was expected. */
        row->deleted.version.entry = entry;
        TRY(store_version_update(turn->engine, bucket, &row->deleted.version, scratch, e));
    }
    if (going.found) TRY(debt_version_gone(turn, &going.version, entry, e));
    /* What was read lies in the turn's scratch: keep what outlives it. */
    row->deleted.version = (struct store_version){.key = row->key,
                                                  .sequence = row->deleted.version.sequence,
                                                  .is_null = row->deleted.version.is_null};
    if (!d->any) d->first = entry;
    d->last = entry;
    d->any = true;
    row->answer.decided = true;
    row->answer.effect = decided.effect;
    return gate_receipt(d->visit, entry, entry, &row->answer.receipt, e);
}

/* What befalls one key and not the call; all of them come before anything is written. */
static bool is_of_the_key(enum error_code code) {
    return code == FAIL_PRECONDITION || code == FAIL_NO_SUCH_KEY || code == FAIL_KEY_TOO_LONG ||
           code == FAIL_INVALID_ARGUMENT || code == FAIL_REFUSED;
}

static enum error_code deleting_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct deleting *d = self;
    struct store_bucket bucket;
    TRY(gate_renew(turn, d->visit, IDENTITY_DELETE, d->bucket_name, &d->decided, e));
    TRY(gate_turn_bucket(turn, d->bucket_name, &bucket, e));
    for (size_t i = 0; i < d->count; i++) {
        struct gate_delete *row = &d->rows[i];
        row->code = row_delete(turn, d, &bucket, row, e);
        if (row->code == OK) {
            turn->now_ns++; /* each marker needs a sequence of its own */
            continue;
        }
        if (!is_of_the_key(row->code)) return row->code;
        /* A call of a thousand keys may have no room for as many sentences. */
        if (arena_left(d->visit->arena) < MESSAGE_ROOM_BYTES)
            row->message = row->code == FAIL_REFUSED ? STR("a clause of the rules keeps it")
                                                     : STR("it was not deleted");
        else
            TRY(arena_copy(d->visit->arena, str_from_c(e->message), &row->message, e));
    }
    return OK;
}

enum error_code gate_delete(struct gate_visit *visit, str bucket, struct gate_delete *rows,
                            size_t count, struct gate_answer *answer, struct error *e) {
    struct deleting d = {.visit = visit, .bucket_name = bucket};
    struct evidence_values values;
    uint64_t first = 0, last = 0;
    bool any = false;
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_DELETE, bucket, e));
    TRY(gate_bucket_of(visit, bucket, &d.bucket, e));
    TRY(gate_visit_values(visit, bucket, count == 1 ? rows[0].key : STR_EMPTY, &values, e));
    TRY(gate_decide(visit, STR("delete"), bucket, &d.decided, e));
    TRY(gate_decided_answer(visit, &d.decided, &values, false, answer, e));
    for (size_t at = 0; at < count; at += d.count) {
        d.rows = rows + at;
        d.count = size_min(count - at, LIMIT_TURN_COUNT);
        d.any = false;
        d.work = (struct gate_work){.apply = deleting_apply, .self = &d, .bytes = 1024 * d.count};
        TRY(gate_submit_decided(visit, &d.work, &d.decided, &values, answer, e));
        if (d.any && !any) first = d.first;
        if (d.any) last = d.last;
        any = any || d.any;
    }
    if (count == 1 && rows[0].code == FAIL_REFUSED) *answer = rows[0].answer;
    return any ? gate_receipt(visit, first, last, &answer->receipt, e) : OK;
}
