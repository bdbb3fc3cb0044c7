#include "tests/verify/forged.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

static const char rulebook_text[] = "rulebook: aoba-own\nline: aoba-own\n";

struct forgery forgery_none(void) {
    return (struct forgery){.from = FROM,
                            .until = UNTIL,
                            .first = FIRST,
                            .end = END,
                            .manifest_by = &world->log,
                            .version = 2};
}

struct tlog_signer issuer, namesake, stranger;
static char scratch_memory[8 << 20];

static struct tlog_signer signer_of(const char *name, unsigned char fill) {
    struct tlog_signer signer;
    struct secret seed;
    struct error e;
    memset(seed.at, fill, sizeof seed.at);
    assert_ok(tlog_signer_make(str_from_c(name), TLOG_KEY_ED25519, &seed, &signer, &e), &e);
    return signer;
}

/* ---- the parts of a bundle ---- */

void bundle_file(const char *name, str bytes) {
    char path[256];
    world_path(path, sizeof path, name);
    file_write(path, bytes);
}

static void counts_write(const struct forgery *f, struct text *out) {
    const struct evidence_tally_row *rows;
    struct evidence_tally tally;
    struct arena arena = arena_over(scratch_memory, sizeof scratch_memory);
    struct error e;
    size_t count;
    assert_ok(evidence_tally_open(&tally, &arena, &e), &e);
    for (uint64_t i = 0; i < world->count; i++) {
        assert_ok(evidence_tally_learn(&tally, &world->entries[i].entry, &e), &e);
        if (i >= f->first && i < f->end)
            assert_ok(evidence_tally_add(&tally, &world->entries[i].entry, &e), &e);
    }
    assert_ok(evidence_tally_rows(&tally, &rows, &count, &e), &e);
    text_add_c(out, "{\"counts\":{");
    for (unsigned kind = 0; kind < EVIDENCE_TALLY_KINDS; kind++) {
        const char *table = evidence_tally_name((enum evidence_tally_kind)kind);
        bool any = false;
        text_format(out, "%s\"%s\":{", kind > 0 ? "," : "", table);
        for (size_t i = 0; i < count; i++) {
            if (rows[i].kind != kind) continue;
            bool is_bent = f->count_table != NULL && strcmp(table, f->count_table) == 0 &&
                           str_equal(rows[i].name, str_from_c(f->count_name));
            text_add_c(out, any ? "," : "");
            text_add_json(out, rows[i].name);
            text_format(out, ":%llu", (unsigned long long)rows[i].count + is_bent);
            any = true;
        }
        bool is_more = f->count_table != NULL && strcmp(table, f->count_table) == 0 &&
                       strncmp(f->count_name, "new ", 4) == 0;
        if (is_more) text_format(out, "%s\"%s\":1", any ? "," : "", f->count_name);
        text_add_c(out, "}");
    }
    text_add_c(out, "}}\n");
    assert_false(out->overflow);
}

static str opening_of(const struct forgery *f, uint64_t index, char *memory, size_t cap) {
    static const enum evidence_field fields[] = {EVIDENCE_BUCKET, EVIDENCE_KEY};
    const struct world_entry *w = &world->entries[index];
    struct evidence_open opens[COUNT_OF(fields)];
    struct error e;
    str bytes;
    for (size_t i = 0; i < COUNT_OF(fields); i++)
        assert_ok(
            evidence_open_make(w->entry.type, &w->osalt, &w->values, fields[i], &opens[i], &e), &e);
    if (f->opened_value && index == FIRST + 5) opens[1].value = STR("another key");
    struct evidence_extra extra = {
        .entry = w->bytes, .opens = opens, .open_count = COUNT_OF(fields)};
    assert_ok(evidence_extra_encode(&extra, memory, cap, &bytes, &e), &e);
    return bytes;
}

static void opened_line(const struct forgery *f, uint64_t at, uint64_t of, struct text *out) {
    char extra[8192], base64[12000];
    str bytes = opening_of(f, of, extra, sizeof extra);
    size_t len = base64_write(bytes.at, bytes.len, base64);
    if (f->opened_damaged && at == FIRST + 5) base64[0] = '*';
    text_format(out, "%llu %.*s\n", (unsigned long long)at, (int)len, base64);
}

