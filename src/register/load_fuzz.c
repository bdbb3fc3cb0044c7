/* Any bytes as a register file, YAML, CSV or JSON: it must answer, and what it takes must say the same
 * once more when its canonical rows are read back. A bucket of a dataset's patterns belongs to that dataset,
 * and at any moment at which the register changes its networks make a table. */
#include "register/register.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

/* One file a kind out of the canonical rows. */
static void read_again(const struct register_snapshot *s) {
    static char memory[1 << 22];
    struct text t = text_into(memory, sizeof memory);
    text_add_char(&t, '{');
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        size_t row_count;
        int64_t as_of_ns;
        const struct register_row *rows = register_rows(s, (enum register_kind)k, &row_count);
        if (register_is_complete(s, (enum register_kind)k, &as_of_ns)) return;
        text_format(&t, "%s\"%s\":[", k > 0 ? "," : "",
                    register_kind_of((enum register_kind)k)->key);
        for (size_t i = 0; i < row_count; i++) {
            text_add_c(&t, i > 0 ? "," : "");
            text_add(&t, rows[i].canonical);
        }
        text_add_char(&t, ']');
    }
    text_add_char(&t, '}');
    if (t.overflow) return;
    struct register_text again_text = {STR("again.yaml"), text_str(&t)};
    struct register_snapshot *again;
    struct error e;
    enum error_code code = register_load_texts(&again_text, 1, &again, NULL, &e);
    assert(code == OK);
    digest before = register_digest(s), after = register_digest(again);
    assert(digest_equal(&before, &after));
    register_release(again);
}

/* A name that a pattern matches: each * stands for "x-y". */
static str name_of(str pattern, char memory[4 * LIMIT_BUCKET_NAME_BYTES]) {
    struct text t = text_into(memory, 4 * LIMIT_BUCKET_NAME_BYTES);
    for (size_t i = 0; i < pattern.len; i++)
        text_add(&t, pattern.at[i] == '*' ? STR("x-y") : str_slice(pattern, i, 1));
    return text_str(&t);
}

static void buckets_belong(const struct register_snapshot *s) {
    size_t count;
    const struct register_row *rows = register_rows(s, REGISTER_DATASETS, &count);
    for (size_t i = 0; i < count; i++) {
        const struct register_value *buckets = register_value_find(&rows[i].fields, STR("buckets"));
        if (buckets == NULL || buckets->state != REGISTER_KNOWN) continue;
        for (size_t b = 0; b < buckets->count; b++) {
            char memory[4 * LIMIT_BUCKET_NAME_BYTES];
            str name = name_of(buckets->texts[b], memory);
            assert(register_bucket_dataset(s, name, rows[i].valid_from_ns) == &rows[i]);
        }
    }
}

static void networks_make_tables(const struct register_snapshot *s) {
    static char memory[1 << 22];
    int64_t at_ns = REGISTER_ALWAYS_NS;
    for (int moments = 0; moments < 16 && at_ns != REGISTER_NEVER_NS; moments++) {
        struct arena arena = arena_over(memory, sizeof memory);
        struct geo_table table;
        struct error e;
        enum error_code code = register_networks(s, at_ns, &arena, &table, &e);
        assert(code == OK || code == FAIL_MEMORY);
        at_ns = register_next_change_ns(s, at_ns);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static const char *const names[] = {"a.yaml", "sites.csv", "datasets.csv", "networks.csv"};
    if (count == 0) return 0;
    struct register_text text = {bytes[0] >= 0xc0 ? STR("a.json")
                                                  : str_from_c(names[bytes[0] % COUNT_OF(names)]),
                                 str_of(bytes + 1, count - 1)};
    struct register_snapshot *s;
    struct register_report report;
    struct error e;
    if (register_load_texts(&text, 1, &s, &report, &e) == OK) {
        read_again(s);
        buckets_belong(s);
        networks_make_tables(s);
        register_release(s);
    } else {
        assert(e.message[0] != 0);
        assert(report.error_count > 0 || e.code != FAIL_SYNTAX);
    }
    register_report_release(&report);
    return 0;
}
