/* A transcript's bytes, and what follows from it. */
#include "locproof/transcript.h"

#include <stdio.h>
#include <stdlib.h>

static const str magic = {"azekura-location-transcript-v1\n", 31};

const char *locproof_verdict_name(enum locproof_verdict verdict) {
    static const char *const names[] = {"within", "failed", "inconclusive"};
    assert((size_t)verdict < COUNT_OF(names));
    return names[verdict];
}

/* ---- bytes ---- */

enum error_code locproof_transcript_write(const struct locproof_transcript *t, void *out,
                                          size_t cap, str *bytes, struct error *e) {
    struct pack p = pack_into(out, cap);
    pack_raw(&p, magic.at, magic.len);
    pack_raw(&p, t->landmark.at, sizeof t->landmark.at);
    pack_raw(&p, t->store.at, sizeof t->store.at);
    pack_str(&p, t->name);
    pack_str(&p, t->site);
    pack_str(&p, t->ledger);
    pack_str(&p, t->checkpoint);
    pack_i64(&p, t->begun_ns);
    pack_u8(&p, (uint8_t)t->medium);
    pack_u32(&p, t->wanted);
    pack_u32(&p, (uint32_t)t->count);
    for (size_t i = 0; i < t->count; i++) {
        const struct locproof_round *r = &t->rounds[i];
        pack_u8(&p, r->outcome == LOCPROOF_LOST); /* that it is false, a reader finds out */
        if (r->outcome == LOCPROOF_LOST) continue;
        pack_u8(&p, r->answer.has_piece ? 0 : (uint8_t)r->answer.why);
        if (r->answer.has_piece) pack_raw(&p, r->answer.leaf.at, DIGEST_BYTES);
        pack_i64(&p, r->rtt_ns);
        pack_u32(&p, r->service_us);
        pack_str(&p, r->shown);
    }
    return pack_done(&p, "a transcript", bytes, e);
}

static bool round_read(struct unpack *u, struct locproof_round *r) {
    uint8_t lost = unpack_u8(u);
    *r = (struct locproof_round){.outcome = lost ? LOCPROOF_LOST : LOCPROOF_ANSWERED};
    if (lost) return lost == 1;
    uint8_t why = unpack_u8(u);
    r->answer.has_piece = why == 0;
    r->answer.why = (enum locproof_why)why;
    if (r->answer.has_piece) unpack_raw(u, r->answer.leaf.at, DIGEST_BYTES);
    r->rtt_ns = unpack_i64(u);
    r->service_us = unpack_u32(u);
    r->shown = unpack_str(u);
    return why <= LOCPROOF_WHY_LAST && r->rtt_ns >= 0 && r->shown.len <= LOCPROOF_SHOWN_BYTES;
}

