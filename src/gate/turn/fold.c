/* Refusals and warnings: the first of a kind is an entry at once; those alike within a minute only
 * count, carry the first one's receipt, and are one entry when the minute is over. So nobody
 * outside can grow the ledger by knocking. Only the committer touches the table.
 *
 * What a turn changes here is undone when the request is withdrawn or the commit fails: a journal
 * remembers the windows as they were, and a window that ended in this turn is not used again in it.
 * Source: CORE 1. */
#include "gate/turn/committer.h"

#include <stdlib.h>

enum { FOLD_WINDOWS = 1024, FOLD_PROBES = 8, FOLD_CLAUSES = 64, FOLD_TEXT_BYTES = 3072 };
enum { FOLD_REQUESTS_BYTES = EVIDENCE_VALUE_BYTES }; /* 481 ids of ours; later ones only count */
enum { FOLD_JOURNAL = 2 * FOLD_WINDOWS };

struct fold {
    bool open, ended; /* ended: in this turn, and may be opened again by an undoing */
    uint64_t hash;
    int64_t ends_ns;
    uint64_t first, count; /* entry of the first; how many came after it */
    enum evidence_type type;
    const char *kind;            /* of looks: what sort of thing; else "" */
    struct gate_decided decided; /* slices into `memory` */
    struct gate_decided_clause clauses[FOLD_CLAUSES];
    str user;
    char memory[FOLD_TEXT_BYTES];
    size_t requests_len;
    char requests[FOLD_REQUESTS_BYTES]; /* ids, a space between */
};
struct fold_before {
    struct fold *at;
    bool open;
    uint64_t count;
    size_t requests_len;
};
struct gate_folds {
    struct fold windows[FOLD_WINDOWS];
    struct fold_before journal[FOLD_JOURNAL];
    size_t journal_count, marked;
};

enum error_code gate_folds_open(struct gate_folds **out, struct error *e) {
    *out = calloc(1, sizeof **out);
    return *out != NULL ? OK : error_set(e, FAIL_MEMORY, "no room to fold refusals");
}

void gate_folds_close(struct gate_folds *folds) {
    free(folds);
}

/* false: the turn has changed so much already that no more can be undone. */
static bool remember(struct gate_folds *folds, struct fold *f) {
    if (folds->journal_count == FOLD_JOURNAL) return false;
    folds->journal[folds->journal_count++] =
        (struct fold_before){f, f->open, f->count, f->requests_len};
    return true;
}

static void undo_to(struct gate_folds *folds, size_t count) {
    while (folds->journal_count > count) {
        const struct fold_before *before = &folds->journal[--folds->journal_count];
        before->at->open = before->open;
        before->at->count = before->count;
        before->at->requests_len = before->requests_len;
        before->at->ended = false;
    }
}

void gate_folds_mark(struct gate_folds *folds) {
    folds->marked = folds->journal_count;
}
void gate_folds_rewind(struct gate_folds *folds) {
    undo_to(folds, folds->marked);
}
void gate_folds_keep(struct gate_folds *folds) {
    for (size_t i = 0; i < folds->journal_count; i++) folds->journal[i].at->ended = false;
    folds->journal_count = 0;
}
void gate_folds_forget(struct gate_folds *folds) {
    undo_to(folds, 0);
}

static uint64_t hash_of(const struct gate_decided *decided, str user, const char *kind) {
    uint64_t hash = str_hash(user, str_hash(decided->act, str_hash(decided->dataset, 1)));
    if (kind[0] != 0) hash = str_hash(str_from_c(kind), hash);
    for (size_t i = 0; i < decided->clause_count; i++)
        hash = str_hash(decided->clauses[i].name, hash + decided->clauses[i].effect);
    return hash;
}

static bool is_alike(const struct fold *f, uint64_t hash, const struct gate_decided *decided,
                     str user) {
    if (!f->open || f->hash != hash || !str_equal(f->user, user)) return false;
    if (!str_equal(f->decided.act, decided->act)) return false;
    if (!str_equal(f->decided.dataset, decided->dataset)) return false;
    if (f->decided.clause_count != decided->clause_count) return false;
    for (size_t i = 0; i < decided->clause_count; i++)
        if (f->decided.clauses[i].effect != decided->clauses[i].effect ||
            !str_equal(f->decided.clauses[i].name, decided->clauses[i].name))
            return false;
    return true;
}

