/* The "extra" of a proof file: the entry itself, fields chosen to be shown, and the names of the
 * codes in it. Nobody signed an extra; every claim in it is held against the signed tree by its own
 * path. Layout: docs/formats/opening.md. */
#include "evidence/evidence.h"

static const char magic[4] = {'A', 'Z', 'K', 'X'};

static void put_bytes(struct pack *p, str bytes) {
    if (bytes.len > UINT16_MAX) {
        p->overflow = true;
        return;
    }
    pack_u16(p, (uint16_t)bytes.len);
    pack_raw(p, bytes.at, bytes.len);
}

static void put_path(struct pack *p, const digest *path, size_t count) {
    pack_u8(p, (uint8_t)count);
    for (size_t i = 0; i < count; i++) pack_raw(p, path[i].at, sizeof path[i].at);
}

enum { FORMAT_STEPS = 2 }; /* with steps; without them the format is 1 as before */

static enum error_code steps_put(struct pack *p, const struct evidence_extra *extra,
                                 struct error *e) {
    pack_u8(p, (uint8_t)extra->step_count);
    for (size_t i = 0; i < extra->step_count; i++) {
        const struct evidence_step *step = &extra->steps[i];
        if (step->path_count > TLOG_PATH_MAX)
            return error_set(e, FAIL_USAGE, "a path of %zu hashes", step->path_count);
        put_bytes(p, step->entry);
        pack_u64(p, step->index);
        put_path(p, step->path, step->path_count);
    }
    return OK;
}

enum error_code evidence_extra_encode(const struct evidence_extra *extra, void *out, size_t cap,
                                      str *bytes, struct error *e) {
    if (extra->open_count > EVIDENCE_FIELD_LAST || extra->name_count > EVIDENCE_NAMES_MAX)
        return error_set(e, FAIL_LIMIT, "%zu opened fields and %zu names are too many for a proof",
                         extra->open_count, extra->name_count);
    if (extra->step_count > EVIDENCE_STEPS_MAX)
        return error_set(e, FAIL_LIMIT, "%zu logs came after the entry's; a proof goes back %d",
                         extra->step_count, EVIDENCE_STEPS_MAX);
    struct pack p = pack_into(out, cap);
    pack_raw(&p, magic, sizeof magic);
    pack_u8(&p, extra->step_count > 0 ? FORMAT_STEPS : EVIDENCE_FORMAT);
    if (extra->step_count > 0) TRY(steps_put(&p, extra, e));
    put_bytes(&p, extra->entry);

    pack_u8(&p, (uint8_t)extra->open_count);
    for (size_t i = 0; i < extra->open_count; i++) {
        const struct evidence_open *open = &extra->opens[i];
        if (i > 0 && open->field <= open[-1].field)
            return error_set(e, FAIL_USAGE, "opened fields must ascend");
        if (open->path_count > EVIDENCE_PATH_MAX)
            return error_set(e, FAIL_USAGE, "a path of %zu hashes", open->path_count);
        pack_u16(&p, (uint16_t)open->field);
        pack_raw(&p, open->salt.at, sizeof open->salt.at);
        put_bytes(&p, open->value);
        put_path(&p, open->path, open->path_count);
    }

    pack_u16(&p, (uint16_t)extra->name_count);
    for (size_t i = 0; i < extra->name_count; i++) {
        const struct evidence_name *name = &extra->names[i];
        if (i > 0 && name->index <= name[-1].index)
            return error_set(e, FAIL_USAGE, "names must ascend by index");
        if (name->path_count > TLOG_PATH_MAX)
            return error_set(e, FAIL_USAGE, "a path of %zu hashes", name->path_count);
        pack_u64(&p, name->index);
        put_bytes(&p, name->entry);
        put_path(&p, name->path, name->path_count);
    }
    return pack_done(&p, "the extra of a proof", bytes, e);
}

static str take_bytes(struct unpack *u, size_t count) {
    if (u->broken || count > u->rest.len) {
        u->broken = true;
        return STR_EMPTY;
    }
    str bytes = str_slice(u->rest, 0, count);
    u->rest = str_skip(u->rest, count);
    return bytes;
}

