#include "tests/verify/world.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

struct world *world;

/* ---- making */

static struct tlog_signer signer_make(const char *name, uint8_t type, const char *seed_text) {
    struct tlog_signer signer;
    struct secret seed;
    struct error e;
    digest hash = sha256_of(str_from_c(seed_text));
    memcpy(seed.at, hash.at, sizeof seed.at);
    assert_ok(tlog_signer_make(str_from_c(name), type, &seed, &signer, &e), &e);
    return signer;
}

static str text_keep(const char *format, uint64_t number) {
    str out;
    struct error e;
    assert_ok(arena_format(&world->arena, &out, &e, format, (unsigned long long)number), &e);
    return out;
}

static struct world_entry *entry_add(enum evidence_type type) {
    assert_true(world->count < WORLD_ENTRIES_MAX);
    uint64_t index = world->count++;
    struct world_entry *w = &world->entries[index];
    digest salt = sha256_of(text_keep("salt %llu", index));
    memcpy(w->osalt.at, salt.at, sizeof w->osalt.at);
    w->entry = (struct evidence_entry){.type = type, .minute = 29000000 + (uint32_t)(index / 10)};
    w->entry.rules = sha256_of(STR("rules"));
    w->entry.other = sha256_of(STR("register"));
    if (evidence_type_parts(type) & EVIDENCE_DECISION) {
        w->clause = (struct evidence_clause){.code = 7, .effect = EVIDENCE_EFFECT_WARN};
        w->site = 1;
        w->entry.act = w->entry.sector = w->entry.data_class = 1;
        w->entry.decision = EVIDENCE_WARN;
        w->entry.clauses = &w->clause;
        w->entry.sites = &w->site;
        w->entry.clause_count = w->entry.site_count = 1;
    }
    w->has_values = (evidence_type_parts(type) & EVIDENCE_FIELDS) != 0;
    w->values.of[EVIDENCE_TIME] =
        evidence_value_time(w->time, (int64_t)w->entry.minute * 60 * NS_PER_S);
    return w;
}

static void code_add(enum evidence_code_kind kind, uint32_t code, str text) {
    struct world_entry *w = entry_add(EVIDENCE_CODE_ROW);
    w->entry.code_kind = kind;
    w->entry.code = code;
    w->entry.code_text = text;
}

/* The stored bytes of an act's object: some hundred, or none for every eleventh. */
static str body_of(uint64_t index) {
    static char memory[8192];
    size_t count = index % 11 == 0 ? 0 : (size_t)(index * 37 % 8000);
    for (size_t i = 0; i < count; i++) memory[i] = (char)(i * 31 + index);
    return str_of(memory, count);
}

static digest run_root(str bytes) {
    struct tlog_chunks chunks;
    tlog_chunks_begin(&chunks);
    tlog_chunks_add(&chunks, bytes.at, bytes.len);
    return tlog_chunks_end(&chunks);
}

enum { PARTS = 3 };

/* The n-th third of a body. */
static str part_of(str body, size_t n) {
    size_t each = body.len / PARTS;
    return str_slice(body, n * each, n + 1 < PARTS ? each : body.len);
}

static digest stored_root_of(enum evidence_type type, str body) {
    digest leaves[PARTS];
    if (type != EVIDENCE_UPLOAD_COMPLETE) return run_root(body);
    for (size_t n = 0; n < PARTS; n++) {
        digest root = run_root(part_of(body, n));
        leaves[n] = tlog_leaf_hash(digest_str(&root));
    }
    return tlog_root_of(leaves, PARTS);
}

