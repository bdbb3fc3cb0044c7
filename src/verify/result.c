/* Collecting and saying what a check found. */
#include "verify/result.h"

#include <stdarg.h>

static str format_into(struct verify_result *result, const char *format, va_list values) {
    va_list again;
    va_copy(again, values);
    int length = vsnprintf(NULL, 0, format, values);
    char *at = length < 0 ? NULL : arena_bytes(result->arena, (size_t)length + 1);
    if (at) {
        vsnprintf(at, (size_t)length + 1, format, again);
    } else {
        result->cut = true;
        length = 0;
    }
    va_end(again);
    return str_of(at, (size_t)length);
}

void verify_item(struct verify_result *result, const char *name, const char *format, ...) {
    if (result->item_count == VERIFY_ITEMS_MAX) {
        result->cut = true;
        return;
    }
    va_list values;
    va_start(values, format);
    result->items[result->item_count++] =
        (struct verify_item){.name = name, .value = format_into(result, format, values)};
    va_end(values);
}

void verify_finding(struct verify_result *result, const char *format, ...) {
    uint64_t number = result->finding_count++;
    if (number >= VERIFY_FINDINGS_SHOWN) return;
    va_list values;
    va_start(values, format);
    result->findings[number] = format_into(result, format, values);
    va_end(values);
}

static const struct {
    enum verify_limit limit;
    const char *text;
} limit_texts[] = {
    {VERIFY_LIMIT_ALONE, "that nobody was shown another history: no witness has cosigned, so the "
                         "operator could keep a second log for other eyes"},
    {VERIFY_LIMIT_WITNESSED, "that witnesses read the entries: their signatures say only that no "
                             "other history was shown to them by the times given"},
    {VERIFY_LIMIT_AGE, "anything that happened after this checkpoint was signed"},
    {VERIFY_LIMIT_FACTS, "that a declared fact is true: the entry says what was decided on which "
                         "facts, not that they were right"},
    {VERIFY_LIMIT_COPIES, "that no other copy of the data exists elsewhere"},
    {VERIFY_LIMIT_ROOT, "that nobody with full rights on the machine went round the program"},
    {VERIFY_LIMIT_HIDDEN, "fields that were not opened: they stay commitments"},
    {VERIFY_LIMIT_NAMES, "the names marked \"not shown\": whoever made the file says them, the log "
                         "does not"},
    {VERIFY_LIMIT_REDACTED, "acts whose openings were destroyed: the ledger says so, and that they "
                            "were acts, but not on which objects"},
    {VERIFY_LIMIT_SUCCESSION,
     "what stood in the entries that were lost, nor that they were lost by accident: how far an "
     "earlier log went is the word of the log that names it, from the time that one was signed"},
    {VERIFY_LIMIT_LISTING, "that the listing names everything on the disks: it is what the store "
                           "says it holds"},
    {VERIFY_LIMIT_BODIES,
     "that the stored bytes are the ones recorded: no bodies were handed over"},
    {VERIFY_LIMIT_RULES,
     "that the rulebook files are those that were decided by: entries name one digest over all "
     "adopted rules as they read and who adopted them, and no file. azekura assess --format json "
     "makes it again from the files and the register (\"rules\")"},
    {VERIFY_LIMIT_FILES,
     "that no rulebook file was changed, added or taken away since the export, but for those that "
     "an issuer signed: neither the log nor the listing names them"},
    {VERIFY_LIMIT_TIMES, "that the round trips were as long as the landmark says, nor that it "
                         "stands where it says beyond "
                         "what the peers that cosigned saw: a slow answer proves nothing"},
    {VERIFY_LIMIT_FIBRE,
     "a bound for links by radio or hollow fibre, which reach half as far again"},
    {VERIFY_LIMIT_CIPHER,
     "what encrypted bytes say: they are the bytes recorded, but the digest of "
     "the plaintext is the store's word"},
};