static enum error_code take_opens(struct unpack *u, struct arena *arena, struct evidence_extra *out,
                                  struct error *e) {
    size_t count = unpack_u8(u);
    if (count > EVIDENCE_FIELD_LAST) return error_set(e, FAIL_CORRUPT, "%zu opened fields", count);
    struct evidence_open *opens = arena_new(arena, struct evidence_open, count);
    if (opens == NULL) return error_set(e, FAIL_MEMORY, "no room for opened fields");
    for (size_t i = 0; i < count && !u->broken; i++) {
        opens[i].field = unpack_u16(u);
        unpack_raw(u, opens[i].salt.at, sizeof opens[i].salt.at);
        opens[i].value = take_bytes(u, unpack_u16(u));
        opens[i].path_count = unpack_u8(u);
        if (opens[i].path_count > EVIDENCE_PATH_MAX)
            return error_set(e, FAIL_CORRUPT, "a path of %zu hashes to a field",
                             opens[i].path_count);
        unpack_raw(u, opens[i].path, opens[i].path_count * DIGEST_BYTES);
        if (!u->broken && i > 0 && opens[i].field <= opens[i - 1].field)
            return error_set(e, FAIL_CORRUPT, "opened fields do not ascend");
    }
    out->opens = opens;
    out->open_count = count;
    return OK;
}

static enum error_code take_names(struct unpack *u, struct arena *arena, struct evidence_extra *out,
                                  struct error *e) {
    size_t count = unpack_u16(u);
    if (count > EVIDENCE_NAMES_MAX) return error_set(e, FAIL_CORRUPT, "%zu names of codes", count);
    struct evidence_name *names = arena_new(arena, struct evidence_name, count);
    if (names == NULL) return error_set(e, FAIL_MEMORY, "no room for names of codes");
    for (size_t i = 0; i < count && !u->broken; i++) {
        names[i].index = unpack_u64(u);
        names[i].entry = take_bytes(u, unpack_u16(u));
        names[i].path_count = unpack_u8(u);
        if (names[i].path_count > TLOG_PATH_MAX)
            return error_set(e, FAIL_CORRUPT, "a path of %zu hashes to a name",
                             names[i].path_count);
        digest *path = arena_new(arena, digest, names[i].path_count);
        if (path == NULL) return error_set(e, FAIL_MEMORY, "no room for names of codes");
        unpack_raw(u, path, names[i].path_count * DIGEST_BYTES);
        names[i].path = path;
        if (!u->broken && i > 0 && names[i].index <= names[i - 1].index)
            return error_set(e, FAIL_CORRUPT, "names of codes do not ascend by index");
    }
    out->names = names;
    out->name_count = count;
    return OK;
}

static enum error_code take_steps(struct unpack *u, struct arena *arena, struct evidence_extra *out,
                                  struct error *e) {
    size_t count = unpack_u8(u);
    if (!u->broken && count == 0)
        return error_set(e, FAIL_CORRUPT, "an extra of format 2 without a step");
    struct evidence_step *steps = arena_new(arena, struct evidence_step, count);
    if (steps == NULL) return error_set(e, FAIL_MEMORY, "no room for steps");
    for (size_t i = 0; i < count && !u->broken; i++) {
        steps[i].entry = take_bytes(u, unpack_u16(u));
        steps[i].index = unpack_u64(u);
        steps[i].path_count = unpack_u8(u);
        if (steps[i].path_count > TLOG_PATH_MAX)
            return error_set(e, FAIL_CORRUPT, "a path of %zu hashes to an old entry",
                             steps[i].path_count);
        digest *path = arena_new(arena, digest, steps[i].path_count);
        if (path == NULL) return error_set(e, FAIL_MEMORY, "no room for steps");
        unpack_raw(u, path, steps[i].path_count * DIGEST_BYTES);
        steps[i].path = path;
    }
    out->steps = steps;
    out->step_count = count;
    return OK;
}

enum error_code evidence_extra_decode(str bytes, struct arena *arena, struct evidence_extra *out,
                                      struct error *e) {
    if (!str_starts(bytes, str_of(magic, sizeof magic)) || bytes.len < 5)
        return error_set(e, FAIL_CORRUPT, "this extra is not ours: it does not begin with AZKX");
    struct unpack u = unpack_from(str_skip(bytes, sizeof magic));
    unsigned format = unpack_u8(&u);
    if (format != EVIDENCE_FORMAT && format != FORMAT_STEPS)
        return error_set(e, FAIL_VERSION, "extra format %u; this program knows %d and %d", format,
                         EVIDENCE_FORMAT, FORMAT_STEPS);
    struct evidence_extra extra = {.step_count = 0};
    struct arena used = *arena;
    if (format == FORMAT_STEPS) TRY(take_steps(&u, &used, &extra, e));
    extra.entry = take_bytes(&u, unpack_u16(&u));
    TRY(take_opens(&u, &used, &extra, e));
    TRY(take_names(&u, &used, &extra, e));
    TRY(unpack_done(&u, "the extra of a proof", e));
    *arena = used;
    *out = extra;
    return OK;
}