static uint64_t act_add(enum evidence_type type, str bucket, str key, str version) {
    uint64_t index = world->count;
    struct world_entry *w = entry_add(type);
    str body = body_of(index);
    w->entry.stored_root = stored_root_of(type, body);
    w->content = sha256_of(body);
    w->values.of[EVIDENCE_BUCKET] = bucket;
    w->values.of[EVIDENCE_KEY] = key;
    w->values.of[EVIDENCE_VERSION] = version;
    if (evidence_type_parts(type) & EVIDENCE_STORED) {
        w->values.of[EVIDENCE_SIZE] = evidence_value_number(w->size, body.len);
        w->values.of[EVIDENCE_CONTENT] = digest_str(&w->content);
    }
    return index;
}

static void row_add(enum evidence_listing_kind kind, uint64_t index) {
    assert_true(world->row_count < WORLD_ROWS_MAX);
    const struct world_entry *w = &world->entries[index];
    struct world_row *r = &world->rows[world->row_count++];
    r->opens_of = index;
    r->row.kind = kind;
    r->row.log = world->row_log;
    r->row.index = index;
    r->row.bytes = body_of(index).len;
    r->row.content = w->content;
    r->row.bucket = w->values.of[EVIDENCE_BUCKET];
    r->row.key = w->values.of[EVIDENCE_KEY];
    r->row.version =
        w->values.of[EVIDENCE_VERSION].len > 0 ? w->values.of[EVIDENCE_VERSION] : STR("null");
}

static uint64_t listed_put(str key, str version) {
    uint64_t index = act_add(EVIDENCE_PUT, STR("grid-a"), key, version);
    row_add(EVIDENCE_LISTED_VERSION, index);
    return index;
}

static uint64_t gone_act(enum evidence_type type, str key, str version) {
    uint64_t index = act_add(type, STR("grid-a"), key, version);
    row_add(EVIDENCE_LISTED_ACT, index);
    return index;
}

static void story_make(void) {
    world->put_plain = listed_put(STR("../a key \xe6\xa0\xa1\xe5\x80\x89//\n"), STR("null"));
    world->put_replaced = gone_act(EVIDENCE_PUT, STR("twice"), STR("")); /* "" means null too */
    world->put_replacing = listed_put(STR("twice"), STR("null"));
    world->put_deleted = gone_act(EVIDENCE_PUT, STR("gone"), STR("v-1"));
    world->deleting = gone_act(EVIDENCE_DELETE, STR("gone"), STR("v-1"));
    world->copied = act_add(EVIDENCE_COPY, STR("grid-b"), STR("copy"), STR("v-2"));
    row_add(EVIDENCE_LISTED_VERSION, world->copied);
    world->marked = listed_put(STR("marked"), STR("v-3"));
    world->marker = act_add(EVIDENCE_DELETE_MARKER, STR("grid-a"), STR("marked"), STR("v-4"));
    row_add(EVIDENCE_LISTED_MARKER, world->marker);
    world->completed = act_add(EVIDENCE_UPLOAD_COMPLETE, STR("grid-a"), STR("large"), STR("v-5"));
    row_add(EVIDENCE_LISTED_VERSION, world->completed);
    world->put_redacted = act_add(EVIDENCE_PUT, STR("grid-a"), STR("person"), STR("v-6"));
    gone_act(EVIDENCE_DELETE, STR("person"), STR("v-6"));
    world->redacting = world->count;
    struct world_entry *w = entry_add(EVIDENCE_REDACTED);
    w->entry.span_first = world->put_redacted;
    w->entry.span_count = 1;
    world->refusal = act_add(EVIDENCE_REFUSE, STR("grid-a"), STR("never"), STR(""));
    world->entries[world->refusal].entry.decision = EVIDENCE_REFUSED;
    w = entry_add(EVIDENCE_FOLD);
    w->entry.span_first = world->refusal;
    w->entry.span_count = 1000; /* that many followed without entries of their own */
}

static void world_begin(const char *name) {
    if (!world) world = calloc(1, sizeof *world);
    assert_non_null(world);
    memset(world, 0, sizeof *world);
    world->arena = arena_over(world->memory, sizeof world->memory);
    world->log = signer_make(name, TLOG_KEY_ED25519, "log");
    world->witness = signer_make("witness.example.jp", TLOG_KEY_COSIGNATURE, "witness");
}

