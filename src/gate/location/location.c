/* A session with a landmark: who may have one, which piece a draw means, where it lies, what shows it.
 *
 * Everything is looked up under one view, opened when the session began: a body that is removed while
 * it lasts stays readable until its end. */
#include "gate/location/location.h"

#include "base/disk.h"
#include "base/log.h"
#include "gate/turn/past.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

enum { SPACE_BYTES = 64 << 20 }; /* address space: buckets, rows, a proof's tiles */

struct gate_location {
    struct gate *gate;
    struct arena_space space;
    struct arena arena; /* of the session; of a draw: passed by copy */
    struct engine_view *view;
    struct store_buckets buckets;
    struct tlog_checkpoint checkpoint;
    str note;
    struct locproof_opening opening;
    struct tlog_vkey key; /* the landmark's */
    struct locproof_place place;
    enum locproof_medium medium;
    _Alignas(4096) char piece[LIMIT_STORED_PIECE_BYTES]; /* as direct reading wants it */
};

const struct locproof_opening *gate_location_opening(const struct gate_location *location) {
    return &location->opening;
}
str gate_location_note(const struct gate_location *location) {
    return location->note;
}
unsigned gate_location_medium(const struct gate_location *location) {
    return location->medium;
}
const struct locproof_place *gate_location_place(const struct gate_location *location) {
    return &location->place;
}
const struct tlog_vkey *gate_location_key(const struct gate_location *location) {
    return &location->key;
}

/* ---- who may ---- */

static const struct register_row *site_of(const struct gate_rules *rules) {
    return register_row_at(rules->snapshot, REGISTER_SITES, rules->site, clock_wall_ns());
}

bool gate_location_expected(struct gate *gate) {
    struct gate_landmarks landmarks = {.count = 0};
    unsigned slot;
    bool expected = false;
    struct gate_world *world = gate_world_take(gate, &slot);
    const struct register_row *site = site_of(world->rules);
    if (site != NULL) gate_landmarks_read(site, clock_wall_ns(), &landmarks);
    for (size_t i = 0; i < landmarks.count; i++) expected = expected || landmarks.at[i].has_key;
    gate_world_give(world, slot);
    return expected;
}

static enum error_code landmark_find(struct gate_visit *visit, str note, struct gate_landmark *out,
                                     struct locproof_opening *opening, struct error *e) {
    struct gate_landmarks landmarks = {.count = 0};
    struct tlog_note parsed;
    struct tlog_signed said;
    const struct register_row *site = site_of(visit->world->rules);
    TRY(tlog_note_parse(note, &parsed, e));
    TRY(locproof_opening_read(parsed.text, opening, e));
    if (site != NULL) gate_landmarks_read(site, clock_wall_ns(), &landmarks);
    for (size_t i = 0; i < landmarks.count; i++) {
        const struct gate_landmark *l = &landmarks.at[i];
        if (!l->has_key || !str_equal(l->name, opening->name)) continue;
        TRY(tlog_note_verify(&parsed, &l->key, 1, &said, e));
        if (!said.valid) break;
        *out = *l;
        return OK;
    }
    atomic_fetch_add_explicit(&visit->gate->counters.denied, 1, memory_order_relaxed);
    return error_set(e, FAIL_ACCESS_DENIED,
                     "the row of site %.*s names no landmark \"%.*s\" with the key that signed",
                     STR_FMT(visit->world->rules->site), STR_FMT(opening->name));
}

enum error_code gate_location_vouch(struct gate_visit *visit, str note, struct error *e) {
    struct gate_landmark landmark;
    struct locproof_opening opening;
    return landmark_find(visit, note, &landmark, &opening, e);
}

/* The pieces of every dataset leave in one session: each is asked, the first that refuses refuses, and
 * the strictest of the others is what the entry tells. */