static void opened_write(const struct forgery *f) {
    static char memory[4 << 20];
    struct text out = text_into(memory, sizeof memory);
    for (uint64_t i = f->first; i < f->end && i < world->count; i++) {
        if (!world->entries[i].has_values || world->entries[i].entry.type != EVIDENCE_PUT) continue;
        opened_line(f, i, i == f->opened_as && f->opened_of > 0 ? f->opened_of : i, &out);
        if (f->opened_twice && i == FIRST + 5) opened_line(f, i, i, &out);
    }
    if (f->opened_more != NULL) text_add_c(&out, f->opened_more);
    assert_false(out.overflow);
    bundle_file("opened", text_str(&out));
}

static void rulebook_write(const struct forgery *f) {
    struct arena arena = arena_over(scratch_memory, sizeof scratch_memory);
    struct issuer_statement *s = arena_new(&arena, struct issuer_statement, 1);
    struct error e;
    str text = str_from_c(rulebook_text), signature;
    if (!f->has_rulebook) return;
    bundle_file("rulebooks/000001.yaml", f->rulebook_changed ? STR("rulebook: other\n") : text);
    if (f->rulebook_by == NULL) return;
    s->issued_ns = 1764000000 * NS_PER_S;
    s->count = 1;
    s->claims[0] = (struct issuer_claim){
        STR("aoba-own"), str_from_c(f->rulebook_line != NULL ? f->rulebook_line : "aoba-own"),
        INT64_MIN, sha256_of(text)};
    assert_ok(issuer_sign(s, f->rulebook_by, &arena, &signature, &e), &e);
    bundle_file("rulebooks/000001.yaml.sig", signature);
}

/* ---- the list and the manifest ---- */

static char listed[512][200];
static size_t listed_count;

static int list_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    const char *name = path + strlen(world->dir) + 1;
    if (kind != FTW_F || strcmp(name, "manifest") == 0 || strcmp(name, "files") == 0) return 0;
    if (listed_count == COUNT_OF(listed)) return 1;
    snprintf(listed[listed_count++], sizeof listed[0], "%s", name);
    return 0;
}

static int names_order(const void *a, const void *b) {
    return strcmp(a, b);
}

