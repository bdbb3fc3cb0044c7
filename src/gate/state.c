/* What the gate shows of itself: tallies by sector and class, the last decisions as codes, the
 * place, debts, the ledger's head. Tallies are rows of the turn they count, so they survive what
 * the turn survives.   s/ sector NUL class   kept, warned, refused, read */
#include "gate/state.h"

#include "gate/decide/effect.h"
#include "gate/turn/committer.h"

#include <stdlib.h>

enum { STATE_TALLIES = 1024, STATE_PENDING = 4 * LIMIT_TURN_COUNT, STATE_WORD_BYTES = 48 };

struct word {
    char at[STATE_WORD_BYTES];
    size_t len;
};
struct tally {
    struct word sector, class_;
    uint64_t counts[GATE_COUNT_KINDS];
    bool dirty;
};
struct recent {
    int64_t minute_ns;
    struct word sector, class_, act;
    char clause[96];
    size_t clause_len;
    uint8_t effect;
    bool unknown;
};
struct pending { /* copies: what was decided may change before the turn ends */
    enum gate_count kind;
    uint64_t count;
    bool is_recent;
    struct recent said;
};
struct gate_tallies {
    pthread_mutex_t lock; /* the committer writes, pages read; no request takes it */
    struct tally all[STATE_TALLIES];
    size_t count;
    struct recent recent[GATE_RECENT_MAX]; /* a ring */
    uint64_t recent_count;                 /* ever */
    struct pending pending[STATE_PENDING]; /* the committer's own */
    size_t pending_count, pending_mark;
};

static struct word word_of(str s) {
    struct word w;
    w.len = size_min(s.len, sizeof w.at);
    if (w.len > 0) memcpy(w.at, s.at, w.len);
    return w;
}
static str word_str(const struct word *w) {
    return str_of(w->at, w->len);
}

static struct tally *tally_of(struct gate_tallies *t, str sector, str class_) {
    struct word s = word_of(sector), c = word_of(class_);
    for (size_t i = 0; i < t->count; i++)
        if (str_equal(word_str(&t->all[i].sector), word_str(&s)) &&
            str_equal(word_str(&t->all[i].class_), word_str(&c)))
            return &t->all[i];
    if (t->count == STATE_TALLIES) return NULL; /* more words than any register has: not counted */
    struct tally *fresh = &t->all[t->count++];
    *fresh = (struct tally){.sector = s, .class_ = c};
    return fresh;
}

/* ---- in the turn ---- */

void gate_tallies_mark(struct gate_tallies *t) {
    t->pending_mark = t->pending_count;
}
void gate_tallies_rewind(struct gate_tallies *t) {
    t->pending_count = t->pending_mark;
}
void gate_tallies_forget(struct gate_tallies *t) {
    t->pending_count = 0;
}

/* The clause that decided: the worst effect, the first of those. */
static const struct gate_decided_clause *clause_of(const struct gate_decided *d) {
    const struct gate_decided_clause *worst = NULL;
    for (size_t i = 0; i < d->clause_count; i++) {
        const struct gate_decided_clause *c = &d->clauses[i];
        if (worst == NULL || gate_effect_rank(c->effect) < gate_effect_rank(worst->effect))
            worst = c;
    }
    return worst;
}

static void recent_fill(struct recent *r, const struct gate_decided *d, int64_t at_ns) {
    const struct gate_decided_clause *clause = clause_of(d);
    r->minute_ns = at_ns - at_ns % (60 * NS_PER_S);
    r->sector = word_of(d->sector);
    r->class_ = word_of(d->class_);
    r->act = word_of(d->act);
    r->effect = (uint8_t)d->effect;
    r->clause_len = 0;
    r->unknown = false;
    if (clause == NULL) return;
    r->clause_len = size_min(clause->name.len, sizeof r->clause);
    memcpy(r->clause, clause->name.at, r->clause_len);
    r->unknown = (clause->effect & EVIDENCE_EFFECT_UNKNOWN) != 0;
}

void gate_tallies_note(struct gate_tallies *t, const struct gate_decided *decided,
                       enum gate_count kind, uint64_t count, int64_t at_ns, bool is_recent) {
    if (t->pending_count == STATE_PENDING) return;
    struct pending *p = &t->pending[t->pending_count++];
    p->kind = kind;
    p->count = count;
    p->is_recent = is_recent;
    recent_fill(&p->said, decided, at_ns);
}

