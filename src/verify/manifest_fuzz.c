/* Any bytes as a bundle's manifest, its list of files, and the credentials of a verifier: what is read says
 * the same when it is spelled again, and paths mean to C what they mean to us. */
#include "verify/manifest.h"
#include "verify/sign.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static char memory[1 << 22], again[1 << 18];

static void manifest_holds(str text) {
    struct verify_manifest m;
    struct text out = text_into(again, sizeof again);
    char hex[2 * DIGEST_BYTES];
    if (verify_manifest_parse(text, &m, NULL) != OK) return;
    hex_write(m.files.at, DIGEST_BYTES, hex);
    text_format(&out, "azekura-bundle@v%u\nlog ", m.version);
    text_add(&out, m.origin);
    text_add(&out, STR("\nkey "));
    text_add(&out, m.vkey);
    text_format(&out, "\nfrom %llu\nuntil %llu\n", (unsigned long long)m.from,
                (unsigned long long)m.until);
    text_format(&out, "range %llu %llu\n", (unsigned long long)m.first, (unsigned long long)m.end);
    for (size_t i = 0; i < m.earlier_count; i++)
        text_format(&out, "earlier %u %llu %llu\n", m.earlier[i].number,
                    (unsigned long long)m.earlier[i].first, (unsigned long long)m.earlier[i].end);
    text_format(&out, "files %.64s %llu\n", hex, (unsigned long long)m.files_bytes);
    assert(out.overflow || str_equal_nocase(text_str(&out), text));
}

static void files_hold(str text) {
    struct arena arena = arena_over(memory, sizeof memory);
    struct text out = text_into(again, sizeof again);
    struct verify_listed *files;
    size_t count;
    if (verify_manifest_files(text, &arena, &files, &count, NULL) != OK) return;
    for (size_t i = 0; i < count; i++) {
        char hex[2 * DIGEST_BYTES];
        assert(strlen(files[i].path.at) == files[i].path.len);
        assert(strchr("./", files[i].path.at[0]) == NULL);
        assert(strstr(files[i].path.at, "/.") == NULL && strstr(files[i].path.at, "//") == NULL);
        hex_write(files[i].hash.at, DIGEST_BYTES, hex);
        text_format(&out, "%.64s %llu ", hex, (unsigned long long)files[i].bytes);
        text_add(&out, files[i].path);
        text_add_char(&out, '\n');
    }
    assert(out.overflow || str_equal_nocase(text_str(&out), text));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    struct verify_credentials credentials;
    str text = str_of(bytes, count);
    manifest_holds(text);
    files_hold(text);
    if (verify_credentials_parse(text, &credentials, NULL) == OK) {
        assert(credentials.access_key_bytes > 0 && credentials.access_key_bytes <= count);
        assert(credentials.secret_key_bytes > 0 && credentials.secret_key_bytes <= count);
        verify_credentials_wipe(&credentials);
    }
    return 0;
}
