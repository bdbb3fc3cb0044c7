/* Versions, one a line. */
#include "verify/listed.h"

#include "verify/result.h"

static const char *const decisions[] = {"allowed", "warned", "refused"};

static void text_line(const struct verify_listed *l, const char *minute, FILE *out) {
    const struct evidence_listing_row *row = l->row;
    char memory[2 * EVIDENCE_VALUE_BYTES];
    struct text t = text_into(memory, sizeof memory);
    evidence_value_write(EVIDENCE_BUCKET, row->bucket, &t);
    text_add_char(&t, '/');
    evidence_value_write(EVIDENCE_KEY, row->key, &t);
    text_add(&t, STR(" version "));
    evidence_value_write(EVIDENCE_VERSION, row->version, &t);
    fprintf(out, "  %.*s: ", STR_FMT(text_str(&t)));
    if (row->kind == EVIDENCE_LISTED_VERSION) {
        char hex[2 * DIGEST_BYTES];
        hex_write(row->content.at, DIGEST_BYTES, hex);
        fprintf(out, "%llu bytes, sha256 %.*s, ", (unsigned long long)row->bytes, (int)sizeof hex,
                hex);
    }
    fprintf(out, "%s, %s, entry %llu of %.*s at %s\n", evidence_type_name(l->entry->type),
            decisions[l->entry->decision], (unsigned long long)l->index, STR_FMT(l->origin),
            minute);
}

static void json_object(const struct verify_listed *l, const char *minute, FILE *out) {
    const struct evidence_listing_row *row = l->row;
    const struct {
        const char *name;
        str value;
    } texts[] = {{"bucket", row->bucket},
                 {"key", row->key},
                 {"version", row->version},
                 {"log", l->origin},
                 {"type", str_from_c(evidence_type_name(l->entry->type))},
                 {"decision", str_from_c(decisions[l->entry->decision])},
                 {"minute", str_from_c(minute)}};
    fprintf(out, "%s{\"index\":%llu", l->is_first ? "" : ",", (unsigned long long)l->index);
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        fprintf(out, ",\"%s\":", texts[i].name);
        verify_json_string(texts[i].value, out);
    }
    if (row->kind == EVIDENCE_LISTED_VERSION) {
        char hex[2 * DIGEST_BYTES];
        hex_write(row->content.at, DIGEST_BYTES, hex);
        fprintf(out, ",\"size\":%llu,\"digest\":\"%.*s\"", (unsigned long long)row->bytes,
                (int)sizeof hex, hex);
    }
    fputc('}', out);
}

void verify_listed_write(const struct verify_listed *listed, bool json, FILE *out) {
    char minute[CLOCK_TEXT_BYTES];
    clock_iso_s_write((int64_t)listed->entry->minute * 60 * NS_PER_S, minute);
    if (json)
        json_object(listed, minute, out);
    else
        text_line(listed, minute, out);
}
