/* Equipment by the million: CSV files that are walked part by part instead of held.
 *
 * A held row takes some 2 KB; a million would take 2 GB. Here the text stays text; once, when it is
 * opened, a walk over its bytes finds where rows begin, cuts it into parts of whole rows, and notes
 * the hash of each id, so that an id that is there twice is found and other rows can name these. */
#include <stdlib.h>

#include "register/inner.h"

enum { PART_BYTES = 128 << 10, ID_CELLS_MOST = 256 };
/* The tree of a part takes at most 40 bytes a byte, its rows 160: see doc.h and load.c. */

struct part {
    const struct part_file *file;
    size_t offset, bytes, rows;
    uint32_t line;
};

struct part_file {
    str name, bytes, head;
    digest sha256;
    size_t id_column;
};

/* Ids by hash, open addressing, at most half full. */
struct id_slot {
    const char *at; /* NULL: nobody */
    uint32_t len, line;
    const struct part_file *file;
};

/* Ids that walked rows may name, with the kinds of their rows; open addressing as well. */
struct held_slot {
    str id; /* at NULL: nobody */
    uint32_t kinds;
};

struct register_parts {
    struct arena_space space, text_space;
    struct arena arena;
    struct part_file *files;
    size_t file_count;
    struct part *parts;
    size_t part_count, row_count;
    struct id_slot *ids;
    size_t id_slots;
    digest sha256;
    struct held_slot *held;
    size_t held_slots;
};

/* ---- which files ---- */

static str base_name(str name) {
    for (str head; str_cut(&name, '/', &head);) {
        /* the part before a slash is a folder */
    }
    return name;
}

bool part_is_walked(str name, size_t bytes) {
    return bytes > LIMIT_REGISTER_HELD_BYTES && str_equal(base_name(name), STR("equipment.csv"));
}

/* ---- ids ---- */

static struct id_slot *slot_of(const struct register_parts *p, str id) {
    size_t at = (size_t)str_hash(id, 0) & (p->id_slots - 1);
    while (p->ids[at].at != NULL && !str_equal(str_of(p->ids[at].at, p->ids[at].len), id))
        at = (at + 1) & (p->id_slots - 1);
    return &p->ids[at];
}

bool parts_have(const struct register_parts *parts, enum register_kind kind, str id) {
    return kind == REGISTER_EQUIPMENT && slot_of(parts, id)->at != NULL;
}

static enum error_code id_note(struct register_parts *p, const struct part_file *file, str id,
                               uint32_t line, struct error *e) {
    struct id_slot *slot = slot_of(p, id);
    if (slot->at != NULL)
        return error_set(e, FAIL_SYNTAX,
                         "%.*s:%u:1: equipment \"%.*s\" stands in %.*s:%u as well; in files this "
                         "large an id stands once",
                         STR_FMT(file->name), line, STR_FMT(id), STR_FMT(slot->file->name),
                         slot->line);
    *slot = (struct id_slot){id.at, (uint32_t)id.len, line, file};
    return OK;
}

/* ---- the walk that finds rows ---- */

struct scan {
    struct register_parts *p;
    struct part_file *file;
    size_t part_cap;
    size_t at, row_at; /* byte, and where its row began */
    uint32_t line, row_line;
    size_t column;
    str id;
};

static str unquoted(str cell) {
    cell = str_trim(cell);
    if (str_ends(cell, STR("\r"))) cell.len--;
    bool is_quoted = cell.len >= 2 && cell.at[0] == '"' && cell.at[cell.len - 1] == '"';
    return is_quoted ? str_slice(cell, 1, cell.len - 2) : cell;
}

/* One row: to the line end that is in no quotes. false: the file is over. */
static bool scan_row(struct scan *s) {
    const char *text = s->file->bytes.at;
    size_t end = s->file->bytes.len, cell_at = s->at;
    bool in_quotes = false;
    s->column = 0;
    s->row_at = s->at;
    s->row_line = s->line;
    s->id = STR_EMPTY;
    if (s->at >= end) return false;
    for (;; s->at++) {
        bool is_over = s->at >= end;
        char c = is_over ? '\n' : text[s->at];
        if (c == '"') in_quotes = !in_quotes;
        if (c == '\n') s->line++;
        if (in_quotes && !is_over) continue;
        if (c != ',' && c != '\n') continue;
        if (s->column == s->file->id_column)
            s->id = unquoted(str_of(text + cell_at, s->at - cell_at));
        s->column++;
        cell_at = s->at + 1;
        if (c != '\n') continue;
        s->at += !is_over;
        return true;
    }
}

