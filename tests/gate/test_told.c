/* The register as the store keeps it: which generation held when, who brought it, and its entry. */
#include "tests/gate/hall.h"

static struct seen seen;

static void imports(struct hall *hall, const char *from, const char *to) {
    str path = str_from_c(hall_register(hall));
    struct guest *g = root_enters(hall);
    hall_edit(hall, hall_register(hall), from, to);
    assert_ok(gate_register_import(&g->visit, &path, 1, &g->e), &g->e);
    leaves(g);
}

struct listed {
    struct register_generation kept[8];
    char who[8][64], why[8][96];
    bool in_ledger[8], redacted[8];
    size_t count;
};
static enum error_code list_one(void *self, const struct gate_told *told, struct error *e) {
    struct listed *l = self;
    size_t at = l->count++;
    assert_true(at < COUNT_OF(l->kept));
    l->kept[at] = *told->kept;
    l->in_ledger[at] = told->in_ledger;
    l->redacted[at] = told->redacted;
    snprintf(l->who[at], sizeof l->who[at], "%.*s", STR_FMT(told->who));
    snprintf(l->why[at], sizeof l->why[at], "%.*s", STR_FMT(told->why));
    return OK;
}
static struct listed list_of(struct hall *hall) {
    struct listed l = {0};
    struct guest *g = local_enters(hall);
    uint64_t next;
    assert_ok(gate_told_list(&g->visit, 1, 8, list_one, &l, &next, &g->e), &g->e);
    assert_int_equal(next, 0);
    leaves(g);
    return l;
}

/* The name of the site `there` as the store's register said at that time. */
static enum error_code name_at(struct hall *hall, int64_t at_ns, char out[64], struct error *e) {
    struct register_snapshot *snapshot;
    struct gate_told told;
    struct guest *g = local_enters(hall);
    enum error_code code = gate_told_at(&g->visit, at_ns, &told, &snapshot, e);
    if (code == OK) {
        const struct register_row *row =
            register_row_at(snapshot, REGISTER_SITES, STR("there"), at_ns);
        assert_non_null(row);
        snprintf(out, 64, "%.*s", STR_FMT(register_row_name(row, STR("en"))));
        register_release(snapshot);
    }
    leaves(g);
    return code;
}

static void each_day_has_its_register_and_its_entry(void **state) {
    struct hall *hall = *state;
    struct error e = {0};
    char name[64];
    imports(hall, "name: {en: There, ja: 向こう}", "name: {en: Yonder}");
    hall_clock_ahead(24 * 3600 * NS_PER_S);
    imports(hall, "name: {en: Yonder}", "name: {en: Beyond}");
    struct listed l = list_of(hall);
    assert_int_equal(l.count, 3);
    for (size_t i = 0; i < l.count; i++) {
        assert_int_equal(l.kept[i].generation, i + 1);
        assert_true(l.kept[i].is_recorded && l.in_ledger[i] && !l.redacted[i]);
        entry_read(hall, l.kept[i].entry, &seen);
        assert_int_equal(seen.entry.type, EVIDENCE_REGISTER_CHANGE);
        assert_true(digest_equal(&seen.entry.other, &l.kept[i].sha256));
        assert_true(seen.opened);
    }
    assert_string_equal(l.who[0], ""); /* the store read it when it opened */
    assert_true(strncmp(l.who[2], "root/", 5) == 0);
    assert_string_equal(l.why[2], "register import: generation 3, 1 rows changed");
    assert_int_equal(l.kept[2].changed_count, 1);
    assert_ok(name_at(hall, l.kept[0].imported_ns, name, &e), &e);
    assert_string_equal(name, "There");
    assert_ok(name_at(hall, l.kept[1].imported_ns, name, &e), &e);
    assert_string_equal(name, "Yonder");
    assert_ok(name_at(hall, l.kept[2].imported_ns - 1, name, &e), &e);
    assert_string_equal(name, "Yonder");
    assert_ok(name_at(hall, l.kept[2].imported_ns, name, &e), &e);
    assert_string_equal(name, "Beyond");
    assert_int_equal(name_at(hall, l.kept[0].imported_ns - 1, name, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "had no register"));
}