static enum error_code fold_end(struct gate_turn *turn, struct fold *f, struct error *e) {
    if (!remember(turn->gate->folds, f)) return OK; /* the next turn ends it */
    if (f->count > 0) {
        struct gate_record record = {.type = EVIDENCE_FOLD,
                                     .decided = &f->decided,
                                     .span_first = f->first,
                                     .span_count = f->count};
        uint64_t index;
        record.values.of[EVIDENCE_USER] = f->user;
        record.values.of[EVIDENCE_REQUEST] = str_of(f->requests, f->requests_len);
        TRY(gate_record_append(turn, &record, &index, e));
        atomic_fetch_add_explicit(&turn->gate->counters.folded, f->count, memory_order_relaxed);
    }
    f->open = false;
    f->ended = true;
    return OK;
}

enum error_code gate_folds_end(struct gate_turn *turn, bool all, struct error *e) {
    struct gate_folds *folds = turn->gate->folds;
    for (size_t i = 0; i < FOLD_WINDOWS; i++) {
        struct fold *f = &folds->windows[i];
        if (f->open && (all || turn->now_ns >= f->ends_ns)) TRY(fold_end(turn, f, e));
    }
    return OK;
}

/* Copies what a later entry needs; false: too long to fold. */
static bool fold_fill(struct fold *f, const struct gate_decided *decided, str user) {
    struct arena arena = arena_over(f->memory, sizeof f->memory);
    struct error e;
    if (decided->clause_count > FOLD_CLAUSES) return false;
    f->decided = *decided;
    f->decided.clauses = f->clauses;
    f->decided.facts = f->decided.message = f->decided.debts = STR_EMPTY;
    str *texts[] = {&f->decided.act, &f->decided.dataset, &f->decided.sector, &f->decided.class_,
                    &f->decided.site};
    for (size_t i = 0; i < COUNT_OF(texts); i++)
        if (arena_copy(&arena, *texts[i], texts[i], &e) != OK) return false;
    for (size_t i = 0; i < decided->clause_count; i++) {
        f->clauses[i].effect = decided->clauses[i].effect;
        f->clauses[i].strength = decided->clauses[i].strength;
        f->clauses[i].loosened = STR_EMPTY; /* what is done under broken glass is never folded */
        if (arena_copy(&arena, decided->clauses[i].name, &f->clauses[i].name, &e) != OK)
            return false;
    }
    return arena_copy(&arena, user, &f->user, &e) == OK;
}

static enum error_code entry_write(struct gate_turn *turn, const struct gate_folding *f,
                                   uint64_t *entry, struct error *e) {
    struct gate_record record = {.type = f->type, .decided = f->decided, .values = *f->values};
    return gate_record_append(turn, &record, entry, e);
}

/* What a later `why` will look for: the ids of requests that only counted; of looks, at what. */
static void request_note(struct fold *window, str request) {
    size_t with_space = request.len + (window->requests_len > 0);
    size_t at;
    if (request.len == 0 || str_find_char(request, ' ', &at)) return;
    if (with_space > sizeof window->requests - window->requests_len) return;
    if (window->requests_len > 0) window->requests[window->requests_len++] = ' ';
    memcpy(window->requests + window->requests_len, request.at, request.len);
    window->requests_len += request.len;
}

enum error_code gate_fold_record(struct gate_turn *turn, const struct gate_folding *f,
                                 uint64_t *entry, struct error *e) {
    struct gate_folds *folds = turn->gate->folds;
    if (!f->may_fold) return entry_write(turn, f, entry, e);
    str user = f->values->of[EVIDENCE_USER];
    const char *kind = f->kind != NULL ? f->kind : "";
    bool is_look = f->type == EVIDENCE_LOOK;
    uint64_t hash = hash_of(f->decided, user, kind);
    struct fold *room = NULL;
    for (uint64_t i = 0; i < FOLD_PROBES; i++) {
        struct fold *window = &folds->windows[(hash + i) % FOLD_WINDOWS];
        bool over = window->open && turn->now_ns >= window->ends_ns;
        if (!over && window->type == f->type && is_alike(window, hash, f->decided, user) &&
            strcmp(window->kind, kind) == 0 && remember(folds, window)) {
            window->count++;
            request_note(window, f->values->of[is_look ? EVIDENCE_SUBJECT : EVIDENCE_REQUEST]);
            *entry = window->first;
            return OK;
        }
        if (window->open && (over || i + 1 == FOLD_PROBES)) TRY(fold_end(turn, window, e));
        if (room == NULL && !window->open && !window->ended) room = window;
    }
    TRY(entry_write(turn, f, entry, e));
    /* Full around here: this one is not folded, but the last window looked at has made room. */
    if (room == NULL || !remember(folds, room)) return OK;
    if (!fold_fill(room, f->decided, user)) return OK;
    room->hash = hash;
    room->first = *entry;
    room->count = 0;
    room->requests_len = 0;
    room->type = f->type;
    room->kind = kind;
    room->ends_ns = turn->now_ns + LIMIT_FOLD_S * NS_PER_S;
    room->open = true;
    return OK;
}

