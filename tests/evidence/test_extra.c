/* The extra of a proof: what it claims is shown, or refused; names without a path are only said. */
#include "tests/evidence/sample.h"

enum { ENTRIES = 5 };

/* A log of five entries: two codes, the act, two more codes. */
struct world {
    char bytes[ENTRIES][LIMIT_ENTRY_BYTES];
    str entries[ENTRIES];
    digest leaves[ENTRIES], root;
    struct tlog_path paths[ENTRIES];
    struct evidence_open opens[2];
    struct evidence_name names[2];
    struct evidence_extra extra;
};

static void code_row(struct world *w, size_t at, enum evidence_code_kind kind, uint32_t code,
                     str text) {
    struct error e;
    struct evidence_entry row = {.type = EVIDENCE_CODE_ROW,
                                 .minute = 29866666,
                                 .code_kind = kind,
                                 .code = code,
                                 .code_text = text};
    assert_ok(evidence_entry_encode(&row, w->bytes[at], LIMIT_ENTRY_BYTES, &w->entries[at], &e),
              &e);
}

static void world_make(struct world *w) {
    struct error e;
    code_row(w, 0, EVIDENCE_CODE_CLAUSE, 7, STR("aoba-own/keep.at-home"));
    code_row(w, 1, EVIDENCE_CODE_SECTOR, 3, STR("electricity"));
    struct evidence_entry put = sample_entry();
    assert_ok(evidence_entry_encode(&put, w->bytes[2], LIMIT_ENTRY_BYTES, &w->entries[2], &e), &e);
    code_row(w, 3, EVIDENCE_CODE_CLAUSE, 70000, STR("jp-guideline-2019/data.at-home"));
    code_row(w, 4, EVIDENCE_CODE_CLAUSE, 7, STR("another text for the same code"));
    for (size_t i = 0; i < ENTRIES; i++) w->leaves[i] = tlog_leaf_hash(w->entries[i]);
    w->root = tlog_root_of(w->leaves, ENTRIES);
    for (size_t i = 0; i < ENTRIES; i++) tlog_path_of(w->leaves, ENTRIES, i, &w->paths[i]);

    struct evidence_salt osalt = sample_osalt();
    struct evidence_values values = sample_values();
    assert_ok(evidence_open_make(EVIDENCE_PUT, &osalt, &values, EVIDENCE_BUCKET, &w->opens[0], &e),
              &e);
    assert_ok(evidence_open_make(EVIDENCE_PUT, &osalt, &values, EVIDENCE_KEY, &w->opens[1], &e),
              &e);
    w->names[0] = (struct evidence_name){w->entries[0], 0, w->paths[0].at, w->paths[0].count};
    w->names[1] = (struct evidence_name){w->entries[3], 3, w->paths[3].at, w->paths[3].count};
    w->extra = (struct evidence_extra){w->entries[2], w->opens, 2, w->names, 2, NULL, 0};
}

static enum error_code check(const struct world *w, const struct evidence_extra *extra,
                             size_t *shown, struct error *e) {
    static _Alignas(16) char memory[65536];
    struct arena arena = arena_over(memory, sizeof memory);
    struct evidence_entry entry;
    return evidence_extra_check(extra, ENTRIES, &w->root, &arena, &entry, shown, e);
}

static void there_and_back(void **state) {
    static struct world w;
    static _Alignas(16) char memory[65536];
    static char out[65536], again[65536];
    struct error e;
    world_make(&w);
    str bytes, bytes_again, text;
    assert_ok(evidence_extra_encode(&w.extra, out, sizeof out, &bytes, &e), &e);
    struct arena arena = arena_over(memory, sizeof memory);
    struct evidence_extra read;
    assert_ok(evidence_extra_decode(bytes, &arena, &read, &e), &e);
    assert_ok(evidence_extra_encode(&read, again, sizeof again, &bytes_again, &e), &e);
    assert_true(str_equal(bytes, bytes_again));
    size_t shown;
    assert_ok(check(&w, &read, &shown, &e), &e);
    assert_int_equal(shown, 2);
    assert_true(evidence_name_find(&read, EVIDENCE_CODE_CLAUSE, 70000, arena, &text));
    assert_str(text, STR("jp-guideline-2019/data.at-home"));
    assert_false(evidence_name_find(&read, EVIDENCE_CODE_SECTOR, 70000, arena, &text));
    assert_false(evidence_name_find(&read, EVIDENCE_CODE_SECTOR, 3, arena, &text));

    for (size_t cut = 0; cut < bytes.len; cut++) {
        arena = arena_over(memory, sizeof memory);
        assert_int_not_equal(evidence_extra_decode(str_of(out, cut), &arena, &read, &e), OK);
    }
    out[bytes.len] = 0;
    arena = arena_over(memory, sizeof memory);
    assert_int_equal(evidence_extra_decode(str_of(out, bytes.len + 1), &arena, &read, &e),
                     FAIL_CORRUPT);
    out[4] = 3;
    assert_int_equal(evidence_extra_decode(bytes, &arena, &read, &e), FAIL_VERSION);
}

