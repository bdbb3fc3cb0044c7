/* Placements that fall out of their rules: a copy stays where it is, and the ground under it becomes another,
 * by a new map, a new table of events, a new row or a new clause. No request would ask; so each change of
 * what is in force does.
 *
 *   t/placement   u8 1; text of ids of what is met, 8 bytes each; text of what has fallen, an id and the
 *                 first 8 bytes of the digest of its facts each; both sorted
 *
 * What never was met is for assessments to tell; here is told what has changed. */
#include "gate/finding/placement.h"

#include <stdlib.h>

#include "gate/finding/finding.h"

enum { A_TURN = 64, ID_BYTES = 8, FALLEN_BYTES = 2 * ID_BYTES, TEXT_BYTES = 1024 };

static const str source = {"azekura serve: placement", 24}, kind = {"placement", 9};

/* ---- asking ---- */

struct judging {
    struct gate_rules *rules;
    int64_t now;
    struct arena scratch;
    const uint32_t *clauses; /* about placement */
    size_t clause_count, most;
    unsigned abouts; /* of these clauses */
};

static enum error_code clauses_find(struct judging *j, struct error *e) {
    const struct rulebook_set *set = j->rules->set;
    size_t all = rulebook_set_clause_count(set);
    uint32_t *clauses = arena_new(&j->scratch, uint32_t, all);
    if (clauses == NULL) return error_set(e, FAIL_MEMORY, "no room for clauses");
    for (size_t i = 0; i < all; i++) {
        if (!facts_clause_is_placement(set, i) || !rulebook_set_clause_binds(set, i, j->now))
            continue;
        j->abouts |= (unsigned)rulebook_set_clause(set, i)->about;
        clauses[j->clause_count++] = (uint32_t)i;
    }
    j->clauses = clauses;
    return OK;
}

