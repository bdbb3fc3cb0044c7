/* Every sample cut at each byte, and with each byte changed: what stood before is read, what cannot be
 * is told with its place, and nothing that was whole becomes something else. */
#include "tests/inventory/samples.h"
#include "tests/test.h"

static unsigned char memory[1 << 21], problems_memory[1 << 16];
static struct told told, whole;

static enum error_code read_sample(const struct sample *s, str bytes,
                                   struct inventory_report *report, struct error *e) {
    struct arena arena = arena_over(problems_memory, sizeof problems_memory);
    struct inventory_sink sink = {told_server, &told};
    struct inventory_options options = {.format = s->format};
    told_begin(&told);
    return inventory_read(str_from_c(s->file), bytes, &options, &sink, &arena,
                          arena_over(memory, sizeof memory), report, e);
}

/* "file:12: …", or "file: …" where the whole file has nothing of what is wanted. */
static bool has_place(const struct sample *s, str problem) {
    str file = str_from_c(s->file), line;
    if (!str_starts(problem, file)) return false;
    str rest = str_skip(problem, file.len + 1);
    uint64_t number;
    if (str_starts(rest, STR(" expected "))) return true;
    return problem.at[file.len] == ':' && str_cut(&rest, ':', &line) && str_u64(line, &number) &&
           number > 0;
}

static void all_have_places(const struct sample *s, enum error_code code,
                            const struct inventory_report *report, const struct error *e) {
    assert_row(s->name, code == OK || code == FAIL_SYNTAX);
    if (code != OK && !has_place(s, str_from_c(e->message)))
        fail_msg("row \"%s\": %s", s->name, e->message);
    for (size_t i = 0; code == OK && i < report->problems.count; i++)
        if (!has_place(s, report->problems.at[i]))
            fail_msg("row \"%s\": %.*s", s->name, STR_FMT(report->problems.at[i]));
}

static void whole_read(const struct sample *s) {
    struct inventory_report report;
    struct error e;
    assert_ok(read_sample(s, s->bytes, &report, &e), &e);
    whole = told;
    whole.text.at = whole.at;
}

static bool is_text_format(const struct sample *s) {
    return s->format == INVENTORY_LIST || s->format == INVENTORY_ZONE ||
           s->format == INVENTORY_CSV || str_ends(str_from_c(s->file), STR(".jsonl")) ||
           str_ends(str_from_c(s->file), STR(".yaml")) ||
           (s->format == INVENTORY_ANSIBLE && !str_ends(str_from_c(s->file), STR(".json")));
}

/* The number of the line that was told last, and the space behind it. */
static str last_place(str told_lines) {
    str line, last = STR_EMPTY, place;
    while (str_cut(&told_lines, '\n', &line)) last = line;
    str rest = last;
    return str_cut(&rest, ' ', &place) ? str_slice(last, 0, place.len + 1) : last;
}

/* All lines of what was told but those of the file's last one are lines of the whole, in its order. */
static bool is_beginning(str cut, str all, bool but_last) {
    str line, last = last_place(cut);
    size_t at;
    while (str_cut(&cut, '\n', &line)) {
        if (but_last && str_starts(line, last)) return true;
        str found;
        do {
            if (!str_cut(&all, '\n', &found)) return false;
        } while (!str_equal(found, line));
    }
    return !str_find_char(cut, '\n', &at);
}

static void cut_anywhere_it_gives_what_stood_before_and_says_so(void **state) {
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *s = &samples[i];
        whole_read(s);
        for (size_t count = 0; count < s->bytes.len; count++) {
            struct inventory_report report = {0};
            struct error e;
            char *own = malloc(count + 1); /* its own, so that a byte too far is seen */
            memcpy(own, s->bytes.at, count);
            str bytes = str_of(own, count);
            enum error_code code = read_sample(s, bytes, &report, &e);
            all_have_places(s, code, &report, &e);
            bool is_line_end = count == 0 || own[count - 1] == '\n';
            bool is_told = code != OK || report.problems.total > 0;
            bool is_only_space = str_trim(str_skip(s->bytes, count)).len <= 1;
            if (!is_told && !(is_text_format(s) && is_line_end) && !is_only_space)
                fail_msg("row \"%s\": cut at byte %zu and nobody was told", s->name, count);
            if (!is_beginning(text_str(&told.text), text_str(&whole.text), is_text_format(s)))
                fail_msg("row \"%s\": cut at byte %zu it gives\n%.*s", s->name, count,
                         STR_FMT(text_str(&told.text)));
            free(own);
        }
    }
}

/* No change of one byte costs more than what stands behind it, and none ends the program. */
static void with_any_byte_changed_it_answers(void **state) {
    static const char others[] = {0, '\n', '"', '{', '}', ']', ',', '(', '\\', '9', 'x', '\xff'};
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *s = &samples[i];
        char *own = malloc(s->bytes.len);
        memcpy(own, s->bytes.at, s->bytes.len);
        for (size_t at = 0; at < s->bytes.len; at++) {
            for (size_t k = 0; k < COUNT_OF(others); k++) {
                struct inventory_report report = {0};
                struct error e;
                own[at] = others[k];
                all_have_places(s, read_sample(s, str_of(own, s->bytes.len), &report, &e), &report,
                                &e);
            }
            own[at] = s->bytes.at[at];
        }
        free(own);
    }
}

/* A scratch of any size gives FAIL_MEMORY, a problem, or the servers; nothing else. */
static void with_too_little_memory_it_says_so(void **state) {
    for (size_t i = 0; i < COUNT_OF(samples); i++) {
        const struct sample *s = &samples[i];
        for (size_t room = 0; room < 120000; room += 997) {
            struct arena arena = arena_over(problems_memory, sizeof problems_memory);
            struct inventory_sink sink = {told_server, &told};
            struct inventory_options options = {.format = s->format};
            struct inventory_report report;
            struct error e;
            told_begin(&told);
            enum error_code code = inventory_read(str_from_c(s->file), s->bytes, &options, &sink,
                                                  &arena, arena_over(memory, room), &report, &e);
            assert_row(s->name, code == OK || code == FAIL_MEMORY || code == FAIL_SYNTAX);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_anywhere_it_gives_what_stood_before_and_says_so),
        cmocka_unit_test(with_any_byte_changed_it_answers),
        cmocka_unit_test(with_too_little_memory_it_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
