/* The file of one key: a few lines a person can read, and the key itself sealed under the master
 * key with those lines bound in. Format: docs/formats/keys.md. */
#include "seal/inner.h"

static const struct {
    enum seal_key_kind kind;
    const char *name;
} kinds[] = {
    {SEAL_KEY_DATASET, "dataset"},
    {SEAL_KEY_OPENING, "opening"},
    {SEAL_KEY_LOCAL, "local"},
    {SEAL_KEY_LEDGER, "ledger"},
};

const char *key_kind_name(enum seal_key_kind kind) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (kinds[i].kind == kind) return kinds[i].name;
    return NULL;
}

static bool kind_find(str name, enum seal_key_kind *kind) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!str_equal(name, str_from_c(kinds[i].name))) continue;
        *kind = kinds[i].kind;
        return true;
    }
    return false;
}

void key_file_head(const struct key_file *file, struct text *out) {
    text_format(out, "azekura-key-v1\nnumber %u\nkind %s\nmonth %u\nname ", file->number,
                key_kind_name(file->kind), file->month);
    text_add(out, file->name);
    text_add_char(out, '\n');
}

void key_file_write(const struct key_file *file, struct text *out) {
    key_file_head(file, out);
    if (file->destroyed) {
        text_add_c(out, "destroyed\n");
        return;
    }
    char base64[(SEALED_KEY_BYTES + 2) / 3 * 4];
    assert(file->sealed.len == SEALED_KEY_BYTES);
    text_add_c(out, "key ");
    text_add(out, str_of(base64, base64_write(file->sealed.at, file->sealed.len, base64)));
    text_add_char(out, '\n');
}

/* The rest of a line that begins with `word` and a space. */
static bool line_take(str *rest, str word, str *value) {
    str line;
    if (!str_cut(rest, '\n', &line) || !str_starts(line, word)) return false;
    line = str_skip(line, word.len);
    if (!str_starts(line, STR(" "))) return false;
    *value = str_skip(line, 1);
    return true;
}

static bool lines_take(str rest, unsigned char memory[SEALED_KEY_BYTES], struct key_file *out) {
    str number, kind, month, key;
    size_t count;
    if (!line_take(&rest, STR("number"), &number) || !str_u32(number, &out->number)) return false;
    if (!line_take(&rest, STR("kind"), &kind) || !kind_find(kind, &out->kind)) return false;
    if (!line_take(&rest, STR("month"), &month) || !str_u32(month, &out->month)) return false;
    if (!line_take(&rest, STR("name"), &out->name) || out->name.len > SEAL_NAME_BYTES) return false;
    out->destroyed = str_equal(rest, STR("destroyed\n"));
    if (out->destroyed) return true;
    if (!line_take(&rest, STR("key"), &key) || rest.len > 0) return false;
    if (!base64_read(key, memory, SEALED_KEY_BYTES, &count) || count != SEALED_KEY_BYTES)
        return false;
    out->sealed = str_of(memory, SEALED_KEY_BYTES);
    return true;
}

enum error_code key_file_read(str bytes, const char *path, unsigned char memory[SEALED_KEY_BYTES],
                              struct key_file *out, struct error *e) {
    str rest = bytes, format;
    if (!str_cut(&rest, '\n', &format) || !str_starts(format, STR("azekura-key-")))
        return error_set(e, FAIL_CORRUPT, "%s is not a key file", path);
    if (!str_equal(format, STR("azekura-key-v1")))
        return error_set(e, FAIL_VERSION, "%s has format %.*s; this program knows azekura-key-v1",
                         path, STR_FMT(str_slice(format, 0, 40)));
    struct key_file file = {0};
    char again[KEY_FILE_BYTES];
    struct text written = text_into(again, sizeof again);
    bool reads = lines_take(rest, memory, &file);
    if (reads) key_file_write(&file, &written);
    if (!reads || !str_equal(text_str(&written), bytes)) /* one spelling only: no leading zeros */
        return error_set(e, FAIL_CORRUPT, "%s does not read as a key file", path);
    *out = file;
    return OK;
}