static void codes_make(void) {
    code_add(EVIDENCE_CODE_ACT, 1, STR("put"));
    code_add(EVIDENCE_CODE_SECTOR, 1, STR("electricity"));
    code_add(EVIDENCE_CODE_CLASS, 1, STR("important"));
    code_add(EVIDENCE_CODE_SITE, 1, STR("sendai"));
    code_add(EVIDENCE_CODE_CLAUSE, 7, STR("jp-guideline-2019/data.at-home"));
}

void world_make(void) {
    world_begin("ledger.example.jp/sendai");
    entry_add(EVIDENCE_START);
    codes_make();
    for (uint64_t i = 0; i < 300; i++) listed_put(text_keep("meter/%llu", i), STR("null"));
    story_make();
}

void world_make_successor(const struct evidence_entry *succession) {
    world_begin("ledger.example.jp/sendai/2");
    world->row_log = 1;
    struct world_entry *w = entry_add(EVIDENCE_SUCCESSION);
    w->entry = *succession;
    w->entry.type = EVIDENCE_SUCCESSION;
    w->entry.minute = 29001000;
    entry_add(EVIDENCE_START);
    codes_make();
    for (uint64_t i = 0; i < 9; i++) listed_put(text_keep("later/%llu", i), STR("null"));
    world->deleting = gone_act(EVIDENCE_DELETE, STR("meter/7"), STR("null"));
    for (uint64_t i = 1; i < world->count; i++) {
        struct world_entry *next = &world->entries[i];
        next->entry.minute = 29001000;
        if (next->has_values) /* no salt of the first log's */
            for (size_t n = 0; n < sizeof next->osalt.at; n++) next->osalt.at[n] ^= 0x55;
    }
}

void world_seal(void) {
    struct tlog_tree tree;
    struct error e;
    tlog_tree_init(&tree);
    for (uint64_t i = 0; i < world->count; i++) {
        struct world_entry *w = &world->entries[i];
        if (w->has_values)
            w->entry.fields_root = evidence_fields_root(w->entry.type, &w->osalt, &w->values);
        if (w->bytes.len == 0)
            assert_ok(evidence_entry_encode(&w->entry, w->bytes_memory, sizeof w->bytes_memory,
                                            &w->bytes, &e),
                      &e);
        digest leaf = tlog_leaf_hash(w->bytes);
        tlog_tree_append(&tree, &leaf, NULL);
    }
    world->root = tlog_tree_root(&tree);
    struct tlog_checkpoint checkpoint = {
        .origin = tlog_vkey_name(&world->log.vkey), .size = world->count, .root = world->root};
    struct text note = text_into(world->checkpoint_memory, sizeof world->checkpoint_memory);
    assert_ok(tlog_checkpoint_sign(&note, &checkpoint, &world->log, &e), &e);
    world->checkpoint = text_str(&note);
}

/* ---- writing */

void world_path(char *out, size_t cap, const char *name) {
    snprintf(out, cap, "%s/%s", world->dir, name);
}

static void folders_make(const char *path) {
    char folder[256];
    for (const char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
        mkdir(folder, 0755);
    }
}

void file_write(const char *path, str bytes) {
    folders_make(path);
    FILE *file = fopen(path, "wb");
    if (!file) fail_msg("cannot write %s", path);
    assert_int_equal(fwrite(bytes.at ? bytes.at : "", 1, bytes.len, file), bytes.len);
    assert_int_equal(fclose(file), 0);
}

void file_flip(const char *name, size_t offset_from_end) {
    char path[256];
    world_path(path, sizeof path, name);
    FILE *file = fopen(path, "r+b");
    if (!file) fail_msg("cannot open %s", path);
    assert_int_equal(fseek(file, -(long)offset_from_end, SEEK_END), 0);
    int byte = fgetc(file);
    assert_int_equal(fseek(file, -(long)offset_from_end, SEEK_END), 0);
    fputc(byte ^ 1, file);
    assert_int_equal(fclose(file), 0);
}