enum error_code gate_location_decide(struct gate_visit *visit, str landmark,
                                     struct gate_decided *decided, struct evidence_values *values,
                                     struct gate_answer *answer, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    *decided = (struct gate_decided){.act = STR("administer"),
                                     .site = rules->site,
                                     .rule_digest = *gate_rules_digest(rules),
                                     .generation = rules->generation};
    TRY(gate_visit_values(visit, STR_EMPTY, STR_EMPTY, values, e));
    TRY(arena_format(visit->arena, &values->of[EVIDENCE_USER], e, "landmark/%.*s",
                     STR_FMT(landmark)));
    for (size_t i = 0; i < rules->dataset_count; i++) {
        struct arena before = *visit->arena;
        struct gate_decided one;
        TRY(gate_decide_dataset(visit, STR("administer"), rules->datasets[i].id, &one, e));
        bool is_kept = i == 0 || one.effect > decided->effect; /* the first made the reader, too */
        if (is_kept)
            *decided = one;
        else
            *visit->arena = before;
        if (one.effect == GATE_REFUSE) break;
    }
    return gate_decided_answer(visit, decided, values, false, answer, e);
}

/* ---- the disk ---- */

static bool rotational_read(unsigned major_, unsigned minor_, const char *up, bool *out) {
    char path[128], memory[64];
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    str text;
    snprintf(path, sizeof path, "/sys/dev/block/%u:%u%s/queue/rotational", major_, minor_, up);
    if (disk_file_read(AT_FDCWD, path, 16, &arena, &text, &e) != OK || text.len == 0) return false;
    *out = text.at[0] == '1';
    return true;
}

/* Of a partition the disk it is on; of what is no disk (a network's, an overlay) nothing is known. */
static enum locproof_medium medium_of(const char *data_dir) {
    struct stat about;
    bool rotates;
    if (stat(data_dir, &about) != 0) return LOCPROOF_MEDIUM_UNKNOWN;
    unsigned major_ = major(about.st_dev), minor_ = minor(about.st_dev);
    if (!rotational_read(major_, minor_, "", &rotates) &&
        !rotational_read(major_, minor_, "/..", &rotates))
        return LOCPROOF_MEDIUM_UNKNOWN;
    return rotates ? LOCPROOF_ROTATING : LOCPROOF_SOLID;
}

/* ---- opening ---- */

static enum error_code moment_take(struct gate_location *l, struct error *e) {
    TRY(gate_publish_now(l->gate, e));
    TRY(ledger_checkpoint(l->gate->ledger, &l->arena, &l->checkpoint, &l->note, e));
    TRY(engine_view_open(l->gate->engine, &l->view, e)); /* after it: shows all it is about */
    return store_buckets_load(l->view, &l->arena, &l->buckets, e);
}

enum error_code gate_location_open(struct gate_visit *visit, str note, struct gate_location **out,
                                   struct gate_answer *answer, struct error *e) {
    struct locproof_opening opening;
    struct gate_decided decided;
    struct evidence_values values;
    struct gate_landmark landmark;
    struct arena_space space;
    struct arena arena;
    *answer = (struct gate_answer){0};
    TRY(landmark_find(visit, note, &landmark, &opening, e));
    if (!str_equal(opening.site, visit->world->rules->site))
        return error_set(e, FAIL_USAGE, "this store's site is %.*s",
                         STR_FMT(visit->world->rules->site));
    TRY(gate_location_decide(visit, opening.name, &decided, &values, answer, e));
    TRY(arena_space_open(&space, SPACE_BYTES, &arena, e));
    struct gate_location *l = arena_take(&arena, sizeof *l, _Alignof(struct gate_location), 1);
    assert(l != NULL); /* the first thing in 64 MiB */
    l->gate = visit->gate;
    l->space = space;
    l->arena = arena;
    l->key = landmark.key;
    l->place = landmark.place;
    l->medium = medium_of(visit->gate->options.data_dir);
    l->opening = opening;
    enum error_code code = arena_copy(&l->arena, opening.name, &l->opening.name, e);
    if (code == OK) code = arena_copy(&l->arena, opening.site, &l->opening.site, e);
    if (code == OK) code = moment_take(l, e);
    if (code != OK) {
        gate_location_close(l);
        return code;
    }
    *out = l;
    return OK;
}

