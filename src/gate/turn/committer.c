/* The committer: the one thread that writes. It takes what is waiting, applies each request under a
 * savepoint of its own, appends the evidence, commits once, and wakes them all. Nobody waits for a
 * batch to fill: batches form while the commit before is under way.
 * Source: CORE 2, 3. */
#include "gate/turn/committer.h"
#include "gate/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    TURN_SCRATCH_BYTES = 4 << 20,
    REOPEN_PAUSE_MS = 500,
    REOPEN_ATTEMPTS_MAX = 600, /* five minutes: a full disk may get room, a dead one does not */
};

/* The latest instant given out, written with every turn: sequences grow over restarts too. */
#define TIME_ROW STR("t/last")

struct gate_committer {
    struct gate *gate;
    pthread_t thread;
    _Atomic(struct gate_work *) waiting; /* newest first; turned round when taken */
    sem_t bell;                          /* rung when `waiting` was empty */
    _Atomic(bool) stopping;
    struct gate_work *first, *last; /* taken, oldest first; the committer's own */
    struct arena_space space;
    struct arena scratch;
    int64_t last_ns;          /* the latest instant given out */
    _Atomic(int64_t) told_ns; /* the same as of the latest turn, for others to read */
    _Atomic(bool) is_down;    /* a commit failed and the engine could not be opened anew yet */
    unsigned attempts;        /* at that, so far */
    bool buckets_due, identities_due; /* durable, but the world could not be made anew: no memory */
    int64_t again_ns;                 /* when to try again, steady time */
};

/* ---- handing over ---- */

enum error_code gate_submit(struct gate *gate, struct gate_work *work, struct error *e) {
    struct gate_committer *c = gate->committer;
    if (atomic_load(&c->stopping)) return error_set(e, FAIL_STOPPING, "the store is stopping");
    work->wake = (struct wake){0};
    work->code = OK;
    error_clear(&work->error);
    struct gate_work *head = atomic_load(&c->waiting);
    do work->next = head;
    while (!atomic_compare_exchange_weak(&c->waiting, &head, work));
    if (head == NULL) sem_post(&c->bell);
    error_ignore(wake_wait(&work->wake, INT64_MAX, NULL)); /* no deadline: it always comes */
    if (work->code != OK && e != NULL) *e = work->error;
    return work->code;
}

