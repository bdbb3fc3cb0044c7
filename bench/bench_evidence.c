/* What evidence costs a put: turns of 64 puts of 4 KiB into the local engine, half of them with all
 * that proof needs (entry, commitments, sealed opening, tree, publishing), half without, by turns:
 * the difference in CPU, and the bytes handed to the engine for it. The committer's thread is
 * compared pair by pair; RocksDB's own threads work in bursts that belong to no pair, so the whole
 * process is compared over all of them.
 *
 *   bench_evidence DIR [facts-bytes [pairs [puts]]]
 *
 * DIR is made; a store inside it is left there. facts-bytes: how long the facts of a decision are.
 * Each of the pairs is `puts` puts without and as many with. Prints one line of JSON. Source: CORE
 * 6, 9. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/base.h"
#include "engine/engine.h"
#include "evidence/evidence.h"
#include "ledger/ledger.h"
#include "seal/seal.h"

enum { TURN_PUTS = 64, BODY_BYTES = 4096, ROW_BYTES = 300, PAIRS_MAX = 100, FACTS_MAX = 4096 };

struct bench {
    struct engine *engine;
    struct seal_keys *keys;
    struct ledger *ledger;
    char body[BODY_BYTES], facts[FACTS_MAX];
    size_t facts_bytes;
    uint64_t puts, evidence_bytes, evidence_puts;
    struct random_seeded dice;
};

static void or_die(enum error_code code, const struct error *e) {
    char text[1400];
    if (code == OK) return;
    fprintf(stderr, "bench_evidence: %s\n", error_text(e, text, sizeof text));
    exit(1);
}

struct cost {
    double thread_us, process_us; /* a put */
};

static double cpu_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* What a put writes whether or not anybody asks for proof: two rows and the body. */
static void put_rows(struct bench *b, struct engine_turn *turn) {
    struct error e;
    char key[64];
    int count = snprintf(key, sizeof key, "o/%016llx%016llx", (unsigned long long)1,
                         (unsigned long long)random_next(&b->dice));
    str name = str_of(key, (size_t)count);
    or_die(engine_turn_put(turn, ENGINE_META, name, str_of(b->body, ROW_BYTES), &e), &e);
    key[0] = 'v';
    or_die(engine_turn_put(turn, ENGINE_META, name, str_of(b->body, ROW_BYTES), &e), &e);
    struct engine_blob_id id = engine_blob_id_new(b->engine);
    or_die(engine_turn_put(turn, ENGINE_BODY, str_of(&id, sizeof id),
                           str_of(b->body, sizeof b->body), &e),
           &e);
}