void gate_location_close(struct gate_location *location) {
    if (location == NULL) return;
    if (location->view != NULL) engine_view_close(location->view);
    struct arena_space space = location->space; /* it lies in it */
    arena_space_release(&space);
}

/* ---- which body ---- */

/* A body as a draw finds it: the whole of a plain one, or one part. */
struct drawn {
    bool is_there;
    enum locproof_why why;
    struct store_version version;
    struct store_body body;
    bool of_parts;
    uint64_t part; /* of parts: which, from 0 */
    uint64_t piece;
};

static enum error_code nothing(struct drawn *out, enum locproof_why why) {
    out->is_there = false;
    out->why = why;
    return OK;
}

/* No opening: an entry that has none, or one whose opening was destroyed. */
static enum error_code unopened(struct gate_location *l, uint64_t index, struct arena arena,
                                struct drawn *out, struct error *e) {
    struct evidence_entry entry;
    struct arena scratch = arena;
    str bytes;
    scratch.next += 1 << 16;
    TRY(ledger_entry_read(l->gate->ledger, ledger_number(l->gate->ledger), index, l->view, &arena,
                          scratch, &bytes, e));
    TRY(evidence_entry_decode(bytes, &arena, &entry, e));
    bool stores = (evidence_type_parts(entry.type) & EVIDENCE_STORED) != 0;
    return nothing(out, stores ? LOCPROOF_UNTOLD : LOCPROOF_NO_BODY);
}

static enum error_code version_drawn(struct gate_location *l, uint64_t index, struct arena *arena,
                                     struct drawn *out, struct error *e) {
    uint32_t number = ledger_number(l->gate->ledger);
    struct evidence_opening opening;
    bool is_null = false, found = false;
    uint64_t sequence = 0;
    enum error_code code = gate_opening_read(l->gate, l->view, number, index, arena, &opening, e);
    if (code == FAIL_NOT_FOUND) return unopened(l, index, *arena, out, e);
    TRY(code);
    if ((evidence_type_parts(opening.type) & EVIDENCE_STORED) == 0)
        return nothing(out, LOCPROOF_NO_BODY);
    const str *values = opening.values.of;
    const struct store_bucket *bucket = store_bucket_find(&l->buckets, values[EVIDENCE_BUCKET]);
    if (bucket == NULL || values[EVIDENCE_KEY].len > LIMIT_KEY_BYTES ||
        !store_version_read(values[EVIDENCE_VERSION], &is_null, &sequence))
        return nothing(out, LOCPROOF_GONE);
    TRY(store_version_find(l->view, bucket->id, values[EVIDENCE_KEY], true, is_null, sequence,
                           arena, &out->version, &found, e));
    if (!found || out->version.entry != index ||
        gate_eras_find(l->gate->eras, out->version.sequence) != number)
        return nothing(out, LOCPROOF_GONE);
    out->is_there = true;
    return OK;
}

static enum error_code part_drawn(struct gate_location *l, const struct locproof_draw *draw,
                                  struct arena *arena, struct drawn *out, struct error *e) {
    struct store_part part;
    uint64_t first;
    if (out->version.body.part_count == 0) return error_set(e, FAIL_CORRUPT, "a body of no parts");
    out->of_parts = true;
    out->part = locproof_leaf_of(draw->list_bits, out->version.body.part_count);
    TRY(store_part_nth(l->view, &out->version, (uint32_t)out->part + 1, arena, &part, &first, e));
    out->body = part.body;
    return OK;
}

static enum error_code body_drawn(struct gate_location *l, const struct locproof_draw *draw,
                                  struct arena *arena, struct drawn *out, struct error *e) {
    *out = (struct drawn){0};
    TRY(version_drawn(l, draw->entry, arena, out, e));
    if (!out->is_there) return OK;
    out->body = out->version.body;
    if (out->body.kind == STORE_BODY_PARTS) TRY(part_drawn(l, draw, arena, out, e));
    if (out->body.kind == STORE_BODY_EMPTY) return nothing(out, LOCPROOF_NO_BODY);
    uint64_t count = tlog_chunks_count(out->body.stored_bytes);
    if (count == 0) return error_set(e, FAIL_CORRUPT, "a body of no stored bytes");
    out->piece = locproof_leaf_of(draw->piece_bits, count);
    return OK;
}