static bool is_empty_line(const struct scan *s) {
    str line = str_slice(s->file->bytes, s->row_at, s->at - s->row_at);
    return str_equal(line, STR("\n")) || str_equal(line, STR("\r\n"));
}

static enum error_code row_take(struct scan *s, struct error *e) {
    struct register_parts *p = s->p;
    struct part *last = p->part_count > 0 ? &p->parts[p->part_count - 1] : NULL;
    if (last == NULL || last->file != s->file || last->bytes >= PART_BYTES) {
        assert(p->part_count < s->part_cap);
        last = &p->parts[p->part_count++];
        *last = (struct part){.file = s->file, .offset = s->row_at, .line = s->row_line};
    }
    last->bytes = s->at - last->offset;
    if (is_empty_line(s)) return OK;
    last->rows++;
    p->row_count++;
    if (s->id.len == 0)
        return error_set(e, FAIL_SYNTAX, "%.*s:%u:1: expected an \"id\" for this row",
                         STR_FMT(s->file->name), s->row_line);
    return id_note(p, s->file, s->id, s->row_line, e);
}

/* Which column the ids stand in. */
static enum error_code head_read(struct part_file *file, struct error *e) {
    size_t end = 0;
    if (!str_find_char(file->bytes, '\n', &end)) end = file->bytes.len;
    file->head = str_slice(file->bytes, 0, end);
    str rest = file->head, cell = STR_EMPTY;
    if (str_starts(rest, STR("\xef\xbb\xbf"))) rest = str_skip(rest, 3);
    for (file->id_column = 0; file->id_column < ID_CELLS_MOST; file->id_column++) {
        bool more = str_cut(&rest, ',', &cell);
        if (!more) cell = rest;
        if (str_equal(unquoted(cell), STR("id"))) return OK;
        if (!more) break;
    }
    return error_set(e, FAIL_SYNTAX, "%.*s:1:1: expected a column \"id\"", STR_FMT(file->name));
}

static enum error_code file_scan(struct register_parts *p, struct part_file *file, size_t part_cap,
                                 struct error *e) {
    size_t nul;
    if (str_find_char(file->bytes, 0, &nul) || !str_is_utf8(file->bytes))
        return error_set(e, FAIL_SYNTAX, "%.*s:1:1: expected UTF-8 without NUL bytes",
                         STR_FMT(file->name));
    TRY(head_read(file, e));
    struct scan s = {.p = p, .file = file, .part_cap = part_cap, .line = 2};
    s.at = size_min(file->head.len + 1, file->bytes.len);
    while (scan_row(&s)) TRY(row_take(&s, e));
    file->sha256 = sha256_of(file->bytes);
    return OK;
}

/* ---- opening ---- */

static int files_order(const void *a, const void *b) {
    return str_compare(((const struct part_file *)a)->name, ((const struct part_file *)b)->name);
}

static size_t rows_at_most(const struct register_text *texts, size_t count) {
    size_t rows = 1;
    for (size_t i = 0; i < count; i++)
        for (str rest = texts[i].bytes, line; str_cut(&rest, '\n', &line);) rows++;
    return rows + count;
}

static enum error_code parts_fill(struct register_parts *p, const struct register_text *texts,
                                  size_t count, struct error *e) {
    size_t part_cap = count, bytes = 0, slots = 1024, rows = rows_at_most(texts, count);
    for (size_t i = 0; i < count; i++) bytes += texts[i].bytes.len;
    part_cap += bytes / PART_BYTES + 1;
    while (slots < rows * 2) slots *= 2;
    p->files = arena_new(&p->arena, struct part_file, count);
    p->parts = arena_new(&p->arena, struct part, part_cap);
    p->ids = arena_new(&p->arena, struct id_slot, slots);
    if (p->files == NULL || p->parts == NULL || p->ids == NULL)
        return error_set(e, FAIL_MEMORY, "no room for %zu rows of equipment", rows);
    p->id_slots = slots;
    for (size_t i = 0; i < count; i++) {
        TRY(arena_copy(&p->arena, texts[i].name, &p->files[i].name, e));
        p->files[i].bytes = texts[i].bytes;
    }
    if (count > 1) qsort(p->files, count, sizeof *p->files, files_order);
    p->file_count = count;
    struct sha256 h;
    sha256_begin(&h);
    for (size_t i = 0; i < count; i++) {
        TRY(file_scan(p, &p->files[i], part_cap, e));
        sha256_add(&h, p->files[i].sha256.at, DIGEST_BYTES);
    }
    p->sha256 = sha256_end(&h);
    return OK;
}