/* The same steps the gate takes for one put, in the same order. */
static void put_evidence(struct bench *b, struct engine_turn *turn, int64_t now_ns) {
    static const struct evidence_clause clauses[] = {{7, EVIDENCE_EFFECT_ALLOW},
                                                     {9, EVIDENCE_EFFECT_ALLOW}};
    static const uint16_t sites[] = {1};
    struct error e;
    char key[32], request[16], plain[EVIDENCE_OPENING_BYTES],
        sealed[EVIDENCE_OPENING_BYTES + SEAL_RECORD_EXTRA_BYTES], memory[LIMIT_ENTRY_BYTES];
    unsigned char size[8], time[8], about[12];
    struct secret secret;
    uint32_t number;
    uint64_t index;
    str opened, entry_bytes;
    digest content = sha256_of(str_of(&b->puts, sizeof b->puts));
    struct evidence_opening opening = {.type = EVIDENCE_PUT};
    str *of = opening.values.of;
    of[EVIDENCE_BUCKET] = STR("grid-telemetry");
    of[EVIDENCE_KEY] = str_of(key, (size_t)snprintf(key, sizeof key, "2026/11/21/f-%08llu.json",
                                                    (unsigned long long)b->puts));
    of[EVIDENCE_VERSION] = STR("null");
    of[EVIDENCE_SIZE] = evidence_value_number(size, BODY_BYTES);
    of[EVIDENCE_CONTENT] = digest_str(&content);
    of[EVIDENCE_TIME] = evidence_value_time(time, now_ns);
    of[EVIDENCE_USER] = STR("root/AZ0123456789ABCDEFGH");
    of[EVIDENCE_ADDRESS] = STR("\xc0\x00\x02\x07");
    of[EVIDENCE_FACTS] = str_of(b->facts, b->facts_bytes);
    hex_write(content.at, sizeof request / 2, request);
    of[EVIDENCE_REQUEST] = str_of(request, sizeof request);
    of[EVIDENCE_DATASET] = STR("smart-meter-readings");
    random_fill(opening.osalt.at, sizeof opening.osalt.at);
    struct evidence_entry entry = {
        .type = EVIDENCE_PUT,
        .minute = evidence_minute(now_ns),
        .act = 1,
        .sector = 3,
        .data_class = 2,
        .clauses = clauses,
        .clause_count = COUNT_OF(clauses),
        .sites = sites,
        .site_count = COUNT_OF(sites),
        .stored_root = content,
        .fields_root = evidence_fields_root(EVIDENCE_PUT, &opening.osalt, &opening.values)};
    or_die(evidence_entry_encode(&entry, memory, sizeof memory, &entry_bytes, &e), &e);
    or_die(ledger_append(b->ledger, entry_bytes, &index, &e), &e);
    or_die(evidence_opening_encode(&opening, plain, sizeof plain, &opened, &e), &e);
    or_die(seal_key_current(b->keys, SEAL_KEY_OPENING, STR("smart-meter-readings"),
                            seal_month_of(now_ns), &number, &secret, &e),
           &e);
    secret_wipe(&secret);
    write_be32(about, 1);
    write_be64(about + 4, index);
    or_die(seal_record_seal(b->keys, number, str_of(about, sizeof about), opened, sealed, &e), &e);
    or_die(engine_turn_put(turn, ENGINE_OPENING, str_of(about, sizeof about),
                           str_of(sealed, opened.len + SEAL_RECORD_EXTRA_BYTES), &e),
           &e);
}

static void turn_do(struct bench *b, bool with_evidence) {
    struct error e;
    struct engine_turn *turn;
    int64_t now_ns = clock_wall_ns();
    or_die(engine_turn_begin(b->engine, &turn, &e), &e);
    for (unsigned i = 0; i < TURN_PUTS; i++) {
        put_rows(b, turn);
        b->puts++;
    }
    uint64_t before = engine_turn_bytes(turn);
    if (with_evidence) {
        ledger_turn_begin(b->ledger, turn);
        for (unsigned i = 0; i < TURN_PUTS; i++) put_evidence(b, turn, now_ns);
        or_die(ledger_turn_end(b->ledger, &e), &e);
        b->evidence_bytes += engine_turn_bytes(turn) - before;
        b->evidence_puts += TURN_PUTS;
    }
    or_die(engine_turn_commit(turn, &e), &e);
    if (with_evidence) ledger_turn_done(b->ledger);
}

