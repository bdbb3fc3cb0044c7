/* Counting entries: each kind of count by hand, folds as the acts they stand for, and codes by name once
 * they are learnt. */
#include "evidence/evidence.h"
#include "tests/test.h"

static char memory[32 << 20];
static struct arena arena;

static struct evidence_entry code_row(enum evidence_code_kind kind, uint32_t code,
                                      const char *text) {
    return (struct evidence_entry){
        .type = EVIDENCE_CODE_ROW, .code_kind = kind, .code = code, .code_text = str_from_c(text)};
}

static uint64_t count_of(struct evidence_tally *tally, const char *kind, const char *name) {
    const struct evidence_tally_row *rows;
    struct error e;
    size_t count;
    assert_ok(evidence_tally_rows(tally, &rows, &count, &e), &e);
    for (size_t i = 1; i < count; i++) {
        bool is_later = rows[i].kind > rows[i - 1].kind;
        bool is_sorted = is_later || (rows[i].kind == rows[i - 1].kind &&
                                      str_compare(rows[i - 1].name, rows[i].name) < 0);
        assert_true(is_sorted);
    }
    for (size_t i = 0; i < count; i++)
        if (strcmp(evidence_tally_name(rows[i].kind), kind) == 0 &&
            str_equal(rows[i].name, str_from_c(name)))
            return rows[i].count;
    return 0;
}

static struct evidence_clause clauses[2];
static uint16_t sites[2] = {1, 2};

static struct evidence_entry act(enum evidence_type type, uint8_t decision) {
    struct evidence_entry entry = {.type = type,
                                   .decision = decision,
                                   .act = 1,
                                   .sector = 3,
                                   .data_class = 4,
                                   .clauses = clauses,
                                   .clause_count = 2,
                                   .sites = sites,
                                   .site_count = 2};
    entry.rules = sha256_of(STR("rules"));
    return entry;
}

static void learn_all(struct evidence_tally *tally) {
    const struct evidence_entry rows[] = {code_row(EVIDENCE_CODE_ACT, 1, "put"),
                                          code_row(EVIDENCE_CODE_SECTOR, 3, "gas"),
                                          code_row(EVIDENCE_CODE_CLASS, 4, "critical"),
                                          code_row(EVIDENCE_CODE_SITE, 1, "sendai"),
                                          code_row(EVIDENCE_CODE_CLAUSE, 7, "own/home"),
                                          code_row(EVIDENCE_CODE_CLAUSE, 8, "own/two")};
    struct error e;
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_ok(evidence_tally_learn(tally, &rows[i], &e), &e);
}

static void each_kind_is_counted_by_name(void **state) {
    struct evidence_tally tally;
    struct error e;
    arena = arena_over(memory, sizeof memory);
    clauses[0] = (struct evidence_clause){.code = 7, .effect = EVIDENCE_EFFECT_REFUSE};
    clauses[1] = (struct evidence_clause){.code = 8,
                                          .effect = EVIDENCE_EFFECT_WARN | EVIDENCE_EFFECT_UNKNOWN};
    assert_ok(evidence_tally_open(&tally, &arena, &e), &e);
    learn_all(&tally);
    struct evidence_entry put = act(EVIDENCE_PUT, EVIDENCE_WARN),
                          refused = act(EVIDENCE_REFUSE, EVIDENCE_REFUSED);
    for (int i = 0; i < 3; i++) assert_ok(evidence_tally_add(&tally, &put, &e), &e);
    assert_ok(evidence_tally_add(&tally, &refused, &e), &e);
    char hex[2 * DIGEST_BYTES + 1] = "";
    hex_write(put.rules.at, DIGEST_BYTES, hex);
    const struct {
        const char *kind, *name;
        uint64_t count;
    } counts[] = {{"type", "put", 3},
                  {"type", "refuse", 1},
                  {"decision", "warn", 3},
                  {"decision", "refuse", 1},
                  {"act", "put", 4},
                  {"sector", "gas", 4},
                  {"class", "critical", 4},
                  {"site", "sendai", 4},
                  {"site", "site 2", 4}, /* nobody named it */
                  {"clause", "own/home refuse", 4},
                  {"clause", "own/two warn", 4}, /* unknown is counted by itself */
                  {"unknown", "own/two", 4},
                  {"unknown", "own/home", 0},
                  {"rules", hex, 4},
                  {"sector", "water", 0}};
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        if (count_of(&tally, counts[i].kind, counts[i].name) != counts[i].count)
            fail_msg("%s %s: %llu", counts[i].kind, counts[i].name,
                     (unsigned long long)count_of(&tally, counts[i].kind, counts[i].name));
}