/* One flipped bit anywhere: it does not decode, or the check fails, or it changed the entry itself
 * (whose inclusion the proof file shows, not the extra). */
static void every_flipped_bit_is_seen(void **state) {
    static struct world w;
    static _Alignas(16) char memory[65536];
    static char out[65536];
    struct error e;
    world_make(&w);
    str bytes;
    assert_ok(evidence_extra_encode(&w.extra, out, sizeof out, &bytes, &e), &e);
    for (size_t bit = 0; bit < 8 * bytes.len; bit++) {
        out[bit / 8] = (char)(out[bit / 8] ^ 1 << bit % 8);
        struct arena arena = arena_over(memory, sizeof memory);
        struct evidence_extra read;
        size_t shown;
        if (evidence_extra_decode(bytes, &arena, &read, &e) == OK &&
            check(&w, &read, &shown, &e) == OK)
            assert_false(str_equal(read.entry, w.entries[2]));
        out[bit / 8] = (char)(out[bit / 8] ^ 1 << bit % 8);
    }
}

static void names_are_shown_or_only_said(void **state) {
    static struct world w;
    struct error e;
    size_t shown;
    world_make(&w);
    w.names[0].path_count = 0;
    assert_ok(check(&w, &w.extra, &shown, &e), &e);
    assert_int_equal(shown, 1);

    world_make(&w);
    w.names[0].index = 1; /* a code of this log, claimed to lie elsewhere */
    assert_int_equal(check(&w, &w.extra, &shown, &e), FAIL_PROOF);
    world_make(&w);
    w.names[1].index = ENTRIES;
    assert_int_equal(check(&w, &w.extra, &shown, &e), FAIL_PROOF);
    world_make(&w);
    w.names[1] = (struct evidence_name){w.entries[2], 2, w.paths[2].at, w.paths[2].count};
    assert_int_equal(check(&w, &w.extra, &shown, &e), FAIL_PROOF); /* not a code at all */
    world_make(&w);
    w.names[1] = (struct evidence_name){w.entries[4], 4, w.paths[4].at, w.paths[4].count};
    assert_int_equal(check(&w, &w.extra, &shown, &e), FAIL_PROOF); /* a code with two names */
    world_make(&w);
    w.opens[1].value = STR("2026/11/21/feeder-8.json");
    assert_int_equal(check(&w, &w.extra, &shown, &e), FAIL_PROOF);
}

static void order_is_part_of_the_format(void **state) {
    static struct world w;
    static char out[65536];
    struct error e;
    str bytes;
    world_make(&w);
    struct evidence_open open = w.opens[0];
    w.opens[0] = w.opens[1], w.opens[1] = open;
    assert_int_equal(evidence_extra_encode(&w.extra, out, sizeof out, &bytes, &e), FAIL_USAGE);
    world_make(&w);
    w.names[1] = w.names[0];
    assert_int_equal(evidence_extra_encode(&w.extra, out, sizeof out, &bytes, &e), FAIL_USAGE);
    world_make(&w);
    assert_int_equal(evidence_extra_encode(&w.extra, out, 100, &bytes, &e), FAIL_LIMIT);
    w.extra.name_count = EVIDENCE_NAMES_MAX + 1;
    assert_int_equal(evidence_extra_encode(&w.extra, out, sizeof out, &bytes, &e), FAIL_LIMIT);
}

/* ---- steps: an entry of a log that was succeeded, twice over */

struct steps {
    struct world w; /* the oldest log */
    char bytes[2][LIMIT_ENTRY_BYTES];
    struct evidence_step steps[2];
    struct evidence_extra extra;
};