static enum error_code facts_digest(const struct rulebook_asking *asking, size_t clause,
                                    const struct rulebook_spoke *spoke, struct arena scratch,
                                    digest *out, struct error *e) {
    const struct rulebook_reading *facts;
    size_t count;
    struct sha256 hash;
    struct arena memory = scratch;
    char *room = arena_bytes(&memory, 1 << 16);
    size_t half = arena_left(&memory) / 2;
    struct arena own = arena_over(memory.end - half, half);
    memory.end -= half;
    if (room == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    TRY(rulebook_asking_facts(asking, clause, spoke, &memory, own, &facts, &count, e));
    sha256_begin(&hash);
    for (size_t i = 0; i < count; i++) {
        struct text value = text_into(room, 1 << 16);
        if (str_equal(facts[i].path, STR("time.now"))) continue; /* the clock alone is no news */
        rulebook_value_text(facts[i].value, &value);
        sha256_add(&hash, facts[i].path.at, facts[i].path.len);
        sha256_add(&hash, "", 1);
        sha256_add(&hash, value.at, value.len);
        sha256_add(&hash, "", 1);
    }
    *out = sha256_end(&hash);
    return OK;
}

static void id_of(struct gate_placement *p) {
    char hex[FINDING_ID_BYTES];
    finding_id(source, kind, p->subject, &p->clause, 1, hex);
    bool is_hex = hex_read(str_of(hex, sizeof hex), p->id, sizeof p->id);
    assert(is_hex);
}

static enum error_code clause_ask(struct judging *j, const struct rulebook_asking *asking,
                                  size_t clause, str subject, struct error *e) {
    struct gate_rules *rules = j->rules;
    struct rulebook_spoke spoke;
    if (rulebook_ask(asking, clause, &spoke) != RULEBOOK_SPOKE) return OK;
    if (rules->placement_count == j->most) {
        log_event(LOG_WARNING, "placements-not-watched", LOG_INT("limit", (int64_t)j->most));
        return OK;
    }
    struct gate_placement *p = &rules->placements[rules->placement_count];
    char advice[TEXT_BYTES];
    struct text text = text_into(advice, sizeof advice);
    *p = (struct gate_placement){
        .subject = subject,
        .is_met = spoke.verdict == RULEBOOK_PASS || spoke.verdict == RULEBOOK_ATTESTED ||
                  spoke.verdict == RULEBOOK_LIFTED || spoke.verdict == RULEBOOK_EXCEPTED,
        .is_unknown = spoke.verdict == RULEBOOK_VERDICT_UNKNOWN};
    TRY(arena_format(&rules->arena, &p->clause, e, "%.*s/%.*s",
                     STR_FMT(spoke.clause->rulebook->name), STR_FMT(spoke.clause->id)));
    TRY(facts_digest(asking, clause, &spoke, j->scratch, &p->facts, e));
    if (!p->is_met) {
        rulebook_asking_advice(asking, clause, &spoke, RULEBOOK_ENGLISH, &text);
        for (size_t i = 0; i < text.len; i++)
            if (text.at[i] == '\n') text.at[i] = ' ';
        str said = str_trim(text_str(&text));
        while (text.overflow && said.len > 0 && (said.at[said.len - 1] & 0x80) != 0) said.len--;
        TRY(arena_copy(&rules->arena, said, &p->text, e));
    }
    id_of(p);
    rules->placement_count++;
    return OK;
}

static enum error_code subject_ask(struct judging *j, const struct rulebook_subject *subject,
                                   const struct rulebook_facts *facts, str name, struct error *e) {
    struct judging inside = *j;
    const struct rulebook_asking *asking;
    TRY(rulebook_asking_begin(j->rules->set, subject, facts, j->now, &inside.scratch, &asking, e));
    for (size_t i = 0; i < j->clause_count; i++)
        TRY(clause_ask(&inside, asking, j->clauses[i], name, e));
    return OK;
}

static enum error_code dataset_ask(struct judging *j, const struct gate_dataset *dataset,
                                   struct error *e) {
    struct rulebook_subject subject = {.operator_id =
                                           facts_operator_of(j->rules->world, dataset->id),
                                       .dataset_id = dataset->id,
                                       .site_id = j->rules->site};
    str copy;
    TRY(arena_format(&j->rules->arena, &copy, e, "%.*s@%.*s", STR_FMT(dataset->id),
                     STR_FMT(j->rules->site)));
    subject.about = RULEBOOK_ABOUT_COPY;
    TRY(subject_ask(j, &subject, dataset->facts, copy, e));
    subject.about = RULEBOOK_ABOUT_DATASET;
    return subject_ask(j, &subject, dataset->facts, dataset->id, e);
}

static enum error_code site_ask(struct judging *j, const struct register_row *row,
                                struct error *e) {
    struct judging inside = *j;
    struct rulebook_facts facts;
    struct rulebook_subject subject;
    size_t half = arena_left(&inside.scratch) / 2;
    struct arena own = arena_over(inside.scratch.end - half, half);
    inside.scratch.end -= half;
    TRY(facts_of_given_row(j->rules->world, row, &own, inside.scratch, &facts, &subject, e));
    return subject_ask(&inside, &subject, &facts, row->id, e);
}

static int by_id(const void *a, const void *b) {
    return memcmp(((const struct gate_placement *)a)->id, ((const struct gate_placement *)b)->id,
                  ID_BYTES);
}

enum error_code gate_placements_judge(struct gate_rules *rules, int64_t now, struct arena scratch,
                                      struct error *e) {
    struct judging j = {.rules = rules, .now = now, .scratch = scratch};
    const struct register_row *row;
    size_t cursor = 0, site_count = 0;
    TRY(clauses_find(&j, e));
    if (j.clause_count == 0) return OK;
    register_rows(rules->snapshot, REGISTER_SITES, &site_count);
    if (!size_mul(j.clause_count, 2 * rules->dataset_count + site_count, &j.most))
        j.most = LIMIT_GATE_PLACEMENTS;
    j.most = size_min(j.most, LIMIT_GATE_PLACEMENTS);
    rules->placements = arena_new(&rules->arena, struct gate_placement, j.most);
    if (rules->placements == NULL) return error_set(e, FAIL_MEMORY, "no room for placements");
    for (size_t i = 0; i < rules->dataset_count; i++) TRY(dataset_ask(&j, &rules->datasets[i], e));
    bool asks_sites = (j.abouts & (unsigned)RULEBOOK_ABOUT_SITE) != 0;
    while (asks_sites &&
           (row = register_row_next(rules->snapshot, REGISTER_SITES, now, &cursor)) != NULL)
        TRY(site_ask(&j, row, e));
    qsort(rules->placements, rules->placement_count, sizeof *rules->placements, by_id);
    return OK;
}

/* ---- recording ---- */

struct kept { /* t/placement */
    const unsigned char *met, *fallen;
    size_t met_count, fallen_count;
};
struct recording {
    struct gate_work work;
    const struct gate_rules *rules;
    struct arena arena;
    bool has_more;
};

static enum error_code kept_read(struct gate_turn *turn, struct arena *arena, struct kept *out,
                                 str *row, struct error *e) {
    bool found;
    *out = (struct kept){0};
    TRY(engine_turn_get(turn->engine, ENGINE_META, STR("t/placement"), arena, row, &found, e));
    if (!found) return OK; /* the first time: nothing can have fallen */
    struct unpack u = unpack_from(*row);
    unsigned format = unpack_u8(&u);
    if (format != 1) return error_set(e, FAIL_VERSION, "placements of format %u", format);
    str met = unpack_str(&u), fallen = unpack_str(&u);
    TRY(unpack_done(&u, "the row of placements", e));
    *out = (struct kept){(const unsigned char *)met.at, (const unsigned char *)fallen.at,
                         met.len / ID_BYTES, fallen.len / FALLEN_BYTES};
    return OK;
}

static int order(const void *a, const void *b) {
    return memcmp(a, b, ID_BYTES);
}
/* In a list of records that begin with an id; NULL: it is not there. */
static const unsigned char *find(const unsigned char *list, size_t count, size_t bytes,
                                 const unsigned char *id) {
    return count > 0 ? bsearch(id, list, count, bytes, order) : NULL;
}

static enum error_code falls(struct gate_turn *turn, const struct gate_placement *p,
                             struct error *e) {
    uint64_t entry;
    const struct gate_finding f = {.source = source,
                                   .kind = kind,
                                   .subject = p->subject,
                                   .clauses = &p->clause,
                                   .clause_count = 1,
                                   .verdict = p->is_unknown ? STR("unknown") : STR("fail"),
                                   .text = p->text,
                                   .facts = p->facts};
    return finding_stands(turn, &f, gate_rules_digest(atomic_load(&turn->gate->world)->rules), NULL,
                          &entry, e);
}

static enum error_code ends(struct gate_turn *turn, const unsigned char *id, struct error *e) {
    char hex[2 * ID_BYTES];
    bool gone;
    hex_write(id, ID_BYTES, hex);
    return finding_ends(turn, str_of(hex, sizeof hex), NULL, "not found any more:", NULL, &gone, e);
}

/* The new lists, as far as this turn comes: what is for a later one stays as it was. */
struct moving {
    struct gate_turn *turn;
    const struct kept *kept;
    unsigned char *met, *fallen;
    size_t met_count, fallen_count, done;
};

static void met_list(struct moving *m, const unsigned char *id) {
    memcpy(m->met + ID_BYTES * m->met_count++, id, ID_BYTES);
}
static void fallen_list(struct moving *m, const unsigned char *id, const unsigned char *facts) {
    unsigned char *at = m->fallen + FALLEN_BYTES * m->fallen_count++;
    memcpy(at, id, ID_BYTES);
    memcpy(at + ID_BYTES, facts, ID_BYTES);
}

/* It falls, it says something new of what it fell by, or it stands again. */
static bool is_news(const struct gate_placement *p, bool was_met, const unsigned char *had_fallen) {
    if (p->is_met) return had_fallen != NULL;
    if (had_fallen == NULL) return was_met;
    return memcmp(had_fallen + ID_BYTES, p->facts.at, ID_BYTES) != 0;
}

static enum error_code placement_move(struct moving *m, const struct gate_placement *p,
                                      struct error *e) {
    const struct kept *kept = m->kept;
    bool was_met = find(kept->met, kept->met_count, ID_BYTES, p->id) != NULL;
    const unsigned char *had_fallen = find(kept->fallen, kept->fallen_count, FALLEN_BYTES, p->id);
    bool news = is_news(p, was_met, had_fallen);
    if (news && m->done == A_TURN) { /* a later turn's */
        if (was_met) met_list(m, p->id);
        if (had_fallen != NULL) fallen_list(m, p->id, had_fallen + ID_BYTES);
        return OK;
    }
    m->done += news;
    if (p->is_met) {
        met_list(m, p->id);
        return news ? ends(m->turn, p->id, e) : OK;
    }
    if (news || had_fallen != NULL) fallen_list(m, p->id, p->facts.at);
    return news ? falls(m->turn, p, e) : OK;
}

/* What nobody asks any more cannot be fallen out of. */
static enum error_code rest_end(struct moving *m, const struct gate_rules *rules, struct error *e) {
    for (size_t i = 0; i < m->kept->fallen_count; i++) {
        const unsigned char *fallen = m->kept->fallen + FALLEN_BYTES * i;
        struct gate_placement key;
        memcpy(key.id, fallen, ID_BYTES);
        bool is_asked =
            rules->placement_count > 0 && bsearch(&key, rules->placements, rules->placement_count,
                                                  sizeof *rules->placements, by_id) != NULL;
        if (is_asked) continue;
        if (m->done == A_TURN) {
            fallen_list(m, key.id, fallen + ID_BYTES);
            continue;
        }
        TRY(ends(m->turn, key.id, e));
        m->done++;
    }
    if (m->fallen_count > 1) qsort(m->fallen, m->fallen_count, FALLEN_BYTES, order);
    return OK;
}

static enum error_code lists_write(struct gate_turn *turn, const struct moving *m, str before,
                                   struct arena *arena, struct error *e) {
    size_t bytes = ID_BYTES * m->met_count + FALLEN_BYTES * m->fallen_count + 16;
    struct pack p = pack_into(arena_bytes(arena, bytes), bytes);
    str row;
    if (p.at == NULL) return error_set(e, FAIL_MEMORY, "no room for placements");
    pack_u8(&p, 1);
    pack_str(&p, str_of(m->met, ID_BYTES * m->met_count));
    pack_str(&p, str_of(m->fallen, FALLEN_BYTES * m->fallen_count));
    TRY(pack_done(&p, "placements", &row, e));
    if (str_equal(row, before)) return OK;
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, STR("t/placement"), row, e);
}