/* Moves what is waiting behind what was taken before, oldest first. */
static void take_waiting(struct gate_committer *c) {
    struct gate_work *newest = atomic_exchange(&c->waiting, NULL), *oldest = NULL;
    if (newest == NULL) return;
    struct gate_work *tail = newest;
    while (newest != NULL) {
        struct gate_work *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    if (c->first == NULL)
        c->first = oldest;
    else
        c->last->next = oldest;
    c->last = tail;
}

static void work_end(struct gate_work *work, enum error_code code, const struct error *e) {
    work->code = code;
    if (code != OK && e != NULL) work->error = *e;
    wake_fire(&work->wake); /* the work may be gone from here on */
}

/* ---- one turn ---- */

static int64_t turn_time(struct gate_committer *c) {
    int64_t now = clock_wall_ns();
    c->last_ns = now > c->last_ns ? now : c->last_ns + 1;
    return c->last_ns;
}

enum error_code gate_turn_bucket(struct gate_turn *turn, str name, struct store_bucket *out,
                                 struct error *e) {
    /* The world is what the last commit left: only a turn that changes buckets must read rows. */
    if (turn->buckets_changed) return store_bucket_get(turn->engine, name, &turn->scratch, out, e);
    const struct gate_buckets *buckets = atomic_load(&turn->gate->world)->buckets;
    const struct store_bucket *bucket = store_bucket_find(gate_buckets_all(buckets), name);
    if (bucket == NULL)
        return error_set(e, FAIL_NO_SUCH_BUCKET, "there is no bucket \"%.*s\"", STR_FMT(name));
    *out = *bucket;
    return OK;
}

static void apply_one(struct gate_committer *c, struct gate_turn *turn, struct gate_work *work) {
    struct gate *gate = c->gate;
    struct error e = {0};
    turn->now_ns = turn_time(c);
    turn->scratch = c->scratch;
    bool wrote_before = turn->wrote;
    engine_turn_mark(turn->engine);
    ledger_turn_mark(gate->ledger);
    gate_codes_mark(gate->codes);
    gate_tallies_mark(gate->tallies);
    gate_folds_mark(gate->folds);
    work->code = work->apply(turn, work->self, &e);
    c->last_ns = i64_max(c->last_ns, turn->now_ns); /* a batch of deletes uses several */
    if (work->code == OK) {
        engine_turn_keep(turn->engine);
        ledger_turn_keep(gate->ledger);
        return;
    }
    work->error = e;
    engine_turn_rewind(turn->engine);
    ledger_turn_rewind(gate->ledger);
    gate_codes_rewind(gate->codes);
    gate_tallies_rewind(gate->tallies);
    gate_folds_rewind(gate->folds);
    turn->wrote = wrote_before;
}

/* Applies what fits one turn; *until is the first that was not. What changes the world ends the
 * turn, so that whoever comes after a disabled key or a new rule is judged by it. */
static void apply_all(struct gate_committer *c, struct gate_turn *turn, struct gate_work **until) {
    unsigned count = 0;
    uint64_t bytes = 0;
    struct gate_work *work = c->first;
    for (; work != NULL && count < LIMIT_TURN_COUNT; work = work->next, count++) {
        if (count > 0 && bytes + work->bytes > LIMIT_TURN_BYTES) break;
        bytes += work->bytes;
        apply_one(c, turn, work);
        if (turn->identities_changed || turn->new_rules != NULL) {
            work = work->next;
            break;
        }
    }
    *until = work;
}

static enum error_code world_renew(struct gate *gate, struct gate_turn *turn, struct error *e) {
    struct gate_buckets *buckets = NULL;
    struct gate_identities *identities = NULL;
    const struct gate_world *now = atomic_load(&gate->world);
    if (turn->buckets_changed || turn->new_rules != NULL)
        TRY(gate_buckets_load(gate, turn->new_rules != NULL ? turn->new_rules : now->rules,
                              &buckets, e));
    enum error_code code = OK;
    if (turn->identities_changed) code = gate_identities_load(gate, &identities, e);
    if (code == OK) code = gate_world_swap(gate, turn->new_rules, identities, buckets, e);
    if (code == OK) return OK;
    gate_identities_release(identities);
    gate_buckets_release(buckets);
    return code;
}

static enum error_code reopen(struct gate *gate, struct error *e) {
    TRY(engine_reopen(gate->engine, e));
    TRY(ledger_reload(gate->ledger, e));
    TRY(gate_codes_reload(gate, e));
    TRY(gate_tallies_reload(gate, e));
    gate_folds_forget(gate->folds); /* their entries may not be there */
    struct gate_turn turn = {.gate = gate, .buckets_changed = true, .identities_changed = true};
    return world_renew(gate, &turn, e);
}

/* After a commit that failed nothing of the handle may be used: open anew and believe only what
 * recovery shows. Tried once a call: while it fails the store is down, and whoever comes is told so
 * at once. One that cannot be reopened in the end stops: it could only lie from here on. */
static void recover(struct gate_committer *c) {
    struct error e = {0};
    char text[640];
    enum error_code code = reopen(c->gate, &e);
    c->attempts++;
    if (code == OK) {
        log_event(LOG_WARNING, "engine-reopened", LOG_INT("attempts", c->attempts));
        c->attempts = 0;
        atomic_store(&c->is_down, false);
        return;
    }
    log_error("engine-reopen-failed", &e);
    if (code == FAIL_ROLLED_BACK || code == FAIL_CORRUPT || c->attempts >= REOPEN_ATTEMPTS_MAX) {
        fprintf(stderr, "azekura: the store cannot go on: %s\n", error_text(&e, text, sizeof text));
        abort();
    }
    atomic_store(&c->is_down, true);
    c->again_ns = clock_steady_ns() + REOPEN_PAUSE_MS * NS_PER_MS;
}

/* What is durable comes into force. Rules can be new without a row having changed: an exception's
 * approval was written before, a date has passed. */
static enum error_code turn_in_force(struct gate_committer *c, struct gate_turn *turn,
                                     struct error *e) {
    if (!turn->buckets_changed && !turn->identities_changed && turn->new_rules == NULL) return OK;
    c->buckets_due = turn->buckets_changed;
    c->identities_due = turn->identities_changed;
    TRY(world_renew(turn->gate, turn, e));
    c->buckets_due = c->identities_due = false;
    turn->new_rules = NULL; /* taken over */
    return OK;
}

static enum error_code turn_commit(struct gate_committer *c, struct gate_turn *turn,
                                   struct error *e) {
    struct gate *gate = c->gate;
    enum error_code code = OK;
    if (!turn->wrote) {
        engine_turn_abandon(turn->engine);
        ledger_turn_abandon(gate->ledger);
        gate_folds_keep(gate->folds);
        return turn_in_force(c, turn, e);
    }
    unsigned char latest[8];
    write_be64(latest, (uint64_t)c->last_ns);
    atomic_store(&c->told_ns, c->last_ns);
    code = engine_turn_put(turn->engine, ENGINE_META, TIME_ROW, str_of(latest, sizeof latest), e);
    if (code == OK) code = gate_tallies_commit(turn, e);
    if (code == OK) code = ledger_turn_end(gate->ledger, e);
    if (code != OK) {
        engine_turn_abandon(turn->engine);
        ledger_turn_abandon(gate->ledger);
        gate_codes_forget(gate->codes);
        gate_tallies_forget(gate->tallies);
        gate_folds_forget(gate->folds);
        return code;
    }
    code = engine_turn_commit(turn->engine, e);
    if (code != OK) {
        ledger_turn_abandon(gate->ledger);
        return code;
    }
    ledger_turn_done(gate->ledger);
    gate_codes_keep(gate->codes);
    gate_folds_keep(gate->folds);
    atomic_fetch_add(&gate->counters.turns, 1);
    atomic_fetch_add(&gate->counters.entries, ledger_next_index(gate->ledger) - turn->first_index);
    return turn_in_force(c, turn, e);
}

static void turn_run(struct gate_committer *c) {
    struct gate *gate = c->gate;
    struct gate_turn turn = {
        .gate = gate, .buckets_changed = c->buckets_due, .identities_changed = c->identities_due};
    struct error e = {0};
    struct gate_work *until = c->first->next, *work = c->first;
    enum error_code code = engine_turn_begin(gate->engine, &turn.engine, &e);
    if (code == OK) {
        ledger_turn_begin(gate->ledger, turn.engine);
        turn.first_index = ledger_next_index(gate->ledger);
        apply_all(c, &turn, &until);
        code = turn_commit(c, &turn, &e);
    }
    if (engine_is_broken(gate->engine)) {
        atomic_fetch_add(&gate->counters.turns_failed, 1);
        recover(c);
    }
    if (turn.new_rules != NULL) gate_rules_release(turn.new_rules);
    if (code != OK) error_note(&e, "turn", "committing a turn");
    c->first = until;
    if (until == NULL) c->last = NULL;
    while (work != until) {
        struct gate_work *next = work->next;
        struct error own = work->error;
        /* A failed commit answers everyone in the turn alike, the withdrawn ones too. */
        work_end(work, code != OK ? code : work->code, code != OK ? &e : &own);
        work = next;
    }
    gate_world_sweep(gate);
}

/* While the store is down nothing is applied. */
static void turn_deny(struct gate_committer *c) {
    struct error e = {0};
    error_set(&e, FAIL_ENGINE_BROKEN, "the disk has failed; the store is trying to open it anew");
    struct gate_work *work = c->first;
    c->first = c->last = NULL;
    while (work != NULL) {
        struct gate_work *next = work->next;
        work_end(work, e.code, &e);
        work = next;
    }
}

/* Until somebody rings; while the store is down, until it is time to try again at the latest. */
static void bell_wait(struct gate_committer *c) {
    struct timespec until = {c->again_ns / NS_PER_S, c->again_ns % NS_PER_S};
    bool is_down = atomic_load(&c->is_down);
    while ((is_down ? sem_clockwait(&c->bell, CLOCK_MONOTONIC, &until) : sem_wait(&c->bell)) != 0 &&
           errno == EINTR) {
    }
    if (is_down && clock_steady_ns() >= c->again_ns) recover(c);
}

static void *committer_run(void *self) {
    struct gate_committer *c = self;
    for (;;) {
        bell_wait(c);
        for (take_waiting(c); c->first != NULL; take_waiting(c)) {
            if (atomic_load(&c->is_down))
                turn_deny(c);
            else
                turn_run(c);
        }
        if (atomic_load(&c->stopping) && atomic_load(&c->waiting) == NULL) return NULL;
    }
}

/* ---- opening and closing ---- */

static enum error_code last_time(struct gate *gate, int64_t *last_ns, struct error *e) {
    struct engine_view *view;
    unsigned char memory[64];
    struct arena scratch = arena_over(memory, sizeof memory);
    str value;
    bool found;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code =
        engine_view_get(view, ENGINE_META, TIME_ROW, &scratch, &value, &found, e);
    engine_view_close(view);
    if (code != OK) return code;
    if (found && value.len != 8)
        return error_set(e, FAIL_CORRUPT, "the row of the latest time has %zu bytes", value.len);
    *last_ns = found ? (int64_t)read_be64(value.at) : 0;
    return OK;
}

enum error_code gate_committer_open(struct gate *gate, struct error *e) {
    struct gate_committer *c = calloc(1, sizeof *c);
    if (c == NULL) return error_set(e, FAIL_MEMORY, "no room for the committer");
    c->gate = gate;
    enum error_code code = arena_space_open(&c->space, TURN_SCRATCH_BYTES, &c->scratch, e);
    if (code == OK) code = last_time(gate, &c->last_ns, e);
    if (code != OK) {
        arena_space_release(&c->space);
        free(c);
        return code;
    }
    atomic_store(&c->told_ns, c->last_ns);
    sem_init(&c->bell, 0, 0);
    gate->committer = c;
    int failed = pthread_create(&c->thread, NULL, committer_run, c);
    if (failed != 0) {
        arena_space_release(&c->space);
        free(c);
        gate->committer = NULL;
        return error_set_errno(e, failed, "the committer's thread");
    }
    return OK;
}

void gate_committer_close(struct gate *gate) {
    struct gate_committer *c = gate->committer;
    if (c == NULL) return;
    atomic_store(&c->stopping, true);
    sem_post(&c->bell);
    pthread_join(c->thread, NULL);
    sem_destroy(&c->bell);
    arena_space_release(&c->space);
    free(c);
    gate->committer = NULL;
}

int64_t gate_clock_behind_ns(const struct gate *gate) {
    int64_t ahead_ns = atomic_load(&gate->committer->told_ns) - clock_wall_ns();
    return i64_max(ahead_ns, 0);
}

bool gate_committer_is_down(const struct gate *gate) {
    return gate->committer != NULL && atomic_load(&gate->committer->is_down);
}