enum error_code parts_open(const struct register_text *texts, size_t count,
                           struct register_parts **out, struct error *e) {
    struct arena_space space = {0};
    struct arena arena;
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++) bytes += texts[i].bytes.len;
    /* Address space; a row takes two bytes at least, a slot and a half of ids. */
    TRY(arena_space_open(&space, ((size_t)64 << 20) + bytes * 2 * sizeof(struct id_slot), &arena,
                         e));
    struct register_parts *p = arena_new(&arena, struct register_parts, 1);
    assert(p != NULL);
    p->space = space;
    p->arena = arena;
    enum error_code code = parts_fill(p, texts, count, e);
    if (code != OK) {
        arena_space_release(&space);
        return code;
    }
    *out = p;
    return OK;
}

void parts_take_text(struct register_parts *parts, struct arena_space space) {
    parts->text_space = space;
}

static struct held_slot *held_of(const struct register_parts *p, str id) {
    size_t at = (size_t)str_hash(id, 1) & (p->held_slots - 1);
    while (p->held[at].id.at != NULL && !str_equal(p->held[at].id, id))
        at = (at + 1) & (p->held_slots - 1);
    return &p->held[at];
}

static enum error_code held_index(struct register_parts *p, const struct register_snapshot *s,
                                  struct error *e) {
    size_t slots = 64, count;
    while (slots < register_row_count(s) * 2) slots *= 2;
    p->held = arena_new(&p->arena, struct held_slot, slots);
    if (p->held == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu ids", slots / 2);
    p->held_slots = slots;
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        const struct register_row *rows = register_rows(s, (enum register_kind)k, &count);
        for (size_t i = 0; i < count; i++) {
            struct held_slot *slot = held_of(p, rows[i].id);
            *slot = (struct held_slot){rows[i].id, slot->kinds | 1u << k};
        }
    }
    return OK;
}

enum error_code parts_keep(struct register_parts *parts, const struct register_snapshot *snapshot,
                           struct error *e) {
    size_t count;
    const struct register_row *rows = register_rows(snapshot, REGISTER_EQUIPMENT, &count);
    for (size_t i = 0; i < count; i++)
        if (parts_have(parts, REGISTER_EQUIPMENT, rows[i].id))
            return error_set(
                e, FAIL_SYNTAX, "%.*s:%u:%u: equipment \"%.*s\" stands in %.*s:%u as well",
                STR_FMT(rows[i].file), rows[i].line, rows[i].column, STR_FMT(rows[i].id),
                STR_FMT(slot_of(parts, rows[i].id)->file->name), slot_of(parts, rows[i].id)->line);
    return held_index(parts, snapshot, e);
}

void register_parts_release(struct register_parts *parts) {
    if (parts == NULL) return;
    struct arena_space space = parts->space, text_space = parts->text_space;
    arena_space_release(&text_space);
    arena_space_release(&space);
}

/* ---- walking ---- */

size_t register_part_count(const struct register_parts *parts) {
    return parts != NULL ? parts->part_count : 0;
}
size_t register_parts_rows(const struct register_parts *parts) {
    return parts != NULL ? parts->row_count : 0;
}
size_t register_part_rows(const struct register_parts *parts, size_t part) {
    assert(part < parts->part_count);
    return parts->parts[part].rows;
}
digest register_parts_digest(const struct register_parts *parts) {
    return parts->sha256;
}

static bool reference_holds(const struct register_parts *p, const struct reference *r) {
    return (held_of(p, r->node->text)->kinds & r->field->kinds) != 0;
}

static enum error_code reference_missing(const struct reference *r, struct error *e) {
    return doc_expected(r->node, e, "the id of a row that \"%s\" can point to", r->field->name);
}

static enum error_code references_hold(const struct register_parts *p,
                                       const struct reference *references, struct error *e) {
    for (const struct reference *r = references; r != NULL; r = r->next)
        if (!reference_holds(p, r)) return reference_missing(r, e);
    return OK;
}