static void text_print(const struct verify_result *r, const struct error *failed, bool holds,
                       FILE *out) {
    if (r->signed_by.len > 0) fprintf(out, "%.*s\n", STR_FMT(r->signed_by));
    fprintf(out, "%s\n", holds ? "verified" : "NOT VERIFIED");
    char text[1024];
    if (failed) fprintf(out, "  because: %s\n", error_text(failed, text, sizeof text));
    for (size_t i = 0; i < r->finding_count && i < VERIFY_FINDINGS_SHOWN; i++)
        fprintf(out, "  found: %.*s\n", STR_FMT(r->findings[i]));
    if (r->finding_count > VERIFY_FINDINGS_SHOWN)
        fprintf(out, "  found: %llu more\n",
                (unsigned long long)(r->finding_count - VERIFY_FINDINGS_SHOWN));
    if (r->cut) fprintf(out, "  because: there was no room for the whole result\n");
    if (!holds && r->item_count > 0)
        fprintf(out, "seen before that, and worth nothing without it\n");
    for (size_t i = 0; i < r->item_count; i++)
        fprintf(out, "  %s: %.*s\n", r->items[i].name, STR_FMT(r->items[i].value));
    if (!holds) return;
    if (r->more.print) r->more.print(r->more.self, false, out);
    if (r->limits == 0) return;
    fprintf(out, "this does not show\n");
    for (size_t i = 0; i < COUNT_OF(limit_texts); i++) {
        if (r->limits & limit_texts[i].limit) fprintf(out, "  - %s\n", limit_texts[i].text);
    }
}

/* A JSON string, whatever its length, in pieces that do not cut a UTF-8 sequence. */
void verify_json_string(str s, FILE *out) {
    char piece[6 * 256 + 2];
    fputc('"', out);
    while (s.len > 0) {
        size_t count = size_min(s.len, 250);
        while (count < s.len && ((unsigned char)s.at[count] & 0xC0) == 0x80 && count < 256) count++;
        struct text t = text_into(piece, sizeof piece);
        text_add_json(&t, str_slice(s, 0, count));
        s = str_skip(s, count);
        fwrite(piece + 1, 1, t.len - 2, out);
    }
    fputc('"', out);
}

static void json_print(const struct verify_result *r, const struct error *failed, bool holds,
                       FILE *out) {
    char text[1024];
    fprintf(out, "{\"verified\":%s,\"signed_by\":", holds ? "true" : "false");
    verify_json_string(r->signed_by, out);
    fprintf(out, ",\"error\":");
    if (failed) {
        verify_json_string(str_from_c(error_text(failed, text, sizeof text)), out);
    } else {
        fprintf(out, r->cut ? "\"there was no room for the whole result\"" : "null");
    }
    fprintf(out, ",\"finding_count\":%llu,\"findings\":[", (unsigned long long)r->finding_count);
    for (size_t i = 0; i < r->finding_count && i < VERIFY_FINDINGS_SHOWN; i++) {
        if (i > 0) fputc(',', out);
        verify_json_string(r->findings[i], out);
    }
    fprintf(out, "],\"items\":[");
    for (size_t i = 0; i < r->item_count; i++) {
        fprintf(out, "%s{\"name\":", i > 0 ? "," : "");
        verify_json_string(str_from_c(r->items[i].name), out);
        fprintf(out, ",\"value\":");
        verify_json_string(r->items[i].value, out);
        fputc('}', out);
    }
    fprintf(out, "],\"does_not_show\":[");
    bool first = true;
    for (size_t i = 0; i < COUNT_OF(limit_texts); i++) {
        if (!holds || !(r->limits & limit_texts[i].limit)) continue;
        if (!first) fputc(',', out);
        verify_json_string(str_from_c(limit_texts[i].text), out);
        first = false;
    }
    fputc(']', out);
    if (holds && r->more.print) r->more.print(r->more.self, true, out);
    fprintf(out, "}\n");
}

bool verify_result_print(const struct verify_result *result, const struct error *failed, bool json,
                         FILE *out) {
    bool holds = !failed && result->finding_count == 0 && !result->cut;
    if (json) {
        json_print(result, failed, holds, out);
    } else {
        text_print(result, failed, holds, out);
    }
    return holds;
}
