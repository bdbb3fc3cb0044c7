/* What the files of this module share: the snapshot's inside, reading rows, problems. */
#ifndef AZEKURA_REGISTER_INNER_H
#define AZEKURA_REGISTER_INNER_H

#include "doc/doc.h"
#include "register/register.h"

/* ---- problems: every complaint of a loading, in order ---- */

struct problems {
    struct arena arena;
    struct register_problem *list; /* LIMIT_REGISTER_PROBLEMS of them */
    size_t kept, errors;
    struct error first; /* the first error */
};
enum error_code problems_open(struct problems *p, struct arena_space *space,
                              struct error *e) MUST_USE;
/* Takes what `e` says. FAIL_MEMORY and the like are not problems of a text: give those back. */
void problem_add(struct problems *p, const struct error *e, bool is_warning);
/* There are errors: FAIL_SYNTAX with the first of them, and how many more there are. */
enum error_code problems_fail(const struct problems *p, struct error *e) MUST_USE;
/* OK when `code` was a complaint about a text, which is then noted; else `code`. */
enum error_code problem_note(struct problems *p, enum error_code code,
                             const struct error *e) MUST_USE;

/* ---- reading ---- */

/* A reference to check once all rows are there. */
struct reference {
    const struct doc_node *node; /* where it stands */
    const struct register_field *field;
    struct reference *next;
};

/* Rows that are there and were not taken, for their own mistakes: what points to one is not told as well. */
struct untaken {
    enum register_kind kind;
    str id;
    struct untaken *next;
};
struct untaken_rows {
    struct untaken *list;
    size_t count;
    unsigned kinds; /* bits: nobody knows which rows of these there are */
};

struct reading {
    struct arena *arena;       /* of the snapshot */
    struct arena *doc_arena;   /* of the documents: references lie here */
    struct problems *problems; /* complaints; NULL: the first one ends the reading */
    struct reference *references;
    bool is_csv; /* cells count as quoted, yet unknown and withheld mean themselves */
};

/* Without white space, / and quotes. */
bool id_has_its_signs(str id);
/* A row of that kind; *is_good false when something in it was complained about. Views nothing of
 * the document. FAIL_MEMORY; FAIL_SYNTAX only without problems. */
enum error_code row_read(struct reading *r, enum register_kind kind, const struct doc_node *node,
                         struct register_row *out, bool *is_good, struct error *e) MUST_USE;

/* One scalar of the field's type into value->text and its like. */
enum error_code scalar_read(struct reading *r, const struct register_field *field,
                            const struct doc_node *node, struct register_value *value,
                            struct error *e) MUST_USE;
/* The unit of a duration in seconds; false: none. */
bool duration_unit_s(str unit, double *seconds);

/* {from, until} of a map; both optional. */
enum error_code valid_read(const struct doc_node *node, int64_t *from_ns, int64_t *until_ns,
                           struct error *e) MUST_USE;

/* The nearest of the names, for "did you mean"; NULL: none is near. */
const char *nearest_kind(str name);

/* ---- canonical bytes ---- */

/* Sets row->canonical. FAIL_LIMIT over LIMIT_REGISTER_ROW_BYTES, FAIL_MEMORY. */
enum error_code row_canonical(struct register_row *row, struct arena *arena,
                              struct error *e) MUST_USE;
/* A day as YYYY-MM-DD, any other instant with its time. Returns the length; closed with a zero. */
size_t time_write(int64_t wall_ns, char out[CLOCK_TEXT_BYTES]);

/* ---- the snapshot ---- */

struct bucket_pattern {
    str pattern;
    const struct register_row *dataset;
};

struct list_state {
    bool is_named, is_complete;
    int64_t as_of_ns;
};

struct register_snapshot {
    struct arena_space space;
    struct arena arena; /* what is left of it while the snapshot is made */
    struct register_row *rows;
    size_t row_count;
    size_t first[REGISTER_KIND_COUNT + 1]; /* rows of kind k: first[k] … first[k + 1] */
    struct list_state lists[REGISTER_KIND_COUNT];
    struct bucket_pattern *patterns;
    size_t pattern_count;
    int64_t *boundaries; /* sorted */
    size_t boundary_count;
    digest sha256;
    const struct register_parts *parts; /* while loading: ids that rows may name as well */
};

