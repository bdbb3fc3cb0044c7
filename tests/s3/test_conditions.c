/* Preconditions of reads, in the order of RFC 9110 section 13.2.2. */
#include "s3/conditions.h"
#include "tests/test.h"

#define TAG    "\"0123456789abcdef0123456789abcdef\""
#define OTHER  "\"ffffffffffffffffffffffffffffffff\""
#define THEN   "Sat, 21 Nov 2026 08:09:10 GMT" /* when it was written */
#define LATER  "Sat, 21 Nov 2026 08:09:11 GMT"
#define SOONER "Sat, 21 Nov 2026 08:09:09 GMT"

static const struct {
    const char *name, *match, *none, *since, *unsince;
    enum error_code code;
} cases[] = {
    {"nothing asked", "", "", "", "", OK},
    {"match", TAG, "", "", "", OK},
    {"match without quotes", "0123456789abcdef0123456789abcdef", "", "", "", OK},
    {"match any", "*", "", "", "", OK},
    {"match one of a list", OTHER ", " TAG, "", "", "", OK},
    {"match another", OTHER, "", "", "", FAIL_PRECONDITION},
    {"match nonsense", "nonsense", "", "", "", FAIL_PRECONDITION},
    {"none match", "", TAG, "", "", FAIL_NOT_MODIFIED},
    {"none match, weak", "", "W/" TAG, "", "", FAIL_NOT_MODIFIED},
    {"none match any", "", "*", "", "", FAIL_NOT_MODIFIED},
    {"none match another", "", OTHER, "", "", OK},
    {"modified since sooner", "", "", SOONER, "", OK},
    {"modified since then", "", "", THEN, "", FAIL_NOT_MODIFIED},
    {"modified since later", "", "", LATER, "", FAIL_NOT_MODIFIED},
    {"modified since no date", "", "", "yesterday", "", OK},
    {"unmodified since sooner", "", "", "", SOONER, FAIL_PRECONDITION},
    {"unmodified since then", "", "", "", THEN, OK},
    {"a match outweighs unmodified-since", TAG, "", "", SOONER, OK},
    {"a none-match outweighs modified-since", "", OTHER, LATER, "", OK},
    {"a failed match comes first", OTHER, TAG, "", "", FAIL_PRECONDITION},
};

static void conditions_are_judged_in_order(void **state) {
    struct store_version version = {0};
    assert_true(s3_etag_read(str_from_c(TAG), &version.etag));
    assert_true(clock_http_read(str_from_c(THEN), &version.modified_ns));
    version.modified_ns += 999999999; /* HTTP dates have whole seconds */
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct s3_conditions conditions = {str_from_c(cases[i].match), str_from_c(cases[i].none),
                                           str_from_c(cases[i].since),
                                           str_from_c(cases[i].unsince)};
        struct error e;
        assert_row(cases[i].name, s3_conditions_judge(&conditions, &version, &e) == cases[i].code);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(conditions_are_judged_in_order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