static enum error_code tally_write(struct gate_turn *turn, const struct tally *tally,
                                   struct error *e) {
    unsigned char key_memory[2 + 2 * STATE_WORD_BYTES + 1], row[8 * GATE_COUNT_KINDS];
    struct pack key = pack_into(key_memory, sizeof key_memory);
    pack_raw(&key, "s/", 2);
    pack_raw(&key, tally->sector.at, tally->sector.len);
    pack_u8(&key, 0);
    pack_raw(&key, tally->class_.at, tally->class_.len);
    for (size_t i = 0; i < GATE_COUNT_KINDS; i++) write_be64(row + 8 * i, tally->counts[i]);
    return engine_turn_put(turn->engine, ENGINE_META, str_of(key.at, key.len),
                           str_of(row, sizeof row), e);
}

enum error_code gate_tallies_commit(struct gate_turn *turn, struct error *e) {
    struct gate_tallies *t = turn->gate->tallies;
    enum error_code code = OK;
    pthread_mutex_lock(&t->lock);
    for (size_t i = 0; i < t->pending_count; i++) {
        const struct pending *p = &t->pending[i];
        struct tally *tally = tally_of(t, word_str(&p->said.sector), word_str(&p->said.class_));
        if (tally != NULL) {
            tally->counts[p->kind] += p->count;
            tally->dirty = true;
        }
        if (p->is_recent) t->recent[t->recent_count++ % GATE_RECENT_MAX] = p->said;
    }
    t->pending_count = 0;
    for (size_t i = 0; i < t->count && code == OK; i++) {
        if (!t->all[i].dirty) continue;
        code = tally_write(turn, &t->all[i], e);
        t->all[i].dirty = false;
    }
    pthread_mutex_unlock(&t->lock);
    return code;
}

/* ---- loading ---- */

static enum error_code tallies_load(struct gate_tallies *t, struct engine_view *view,
                                    struct error *e) {
    struct engine_scan *scan;
    TRY(engine_view_scan(view, ENGINE_META, STR("s/"), STR("s0"), &scan, e));
    enum error_code code = OK;
    t->count = 0;
    while (code == OK) {
        bool more;
        str key, row, sector;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        key = str_skip(key, 2);
        if (!str_cut(&key, 0, &sector) || row.len != 8 * GATE_COUNT_KINDS) {
            code = error_set(e, FAIL_CORRUPT, "a tally row of %zu bytes", row.len);
            break;
        }
        struct tally *tally = tally_of(t, sector, key);
        for (size_t i = 0; tally != NULL && i < GATE_COUNT_KINDS; i++)
            tally->counts[i] = read_be64(row.at + 8 * i);
    }
    engine_scan_close(scan);
    return code;
}

enum error_code gate_tallies_open(struct engine_view *view, struct gate_tallies **out,
                                  struct error *e) {
    struct gate_tallies *t = calloc(1, sizeof *t);
    if (t == NULL) return error_set(e, FAIL_MEMORY, "no room for tallies");
    pthread_mutex_init(&t->lock, NULL);
    enum error_code code = tallies_load(t, view, e);
    if (code != OK) {
        gate_tallies_close(t);
        return code;
    }
    *out = t;
    return OK;
}

void gate_tallies_close(struct gate_tallies *t) {
    if (t == NULL) return;
    pthread_mutex_destroy(&t->lock);
    free(t);
}

/* After a commit that failed: what the rows say. */
enum error_code gate_tallies_reload(struct gate *gate, struct error *e) {
    struct engine_view *view;
    TRY(engine_view_open(gate->engine, &view, e));
    pthread_mutex_lock(&gate->tallies->lock);
    enum error_code code = tallies_load(gate->tallies, view, e);
    gate->tallies->pending_count = 0;
    pthread_mutex_unlock(&gate->tallies->lock);
    engine_view_close(view);
    return code;
}

/* ---- showing ---- */

static enum error_code words_copy(struct gate_tallies *t, struct arena *arena,
                                  struct gate_state *out, struct error *e) {
    struct gate_tally *tallies = arena_new(arena, struct gate_tally, t->count);
    struct gate_recent *recent = arena_new(arena, struct gate_recent, GATE_RECENT_MAX);
    if (tallies == NULL || recent == NULL) return error_set(e, FAIL_MEMORY, "no room for tallies");
    for (size_t i = 0; i < t->count; i++) {
        memcpy(tallies[i].counts, t->all[i].counts, sizeof tallies[i].counts);
        TRY(arena_copy(arena, word_str(&t->all[i].sector), &tallies[i].sector, e));
        TRY(arena_copy(arena, word_str(&t->all[i].class_), &tallies[i].class_, e));
    }
    size_t count = (size_t)u64_min(t->recent_count, GATE_RECENT_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct recent *r = &t->recent[(t->recent_count - 1 - i) % GATE_RECENT_MAX];
        recent[i] = (struct gate_recent){.minute_ns = r->minute_ns,
                                         .effect = (enum gate_effect)r->effect,
                                         .unknown = r->unknown};
        TRY(arena_copy(arena, word_str(&r->sector), &recent[i].sector, e));
        TRY(arena_copy(arena, word_str(&r->class_), &recent[i].class_, e));
        TRY(arena_copy(arena, word_str(&r->act), &recent[i].act, e));
        TRY(arena_copy(arena, str_of(r->clause, r->clause_len), &recent[i].clause, e));
    }
    out->tallies = tallies;
    out->tally_count = t->count;
    out->recent = recent;
    out->recent_count = count;
    return OK;
}

