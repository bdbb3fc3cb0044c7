/* azekura rulebook keygen, sign, verify: an issuer's side of signed rulebooks, and anybody's check. */
#include "app/reach/call.h"
#include "app/rules/commands.h"
#include "app/rules/rulebooks.h"
#include "base/disk.h"
#include "issuer/issuer.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

enum { SIGN_SPACE_BYTES = 128 << 20, KEY_FILE_BYTES = 4096, BOOKS_MAX = ISSUER_CLAIMS_MAX };

struct signing {
    struct arena_space space, scratch_space;
    struct arena arena, scratch; /* `arena` is of one file, passed on by copy */
    struct tlog_signer signer;
    struct tlog_vkey issuers[OPTION_LIST_MAX];
    size_t issuer_count;
    int64_t issued_ns;
    const char *out;
    json_t *rows; /* NULL: text as it comes */
    bool failed;
};

static enum error_code signing_open(struct signing *s, struct error *e) {
    TRY(arena_space_open(&s->space, SIGN_SPACE_BYTES, &s->arena, e));
    return arena_space_open(&s->scratch_space, SIGN_SPACE_BYTES, &s->scratch, e);
}

static void signing_close(struct signing *s) {
    tlog_signer_wipe(&s->signer);
    json_decref(s->rows);
    arena_space_release(&s->scratch_space);
    arena_space_release(&s->space);
}

/* ---- one file ---- */

struct book_file {
    str path, bytes;
    struct issuer_book books[BOOKS_MAX];
    size_t count;
};

static enum error_code book_file_read(const char *path, struct arena *arena, struct arena scratch,
                                      struct book_file *out, struct error *e) {
    struct rulebook_read read;
    out->path = str_from_c(path);
    TRY(disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, arena, &out->bytes, e));
    TRY(rulebook_read(out->path, out->bytes, arena, scratch, &read, e));
    if (read.count > BOOKS_MAX)
        return error_set(e, FAIL_LIMIT, "%s has %zu rulebooks; a signature holds %d", path,
                         read.count, BOOKS_MAX);
    for (size_t i = 0; i < read.count; i++)
        out->books[i] = (struct issuer_book){read.rulebooks[i]->name, read.rulebooks[i]->line,
                                             read.rulebooks[i]->in_force.from_ns};
    out->count = read.count;
    return OK;
}

static str line_of(const struct issuer_book *book) {
    return book->line.len > 0 ? book->line : book->name;
}

static enum error_code signature_path(const char *path, const char *out, char full[PATH_MAX],
                                      struct error *e) {
    int used = snprintf(full, PATH_MAX, out != NULL ? "%s" : "%s.sig", out != NULL ? out : path);
    if (used > 0 && used < PATH_MAX) return OK;
    return error_set(e, FAIL_LIMIT, "the path %.100s… is too long", path);
}

static void row_say(struct signing *s, const struct book_file *file, const struct issuer_book *book,
                    str key, int64_t issued_ns) {
    char from[CLOCK_TEXT_BYTES] = "ever", issued[CLOCK_TEXT_BYTES];
    if (book->from_ns != RULEBOOK_EVER) clock_iso_s_write(book->from_ns, from);
    clock_iso_s_write(issued_ns, issued);
    if (s->rows == NULL) {
        printf("%.*s: rulebook %.*s of line %.*s, in force from %s: signed by %.*s, issued %s\n",
               STR_FMT(file->path), STR_FMT(book->name), STR_FMT(line_of(book)), from, STR_FMT(key),
               issued);
        return;
    }
    str line = line_of(book);
    json_array_append_new(s->rows,
                          json_pack("{s:s%, s:s%, s:s%, s:s, s:s%, s:s}", "file", file->path.at,
                                    file->path.len, "rulebook", book->name.at, book->name.len,
                                    "line", line.at, line.len, "from", from, "signed_by", key.at,
                                    key.len, "issued", issued));
}

/* ---- sign ---- */

