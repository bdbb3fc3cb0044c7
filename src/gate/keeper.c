/* The keeper: a thread for what happens without being asked. It signs checkpoints, asks witnesses,
 * has sealed rows trimmed, folded refusals counted and leftovers removed, and compiles the rules
 * anew when a day or a date in the register has passed. */
#include "gate/turn/committer.h"

#include <errno.h>
#include <stdlib.h>

enum {
    TIDY_ROWS = 500,
    WITNESS_ROUND_MS = 5000,
    CLOCK_BEHIND_S = 60, /* ours: a clock that is being set right steps less */
};

struct gate_keeper {
    struct gate *gate;
    pthread_t thread;
    sem_t stop;
    int64_t published_ns; /* steady */
    bool publish_failed, clock_is_behind;
};

static enum error_code upkeep_apply(struct gate_turn *turn, void *self, struct error *e) {
    bool *more = self;
    uint64_t trimmed = 0;
    bool tidy_more = false;
    TRY(gate_folds_end(turn, false, e));
    if (ledger_trim_due(turn->gate->ledger)) {
        TRY(ledger_trim(turn->gate->ledger, &trimmed, e));
        if (trimmed > 0) turn->wrote = true;
    }
    uint64_t before = engine_turn_bytes(turn->engine);
    TRY(store_tidy(turn->engine, turn->now_ns, TIDY_ROWS, turn->scratch, &tidy_more, e));
    if (engine_turn_bytes(turn->engine) != before) turn->wrote = true;
    *more = tidy_more || trimmed == LEDGER_TRIM_MAX;
    return OK;
}

static bool upkeep(struct gate *gate) {
    bool more = false;
    struct error e;
    struct gate_work work = {.apply = upkeep_apply, .self = &more, .bytes = 64 << 10};
    if (gate_submit(gate, &work, &e) == OK) return more;
    if (work.code != FAIL_STOPPING) log_error("upkeep-failed", &e);
    return false;
}

static void publish(struct gate_keeper *k) {
    struct error e;
    if (!ledger_publish_due(k->gate->ledger)) return;
    bool failed = gate_publish_now(k->gate, &e) != OK;
    if (failed && !k->publish_failed) log_error("publish-failed", &e);
    k->publish_failed = failed;
    k->published_ns = clock_steady_ns();
}

static void witnesses(struct gate *gate) {
    struct error e;
    if (!ledger_witness_due(gate->ledger)) return;
    if (ledger_witness_round(gate->ledger, clock_steady_ns() + WITNESS_ROUND_MS * NS_PER_MS, &e) !=
        OK)
        log_error("witness-round", &e);
}

static void rules_age(struct gate *gate) {
    unsigned slot;
    struct gate_world *world = gate_world_take(gate, &slot);
    int64_t until = world->rules->until_ns;
    gate_world_give(world, slot);
    struct error e;
    if (clock_wall_ns() < until) return;
    if (gate_rules_change(gate, NULL, false, STR("a date has passed"), &e) != OK)
        log_error("rules-renewal-failed", &e);
}

/* Times never go back, so under a clock that was set back, or that once ran ahead, entries carry the
 * latest time given out. Whoever reads them should have been told. */
static void clock_watch(struct gate_keeper *k) {
    int64_t behind_ns = gate_clock_behind_ns(k->gate);
    if (!k->clock_is_behind && behind_ns > CLOCK_BEHIND_S * NS_PER_S) {
        char until[CLOCK_TEXT_BYTES];
        k->clock_is_behind = true;
        clock_iso_s_write(clock_wall_ns() + behind_ns, until);
        log_event(
            LOG_WARNING, "clock-behind", LOG_INT("seconds", behind_ns / NS_PER_S),
            LOG_STR("why", STR("the clock is behind the latest time in the ledger; until it has "
                               "passed that, entries and objects carry it")),
            LOG_STR("until", str_from_c(until)));
    } else if (k->clock_is_behind && behind_ns == 0) {
        k->clock_is_behind = false;
        log_event(LOG_INFO, "clock-caught-up");
    }
}

static void *keeper_run(void *self) {
    struct gate_keeper *k = self;
    for (bool more = false;;) {
        struct timespec at; /* by the steady clock: the wall's may be set back by hours meanwhile */
        clock_gettime(CLOCK_MONOTONIC, &at);
        /* Twice a checkpoint's time, so that none is older than promised. */
        int64_t wait = more ? NS_PER_MS : LIMIT_CHECKPOINT_MS * NS_PER_MS / 2;
        at.tv_nsec += wait;
        at.tv_sec += at.tv_nsec / NS_PER_S;
        at.tv_nsec %= NS_PER_S;
        if (sem_clockwait(&k->stop, CLOCK_MONOTONIC, &at) == 0) return NULL;
        publish(k);
        witnesses(k->gate);
        more = upkeep(k->gate);
        rules_age(k->gate);
        clock_watch(k);
        /* A command that opens DATA for a moment leaves what falls due to the store itself. */
        if (!k->gate->options.is_command) {
            more = gate_loosenings_end(k->gate) || more;
            more = gate_debts_tend(k->gate) || more;
        }
    }
}

enum error_code gate_keeper_open(struct gate *gate, struct error *e) {
    struct gate_keeper *k = calloc(1, sizeof *k);
    if (k == NULL) return error_set(e, FAIL_MEMORY, "no room for the keeper");
    k->gate = gate;
    sem_init(&k->stop, 0, 0);
    int failed = pthread_create(&k->thread, NULL, keeper_run, k);
    if (failed != 0) {
        free(k);
        return error_set_errno(e, failed, "the keeper's thread");
    }
    gate->keeper = k;
    return OK;
}

void gate_keeper_close(struct gate *gate) {
    struct gate_keeper *k = gate->keeper;
    if (k == NULL) return;
    sem_post(&k->stop);
    pthread_join(k->thread, NULL);
    sem_destroy(&k->stop);
    free(k);
    gate->keeper = NULL;
}
