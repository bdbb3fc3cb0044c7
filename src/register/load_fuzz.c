/* Any bytes as a register file, YAML, CSV or JSON: it must answer, and what it takes must say the same
 * once more when its canonical rows are read back. */
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
        register_release(s);
    } else {
        assert(e.message[0] != 0);
        assert(report.error_count > 0 || e.code != FAIL_SYNTAX);
    }
    register_report_release(&report);
    return 0;
}