enum error_code locproof_transcript_read(str bytes, struct arena *arena,
                                         struct locproof_transcript *out, struct error *e) {
    struct locproof_transcript t = {0};
    if (!str_starts(bytes, magic))
        return error_set(e, FAIL_VERSION, "not a transcript of a location proof, or a newer one");
    struct unpack u = unpack_from(str_skip(bytes, magic.len));
    unpack_raw(&u, t.landmark.at, sizeof t.landmark.at);
    unpack_raw(&u, t.store.at, sizeof t.store.at);
    t.name = unpack_str(&u);
    t.site = unpack_str(&u);
    t.ledger = unpack_str(&u);
    t.checkpoint = unpack_str(&u);
    t.begun_ns = unpack_i64(&u);
    uint8_t medium = unpack_u8(&u);
    t.medium = (enum locproof_medium)medium;
    t.wanted = unpack_u32(&u);
    t.count = unpack_u32(&u);
    if (u.broken || medium > LOCPROOF_MEMORY || t.wanted == 0 || t.wanted > LOCPROOF_ROUNDS_MAX ||
        t.count > LOCPROOF_DRAWS_MAX || t.count > u.rest.len)
        return error_set(e, FAIL_SYNTAX, "a transcript's head does not parse");
    t.rounds = arena_new(arena, struct locproof_round, t.count);
    if (t.rounds == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu rounds", t.count);
    for (size_t i = 0; i < t.count; i++)
        if (!round_read(&u, &t.rounds[i]) || u.broken)
            return error_set(e, FAIL_SYNTAX, "round %zu of a transcript does not parse", i);
    if (u.rest.len > 0)
        return error_set(e, FAIL_SYNTAX, "%zu bytes after a transcript's last round", u.rest.len);
    *out = t;
    return OK;
}

/* ---- figures ---- */

static int by_time(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int64_t locproof_percentile(int64_t *times_ns, size_t count, unsigned percent) {
    assert(count > 0 && percent > 0 && percent <= 100);
    qsort(times_ns, count, sizeof *times_ns, by_time);
    size_t rank = (count * percent + 99) / 100;
    return times_ns[rank - 1];
}

static enum error_code round_check(const struct locproof_round *r, const struct locproof_draw *draw,
                                   const struct locproof_tree *ledger, struct arena scratch,
                                   struct error *e) {
    struct locproof_shown shown;
    if (!r->answer.has_piece && r->answer.why == LOCPROOF_UNREADABLE)
        return error_set(e, FAIL_PROOF, "the store cannot read the piece");
    TRY(locproof_shown_read(r->shown, &shown, e));
    return locproof_shown_check(&shown, draw, &r->answer, ledger, scratch, e);
}

static void round_count(const struct locproof_round *r, struct locproof_figures *f) {
    if (r->outcome == LOCPROOF_LOST)
        f->lost++;
    else if (r->outcome == LOCPROOF_FALSE)
        f->bad++;
    else if (r->answer.has_piece)
        f->pieces++;
    else if (r->answer.why == LOCPROOF_NO_BODY)
        f->no_body++;
    else if (r->answer.why == LOCPROOF_GONE)
        f->gone++;
    else
        f->untold++;
}

/* What was lost counts as the slowest there can be. */
static enum error_code times_take(const struct locproof_transcript *t, struct arena scratch,
                                  struct locproof_figures *f, struct error *e) {
    int64_t *times = arena_new(&scratch, int64_t, t->count);
    int64_t *services = arena_new(&scratch, int64_t, t->count);
    size_t count = 0, service_count = 0;
    if (times == NULL || services == NULL) return error_set(e, FAIL_MEMORY, "no room for times");
    for (size_t i = 0; i < t->count; i++) {
        const struct locproof_round *r = &t->rounds[i];
        bool is_piece = r->outcome == LOCPROOF_ANSWERED && r->answer.has_piece;
        if (is_piece) services[service_count++] = (int64_t)r->service_us * NS_PER_US;
        if (is_piece || r->outcome == LOCPROOF_LOST)
            times[count++] = is_piece ? r->rtt_ns : INT64_MAX;
    }
    f->min_ns = f->median_ns = f->p95_ns = -1;
    if (service_count == 0) return OK;
    f->service_ns = locproof_percentile(services, service_count, 50);
    f->p95_ns = locproof_percentile(times, count, 95);
    f->median_ns = locproof_percentile(times, count, 50);
    f->min_ns = times[0];
    if (f->p95_ns == INT64_MAX) f->p95_ns = -1;
    if (f->median_ns == INT64_MAX) f->median_ns = -1;
    return OK;
}

static void verdict_take(const struct locproof_transcript *t, struct locproof_figures *f) {
    f->verdict = f->bad > 0 ? LOCPROOF_FAILED : LOCPROOF_WITHIN;
    if (f->verdict == LOCPROOF_FAILED) return;
    if (f->pieces + f->lost < t->wanted) {
        f->verdict = LOCPROOF_INCONCLUSIVE;
        snprintf(f->why, sizeof f->why, "%u pieces of %u wanted: %zu entries of %llu were drawn",
                 f->pieces, t->wanted, t->count, (unsigned long long)f->ledger_size);
    } else if (f->p95_ns < 0) {
        f->verdict = LOCPROOF_INCONCLUSIVE;
        snprintf(f->why, sizeof f->why, "%u of %u had no answer in time", f->lost,
                 f->pieces + f->lost);
    }
}

enum error_code locproof_transcript_check(struct locproof_transcript *t, struct arena scratch,
                                          struct locproof_figures *out, struct error *e) {
    struct locproof_figures f = {.min_ns = -1};
    struct tlog_vkey key;
    struct tlog_checkpoint checkpoint;
    TRY(tlog_vkey_parse(t->ledger, &key, e));
    TRY(tlog_checkpoint_open(t->checkpoint, &key, NULL, &checkpoint, e));
    struct locproof_tree ledger = {checkpoint.size, checkpoint.root};
    f.ledger_size = ledger.size;
    f.ledger_root = ledger.root;
    digest seed = locproof_seed(&t->landmark, &t->store, t->checkpoint);
    if (ledger.size == 0 && t->count > 0)
        return error_set(e, FAIL_PROOF, "pieces of a ledger without entries");
    for (size_t i = 0; i < t->count; i++) {
        struct locproof_round *r = &t->rounds[i];
        struct error why;
        if (r->outcome != LOCPROOF_LOST) {
            struct locproof_draw draw = locproof_draw_of(&seed, (uint32_t)i, ledger.size);
            enum error_code code = round_check(r, &draw, &ledger, scratch, &why);
            if (code == FAIL_MEMORY) return error_set(e, code, "%s", why.message);
            r->outcome = code == OK ? LOCPROOF_ANSWERED : LOCPROOF_FALSE;
            if (code != OK && f.why[0] == 0)
                snprintf(f.why, sizeof f.why, "draw %zu, entry %llu: %.120s", i,
                         (unsigned long long)draw.entry, why.message);
        }
        round_count(r, &f);
    }
    TRY(times_take(t, scratch, &f, e));
    verdict_take(t, &f);
    *out = f;
    return OK;
}
