/* Where it is said on which field a fact hangs, no other field moves it; and what a thing that stands
 * at a site says of its maker is not what the site says of who runs it. */
#include "facts/facts.h"
#include "tests/test.h"

static const char world_text[] =
    "operators:\n  - {id: o1, entity: m1, sectors: [a]}\n  - {id: o2, entity: m2}\n"
    "entities:\n  - {id: m1, country: JP, seats: [JP]}\n  - {id: m2, country: US, parents: [m1]}\n"
    "sites:\n  - {id: s1, country: JP, entity: m1}\n  - {id: s2, country: US, entity: m2}\n"
    "systems:\n  - {id: y1}\n  - {id: y2}\n"
    "datasets:\n  - {id: d1, class: critical}\n  - {id: d2}\n"
    "plans:\n  - {id: p1, kind: introduction}\n  - {id: p2}\n";

/* A row with its fields, and another value for each. */
static const struct {
    const char *key;
    struct {
        const char *field, *value, *other;
    } fields[12];
} rows[] = {
    {"equipment",
     {{"category", "router", "server"},
      {"maker", "m1", "m2"},
      {"supplier", "m2", "m1"},
      {"model", "A", "B"},
      {"operator", "o1", "o2"},
      {"site", "s1", "s2"},
      {"systems", "[y1]", "[y2]"},
      {"introduced", "2020-01-01", "2021-01-01"},
      {"support_end", "2030-01-01", "unknown"},
      {"origins", "[{stage: assembled, country: JP}]", "[{stage: assembled, country: US}]"},
      {"observations", "[{means: lldp, maker: A}]", "[{means: lldp, maker: B}]"}}},
    {"supplies",
     {{"operator", "o1", "o2"},
      {"entity", "m1", "m2"},
      {"role", "supplier", "contractor"},
      {"plan", "p1", "p2"},
      {"countries", "[JP]", "[US]"}}},
    {"systems",
     {{"operator", "o1", "o2"},
      {"entity", "m1", "m2"},
      {"kind", "control", "mail"},
      {"country", "JP", "US"},
      {"datasets", "[d1]", "[d2]"}}},
    {"contracts",
     {{"operator", "o1", "o2"},
      {"entity", "m1", "m2"},
      {"kind", "cloud", "own"},
      {"court", "JP", "US"}}},
    {"changes",
     {{"operator", "o1", "o2"},
      {"field", "supplier.name", "facility.place"},
      {"plan", "p1", "p2"},
      {"happened", "2026-01-01", "2026-01-02"}}},
    {"incidents",
     {{"operator", "o1", "o2"},
      {"kind", "leak", "suspension"},
      {"occurred", "2026-01-01", "unknown"}}},
};

struct known {
    struct register_snapshot *snapshot;
    struct facts_world *world;
    struct arena_space space, scratch_space;
    struct rulebook_facts facts;
};

/* The row with the field at `changed` at its other value; -1: none, -2: another id. */
static void learn(struct known *k, size_t row, int changed) {
    static char text[8192];
    struct error e;
    struct arena arena, scratch;
    struct rulebook_subject subject;
    enum register_kind kind;
    const char *id = changed == -2 ? "y" : "x";
    bool joins = strcmp(rows[row].key, "systems") == 0; /* of which the world has some already */
    const char *rest = joins ? strstr(world_text, "datasets:") : "";
    size_t before = strlen(world_text) - strlen(rest);
    int len = snprintf(text, sizeof text, "%.*s%s%s  - {id: %s", (int)before, world_text,
                       joins ? "" : rows[row].key, joins ? "" : ":\n", id);
    for (int i = 0; i < 12 && rows[row].fields[i].field != NULL; i++)
        len +=
            snprintf(text + len, sizeof text - (size_t)len, ", %s: %s", rows[row].fields[i].field,
                     i == changed ? rows[row].fields[i].other : rows[row].fields[i].value);
    len += snprintf(text + len, sizeof text - (size_t)len, "}\n%s", rest);
    struct register_text file = {STR("r.yaml"), str_of(text, (size_t)len)};
    assert_ok(register_load_texts(&file, 1, &k->snapshot, NULL, &e), &e);
    struct facts_world_options options = {.snapshot = k->snapshot,
                                          .at_ns = 1790000000 * NS_PER_S}; /* in 2026 */
    assert_ok(facts_world_open(&options, &k->world, &e), &e);
    assert_ok(arena_space_open(&k->space, 32 << 20, &arena, &e), &e);
    assert_ok(arena_space_open(&k->scratch_space, 32 << 20, &scratch, &e), &e);
    assert_true(register_kind_find(str_from_c(rows[row].key), &kind));
    assert_ok(
        facts_of_row(k->world, kind, str_from_c(id), &arena, scratch, &k->facts, &subject, &e), &e);
}
static void forget(struct known *k) {
    facts_world_close(k->world);
    register_release(k->snapshot);
    arena_space_release(&k->space);
    arena_space_release(&k->scratch_space);
}

static bool differ(const struct rulebook_value *a, const struct rulebook_value *b) {
    char left[4096], right[4096];
    struct text l = text_into(left, sizeof left), r = text_into(right, sizeof right);
    if (a == NULL || b == NULL) return a != b;
    rulebook_value_json(a, &l);
    rulebook_value_json(b, &r);
    return a->by != b->by || !str_equal(text_str(&l), text_str(&r));
}

/* Facts that the two give differently must hang on the field, or on nobody knows what. */
static size_t compare(const struct known *a, const struct known *b, enum register_kind kind,
                      str field) {
    size_t moved = 0;
    for (size_t i = 0; i < a->facts.count; i++) {
        str path = a->facts.at[i].path, hangs = STR_EMPTY;
        if (!differ(&a->facts.at[i].value, rulebook_facts_find(&b->facts, path))) continue;
        moved++;
        if (facts_row_field(kind, path, &hangs) && !str_equal(hangs, field))
            fail_msg("%.*s of %s moved with %.*s, said to hang on \"%.*s\"", STR_FMT(path),
                     register_kind_of(kind)->key, STR_FMT(field), STR_FMT(hangs));
    }
    return moved;
}

static void a_fact_moves_with_the_field_it_hangs_on_alone(void **state) {
    for (size_t r = 0; r < COUNT_OF(rows); r++)
        for (int i = -2; i < 12; i++) {
            enum register_kind kind;
            struct known plain = {0}, other = {0};
            if (i == -1 || (i >= 0 && rows[r].fields[i].field == NULL)) continue;
            assert_true(register_kind_find(str_from_c(rows[r].key), &kind));
            str field = i == -2 ? STR("id") : str_from_c(rows[r].fields[i].field);
            learn(&plain, r, -1);
            learn(&other, r, i);
            assert_true(compare(&plain, &other, kind, field) > 0); /* both ways: some facts go */
            assert_true(compare(&other, &plain, kind, field) > 0);
            forget(&plain);
            forget(&other);
        }
}

/* entity.* of a thing was that of the site it stood at, whatever its maker. */
static void the_entity_of_a_thing_is_its_maker_wherever_it_stands(void **state) {
    struct known k = {0};
    learn(&k, 0, 1); /* maker m2, at s1, which m1 runs */
    const struct rulebook_value *country = rulebook_facts_find(&k.facts, STR("entity.country"));
    assert_non_null(country);
    assert_str(country->text, STR("US"));
    assert_str(rulebook_facts_find(&k.facts, STR("place.country"))->text, STR("JP"));
    forget(&k);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fact_moves_with_the_field_it_hangs_on_alone),
        cmocka_unit_test(the_entity_of_a_thing_is_its_maker_wherever_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
