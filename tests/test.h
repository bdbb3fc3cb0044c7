/* What every test file needs: cmocka with its headers in the order it wants, and small words of ours. */
#ifndef AZEKURA_TESTS_TEST_H
#define AZEKURA_TESTS_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

/* A failing row of a table says which one it was. */
#define assert_row(name, condition)                                                                \
    do {                                                                                           \
        if (!(condition)) fail_msg("row \"%s\": %s", (name), #condition);                          \
    } while (0)

#define assert_str(actual, expected)                                                               \
    do {                                                                                           \
        str actual_ = (actual), expected_ = (expected);                                            \
        if (!str_equal(actual_, expected_))                                                        \
            fail_msg("got \"%.*s\", expected \"%.*s\"", STR_FMT(actual_), STR_FMT(expected_));     \
    } while (0)

#define assert_ok(code, e)                                                                         \
    do {                                                                                           \
        char text_[1024];                                                                          \
        if ((code) != OK) fail_msg("%s: %s", #code, error_text((e), text_, sizeof text_));         \
    } while (0)

#endif
