/* Any bytes as an opening: what is read writes the same bytes again, belongs to the entry that
 * committed to it and to no other, and each of its fields can be shown alone. */
#include "evidence/evidence.h"

#include <stdlib.h>

#define HOLDS(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) abort();                                                                 \
    } while (0)

static void is_plain_text(enum evidence_field field, str value) {
    static char memory[4 * EVIDENCE_OPENING_BYTES + 64];
    struct text out = text_into(memory, sizeof memory);
    evidence_value_write(field, value, &out);
    HOLDS(!out.overflow && str_is_utf8(text_str(&out)));
    HOLDS(out.len > 0 || value.len == 0);
    for (size_t i = 0; i < out.len; i++)
        HOLDS((unsigned char)out.at[i] >= 0x20 && out.at[i] != 127);
}

static void shown_alone(const struct evidence_entry *entry, const struct evidence_opening *opening,
                        enum evidence_field field) {
    struct evidence_open open;
    enum evidence_field found;
    HOLDS(evidence_field_find(str_from_c(evidence_field_name(field)), &found) && found == field);
    HOLDS(evidence_open_make(opening->type, &opening->osalt, &opening->values, field, &open,
                             NULL) == OK);
    HOLDS(evidence_open_check(entry, &open, NULL) == OK);
    open.salt.at[0] ^= 1;
    HOLDS(evidence_open_check(entry, &open, NULL) == FAIL_PROOF);
    open.path_count = EVIDENCE_PATH_MAX + 1;
    HOLDS(evidence_open_check(entry, &open, NULL) == FAIL_PROOF);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static _Alignas(16) unsigned char memory[1 << 20];
    str bytes = str_of(data, size);
    struct evidence_opening opening;
    if (evidence_opening_decode(bytes, &opening, NULL) != OK) return 0;
    str written;
    HOLDS(evidence_opening_encode(&opening, memory, sizeof memory, &written, NULL) == OK);
    HOLDS(str_equal(written, bytes));
    const enum evidence_field *fields;
    size_t count = evidence_type_fields(opening.type, &fields);
    for (size_t i = 0; i < count; i++) is_plain_text(fields[i], opening.values.of[fields[i]]);
    if (data[size - 1] % 8 != 0) return 0; /* a few hundred hashes: not for each input */
    struct evidence_entry entry = {.type = opening.type};
    entry.fields_root = evidence_fields_root(opening.type, &opening.osalt, &opening.values);
    HOLDS(evidence_opening_check(&entry, &opening, NULL) == OK);
    shown_alone(&entry, &opening, fields[size % count]);
    opening.osalt.at[0] ^= 1;
    HOLDS(evidence_opening_check(&entry, &opening, NULL) == FAIL_PROOF);
    return 0;
}