/* A publisher's round, one a second and one at the end, is part of it. */
static struct cost series(struct bench *b, uint64_t puts, bool with_evidence) {
    struct error e;
    double thread_us = cpu_us(CLOCK_THREAD_CPUTIME_ID),
           process_us = cpu_us(CLOCK_PROCESS_CPUTIME_ID);
    int64_t published_ns = clock_steady_ns();
    for (uint64_t done = 0; done < puts; done += TURN_PUTS) {
        turn_do(b, with_evidence);
        if (with_evidence && clock_steady_ns() - published_ns > LIMIT_CHECKPOINT_MS * NS_PER_MS) {
            or_die(ledger_publish(b->ledger, &e), &e);
            published_ns = clock_steady_ns();
        }
    }
    if (with_evidence) or_die(ledger_publish(b->ledger, &e), &e);
    return (struct cost){(cpu_us(CLOCK_THREAD_CPUTIME_ID) - thread_us) / (double)puts,
                         (cpu_us(CLOCK_PROCESS_CPUTIME_ID) - process_us) / (double)puts};
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void open_all(struct bench *b, const char *dir) {
    struct error e;
    char store[512], keys[512], ledger[512];
    snprintf(store, sizeof store, "%s/store", dir);
    snprintf(keys, sizeof keys, "%s/keys", dir);
    snprintf(ledger, sizeof ledger, "%s/ledger", dir);
    mkdir(dir, 0700);
    struct engine_local_options engine = {.dir = store};
    struct ledger_options options = {.dir = ledger, .origin = STR("bench.example/one")};
    or_die(engine_open_local(&engine, &b->engine, &e), &e);
    or_die(seal_keys_open(keys, NULL, &b->keys, &e), &e);
    or_die(ledger_open(b->engine, b->keys, &options, &b->ledger, &e), &e);
}

int main(int argc, char **argv) {
    static struct bench bench;
    static double without[PAIRS_MAX], with[PAIRS_MAX], cost[PAIRS_MAX];
    uint64_t facts = 300, pairs = 11, puts = 4096;
    if (argc < 2 || (argc > 2 && !str_u64(str_from_c(argv[2]), &facts)) ||
        (argc > 3 && !str_u64(str_from_c(argv[3]), &pairs)) ||
        (argc > 4 && !str_u64(str_from_c(argv[4]), &puts)) || facts > FACTS_MAX || pairs == 0 ||
        pairs > PAIRS_MAX || puts < TURN_PUTS) {
        fprintf(stderr, "usage: bench_evidence DIR [facts-bytes [pairs [puts]]]\n");
        return 2;
    }
    random_seed(&bench.dice, 2018);
    for (size_t i = 0; i < BODY_BYTES; i += 8) write_be64(bench.body + i, random_next(&bench.dice));
    for (size_t i = 0; i < facts; i++) bench.facts[i] = (char)('a' + random_below(&bench.dice, 26));
    bench.facts_bytes = (size_t)facts;
    open_all(&bench, argv[1]);
    series(&bench, puts, true); /* warm */
    bench.evidence_bytes = bench.evidence_puts = 0;
    double process_us = 0;
    for (uint64_t i = 0; i < pairs; i++) {
        bool first = i % 2 == 0; /* now this one first, now the other */
        struct cost one = series(&bench, puts, first), other = series(&bench, puts, !first);
        with[i] = first ? one.thread_us : other.thread_us;
        without[i] = first ? other.thread_us : one.thread_us;
        cost[i] = with[i] - without[i];
        process_us += (first ? 1 : -1) * (one.process_us - other.process_us) / (double)pairs;
    }
    qsort(with, pairs, sizeof *with, by_value);
    qsort(without, pairs, sizeof *without, by_value);
    qsort(cost, pairs, sizeof *cost, by_value);
    printf("{\"pairs\": %llu, \"puts\": %llu, \"turn\": %d, \"facts_bytes\": %llu, "
           "\"without_us\": %.2f, \"with_us\": %.2f, \"evidence_us\": %.2f, "
           "\"evidence_us_low\": %.2f, \"evidence_us_high\": %.2f, "
           "\"evidence_process_us\": %.2f, \"evidence_bytes\": %.1f}\n",
           (unsigned long long)pairs, (unsigned long long)puts, TURN_PUTS,
           (unsigned long long)facts, without[pairs / 2], with[pairs / 2], cost[pairs / 2],
           cost[pairs / 10], cost[pairs - 1 - pairs / 10], process_us,
           (double)bench.evidence_bytes / (double)bench.evidence_puts);
    ledger_close(bench.ledger);
    engine_close(bench.engine);
    seal_keys_close(bench.keys);
    return 0;
}