enum error_code snapshot_open(size_t bytes, size_t rows_max, struct register_snapshot **out,
                              struct error *e) MUST_USE;
/* Sorts rows, collects patterns and boundaries, digests. */
enum error_code snapshot_close(struct register_snapshot *s, struct error *e) MUST_USE;
int row_compare(const struct register_row *a, const struct register_row *b); /* kind, id, from */

/* ---- untaken.c ---- */

/* Of nothing is it known which rows there are. */
void untaken_all(struct untaken_rows *rows);
/* `id` is borrowed; empty: of that kind there may be any. */
void untaken_add(struct untaken_rows *rows, struct arena *arena, enum register_kind kind, str id);
void untaken_row(struct untaken_rows *rows, struct arena *arena, enum register_kind kind,
                 const struct doc_node *row);
enum error_code untaken_sort(const struct untaken_rows *rows, struct arena *arena,
                             const struct untaken **out, struct error *e) MUST_USE;
/* Does it point to one of them, or may it? */
bool untaken_may_be(const struct untaken_rows *rows, const struct untaken *sorted,
                    const struct reference *r);

/* Cross-row checks, after the rows are sorted: twins, references, patterns, networks. */
enum error_code snapshot_check(struct register_snapshot *s, const struct reference *references,
                               const struct untaken_rows *untaken, struct arena scratch,
                               struct problems *problems, struct error *e) MUST_USE;

/* Values that are well spelled and cannot be, and decisions that are left open. */
void sense_check(const struct register_row *row, struct problems *problems);

/* ---- load.c ---- */

/* Does a file of that name hold a text of the register: YAML, CSV or JSON? */
bool text_is_readable(str name);
/* register_load_texts; `parts`: whose ids rows may name as well, NULL: none. */
enum error_code texts_load(const struct register_text *texts, size_t text_count,
                           const struct register_parts *parts, struct register_snapshot **out,
                           struct register_report *report, struct error *e) MUST_USE;

/* ---- parts.c ---- */

/* Is a file of that name and size walked instead of held? */
bool part_is_walked(str name, size_t bytes);
/* Files as they were found, with their bytes, which are borrowed until parts_keep. */
enum error_code parts_open(const struct register_text *texts, size_t count,
                           struct register_parts **out, struct error *e) MUST_USE;
/* The parts own the space their files' bytes lie in. */
void parts_take_text(struct register_parts *parts, struct arena_space space);
/* The snapshot the rows are held against. FAIL_SYNTAX: it holds a row of an id that is walked. */
enum error_code parts_keep(struct register_parts *parts, const struct register_snapshot *snapshot,
                           struct error *e) MUST_USE;
bool parts_have(const struct register_parts *parts, enum register_kind kind, str id);
/* Some row of that id, at any time. */
bool snapshot_has(const struct register_snapshot *s, enum register_kind kind, str id);

/* ---- makers.c ---- */

/* What was seen names a maker that is not like the declared one, nor like those who control it, nor the
 * maker of a part. False where either is not said. */
bool observation_contradicts(const struct register_snapshot *s,
                             const struct register_row *equipment,
                             const struct register_record *observation, struct arena scratch);

/* ---- offer.c ---- */

/* The first line of an offer in CSV as the register would write it, `rest` behind it, and the line that
 * begins on. The head lies in the arena. FAIL_USAGE, FAIL_SYNTAX: a header is no field and not mapped, of
 * several the last, the others are in `problems`; FAIL_MEMORY */
enum error_code offer_head(const struct register_text *text, struct problems *problems,
                           struct arena *arena, str *head, str *rest, uint32_t *line,
                           struct error *e) MUST_USE;

/* ---- bucket patterns ---- */

bool pattern_matches(str pattern, str name);
bool patterns_meet(str a, str b); /* is there a name that both match? */

#endif