static void an_id_shows_every_row_it_had(void **state) {
    struct hall *hall = *state;
    struct register_told *rows;
    size_t count;
    imports(hall, "name: {en: There, ja: 向こう}", "name: {en: Yonder}");
    struct guest *g = local_enters(hall);
    assert_ok(gate_told_rows(&g->visit, STR("there"), &rows, &count, &g->e), &g->e);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].came_with, 1);
    assert_int_equal(rows[0].replaced_by, 2);
    assert_int_equal(rows[1].came_with, 2);
    assert_int_equal(rows[1].replaced_by, 0);
    size_t at;
    assert_true(str_find(rows[0].canonical, STR("There"), &at));
    assert_true(str_find(rows[1].canonical, STR("Yonder"), &at));
    assert_int_equal(gate_told_rows(&g->visit, STR("ther"), &rows, &count, &g->e), FAIL_NOT_FOUND);
    leaves(g);
    g = stranger_enters(hall);
    assert_int_equal(gate_told_rows(&g->visit, STR("there"), &rows, &count, &g->e),
                     FAIL_ACCESS_DENIED);
    leaves(g);
}

/* Removes or replaces what is kept of a generation, as an older program or a hand would leave it. */
struct spoiling {
    uint64_t generation;
    const struct register_generation *with; /* NULL: removed */
};
static enum error_code spoil_apply(struct gate_turn *turn, void *self, struct error *e) {
    const struct spoiling *s = self;
    char key[16] = "reg/gen/";
    write_be64(key + 8, s->generation);
    turn->wrote = true;
    if (s->with != NULL) return register_generation_write(turn->engine, s->with, e);
    return engine_turn_delete(turn->engine, ENGINE_META, str_of(key, sizeof key), e);
}
static void spoils(struct hall *hall, struct spoiling s) {
    struct error e;
    struct gate_work work = {.apply = spoil_apply, .self = &s, .bytes = 4096};
    assert_ok(gate_submit(hall->gate, &work, &e), &e);
}

static void a_store_from_before_says_what_it_did_not_keep(void **state) {
    struct hall *hall = *state;
    struct error e = {0};
    char name[64];
    imports(hall, "name: {en: There, ja: 向こう}", "name: {en: Yonder}");
    spoils(hall, (struct spoiling){.generation = 1});
    struct listed l = list_of(hall);
    assert_int_equal(l.count, 2);
    assert_false(l.kept[0].is_recorded);
    assert_true(l.kept[1].is_recorded);
    assert_ok(name_at(hall, l.kept[1].imported_ns, name, &e), &e);
    assert_int_equal(name_at(hall, l.kept[1].imported_ns - 1, name, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "generations 1 to 1 were imported before times were kept"));
    spoils(hall, (struct spoiling){.generation = 2}); /* the head still tells of the newest */
    l = list_of(hall);
    assert_false(l.kept[1].is_recorded);
    assert_true(l.kept[1].imported_ns > 0 && l.kept[1].row_count > 0);
    assert_ok(name_at(hall, l.kept[1].imported_ns, name, &e), &e);
    assert_string_equal(name, "Yonder");
}

static void an_entry_about_something_else_is_noticed(void **state) {
    struct hall *hall = *state;
    struct error e = {0};
    char name[64];
    imports(hall, "name: {en: There, ja: 向こう}", "name: {en: Yonder}");
    struct listed l = list_of(hall);
    struct register_generation forged = l.kept[0];
    forged.origin = ledger_origin(hall->gate->ledger);
    forged.entry = l.kept[1].entry; /* of another digest */
    spoils(hall, (struct spoiling){.generation = 1, .with = &forged});
    assert_int_equal(name_at(hall, l.kept[0].imported_ns, name, &e), FAIL_CORRUPT);
    forged.entry = l.kept[1].entry + 1000; /* of none: the row alone speaks, its digest must hold */
    forged.sha256.at[0] ^= 1;
    spoils(hall, (struct spoiling){.generation = 1, .with = &forged});
    assert_int_equal(name_at(hall, l.kept[0].imported_ns, name, &e), FAIL_CORRUPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_day_has_its_register_and_its_entry, hall_open,
                                        hall_close),
        cmocka_unit_test_setup_teardown(an_id_shows_every_row_it_had, hall_open, hall_close),
        cmocka_unit_test_setup_teardown(a_store_from_before_says_what_it_did_not_keep, hall_open,
                                        hall_close),
        cmocka_unit_test_setup_teardown(an_entry_about_something_else_is_noticed, hall_open,
                                        hall_close),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