static enum error_code place_copy(const struct gate_rules *rules, struct arena *arena,
                                  struct gate_state *out, struct error *e) {
    const struct facts_evidence *evidence = &rules->evidence;
    str *lines = arena_new(arena, str, evidence->count);
    str *lines_ja = arena_new(arena, str, evidence->count);
    if (lines == NULL || lines_ja == NULL)
        return error_set(e, FAIL_MEMORY, "no room for what speaks for the place");
    TRY(arena_copy(arena, rules->site, &out->site, e));
    TRY(arena_copy(arena, rules->site_country, &out->country, e));
    TRY(arena_copy(arena, evidence->standing, &out->standing, e));
    TRY(arena_copy(arena, evidence->standing_ja, &out->standing_ja, e));
    out->contradicted = evidence->contradicted;
    const struct register_row *site =
        register_row_at(rules->snapshot, REGISTER_SITES, rules->site, clock_wall_ns());
    str name_en = site != NULL ? register_row_name(site, STR("en")) : rules->site;
    str name_ja = site != NULL ? register_row_name(site, STR("ja")) : rules->site;
    TRY(arena_copy(arena, name_en, &out->site_name_en, e));
    TRY(arena_copy(arena, name_ja, &out->site_name_ja, e));
    for (size_t i = 0; i < evidence->count; i++) {
        TRY(arena_copy(arena, evidence->lines[i].text, &lines[i], e));
        TRY(arena_copy(arena, evidence->lines[i].text_ja, &lines_ja[i], e));
    }
    out->evidence = lines;
    out->evidence_ja = lines_ja;
    out->evidence_count = evidence->count;
    return OK;
}

enum error_code gate_state_read(struct gate *gate, struct arena *arena, struct gate_state *out,
                                struct error *e) {
    unsigned slot;
    *out = (struct gate_state){0};
    pthread_mutex_lock(&gate->tallies->lock);
    enum error_code code = words_copy(gate->tallies, arena, out, e);
    pthread_mutex_unlock(&gate->tallies->lock);
    if (code != OK) return code;
    struct gate_world *world = gate_world_take(gate, &slot);
    code = place_copy(world->rules, arena, out, e);
    if (code == OK && gate->geo != NULL) {
        code = arena_copy(arena, geo_data_edition(gate->geo)->attribution, &out->address_data, e);
        if (code == OK)
            code = arena_copy(arena, geo_data_edition(gate->geo)->date, &out->address_data_date, e);
    }
    out->rules = *gate_rules_digest(world->rules);
    out->buckets = gate_buckets_all(world->buckets)->count;
    gate_world_give(world, slot);
    if (code != OK) return code;
    ledger_state(gate->ledger, &out->ledger);
    engine_numbers(gate->engine, &out->engine);
    out->low = engine_is_low(gate->engine);
    out->clock_behind_ns = gate_clock_behind_ns(gate);
    out->visits = atomic_load(&gate->counters.visits);
    out->denied = atomic_load(&gate->counters.denied);
    out->allowed = atomic_load(&gate->counters.allowed);
    out->warned = atomic_load(&gate->counters.warned);
    out->refused = atomic_load(&gate->counters.refused);
    out->entries = atomic_load(&gate->counters.entries);
    out->turns = atomic_load(&gate->counters.turns);
    out->turns_failed = atomic_load(&gate->counters.turns_failed);
    out->bytes_in = atomic_load(&gate->counters.bytes_in);
    out->bytes_out = atomic_load(&gate->counters.bytes_out);
    out->debts_met_since = atomic_load(&gate->counters.debts_met);
    out->debts_late_since = atomic_load(&gate->counters.debts_late);
    TRY(gate_loosenings_count(gate, *arena, out, e));
    TRY(gate_findings_count(gate, arena, out, e));
    return gate_debts_sum(gate, arena, out, e);
}