/* ---- its bytes ---- */

static enum error_code inline_read(struct gate_location *l, const struct store_body *body,
                                   struct arena *arena, str *out, struct error *e) {
    bool found;
    TRY(engine_view_get(l->view, ENGINE_BODY, str_of(body->blob.at, sizeof body->blob.at), arena,
                        out, &found, e));
    if (!found) return error_set(e, FAIL_CORRUPT, "a body that a row names is not in the engine");
    return OK;
}

/* Past the page cache, so that the time is the disk's; a file system that cannot (EINVAL) reads as it
 * can. Pieces lie at multiples of their length, as direct reading wants them. */
static enum error_code file_piece(struct engine_blob *blob, char piece[LIMIT_STORED_PIECE_BYTES],
                                  uint64_t offset, size_t *got, struct error *e) {
    char path[64];
    int direct;
    struct error why;
    int file = engine_blob_file(blob);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    if (file >= 0 &&
        disk_open(AT_FDCWD, path, O_RDONLY | O_DIRECT | O_CLOEXEC, 0, &direct, &why) == OK) {
        enum error_code code =
            disk_read(direct, piece, LIMIT_STORED_PIECE_BYTES, offset, got, "a body", &why);
        disk_close(direct);
        if (code == OK) return OK;
    }
    return engine_blob_read(blob, offset, piece, LIMIT_STORED_PIECE_BYTES, got, e);
}

static enum error_code piece_read(struct gate_location *l, const struct drawn *drawn,
                                  struct arena *arena, struct gate_piece *out, struct error *e) {
    uint64_t offset = drawn->piece * LIMIT_STORED_PIECE_BYTES;
    size_t wanted = (size_t)u64_min(drawn->body.stored_bytes - offset, LIMIT_STORED_PIECE_BYTES);
    if (drawn->body.kind == STORE_BODY_INLINE) {
        str bytes;
        TRY(inline_read(l, &drawn->body, arena, &bytes, e));
        str piece = str_slice(bytes, (size_t)offset, wanted);
        out->at = piece.at;
        out->bytes = piece.len;
    } else {
        struct engine_blob *blob;
        size_t got = 0;
        TRY(engine_blob_open(l->gate->engine, drawn->body.blob, &blob, e));
        enum error_code code = file_piece(blob, l->piece, offset, &got, e);
        engine_blob_close(blob);
        TRY(code);
        out->at = l->piece;
        out->bytes = size_min(got, wanted);
    }
    if (out->bytes != wanted)
        return error_set(e, FAIL_CORRUPT, "a body is shorter than its row says");
    out->is_there = true;
    return OK;
}

void gate_location_piece(struct gate_location *location, const struct locproof_draw *draw,
                         struct gate_piece *out) {
    struct arena arena = location->arena;
    struct drawn drawn;
    struct error e;
    *out = (struct gate_piece){.why = LOCPROOF_UNREADABLE};
    enum error_code code = body_drawn(location, draw, &arena, &drawn, &e);
    if (code == OK && !drawn.is_there) {
        out->why = drawn.why;
        return;
    }
    if (code == OK) code = piece_read(location, &drawn, &arena, out, &e);
    if (code != OK) log_error("a drawn piece cannot be read", &e);
}

/* ---- what shows it ---- */