static digest nodes[3][WORLD_ENTRIES_MAX]; /* of tree levels 0, 8, 16 */

static void node_keep(void *self, unsigned level, uint64_t index, const digest *hash) {
    if (level % 8 == 0) nodes[level / 8][index] = *hash;
}

static void tile_write(const struct tlog_tile *tile) {
    static char memory[TLOG_TILE_WIDTH * (2 + WORLD_ENTRY_BYTES)];
    char name[TLOG_TILE_PATH_BYTES], path[256], in_ledger[128];
    struct pack pack = pack_into(memory, sizeof memory);
    struct error e;
    for (unsigned i = 0; i < tile->width; i++) {
        uint64_t number = tile->index * TLOG_TILE_WIDTH + i;
        if (tile->is_entries) {
            assert_ok(tlog_bundle_add(&pack, world->entries[number].bytes, &e), &e);
        } else {
            pack_raw(&pack, nodes[tile->level][number].at, DIGEST_BYTES);
        }
    }
    tlog_tile_path_write(tile, name);
    snprintf(in_ledger, sizeof in_ledger, "ledger/%s", name);
    world_path(path, sizeof path, in_ledger);
    assert_false(pack.overflow);
    file_write(path, str_of(memory, pack.len));
}

static void ledger_write(void) {
    struct tlog_tree tree;
    struct tlog_node_listener listener = {.node = node_keep};
    tlog_tree_init(&tree);
    for (uint64_t i = 0; i < world->count; i++) {
        digest leaf = tlog_leaf_hash(world->entries[i].bytes);
        tlog_tree_append(&tree, &leaf, &listener);
    }
    for (unsigned level = 0; level < 2; level++) {
        for (uint64_t i = 0; i < tlog_tile_count(level, world->count); i++) {
            struct tlog_tile tile = {
                .level = level, .index = i, .width = tlog_tile_width(level, i, world->count)};
            tile_write(&tile);
            tile.is_entries = true;
            if (level == 0) tile_write(&tile);
        }
    }
    char path[256];
    world_path(path, sizeof path, "ledger/checkpoint");
    file_write(path, world->checkpoint);
}

static void row_write(struct text *out, const struct world_row *r) {
    static const enum evidence_field fields[] = {EVIDENCE_BUCKET, EVIDENCE_KEY, EVIDENCE_VERSION,
                                                 EVIDENCE_SIZE, EVIDENCE_CONTENT};
    struct evidence_listing_row row = r->row;
    struct evidence_open opens[COUNT_OF(fields)];
    char memory[8192];
    struct error e;
    if (r->opens_of != EVIDENCE_LISTING_NO_INDEX) {
        const struct world_entry *w = &world->entries[r->opens_of];
        size_t count = row.kind == EVIDENCE_LISTED_VERSION ? 5 : 3;
        if (r->without_digest) count = 4;
        for (size_t i = 0; i < count; i++)
            assert_ok(
                evidence_open_make(w->entry.type, &w->osalt, &w->values, fields[i], &opens[i], &e),
                &e);
        if (r->damage_salt) opens[0].salt.at[3] ^= 4;
        struct evidence_extra extra = {.entry = w->bytes, .opens = opens, .open_count = count};
        assert_ok(evidence_extra_encode(&extra, memory, sizeof memory, &row.extra, &e), &e);
    }
    evidence_listing_row_write(out, &row);
}

static void body_path(const digest *root, char *name, size_t cap) {
    char hex[2 * DIGEST_BYTES + 1] = "";
    hex_write(root->at, DIGEST_BYTES, hex);
    snprintf(name, cap, "export/bodies/%.2s/%s", hex, hex);
}

