/* The round trip by two clocks: whatever is done to the one that can be set while a datagram is on its way, no way gets
 * shorter by it. */
#include "landmark/inner.h"
#include "tests/test.h"

enum { US = 1000, MS = 1000000 };

static const struct {
    const char *name;
    int64_t raw_ns;     /* on the way and back, until it was read */
    int64_t wall_ns;    /* the same by the wall clock */
    int64_t stamped_ns; /* when the kernel took it, by the wall clock; INT64_MIN: not said */
    int64_t is_ns;
} cases[] = {
    {"the kernel's stamp, without the waiting for a core", 5 * MS, 5 * MS, 3 * MS, 3 * MS},
    {"no stamp", 5 * MS, 5 * MS, INT64_MIN, 5 * MS},
    {"clocks that went apart by some microseconds", 5 * MS, 5 * MS + 20 * US, 3 * MS, 3 * MS},
    {"a little more than that", 5 * MS, 5 * MS + 20 * US + 1, 3 * MS, 5 * MS},
    {"set forward by an hour before the stamp", 5 * MS, 3600 * NS_PER_S + 5 * MS,
     3600 * NS_PER_S + 3 * MS, 5 * MS},
    {"set forward by an hour after the stamp", 5 * MS, 3600 * NS_PER_S + 5 * MS, 3 * MS, 5 * MS},
    {"set back by an hour before the stamp", 5 * MS, -3600 * NS_PER_S + 5 * MS,
     -3600 * NS_PER_S + 3 * MS, 5 * MS},
    {"set back by an hour after the stamp", 5 * MS, -3600 * NS_PER_S + 5 * MS, 3 * MS, 5 * MS},
    {"set back by a millisecond, which would bound it 100 km nearer", 5 * MS, 4 * MS, 2 * MS,
     5 * MS},
    {"set back and forward again around the stamp", 5 * MS, 5 * MS, -3600 * NS_PER_S, 5 * MS},
    {"set forward and back again around the stamp", 5 * MS, 5 * MS, 3600 * NS_PER_S, 5 * MS},
};

static void a_clock_that_is_set_shortens_no_round_trip(void **state) {
    static struct landmark_datagram d;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct landmark_moment sent = {7 * NS_PER_S, 1700000000 * NS_PER_S};
        d.at = (struct landmark_moment){sent.raw_ns + cases[i].raw_ns,
                                        sent.wall_ns + cases[i].wall_ns};
        d.stamped_wall_ns =
            cases[i].stamped_ns == INT64_MIN ? 0 : sent.wall_ns + cases[i].stamped_ns;
        assert_row(cases[i].name, landmark_rtt_ns(&sent, &d) == cases[i].is_ns);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_that_is_set_shortens_no_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