static enum error_code body_path(struct gate_location *l, const struct drawn *drawn,
                                 struct arena arena, struct tlog_path *out, struct error *e) {
    struct tlog_chunk_proof *proof = arena_new(&arena, struct tlog_chunk_proof, 1);
    digest leaf;
    if (proof == NULL) return error_set(e, FAIL_MEMORY, "no room to show a piece");
    TRY(tlog_chunk_proof_begin(proof, drawn->body.stored_bytes, drawn->piece, e));
    if (drawn->body.kind == STORE_BODY_INLINE) {
        str bytes;
        TRY(inline_read(l, &drawn->body, &arena, &bytes, e));
        TRY(tlog_chunk_proof_add(proof, bytes.at, bytes.len, e));
        return tlog_chunk_proof_end(proof, out, &leaf, e);
    }
    struct engine_blob *blob;
    enum { READ_BYTES = 1 << 20 };
    char *memory = arena_bytes(&arena, READ_BYTES);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room to show a piece");
    TRY(engine_blob_open(l->gate->engine, drawn->body.blob, &blob, e));
    enum error_code code = OK;
    for (uint64_t at = 0; code == OK && at < drawn->body.stored_bytes;) {
        size_t got = 0;
        code = engine_blob_read(blob, at, memory, READ_BYTES, &got, e);
        if (code == OK && got == 0) code = error_set(e, FAIL_CORRUPT, "a body ends too early");
        if (code == OK) code = tlog_chunk_proof_add(proof, memory, got, e);
        at += got;
    }
    engine_blob_close(blob);
    return code == OK ? tlog_chunk_proof_end(proof, out, &leaf, e) : code;
}

struct roots {
    digest *at; /* as leaves: of each part its root's leaf hash */
    digest wanted;
    size_t count, cap, which;
};

static enum error_code root_take(void *self, const struct store_part *part, struct error *e) {
    struct roots *roots = self;
    if (roots->count == roots->cap)
        return error_set(e, FAIL_CORRUPT, "more parts than the object's row says");
    if (roots->count == roots->which) roots->wanted = part->body.stored_root;
    roots->at[roots->count++] = tlog_leaf_hash(digest_str(&part->body.stored_root));
    return OK;
}

static enum error_code part_show(struct gate_location *l, const struct drawn *drawn,
                                 struct arena arena, struct locproof_shown *shown,
                                 struct error *e) {
    struct roots roots = {.cap = drawn->version.body.part_count, .which = (size_t)drawn->part};
    bool truncated;
    roots.at = arena_new(&arena, digest, roots.cap);
    if (roots.at == NULL) return error_set(e, FAIL_MEMORY, "no room for a list of parts");
    TRY(store_part_list(l->view, drawn->version.body.upload, 0, LIMIT_PART_COUNT, root_take, &roots,
                        arena, &truncated, e));
    if (roots.count != roots.cap)
        return error_set(e, FAIL_CORRUPT, "%zu of %zu parts are there", roots.count, roots.cap);
    tlog_path_of(roots.at, roots.count, roots.which, &shown->part_path);
    shown->part_root = roots.wanted;
    shown->has_part = true;
    return OK;
}

enum error_code gate_location_shown(struct gate_location *location,
                                    const struct locproof_draw *draw, struct arena *arena,
                                    str *bytes, struct error *e) {
    struct gate_location *l = location;
    struct arena own = l->arena, scratch;
    struct drawn drawn;
    struct locproof_shown *shown = arena_new(&own, struct locproof_shown, 1);
    char *memory = arena_bytes(arena, LOCPROOF_SHOWN_BYTES);
    if (shown == NULL || memory == NULL)
        return error_set(e, FAIL_MEMORY, "no room to show a piece");
    TRY(body_drawn(l, draw, &own, &drawn, e));
    scratch = own;
    scratch.next += 1 << 20; /* what stays of the entry and the list is less */
    TRY(ledger_entry_read(l->gate->ledger, ledger_number(l->gate->ledger), draw->entry, l->view,
                          &own, scratch, &shown->entry, e));
    TRY(ledger_path_at(l->gate->ledger, draw->entry, l->checkpoint.size, scratch,
                       &shown->entry_path, e));
    shown->has_piece = drawn.is_there;
    if (drawn.is_there) TRY(body_path(l, &drawn, own, &shown->piece_path, e));
    if (drawn.is_there && drawn.of_parts) TRY(part_show(l, &drawn, own, shown, e));
    return locproof_shown_write(shown, memory, LOCPROOF_SHOWN_BYTES, bytes, e);
}
