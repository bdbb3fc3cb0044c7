/* Texts people write (rulebooks, registers, configuration) as one tree, with the place of every
 * node.
 *
 * YAML, JSON and CSV are read to the same shape: scalars, lists and maps. Nothing is interpreted: every
 * scalar is text, and remembers whether it was quoted, because `NO` is Norway to us and "no" to
 * YAML. What makes YAML surprising is refused: anchors, aliases, tags, merge of duplicate keys.
 *
 * Pure: bytes in, tree or error out. A tree is immutable and lies in the arena it was read into.
 * Every error message begins with "file:line:column: " and says what was expected.
 *
 * Source: YAML 1.1 (libyaml's events), RFC 8259 (JSON), RFC 4180 (CSV), DESIGN 6 (register files). */
#ifndef AZEKURA_DOC_DOC_H
#define AZEKURA_DOC_DOC_H

#include "base/arena.h"
#include "base/error.h"

enum doc_kind { DOC_SCALAR, DOC_LIST, DOC_MAP };

struct doc_node {
    enum doc_kind kind;
    bool quoted;           /* scalar: quoted or block; every CSV cell counts as quoted */
    bool flow;             /* list or map: written in [] or {} */
    bool tagged;           /* doc_read_yaml_all: a tag (!) or an alias (*) stands here */
    uint32_t line, column; /* from 1; column in characters */
    const str *file;       /* name as given to the reader */
    str text;              /* scalar: its text, UTF-8, without NUL; may be empty */
    size_t count;          /* list: items; map: entries */
    const struct doc_node *const *items; /* list: elements; map: values, in the order written */
    const struct doc_node *const *keys;  /* map: keys, scalars, no two alike */
    const uint32_t *sorted;              /* map: positions ordered by key text */
};

struct doc {
    size_t count; /* documents in the file; an empty file has none */
    const struct doc_node *const *documents;
};

/* Reads a YAML file of any number of documents, or JSON as far as it is YAML (no tabs before
 * tokens, no surrogate pairs in escapes). `file` is for messages; bytes and file are copied.
 *   FAIL_SYNTAX  not YAML; an anchor, alias, tag or directive; a key that is no scalar or is there
 *                twice; a NUL or bytes that are not UTF-8
 *   FAIL_LIMIT   over LIMIT_DOC_BYTES, LIMIT_DOC_DEPTH or LIMIT_DOC_NODES
 *   FAIL_MEMORY  the arena or the scratch is full; each needs at most some 40 bytes a byte read */
enum error_code doc_read_yaml(str file, str bytes, struct arena *arena, struct arena scratch,
                              struct doc *out, struct error *e) MUST_USE;

/* Reads JSON (RFC 8259) and nothing else, to one document. Texts count as quoted; numbers, true, false
 * and null are scalars without quotes. Lists and maps count as flow. Errors as above, and
 *   FAIL_SYNTAX  not JSON; a key that is there twice; half a surrogate pair; an escaped NUL */
enum error_code doc_read_json(str file, str bytes, struct arena *arena, struct arena scratch,
                              struct doc *out, struct error *e) MUST_USE;

/* One value of a JSON file that is read value by value: `bytes` are the value, which begins on line
 * `line`. Columns of that line count from the value. Errors as above. */
enum error_code doc_read_json_part(str file, str bytes, uint32_t line, struct arena *arena,
                                   struct arena scratch, struct doc *out, struct error *e) MUST_USE;

/* Reads CSV to one document: a list of maps, one a row. The first row names the fields; a dot in a
 * name goes into a map (`valid.from`), a name ending in `[]` is a list whose items are separated by
 * semicolons, and a column named - is passed over. An empty cell without quotes says nothing: the key is
 * absent. Errors as above, and
 *   FAIL_SYNTAX  a row with more or fewer cells than the header, a field named twice, a quote out
 *                of place */
enum error_code doc_read_csv(str file, str bytes, struct arena *arena, struct arena scratch,
                             struct doc *out, struct error *e) MUST_USE;