str evidence_extra_leaf(const struct evidence_extra *extra) {
    return extra->step_count > 0 ? extra->steps[0].entry : extra->entry;
}

enum error_code evidence_step_check(const struct evidence_extra *extra, size_t at,
                                    struct arena *arena, struct evidence_entry *entry,
                                    struct error *e) {
    assert(at < extra->step_count);
    const struct evidence_step *step = &extra->steps[at];
    str next = at + 1 < extra->step_count ? extra->steps[at + 1].entry : extra->entry;
    struct tlog_path path = {.count = (unsigned)step->path_count};
    struct evidence_entry own;
    TRY(evidence_entry_decode(step->entry, arena, &own, e));
    if (own.type != EVIDENCE_SUCCESSION)
        return error_set(e, FAIL_PROOF,
                         "the proof steps back by an entry of type %s, which names no "
                         "other log",
                         evidence_type_name(own.type));
    if (step->path_count > 0) /* none leads through a log of one entry */
        memcpy(path.at, step->path, step->path_count * sizeof step->path[0]);
    digest leaf = tlog_leaf_hash(next);
    if (tlog_inclusion_verify(step->index, own.left_size, &leaf, &path, &own.left_root, NULL) != OK)
        return error_set(
            e, FAIL_PROOF, "entry %llu is not shown to be in what is left of the log %.*s",
            (unsigned long long)step->index, STR_FMT(str_slice(own.prior_origin, 0, 100)));
    *entry = own;
    return OK;
}

/* A name's entry must be a row of the code table, and be where it says it is. */
static enum error_code name_check(const struct evidence_name *name, uint64_t tree_size,
                                  const digest *root, struct arena *arena,
                                  struct evidence_entry *row, bool *shown, struct error *e) {
    TRY(evidence_entry_decode(name->entry, arena, row, e));
    if (row->type != EVIDENCE_CODE_ROW)
        return error_set(e, FAIL_PROOF, "entry %llu is given as a name of a code, and is none",
                         (unsigned long long)name->index);
    if (name->index >= tree_size)
        return error_set(e, FAIL_PROOF, "entry %llu is given as a name; the log has %llu entries",
                         (unsigned long long)name->index, (unsigned long long)tree_size);
    *shown = name->path_count > 0 || tree_size == 1;
    if (!*shown) return OK;
    struct tlog_path path = {.count = (unsigned)name->path_count};
    memcpy(path.at, name->path, name->path_count * sizeof name->path[0]);
    digest leaf = tlog_leaf_hash(name->entry);
    if (tlog_inclusion_verify(name->index, tree_size, &leaf, &path, root, NULL) != OK)
        return error_set(e, FAIL_PROOF,
                         "entry %llu, a name of a code, is not shown to be in the log",
                         (unsigned long long)name->index);
    return OK;
}

enum error_code evidence_extra_check(const struct evidence_extra *extra, uint64_t tree_size,
                                     const digest *root, struct arena *arena,
                                     struct evidence_entry *entry, size_t *names_shown,
                                     struct error *e) {
    struct evidence_entry own;
    TRY(evidence_entry_decode(extra->entry, arena, &own, e));
    for (size_t i = 0; i < extra->open_count; i++)
        TRY(evidence_open_check(&own, &extra->opens[i], e));

    size_t shown_count = 0;
    struct evidence_entry *rows = arena_new(arena, struct evidence_entry, extra->name_count);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for names of codes");
    for (size_t i = 0; i < extra->name_count; i++) {
        bool shown;
        TRY(name_check(&extra->names[i], tree_size, root, arena, &rows[i], &shown, e));
        if (shown) shown_count++;
        for (size_t j = 0; j < i; j++)
            if (rows[j].code_kind == rows[i].code_kind && rows[j].code == rows[i].code &&
                !str_equal(rows[j].code_text, rows[i].code_text))
                return error_set(e, FAIL_PROOF, "%s code %u has two names",
                                 evidence_code_kind_name(rows[i].code_kind), rows[i].code);
    }
    *entry = own;
    *names_shown = shown_count;
    return OK;
}

bool evidence_name_find(const struct evidence_extra *extra, enum evidence_code_kind kind,
                        uint32_t code, struct arena scratch, str *text) {
    for (size_t i = 0; i < extra->name_count; i++) {
        struct arena fresh = scratch;
        struct evidence_entry row;
        if (evidence_entry_decode(extra->names[i].entry, &fresh, &row, NULL) != OK) continue;
        if (row.type != EVIDENCE_CODE_ROW || row.code_kind != kind || row.code != code) continue;
        *text = row.code_text;
        return true;
    }
    return false;
}