static enum error_code file_sign(void *context, const char *path, struct error *e) {
    struct signing *s = context;
    struct arena arena = s->arena;
    struct book_file *file = arena_new(&arena, struct book_file, 1);
    struct issuer_statement *statement = arena_new(&arena, struct issuer_statement, 1);
    char to[PATH_MAX];
    str note;
    if (file == NULL || statement == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a rulebook file");
    TRY(book_file_read(path, &arena, s->scratch, file, e));
    statement->issued_ns = s->issued_ns;
    statement->count = file->count;
    for (size_t i = 0; i < file->count; i++)
        statement->claims[i] = (struct issuer_claim){.name = file->books[i].name,
                                                     .line = line_of(&file->books[i]),
                                                     .from_ns = file->books[i].from_ns,
                                                     .file = sha256_of(file->bytes)};
    if (issuer_sign(statement, &s->signer, &arena, &note, e) != OK)
        return error_note(e, "sign", "%.80s", path);
    TRY(signature_path(path, s->out, to, e));
    TRY(disk_file_replace(AT_FDCWD, to, note, 0644, e));
    for (size_t i = 0; i < file->count; i++)
        row_say(s, file, &file->books[i], tlog_vkey_name(&s->signer.vkey), statement->issued_ns);
    return OK;
}

static enum error_code signer_read(struct signing *s, const char *path, struct error *e) {
    char memory[KEY_FILE_BYTES + 8];
    struct arena arena = arena_over(memory, sizeof memory);
    str text;
    enum error_code code = disk_file_read(AT_FDCWD, path, KEY_FILE_BYTES, &arena, &text, e);
    if (code == OK) code = tlog_signer_parse(text, &s->signer, e);
    memory_wipe(memory, sizeof memory);
    if (code != OK) return error_note(e, "sign", "the key in %.80s", path);
    if (s->signer.vkey.type == TLOG_KEY_ED25519) return OK;
    return error_set(e, FAIL_USAGE,
                     "%s holds a witness's key, not an issuer's: make one with "
                     "azekura rulebook keygen",
                     path);
}

static enum error_code sign_run(struct signing *s, const char *key, const char *issued,
                                const char **paths, struct error *e) {
    s->issued_ns = clock_wall_ns() / NS_PER_S * NS_PER_S;
    if (issued != NULL && !clock_iso_read(str_from_c(issued), &s->issued_ns))
        return error_set(e, FAIL_USAGE, "--issued takes a time as 2026-11-22T06:30:00Z, not \"%s\"",
                         issued);
    if (s->issued_ns % NS_PER_S != 0)
        return error_set(e, FAIL_USAGE, "--issued takes whole seconds, not \"%s\"", issued);
    if (key == NULL)
        return error_set(e, FAIL_USAGE, "--key is missing: make one with azekura rulebook keygen");
    if (s->out != NULL && paths[1] != NULL)
        return error_set(e, FAIL_USAGE, "-o goes with one file; others get FILE.sig beside them");
    TRY(signing_open(s, e));
    TRY(signer_read(s, key, e));
    for (; *paths != NULL; paths++) TRY(rulebooks_walk(*paths, file_sign, s, e));
    return OK;
}

static int finish(struct signing *s, const char *command, enum error_code code, struct error *e) {
    if (code != OK) command_fail(command, e);
    if (code == OK && s->rows != NULL) {
        json_dumpf(s->rows, stdout, JSON_INDENT(2));
        putchar('\n');
    }
    bool good = code == OK && !s->failed;
    signing_close(s);
    return good ? 0 : code == FAIL_USAGE ? 2 : 1;
}

int rulebook_sign_command(int argc, char **argv) {
    static struct signing s;
    static const char *key, *issued, *format;
    const struct option options[] = {
        {"key", OPTION_TEXT, &key, "FILE",
         "the issuer's key, from azekura rulebook keygen; needed"},
        {"issued", OPTION_TEXT, &issued, "TIME", "when it is issued (now)"},
        {"o", OPTION_TEXT, &s.out, "FILE", "write the signature there (RULEBOOK.sig)"},
        {"format", OPTION_TEXT, &format, "text|json", "how to answer (text)"},
        {0}};
    const struct command_line line = {
        .command = "azekura rulebook sign",
        .synopsis = "--key FILE RULEBOOK…",
        .about =
            "Signs rulebook files, or each *.yaml of a folder, as their issuer: FILE.sig names\n"
            "every rulebook of the file with its line, its first day and the file's SHA-256.\n"
            "The key's name is the line it speaks for, and the beginning of others: aoba signs\n"
            "for aoba and for aoba-own. Any later change of the file undoes the signature.",
        .examples = "  azekura rulebook keygen --line aoba --key aoba.key\n"
                    "  azekura rulebook sign --key aoba.key examples/rulebooks/aoba-own.yaml\n",
        .options = options,
        .positional_min = 1,
        .positional_max = OPTION_LIST_MAX};
    const char *paths[OPTION_LIST_MAX + 1];
    struct error e = {0};
    int ended;
    if (!options_read(&line, argc, argv, paths, OPTION_LIST_MAX + 1, &ended)) return ended;
    if (format != NULL && strcmp(format, "json") == 0) s.rows = json_array();
    return finish(&s, line.command, sign_run(&s, key, issued, paths, &e), &e);
}

/* ---- verify ---- */

/* A file whose rulebooks nobody trusted speaks for is said to be so: it is not verified. */
static enum error_code file_vouch(struct signing *s, const char *path, struct arena arena,
                                  struct error *e) {
    struct book_file *file = arena_new(&arena, struct book_file, 1);
    struct issuer_vouched *vouched = arena_new(&arena, struct issuer_vouched, BOOKS_MAX);
    char at[PATH_MAX];
    str signature = STR_EMPTY;
    if (file == NULL || vouched == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a rulebook file");
    TRY(book_file_read(path, &arena, s->scratch, file, e));
    TRY(signature_path(path, NULL, at, e));
    enum error_code code =
        disk_file_read(AT_FDCWD, at, ISSUER_SIGNATURE_BYTES_MAX, &arena, &signature, e);
    if (code != OK && code != FAIL_NOT_FOUND) return code;
    struct issuer_file about = {.path = file->path,
                                .bytes = file->bytes,
                                .signature = signature,
                                .books = file->books,
                                .book_count = file->count};
    TRY(issuer_vouch(&about, s->issuers, s->issuer_count, s->scratch, vouched, e));
    for (size_t i = 0; i < file->count; i++)
        if (vouched[i].by == NULL)
            return error_set(e, FAIL_PROOF,
                             "%s: rulebook %.*s is of line %.*s, for which no issuer given speaks: "
                             "give its key with --issuer",
                             path, STR_FMT(file->books[i].name), STR_FMT(line_of(&file->books[i])));
    for (size_t i = 0; i < file->count; i++)
        row_say(s, file, &file->books[i], tlog_vkey_name(vouched[i].by), vouched[i].issued_ns);
    return OK;
}

/* One bad file does not hide the others. */
static enum error_code file_verify(void *context, const char *path, struct error *e) {
    struct signing *s = context;
    struct error why = {0};
    (void)e;
    if (file_vouch(s, path, s->arena, &why) == OK) return OK;
    s->failed = true;
    char text[1400];
    error_text(&why, text, sizeof text);
    if (s->rows == NULL)
        printf("not verified: %s\n", text);
    else
        json_array_append_new(s->rows, json_pack("{s:s, s:s}", "file", path, "wrong", text));
    return OK;
}

/* A verifier key, or a file whose first line is one. */
static enum error_code issuer_read(struct signing *s, const char *text, struct error *e) {
    struct tlog_vkey *issuer = &s->issuers[s->issuer_count++];
    str vkey = str_from_c(text), line;
    struct arena scratch = s->scratch;
    if (access(text, R_OK) == 0) {
        TRY(disk_file_read(AT_FDCWD, text, KEY_FILE_BYTES, &scratch, &vkey, e));
        if (str_cut(&vkey, '\n', &line)) vkey = line;
    }
    if (tlog_vkey_parse(str_trim(vkey), issuer, e) != OK)
        return error_note(e, "verify", "--issuer %.60s", text);
    if (issuer->type == TLOG_KEY_ED25519) return OK;
    return error_set(e, FAIL_USAGE, "--issuer %s is a witness's key, not an issuer's", text);
}

static enum error_code verify_run(struct signing *s, const struct option_list *issuers,
                                  const char **paths, struct error *e) {
    if (issuers->count == 0)
        return error_set(e, FAIL_USAGE, "--issuer is missing: whose signature is it to be?");
    TRY(signing_open(s, e));
    for (size_t i = 0; i < issuers->count; i++) TRY(issuer_read(s, issuers->at[i], e));
    for (; *paths != NULL; paths++) TRY(rulebooks_walk(*paths, file_verify, s, e));
    return OK;
}

int rulebook_verify_command(int argc, char **argv) {
    static struct signing s;
    static struct option_list issuers;
    static const char *format;
    const struct option options[] = {
        {"issuer", OPTION_LIST, &issuers, "VKEY",
         "an issuer's verifier key, or a file that holds it (repeatable); needed"},
        {"format", OPTION_TEXT, &format, "text|json", "how to answer (text)"},
        {0}};
    const struct command_line line = {
        .command = "azekura rulebook verify",
        .synopsis = "--issuer VKEY RULEBOOK…",
        .about =
            "Holds rulebook files, or each *.yaml of a folder, against FILE.sig beside them: is\n"
            "every rulebook in them signed by an issuer of its line, and unchanged? Exits 1\n"
            "where one is not. A store asks the same of what it loads: rulebook-issuers.",
        .examples =
            "  azekura rulebook verify --issuer aoba.vkey examples/rulebooks/aoba-own.yaml\n",
        .options = options,
        .positional_min = 1,
        .positional_max = OPTION_LIST_MAX};
    const char *paths[OPTION_LIST_MAX + 1];
    struct error e = {0};
    int ended;
    if (!options_read(&line, argc, argv, paths, OPTION_LIST_MAX + 1, &ended)) return ended;
    if (format != NULL && strcmp(format, "json") == 0) s.rows = json_array();
    return finish(&s, line.command, verify_run(&s, &issuers, paths, &e), &e);
}

/* ---- keygen ---- */

static enum error_code key_make(const char *path, const char *name, struct tlog_vkey *out,
                                struct error *e) {
    if (path == NULL || name == NULL)
        return error_set(e, FAIL_USAGE, "--line and --key are needed");
    if (access(path, F_OK) == 0)
        return error_set(e, FAIL_EXISTS, "%s exists: a key is never written over", path);
    struct secret seed;
    struct tlog_signer signer;
    char text[TLOG_SKEY_TEXT_BYTES + 1];
    random_fill(seed.at, sizeof seed.at);
    enum error_code code = tlog_signer_make(str_from_c(name), TLOG_KEY_ED25519, &seed, &signer, e);
    secret_wipe(&seed);
    if (code != OK) return code;
    size_t count = tlog_signer_write(&signer, text);
    text[count++] = '\n';
    code = disk_file_replace(AT_FDCWD, path, str_of(text, count), 0600, e);
    memory_wipe(text, sizeof text);
    *out = signer.vkey;
    tlog_signer_wipe(&signer);
    return code;
}

int rulebook_keygen_command(int argc, char **argv) {
    static const char *key, *name;
    const struct option options[] = {
        {"line", OPTION_TEXT, &name, "LINE",
         "the line of rulebooks it speaks for, and all that begin with LINE-; needed"},
        {"key", OPTION_TEXT, &key, "FILE", "where to write it; needed"},
        {0}};
    const struct command_line line = {
        .command = "azekura rulebook keygen",
        .synopsis = "--line LINE --key FILE",
        .about = "Makes an issuer's key for signing rulebooks, and prints the verifier key that\n"
                 "stores need (rulebook-issuers). Keep the file from everyone else.",
        .examples = "  azekura rulebook keygen --line aoba --key aoba.key > aoba.vkey\n",
        .options = options};
    const char *none[1];
    struct error e = {0};
    struct tlog_vkey vkey;
    char text[TLOG_VKEY_TEXT_BYTES];
    int ended;
    if (!options_read(&line, argc, argv, none, 1, &ended)) return ended;
    enum error_code code = key_make(key, name, &vkey, &e);
    if (code != OK) {
        command_fail(line.command, &e);
        return code == FAIL_USAGE ? 2 : 1;
    }
    printf("%.*s\n", (int)tlog_vkey_write(&vkey, text), text);
    return 0;
}