/* ---- who was folded ---- */

bool gate_fold_names(str requests, str request_id) {
    for (str rest = requests, one; rest.len > 0 && request_id.len > 0;) {
        if (!str_cut(&rest, ' ', &one)) {
            one = rest;
            rest = STR_EMPTY;
        }
        if (str_equal(one, request_id)) return true;
    }
    return false;
}

struct fold_asking {
    struct gate_work work;
    str request_id;
    struct gate_fold_found *out;
};

static enum error_code asking_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct fold_asking *a = self;
    const struct gate_folds *folds = turn->gate->folds;
    for (size_t i = 0; i < FOLD_WINDOWS && !a->out->found; i++) {
        const struct fold *f = &folds->windows[i];
        if (!f->open || !gate_fold_names(str_of(f->requests, f->requests_len), a->request_id))
            continue;
        *a->out = (struct gate_fold_found){true, f->first, f->count, f->ends_ns};
    }
    return OK;
}

enum error_code gate_fold_find(struct gate *gate, str request_id, struct gate_fold_found *out,
                               struct error *e) {
    struct fold_asking a = {.request_id = request_id, .out = out};
    *out = (struct gate_fold_found){0};
    a.work = (struct gate_work){.apply = asking_apply, .self = &a};
    return gate_submit(gate, &a.work, e);
}

/* ---- the answer to a visitor ---- */

struct answering {
    struct gate_work work;
    struct gate_folding folding;
    const struct gate_visit *visit; /* of a look */
    uint64_t entry;
};

static enum error_code answering_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct answering *a = self;
    return gate_fold_record(turn, &a->folding, &a->entry, e);
}

static enum error_code looking_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct answering *a = self;
    TRY(gate_still_allowed(turn, a->visit, IDENTITY_INSPECT, STR_EMPTY, e));
    return gate_fold_record(turn, &a->folding, &a->entry, e);
}

enum error_code gate_decided_answer(struct gate_visit *visit, const struct gate_decided *decided,
                                    const struct evidence_values *values, bool is_read,
                                    struct gate_answer *answer, struct error *e) {
    struct gate_counters *counters = &visit->gate->counters;
    gate_decided_show(visit, decided, answer);
    _Atomic(uint64_t) *counter = decided->effect == GATE_REFUSE ? &counters->refused
                                 : decided->effect == GATE_WARN ? &counters->warned
                                                                : &counters->allowed;
    atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
    bool refused = decided->effect == GATE_REFUSE;
    bool recorded = refused || (is_read && gate_read_is_recorded(visit, decided));
    if (recorded) {
        assert(!is_read || decided->facts.len > 0); /* see gate_decide_read */
        struct answering a = {.folding = {.decided = decided,
                                          .values = values,
                                          .type = refused ? EVIDENCE_REFUSE : EVIDENCE_READ,
                                          .may_fold = refused || !decided->must_record}};
        a.work = (struct gate_work){
            .apply = answering_apply, .self = &a, .bytes = 2048 + decided->facts.len};
        TRY(gate_submit(visit->gate, &a.work, e));
        TRY(gate_receipt(visit, a.entry, a.entry, &answer->receipt, e));
    }
    if (!refused) return OK;
    return error_set(e, FAIL_REFUSED, "%.*s", STR_FMT(decided->message));
}

enum error_code gate_look(struct gate_visit *visit, const char *kind, str what, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    struct gate_decided decided = {
        .act = STR("inspect"), .site = rules->site, .rule_digest = *gate_rules_digest(rules)};
    struct evidence_values values;
    struct answering a = {.folding = {.decided = &decided,
                                      .values = &values,
                                      .type = EVIDENCE_LOOK,
                                      .kind = kind,
                                      .may_fold = true}};
    if (!gate_visit_is_inspector(visit)) return OK;
    TRY(gate_visit_values(visit, STR_EMPTY, STR_EMPTY, &values, e));
    values.of[EVIDENCE_SUBJECT] = what;
    a.work = (struct gate_work){.apply = looking_apply, .self = &a, .bytes = 2048 + what.len};
    a.visit = visit;
    return gate_submit(visit->gate, &a.work, e);
}