/* The newest log's entry names a log of one entry, and that names the world's. */
static void steps_make(struct steps *s) {
    struct error e;
    str entries[2];
    world_make(&s->w);
    struct evidence_entry names_world = {.type = EVIDENCE_SUCCESSION,
                                         .minute = 29866666,
                                         .prior_origin = STR("a.b"),
                                         .known_size = 9,
                                         .left_size = ENTRIES,
                                         .left_root = s->w.root};
    assert_ok(evidence_entry_encode(&names_world, s->bytes[1], LIMIT_ENTRY_BYTES, &entries[1], &e),
              &e);
    struct evidence_entry newest = {.type = EVIDENCE_SUCCESSION,
                                    .minute = 29866667,
                                    .prior_origin = STR("a.b/2"),
                                    .known_size = 1,
                                    .left_size = 1,
                                    .left_root = tlog_leaf_hash(entries[1])};
    assert_ok(evidence_entry_encode(&newest, s->bytes[0], LIMIT_ENTRY_BYTES, &entries[0], &e), &e);
    s->steps[0] = (struct evidence_step){.entry = entries[0], .index = 0};
    s->steps[1] = (struct evidence_step){entries[1], 2, s->w.paths[2].at, s->w.paths[2].count};
    s->extra = s->w.extra;
    s->extra.steps = s->steps;
    s->extra.step_count = 2;
}

static enum error_code steps_check(const struct evidence_extra *extra, struct error *e) {
    static _Alignas(16) char memory[65536];
    for (size_t i = 0; i < extra->step_count; i++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct evidence_entry entry;
        TRY(evidence_step_check(extra, i, &arena, &entry, e));
    }
    return OK;
}

static void steps_there_and_back(void **state) {
    static struct steps s;
    static char out[65536], again[65536];
    static _Alignas(16) char memory[65536];
    struct error e;
    str bytes, bytes_again;
    steps_make(&s);
    assert_ok(evidence_extra_encode(&s.extra, out, sizeof out, &bytes, &e), &e);
    assert_int_equal(bytes.at[4], 2);
    struct evidence_extra read;
    struct arena arena = arena_over(memory, sizeof memory);
    assert_ok(evidence_extra_decode(bytes, &arena, &read, &e), &e);
    assert_ok(evidence_extra_encode(&read, again, sizeof again, &bytes_again, &e), &e);
    assert_str(bytes, bytes_again);
    assert_str(evidence_extra_leaf(&read), s.steps[0].entry);
    assert_ok(steps_check(&read, &e), &e);
    size_t shown;
    assert_ok(check(&s.w, &read, &shown, &e), &e); /* fields and names, in the oldest log's tree */
    assert_int_equal(shown, 2);
    for (size_t cut = 0; cut < bytes.len; cut++) {
        arena = arena_over(memory, sizeof memory);
        assert_int_not_equal(evidence_extra_decode(str_of(out, cut), &arena, &read, &e), OK);
    }
    out[5] = 0; /* format 2 is for proofs with steps: one spelling */
    arena = arena_over(memory, sizeof memory);
    assert_int_equal(evidence_extra_decode(bytes, &arena, &read, &e), FAIL_CORRUPT);
}

static void steps_that_lead_nowhere(void **state) {
    static struct steps s;
    struct error e;
    steps_make(&s);
    s.steps[1].index = 1; /* another entry's place */
    assert_int_equal(steps_check(&s.extra, &e), FAIL_PROOF);
    steps_make(&s);
    s.steps[1].index = ENTRIES; /* beyond what is left */
    assert_int_equal(steps_check(&s.extra, &e), FAIL_PROOF);
    steps_make(&s);
    s.extra.entry = s.w.entries[3]; /* an entry that is elsewhere in that log */
    assert_int_equal(steps_check(&s.extra, &e), FAIL_PROOF);
    steps_make(&s);
    s.steps[0].entry = s.w.entries[2]; /* an entry that names no log */
    assert_int_equal(steps_check(&s.extra, &e), FAIL_PROOF);
    steps_make(&s);
    s.steps[1] = s.steps[0]; /* the same step twice */
    assert_int_equal(steps_check(&s.extra, &e), FAIL_PROOF);
    steps_make(&s);
    s.extra.step_count = EVIDENCE_STEPS_MAX + 1;
    static char out[65536];
    str bytes;
    assert_int_equal(evidence_extra_encode(&s.extra, out, sizeof out, &bytes, &e), FAIL_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_there_and_back),
        cmocka_unit_test(steps_that_lead_nowhere),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(every_flipped_bit_is_seen),
        cmocka_unit_test(names_are_shown_or_only_said),
        cmocka_unit_test(order_is_part_of_the_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