/* The first row that says what cannot be. */
static enum error_code senses_hold(const struct register_row *rows, size_t count, struct error *e) {
    struct problems first = {.kept =
                                 LIMIT_REGISTER_PROBLEMS}; /* counts alone, and keeps the first */
    for (size_t i = 0; i < count && first.errors == 0; i++) sense_check(&rows[i], &first);
    if (first.errors == 0) return OK;
    *e = first.first;
    return e->code;
}

enum error_code register_part_read(const struct register_parts *parts, size_t part,
                                   struct arena *arena, struct arena scratch,
                                   const struct register_row **rows, size_t *count,
                                   struct error *e) {
    assert(part < parts->part_count);
    const struct part *at = &parts->parts[part];
    struct arena tree = arena_over(scratch.next, arena_left(&scratch) / 2);
    struct doc doc;
    scratch.next = tree.end;
    TRY(doc_read_csv_part(at->file->name, at->file->head,
                          str_slice(at->file->bytes, at->offset, at->bytes), at->line, NULL, &tree,
                          scratch, &doc, e));
    size_t most = doc.count > 0 ? doc.documents[0]->count : 0, used = 0;
    struct register_row *list = arena_new(arena, struct register_row, most);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu rows", most);
    struct reading reading = {.arena = arena, .doc_arena = &tree, .is_csv = true};
    for (size_t i = 0; i < most; i++) {
        bool is_good;
        TRY(row_read(&reading, REGISTER_EQUIPMENT, doc.documents[0]->items[i], &list[used],
                     &is_good, e));
        list[used++].file = at->file->name;
    }
    TRY(references_hold(parts, reading.references, e));
    TRY(senses_hold(list, used, e));
    assert(used == at->rows);
    *rows = list;
    *count = used;
    return OK;
}

/* ---- all that is wrong in them ---- */

static void fault_note(void *self, const struct error *why) {
    problem_add(self, why, false);
}

static enum error_code part_check(const struct register_parts *parts, const struct part *at,
                                  struct arena arena, struct arena tree, struct arena scratch,
                                  struct problems *problems, struct error *e) {
    const struct doc_faults faults = {fault_note, problems};
    struct doc doc;
    enum error_code code = doc_read_csv_part(at->file->name, at->file->head,
                                             str_slice(at->file->bytes, at->offset, at->bytes),
                                             at->line, &faults, &tree, scratch, &doc, e);
    if (code != OK) return problem_note(problems, code, e);
    struct reading reading = {
        .arena = &arena, .doc_arena = &tree, .problems = problems, .is_csv = true};
    for (size_t i = 0; doc.count > 0 && i < doc.documents[0]->count; i++) {
        struct register_row row;
        bool is_good;
        TRY(row_read(&reading, REGISTER_EQUIPMENT, doc.documents[0]->items[i], &row, &is_good, e));
        if (!is_good) continue;
        row.file = at->file->name;
        sense_check(&row, problems);
    }
    for (const struct reference *r = reading.references; r != NULL; r = r->next)
        if (!reference_holds(parts, r)) {
            error_ignore(reference_missing(r, e));
            problem_add(problems, e, false);
        }
    return OK;
}

enum error_code register_parts_check(const struct register_parts *parts,
                                     struct register_report *report, struct error *e) {
    enum { MEMORY_BYTES = 64 << 20 }; /* each; see PART_BYTES */
    struct arena_space problem_space = {0}, space = {0};
    struct arena arena;
    struct problems problems;
    *report = (struct register_report){0};
    TRY(problems_open(&problems, &problem_space, e));
    enum error_code code = arena_space_open(&space, (size_t)3 * MEMORY_BYTES, &arena, e);
    for (size_t i = 0; i < parts->part_count && code == OK; i++) {
        code = part_check(parts, &parts->parts[i], arena_over(arena.next, MEMORY_BYTES),
                          arena_over(arena.next + MEMORY_BYTES, MEMORY_BYTES),
                          arena_over(arena.next + 2 * (size_t)MEMORY_BYTES, MEMORY_BYTES),
                          &problems, e);
    }
    arena_space_release(&space);
    *report = (struct register_report){.space = problem_space,
                                       .problems = problems.list,
                                       .problem_count = problems.kept,
                                       .error_count = problems.errors,
                                       .file_count = parts->file_count,
                                       .row_count = parts->row_count};
    if (code != OK || problems.errors == 0) return code;
    return problems_fail(&problems, e);
}