/* The same, but a row with more or fewer cells than the header is told and passed over, and where a quote
 * is out of place that is told and the rows before it are the document. */
struct doc_faults {
    void (*told)(void *self, const struct error *why);
    void *self;
    /* CSV, may be NULL: what a row that is passed over has in the column `key`; empty where it has nothing
     * there, and where nobody knows which rows follow. */
    void (*passed_over)(void *self, str cell);
    str key;
};
enum error_code doc_read_csv_all(str file, str bytes, const struct doc_faults *faults,
                                 struct arena *arena, struct arena scratch, struct doc *out,
                                 struct error *e) MUST_USE;

/* The same of YAML that another program reads too: a fault is told, and what stands before it is the document.
 * Anchors are passed over; what a tag of that program's makes of a value, or an alias stands for, is not known, and
 * the node says so; of a key that is there twice each is kept. */
enum error_code doc_read_yaml_all(str file, str bytes, const struct doc_faults *faults,
                                  struct arena *arena, struct arena scratch, struct doc *out,
                                  struct error *e) MUST_USE;

/* Some rows of a CSV file that is too large to be read at once: `head` is its first line, `bytes` are
 * whole rows, the first of which begins on line `line` of the file. `faults` NULL: the first fault ends it.
 * Errors as above. */
enum error_code doc_read_csv_part(str file, str head, str bytes, uint32_t line,
                                  const struct doc_faults *faults, struct arena *arena,
                                  struct arena scratch, struct doc *out, struct error *e) MUST_USE;

/* ---- walking ---- */

/* The value of a key, or NULL: absent, or the node is no map. */
const struct doc_node *doc_map_find(const struct doc_node *map, str key);

/* The same, but it must be there: "expected a map with the key "id"". */
enum error_code doc_map_get(const struct doc_node *map, str key, const struct doc_node **out,
                            struct error *e) MUST_USE;

/* FAIL_SYNTAX when the node is not of that kind; `what` names what it should have been. */
enum error_code doc_want(const struct doc_node *node, enum doc_kind kind, const char *what,
                         struct error *e) MUST_USE;

/* FAIL_SYNTAX at the first key of the map that is not among `keys`; lists what is known. */
enum error_code doc_map_only(const struct doc_node *map, const str *keys, size_t key_count,
                             struct error *e) MUST_USE;

/* ---- scalars ---- */

/* Text that is not empty. */
enum error_code doc_text(const struct doc_node *node, str *out, struct error *e) MUST_USE;
enum error_code doc_u64(const struct doc_node *node, uint64_t *out, struct error *e) MUST_USE;
/* true, false, yes, no, on, off: for configuration, where that is what was asked. */
enum error_code doc_bool(const struct doc_node *node, bool *out, struct error *e) MUST_USE;
/* A day or an instant, as clock_iso_read takes them. */
enum error_code doc_time_ns(const struct doc_node *node, int64_t *out, struct error *e) MUST_USE;

/* True for an unquoted scalar that YAML readers take for something else than its text: yes, no,
 * on, off, true, false, null, ~ in any case, or digits with a leading zero. */
bool doc_is_ambiguous(const struct doc_node *node);

/* Text that means itself: as doc_text, but an ambiguous scalar is refused with advice; `NO` is told
 * apart as Norway, `on` as not Ontario. For members of sets and lists of codes. */
enum error_code doc_code(const struct doc_node *node, str *out, struct error *e) MUST_USE;

/* ---- errors ---- */

/* "file:line:column: " and the message; FAIL_SYNTAX. */
enum error_code doc_error(const struct doc_node *at, struct error *e, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* "file:line:column: expected …, found …": what is there is described from the node. */
enum error_code doc_expected(const struct doc_node *at, struct error *e, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* "file:line:column" of a node, closed with a zero, cut to `bytes`; returns `text`. */
const char *doc_place(const struct doc_node *node, char *text, size_t bytes);
/* At most `most` bytes of a text for a message, not cutting a character in two. */
str doc_shown(str text, size_t most);

#endif
