/* A landmark's key: made once, kept in one file. */
#include "landmark/landmark.h"

#include "base/disk.h"

#include <fcntl.h>

enum { KEY_BYTES_MAX = 4096 };

enum error_code landmark_key_make(const char *path, str name, struct tlog_vkey *out,
                                  struct error *e) {
    struct tlog_signer signer;
    struct secret seed;
    char text[TLOG_SKEY_TEXT_BYTES + 1];
    int fd;
    if (!tlog_name_is_valid(name))
        return error_set(e, FAIL_USAGE, "\"%.*s\" is no name for a key: no spaces, no \"+\"",
                         STR_FMT(str_slice(name, 0, 60)));
    random_fill(seed.at, sizeof seed.at);
    enum error_code code = tlog_signer_make(name, TLOG_KEY_ED25519, &seed, &signer, e);
    memory_wipe(&seed, sizeof seed);
    if (code != OK) return code;
    size_t len = tlog_signer_write(&signer, text);
    text[len++] = '\n';
    *out = signer.vkey;
    code = disk_open(AT_FDCWD, path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600, &fd, e);
    if (code == OK) {
        code = disk_write(fd, text, len, 0, path, e);
        if (code == OK) code = disk_sync(fd, path, e);
        disk_close(fd);
    }
    tlog_signer_wipe(&signer);
    memory_wipe(text, sizeof text);
    return code;
}

enum error_code landmark_key_load(const char *path, struct tlog_signer *out, struct error *e) {
    char memory[KEY_BYTES_MAX + 1];
    struct arena arena = arena_over(memory, sizeof memory);
    str text;
    enum error_code code = disk_file_read(AT_FDCWD, path, KEY_BYTES_MAX, &arena, &text, e);
    if (code == OK) code = tlog_signer_parse(text, out, e);
    memory_wipe(memory, sizeof memory);
    if (code == OK && out->vkey.type != TLOG_KEY_ED25519) {
        tlog_signer_wipe(out);
        code = error_set(e, FAIL_SYNTAX, "a landmark's key has type 0x01");
    }
    return code == OK ? OK : error_note(e, "landmark_key_load", "reading the key %s", path);
}
