/* The sample register of the invented power company: what the first hour, the demo and many tests
 * stand on. */
#include "register/register.h"
#include "tests/test.h"

static struct register_snapshot *sample;
static int64_t now;

static int open_sample(void **state) {
    char path[4096];
    struct register_report report;
    struct error e;
    const char *root = getenv("AZEKURA_SOURCE");
    assert_non_null(root);
    snprintf(path, sizeof path, "%s/examples/register", root);
    str paths[] = {str_from_c(path)};
    enum error_code code = register_load(paths, 1, &sample, &report, &e);
    for (size_t i = 0; i < report.problem_count; i++)
        print_error("%.*s\n", STR_FMT(report.problems[i].text));
    assert_int_equal(report.problem_count, 0); /* no warning either */
    register_report_release(&report);
    assert_ok(code, &e);
    assert_true(clock_iso_read(STR("2026-11-22"), &now));
    return 0;
}
static int close_sample(void **state) {
    register_release(sample);
    return 0;
}

static void every_kind_but_exceptions_and_lists_has_rows(void **state) {
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        size_t count;
        register_rows(sample, (enum register_kind)k, &count);
        assert_row(register_kind_of((enum register_kind)k)->key,
                   (count > 0) == (k != REGISTER_EXCEPTIONS && k != REGISTER_LISTS));
    }
}

static const struct {
    const char *bucket, *dataset, *class_, *sector;
} buckets[] = {
    {"medical-records", "patient-records", "critical", "medicine"},
    {"grid-telemetry", "smart-meter-readings", "important", "electricity"},
    {"test", "unclassified", "unclassified", "electricity"},
    {"restic", "unclassified", "unclassified", "electricity"},
    {"aoba-sample-railways-live", "train-positions", "important", "railways"},
    {"trains-live", "unclassified", "unclassified", "electricity"},
};

static void buckets_belong_where_scripts_expect_them(void **state) {
    for (size_t i = 0; i < COUNT_OF(buckets); i++) {
        str text;
        const struct register_row *row =
            register_bucket_dataset(sample, str_from_c(buckets[i].bucket), now);
        assert_row(buckets[i].bucket, row != NULL);
        assert_str(row->id, str_from_c(buckets[i].dataset));
        assert_true(register_text_at(row, STR("class"), now, &text));
        assert_str(text, str_from_c(buckets[i].class_));
        assert_true(register_text_at(row, STR("sector"), now, &text));
        assert_str(text, str_from_c(buckets[i].sector));
    }
}

static const char *const sectors[] = {"electricity",  "gas",        "water",    "finance",
                                      "aviation",     "airports",   "railways", "logistics",
                                      "medicine",     "government", "telecom",  "chemicals",
                                      "credit-cards", "petroleum",  "ports"};

static void every_field_has_an_operator_a_dataset_and_a_service(void **state) {
    static const enum register_kind kinds[] = {REGISTER_DATASETS, REGISTER_SERVICES};
    for (size_t i = 0; i < COUNT_OF(sectors); i++) {
        for (size_t k = 0; k < COUNT_OF(kinds); k++) {
            size_t cursor = 0, found = 0;
            const struct register_row *row;
            str sector;
            while ((row = register_row_next(sample, kinds[k], now, &cursor)) != NULL)
                found += register_text_at(row, STR("sector"), now, &sector) &&
                         str_equal(sector, str_from_c(sectors[i]));
            assert_row(sectors[i], found > 0);
        }
        size_t cursor = 0, found = 0;
        const struct register_row *row;
        while ((row = register_row_next(sample, REGISTER_OPERATORS, now, &cursor)) != NULL) {
            const struct register_value *v = register_value_find(&row->fields, STR("sectors"));
            assert_true(v->is_complete && v->count == 1);
            found += str_equal(v->texts[0], str_from_c(sectors[i]));
            assert_non_null(register_value_find(&row->fields, STR("name.ja")));
        }
        assert_row(sectors[i], found == 1);
    }
}

static void the_three_sites_are_as_scripts_expect_them(void **state) {
    static const char *const countries[][2] = {
        {"sendai", "JP"}, {"tokyo-foreign", "JP"}, {"oregon", "US"}};
    for (size_t i = 0; i < COUNT_OF(countries); i++) {
        str text;
        const struct register_row *row =
            register_row_at(sample, REGISTER_SITES, str_from_c(countries[i][0]), now);
        assert_row(countries[i][0], row != NULL);
        assert_true(register_text_at(row, STR("country"), now, &text));
        assert_str(text, str_from_c(countries[i][1]));
    }
}

static void the_machine_itself_lies_here(void **state) {
    static char memory[1 << 16];
    static const char *const addresses[] = {"127.0.0.1",   "::1",        "10.200.1.2",
                                            "192.168.0.9", "172.17.0.2", "169.254.3.4",
                                            "fe80::1",     "fd00::1"};
    struct arena arena = arena_over(memory, sizeof memory);
    struct geo_table table;
    struct error e;
    size_t count;
    assert_ok(register_networks(sample, now, &arena, &table, &e), &e);
    const struct register_row *rows = register_rows(sample, REGISTER_NETWORKS, &count);
    for (size_t i = 0; i < COUNT_OF(addresses); i++) {
        struct geo_address a;
        const struct geo_row *row;
        assert_true(geo_address_read(str_from_c(addresses[i]), &a));
        assert_row(addresses[i], geo_table_find(&table, &a, &row));
        const struct register_value *here =
            register_value_find(&rows[row->value].fields, STR("here"));
        assert_row(addresses[i], here != NULL && here->yes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_but_exceptions_and_lists_has_rows),
        cmocka_unit_test(buckets_belong_where_scripts_expect_them),
        cmocka_unit_test(every_field_has_an_operator_a_dataset_and_a_service),
        cmocka_unit_test(the_three_sites_are_as_scripts_expect_them),
        cmocka_unit_test(the_machine_itself_lies_here),
    };
    return cmocka_run_group_tests(tests, open_sample, close_sample);
}
