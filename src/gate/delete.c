/* Deleting: a decision and an entry per key; the keys of one call go in as few turns as fit, in the
 * order they were named, so their receipts are one run of the log. */
#include "gate/committer.h"

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

static enum error_code row_delete(struct gate_turn *turn, struct deleting *d,
                                  const struct store_bucket *bucket, struct gate_delete *row,
                                  struct error *e) {
    bool is_null;
    uint64_t sequence, entry = ledger_next_index(turn->gate->ledger);
    char text[STORE_VERSION_TEXT_BYTES];
    TRY(version_of(row, &is_null, &sequence, e));
    TRY(store_delete(turn->engine, bucket, row->key, row->with_version, is_null, sequence,
                     &row->condition, (uint64_t)turn->now_ns, gate_visit_user(d->visit), entry,
                     d->visit->arena, &row->deleted, e));
    size_t len = store_version_text(&row->deleted.version, text);
    struct gate_record record = {.type = row->deleted.marker_made ? EVIDENCE_DELETE_MARKER
                                                                  : EVIDENCE_DELETE,
                                 .decided = &d->decided};
    TRY(gate_visit_values(d->visit, d->bucket_name, row->key, &record.values, e));
    bool is_versioned = bucket->versioning != STORE_UNVERSIONED;
    if (row->deleted.found || row->deleted.marker_made) {
        TRY(arena_copy(d->visit->arena, str_of(text, len), &row->deleted_version, e));
        record.values.of[EVIDENCE_VERSION] = row->deleted_version;
        if (!is_versioned) row->deleted_version = STR_EMPTY;
    }
    TRY(gate_record_append(turn, &record, &entry, e));
    if (row->deleted.marker_made && row->deleted.version.entry != entry) {
        /* A new word of the code table took the index that was expected. */
        row->deleted.version.entry = entry;
        TRY(store_version_update(turn->engine, bucket, &row->deleted.version, turn->scratch, e));
    }
    if (!d->any) d->first = entry;
    d->last = entry;
    d->any = true;
    return gate_receipt(d->visit, entry, entry, &row->answer.receipt, e);
}

static enum error_code deleting_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct deleting *d = self;
    struct arena scratch = turn->scratch;
    struct store_bucket bucket;
    TRY(gate_decided_renew(turn, d->visit, &d->decided, e));
    TRY(store_bucket_get(turn->engine, d->bucket_name, &scratch, &bucket, e));
    turn->scratch = scratch;
    for (size_t i = 0; i < d->count; i++) {
        struct gate_delete *row = &d->rows[i];
        struct error own = {0};
        engine_turn_mark(turn->engine);
        ledger_turn_mark(turn->gate->ledger);
        row->code = row_delete(turn, d, &bucket, row, &own);
        if (row->code == OK) {
            engine_turn_keep(turn->engine);
            ledger_turn_keep(turn->gate->ledger);
            row->answer.decided = true;
            row->answer.effect = d->decided.effect;
            turn->now_ns++; /* each marker needs a sequence of its own */
            continue;
        }
        engine_turn_rewind(turn->engine);
        ledger_turn_rewind(turn->gate->ledger);
        if (row->code == FAIL_MEMORY || row->code == FAIL_STOPPING) {
            if (e != NULL) *e = own;
            return row->code; /* not this key's fault: the whole call fails */
        }
        TRY(arena_copy(d->visit->arena, str_from_c(own.message), &row->message, e));
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
        TRY(gate_submit(visit->gate, &d.work, e));
        if (d.any && !any) first = d.first;
        if (d.any) last = d.last;
        any = any || d.any;
    }
    return any ? gate_receipt(visit, first, last, &answer->receipt, e) : OK;
}