static str file_read(const char *name, char *memory, size_t cap) {
    char path[512];
    world_path(path, sizeof path, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t len = fread(memory, 1, cap, file);
    fclose(file);
    return str_of(memory, len);
}

void list_write(void) {
    static char memory[1 << 18];
    struct text out = text_into(memory, sizeof memory);
    listed_count = 0;
    assert_int_equal(nftw(world->dir, list_one, 16, FTW_PHYS), 0);
    qsort(listed, listed_count, sizeof listed[0], names_order);
    for (size_t i = 0; i < listed_count; i++) {
        char hex[2 * DIGEST_BYTES];
        str bytes = file_read(listed[i], scratch_memory, sizeof scratch_memory);
        digest hash = sha256_of(bytes);
        hex_write(hash.at, DIGEST_BYTES, hex);
        text_format(&out, "%.*s %zu %s\n", (int)sizeof hex, hex, bytes.len, listed[i]);
    }
    bundle_file("files", text_str(&out));
}

void manifest_write(const struct forgery *f) {
    static char memory[8192];
    char vkey[TLOG_VKEY_TEXT_BYTES], hex[2 * DIGEST_BYTES], said[2048];
    struct text text = text_into(said, sizeof said), note = text_into(memory, sizeof memory);
    str list = file_read("files", scratch_memory, sizeof scratch_memory);
    digest hash = sha256_of(list);
    const struct tlog_vkey *key = f->foreign_key ? &stranger.vkey : &world->log.vkey;
    struct error e;
    hex_write(hash.at, DIGEST_BYTES, hex);
    text_format(
        &text, "azekura-bundle@v%u\nlog %.*s\nkey %.*s\nfrom %llu\nuntil %llu\n", f->version,
        f->origin != NULL ? (int)strlen(f->origin) : (int)tlog_vkey_name(&world->log.vkey).len,
        f->origin != NULL ? f->origin : tlog_vkey_name(&world->log.vkey).at,
        (int)tlog_vkey_write(key, vkey), vkey, (unsigned long long)f->from,
        (unsigned long long)f->until);
    text_format(&text, "range %llu %llu\n%sfiles %.*s %zu\n", (unsigned long long)f->first,
                (unsigned long long)f->end, f->earlier != NULL ? f->earlier : "", (int)sizeof hex,
                hex, list.len);
    text_add(&note, text_str(&text));
    text_add_c(&note, "\n");
    assert_ok(tlog_note_sign(&note, text_str(&text), f->manifest_by, 0, &e), &e);
    if (f->also_by != NULL)
        assert_ok(tlog_note_sign(&note, text_str(&text), f->also_by, 0, &e), &e);
    bundle_file("manifest", text_str(&note));
}

/* An entry in the place of another, in its bundle alone: the tiles are those of the log as it was. */
static void entry_swap(uint64_t index) {
    static char memory[TLOG_TILE_WIDTH * (2 + WORLD_ENTRY_BYTES)];
    struct pack pack = pack_into(memory, sizeof memory);
    uint64_t at = index / TLOG_TILE_WIDTH;
    struct tlog_tile tile = {
        .is_entries = true, .index = at, .width = tlog_tile_width(0, at, world->count)};
    char name[TLOG_TILE_PATH_BYTES], path[TLOG_TILE_PATH_BYTES + 8];
    struct error e;
    for (unsigned i = 0; i < tile.width; i++) {
        uint64_t number = at * TLOG_TILE_WIDTH + i;
        assert_ok(tlog_bundle_add(&pack, world->entries[number + (number == index)].bytes, &e), &e);
    }
    tlog_tile_path_write(&tile, name);
    snprintf(path, sizeof path, "ledger/%s", name);
    bundle_file(path, str_of(memory, pack.len));
}

static void history_swap(void) {
    char memory[1024];
    struct text note = text_into(memory, sizeof memory);
    struct tlog_checkpoint head = {.origin = tlog_vkey_name(&world->log.vkey),
                                   .size = world->count,
                                   .root = sha256_of(STR("another history"))};
    struct error e;
    assert_ok(tlog_checkpoint_sign(&note, &head, &world->log, &e), &e);
    bundle_file("ledger/checkpoint", text_str(&note));
}

void bundle_write(const struct forgery *f) {
    static char memory[1 << 18];
    struct text cover = text_into(memory, sizeof memory);
    counts_write(f, &cover);
    world_write();
    if (f->entry_swapped > 0) entry_swap(f->entry_swapped);
    if (f->checkpoint_other_root) history_swap();
    bundle_file("cover.json", f->cover != NULL ? str_from_c(f->cover) : text_str(&cover));
    opened_write(f);
    rulebook_write(f);
    if (f->without != NULL) {
        char path[256];
        world_path(path, sizeof path, f->without);
        assert_int_equal(unlink(path), 0);
    }
    list_write();
    manifest_write(f);
}

/* ---- the check ---- */

struct verify_result result;
struct error error;

enum error_code bundle_check(bool with_issuer) {
    static char texts[1 << 20];
    static struct arena texts_arena;
    struct arena_space space;
    struct arena arena;
    struct verify_trust trust = {
        .log = world->log.vkey, .issuers = &issuer.vkey, .issuer_count = with_issuer};
    texts_arena = arena_over(texts, sizeof texts);
    memset(&result, 0, sizeof result);
    memset(&error, 0, sizeof error);
    result.arena = &texts_arena;
    assert_ok(arena_space_open(&space, (size_t)256 << 20, &arena, &error), &error);
    enum error_code code = verify_bundle(&trust, world->dir, &arena, &result, &error);
    arena_space_release(&space);
    return code;
}

bool is_told(enum error_code code, const char *says) {
    size_t at;
    if (code != OK && str_find(str_from_c(error.message), str_from_c(says), &at)) return true;
    for (unsigned i = 0; code != OK && i < error.depth; i++)
        if (str_find(str_from_c(error.trail[i].note), str_from_c(says), &at)) return true;
    return result_has(&result, says);
}

void signers_make(void) {
    issuer = signer_of("aoba", 1);
    namesake = signer_of("aoba", 3);
    stranger = signer_of("stranger", 2);
}