static enum error_code record_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct recording *r = self;
    const struct gate_rules *rules = r->rules;
    struct arena arena = r->arena;
    struct kept kept;
    str before = STR_EMPTY;
    TRY(kept_read(turn, &arena, &kept, &before, e));
    size_t cap = FALLEN_BYTES * (rules->placement_count + kept.fallen_count + 1);
    struct moving m = {.turn = turn,
                       .kept = &kept,
                       .met = (unsigned char *)arena_bytes(&arena, cap),
                       .fallen = (unsigned char *)arena_bytes(&arena, cap)};
    if (m.met == NULL || m.fallen == NULL)
        return error_set(e, FAIL_MEMORY, "no room for placements");
    for (size_t i = 0; i < rules->placement_count; i++)
        TRY(placement_move(&m, &rules->placements[i], e));
    TRY(rest_end(&m, rules, e));
    r->has_more = m.done == A_TURN;
    return lists_write(turn, &m, before, &arena, e);
}

enum error_code gate_placements_record(struct gate *gate, const struct gate_rules *rules,
                                       struct error *e) {
    struct recording r = {.rules = rules, .has_more = true};
    struct arena_space space;
    if (rules->evidence.contradicted)
        return OK; /* that the place is not what it says is the finding */
    TRY(arena_space_open(&space, (size_t)64 << 20, &r.arena, e));
    enum error_code code = OK;
    while (code == OK && r.has_more) {
        r.has_more = false;
        r.work = (struct gate_work){.apply = record_apply, .self = &r, .bytes = LIMIT_TURN_BYTES};
        code = gate_submit(gate, &r.work, e);
    }
    arena_space_release(&space);
    return code;
}