static void a_fold_counts_as_the_acts_it_stands_for(void **state) {
    struct evidence_tally tally;
    struct error e;
    arena = arena_over(memory, sizeof memory);
    clauses[0] = (struct evidence_clause){.code = 7, .effect = EVIDENCE_EFFECT_REFUSE};
    clauses[1] = (struct evidence_clause){.code = 8, .effect = EVIDENCE_EFFECT_ALLOW};
    assert_ok(evidence_tally_open(&tally, &arena, &e), &e);
    learn_all(&tally);
    struct evidence_entry refused = act(EVIDENCE_REFUSE, EVIDENCE_REFUSED);
    struct evidence_entry fold = act(EVIDENCE_FOLD, EVIDENCE_REFUSED);
    fold.span_count = 1000;
    assert_ok(evidence_tally_add(&tally, &refused, &e), &e);
    assert_ok(evidence_tally_add(&tally, &fold, &e), &e);
    assert_int_equal(count_of(&tally, "type", "fold"), 1); /* one entry */
    assert_int_equal(count_of(&tally, "decision", "refuse"), 1001);
    assert_int_equal(count_of(&tally, "clause", "own/home refuse"), 1001);
    assert_int_equal(count_of(&tally, "sector", "gas"), 1001);
}

static void a_code_means_one_thing(void **state) {
    struct evidence_tally tally;
    struct error e;
    struct evidence_entry one = code_row(EVIDENCE_CODE_SECTOR, 3, "gas"),
                          again = code_row(EVIDENCE_CODE_SECTOR, 3, "gas"),
                          other = code_row(EVIDENCE_CODE_SECTOR, 3, "water"),
                          elsewhere = code_row(EVIDENCE_CODE_CLASS, 3, "water"),
                          put = act(EVIDENCE_PUT, 0);
    arena = arena_over(memory, sizeof memory);
    assert_ok(evidence_tally_open(&tally, &arena, &e), &e);
    assert_ok(evidence_tally_learn(&tally, &put, &e), &e); /* teaches nothing */
    assert_ok(evidence_tally_learn(&tally, &one, &e), &e);
    assert_ok(evidence_tally_learn(&tally, &again, &e), &e);
    assert_ok(evidence_tally_learn(&tally, &elsewhere, &e), &e);
    assert_int_equal(evidence_tally_learn(&tally, &other, &e), FAIL_CORRUPT);
}

/* Names of rules come from entries, so a log may hold any number of them. */
static void too_many_names_are_refused(void **state) {
    struct evidence_tally tally;
    struct error e;
    enum error_code code = OK;
    arena = arena_over(memory, sizeof memory);
    assert_ok(evidence_tally_open(&tally, &arena, &e), &e);
    uint32_t i = 0;
    for (; code == OK && i <= EVIDENCE_TALLY_NAMES; i++) {
        struct evidence_entry put = {.type = EVIDENCE_PUT, .decision = EVIDENCE_ALLOW};
        put.rules = sha256_of(str_of(&i, sizeof i));
        code = evidence_tally_add(&tally, &put, &e);
    }
    assert_int_equal(code, FAIL_LIMIT);
    assert_true(i > EVIDENCE_TALLY_NAMES / 4);
    char small[4096];
    arena = arena_over(small, sizeof small);
    assert_int_equal(evidence_tally_open(&tally, &arena, &e), FAIL_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_is_counted_by_name),
        cmocka_unit_test(a_fold_counts_as_the_acts_it_stands_for),
        cmocka_unit_test(a_code_means_one_thing),
        cmocka_unit_test(too_many_names_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