static void run_write(const digest *root, str bytes) {
    char name[128], path[256];
    body_path(root, name, sizeof name);
    world_path(path, sizeof path, name);
    file_write(path, bytes);
}

static void body_write(const struct world_row *r) {
    const struct world_entry *w = &world->entries[r->opens_of];
    str body = body_of(r->opens_of);
    if (w->entry.type != EVIDENCE_UPLOAD_COMPLETE) {
        run_write(&w->entry.stored_root, body);
        return;
    }
    digest roots[PARTS];
    for (size_t n = 0; n < PARTS; n++) {
        roots[n] = run_root(part_of(body, n));
        run_write(&roots[n], part_of(body, n));
    }
    run_write(&w->entry.stored_root, str_of(roots, sizeof roots));
    body_path(&roots[1], world->part_name, sizeof world->part_name);
}

static void export_write(void) {
    static char memory[2 << 20];
    struct text out = text_into(memory, sizeof memory);
    struct evidence_listing_head head = {.logs = {{tlog_vkey_name(&world->log.vkey), world->count}},
                                         .log_count = 1,
                                         .has_bodies = world->has_bodies};
    uint64_t rows = 0;
    evidence_listing_head_write(&out, &head);
    for (uint64_t i = 0; i < world->row_count; i++) {
        const struct world_row *r = &world->rows[i];
        if (r->left_out) continue;
        rows++;
        row_write(&out, r);
        if (world->has_bodies && r->row.kind == EVIDENCE_LISTED_VERSION &&
            r->opens_of != EVIDENCE_LISTING_NO_INDEX)
            body_write(r);
    }
    evidence_listing_end_write(&out, rows);
    assert_false(out.overflow);
    char path[256];
    world_path(path, sizeof path, "export/listing");
    file_write(path, text_str(&out));
}

void world_write(void) {
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(world->dir, sizeof world->dir, "%s/azekura-verify-XXXXXX", memory);
    assert_non_null(mkdtemp(world->dir));
    ledger_write();
    export_write();
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    return remove(path);
}

void world_remove(void) {
    nftw(world->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* ---- checking */

const struct verify_result *world_check(bool with_store, str since, enum error_code *code,
                                        struct error *e) {
    static struct verify_result result;
    static char texts[1 << 20];
    struct arena texts_arena = arena_over(texts, sizeof texts), arena;
    struct arena_space space;
    char path[256];
    memset(&result, 0, sizeof result);
    result.arena = &texts_arena;
    assert_ok(arena_space_open(&space, (size_t)64 << 20, &arena, e), e);
    struct verify_trust trust = {.log = world->log.vkey};
    struct verify_folder folder;
    struct verify_source source;
    world_path(path, sizeof path, "ledger");
    assert_ok(verify_folder_open(path, &folder, &source, e), e);
    struct verify_ledger ledger = {.trust = &trust, .source = &source, .since = since};
    struct verify_store store = {.buffer = NULL};
    struct verify_observer observer;
    struct verify_line line;
    *code = verify_ledger_head(&ledger, &arena, &result, &line, e);
    if (*code == OK && with_store) {
        world_path(path, sizeof path, "export");
        *code = verify_store_open(&store, path, &line, &arena, &result, e);
        observer = verify_store_observer(&store);
        ledger.observers = &observer;
        ledger.observer_count = 1;
    }
    if (*code == OK) *code = verify_ledger_check(&ledger, &line, &arena, &result, e);
    if (*code == OK && with_store) *code = verify_store_finish(&store, e);
    verify_store_close(&store);
    verify_folder_close(&folder);
    arena_space_release(&space);
    result.arena = NULL;
    return &result;
}

bool result_has(const struct verify_result *result, const char *finding_part) {
    for (size_t i = 0; i < result->finding_count && i < VERIFY_FINDINGS_SHOWN; i++) {
        size_t at;
        if (str_find(result->findings[i], str_from_c(finding_part), &at)) return true;
    }
    return false;
}
