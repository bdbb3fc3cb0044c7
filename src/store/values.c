/* The small values of the object model: pairs, version ids and upload ids as text. */
#include "store/store.h"

str store_pairs_find(struct store_pairs pairs, str name) {
    for (size_t i = 0; i < pairs.count; i++)
        if (str_equal(pairs.at[i].name, name)) return pairs.at[i].value;
    return STR_EMPTY;
}

size_t store_version_text(const struct store_version *v, char out[STORE_VERSION_TEXT_BYTES]) {
    if (v->is_null) {
        memcpy(out, "null", 4);
        return 4;
    }
    unsigned char bytes[8];
    write_be64(bytes, v->sequence);
    hex_write(bytes, sizeof bytes, out);
    return 16;
}

bool store_version_read(str text, bool *is_null, uint64_t *sequence) {
    if (str_equal(text, STR("null"))) {
        *is_null = true;
        return true;
    }
    uint64_t value;
    if (text.len != 16 || !str_hex_u64(text, &value)) return false;
    *is_null = false;
    *sequence = value;
    return true;
}

void store_upload_text(struct store_upload_id id, char out[STORE_UPLOAD_TEXT_BYTES]) {
    hex_write(id.at, sizeof id.at, out);
}

bool store_upload_read(str text, struct store_upload_id *id) {
    return hex_read(text, id->at, sizeof id->at);
}
