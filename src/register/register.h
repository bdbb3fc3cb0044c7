/* The register: what is known about operators, entities, sites, networks, systems, datasets and
 * their papers, and who said so.
 *
 * People keep it as YAML and CSV files under version control; the loader turns them into one
 * immutable snapshot or says, file:line:column, what is wrong. A snapshot may be read from any
 * thread. Rows and values have times, so a snapshot answers "as of" any day; imports keep the rows
 * they replace, so an earlier generation can be read back from the engine.
 *
 * One table of kinds and fields (register/fields.c) drives the loader, the JSON Schema and the
 * pages. Source: DESIGN 6; RULEBOOK 1 (adoption), 2 (facts), 5 (exceptions). */
#ifndef AZEKURA_REGISTER_REGISTER_H
#define AZEKURA_REGISTER_REGISTER_H

#include "base/base.h"
#include "engine/engine.h"
#include "geo/geo.h"

/* ---- the table of kinds and fields ---- */

enum register_kind {
    REGISTER_OPERATORS,
    REGISTER_ENTITIES,
    REGISTER_SITES,
    REGISTER_NETWORKS,
    REGISTER_SYSTEMS,
    REGISTER_SERVICES,
    REGISTER_EQUIPMENT,
    REGISTER_DATASETS,
    REGISTER_CONTRACTS,
    REGISTER_SUPPLIES,
    REGISTER_TRANSFERS,
    REGISTER_REQUESTS,
    REGISTER_PLANS,
    REGISTER_CHANGES,
    REGISTER_DOCUMENTS,
    REGISTER_REVIEWS,
    REGISTER_INCIDENTS,
    REGISTER_DRILLS,
    REGISTER_ADOPTS,
    REGISTER_EXCEPTIONS,
    REGISTER_LISTS,
    REGISTER_KIND_COUNT
};

enum register_type {
    REGISTER_TEXT,     /* any text of one line or more, no control characters */
    REGISTER_CODE,     /* a word that rules compare: no spaces at its ends, not an unquoted NO */
    REGISTER_NAME,     /* text, or one text a language: {en: …, ja: …} */
    REGISTER_COUNTRY,  /* ISO 3166-1 alpha-2 */
    REGISTER_NUMBER,   /* decimal, with or without the field's unit */
    REGISTER_YES_NO,   /* yes, no, true, false */
    REGISTER_TIME,     /* a day or an instant */
    REGISTER_DURATION, /* a number and s, min, h, d, months or years */
    REGISTER_REF,      /* the id of a row of one of the field's kinds */
    REGISTER_NETWORK,  /* an address or a network */
    REGISTER_PATTERN,  /* a bucket name in which * stands for any characters */
    REGISTER_NONE,     /* a record has members instead */
    REGISTER_TYPE_COUNT
};

enum register_shape {
    REGISTER_ONE,
    REGISTER_SET,     /* a sequence (open), or {complete: true, as_of: DAY, items: […]} */
    REGISTER_SETS,    /* a set, or a map of sets by name: the set is then all of them together */
    REGISTER_MAP,     /* names of the writer's choosing to values of the type */
    REGISTER_RECORD,  /* a map of the members */
    REGISTER_RECORDS, /* a list of such maps; open or complete as a set is */
    REGISTER_SHAPE_COUNT
};

struct register_field {
    const char *name;
    enum register_type type;
    enum register_shape shape;
    const char *unit;  /* numbers: "%", "m", "persons", "any unit" …; NULL: a plain number */
    uint32_t kinds;    /* refs: bit (1 << kind) for each kind it may point to */
    const char *about; /* one sentence for people */
    const struct register_field *members; /* records; closed by a row without a name */
    bool required;
};

struct register_kind_row {
    const char *key;  /* top-level key and CSV file name: "sites" */
    const char *noun; /* "site" */
    const char *about;
    const struct register_field *fields; /* besides id, valid and note; closed as above */
};
const struct register_kind_row *register_kind_of(enum register_kind kind);
bool register_kind_find(str key_or_noun, enum register_kind *out); /* "sites" or "site" */

/* ---- rows and values ---- */

/* Who said so. */
enum register_by {
    REGISTER_DECLARED,
    REGISTER_MEASURED,
    REGISTER_DOCUMENT,
    REGISTER_INSPECTED,
    REGISTER_COMPUTED,
    REGISTER_BY_COUNT
};
const char *register_by_name(enum register_by by); /* "declared" */

enum register_state {
    REGISTER_KNOWN,
    REGISTER_UNKNOWN,  /* the row says that nobody knows */
    REGISTER_WITHHELD, /* lawfully not told to us */
};

#define REGISTER_ALWAYS_NS INT64_MIN /* since, valid from: from ever */
#define REGISTER_NEVER_NS  INT64_MAX /* until: for good */

struct register_record;

struct register_value {
    str name;                           /* the field's name; in a map, the writer's */
    const struct register_field *field; /* never NULL */
    enum register_state state;
    enum register_by by;
    str source;                 /* the paper, file or measurement that says so; or empty */
    int64_t since_ns, until_ns; /* good in [since, until); outside it is not known any more */
    uint32_t line, column;      /* where it was written; 0 for what came from the engine */

    /* Only with REGISTER_KNOWN; by shape. */
    str text;         /* ONE: as written, white space at its ends gone; numbers and durations as
                         "NUMBER UNIT", times as ISO 8601, yes or no */
    double number;    /* ONE of NUMBER or DURATION (seconds; 30-day months, 365-day years) */
    int64_t time_ns;  /* ONE of TIME */
    bool yes;         /* ONE of YES_NO */
    bool is_complete; /* SET, SETS, RECORDS: what is not listed is not so, as of … */
    int64_t as_of_ns; /* … then; REGISTER_ALWAYS_NS when open */
    size_t count;     /* SET, SETS: texts; RECORD: 1; RECORDS: records; MAP: records is 1 */
    const str *texts; /* SET, SETS: sorted, no two alike */
    /* RECORD, RECORDS, MAP (names to values), SETS by name and NAME by language (one record) */
    const struct register_record *records;
};

struct register_record {
    size_t count;
    const struct register_value *values; /* in the order of the field table; maps: of their names */
    int64_t valid_from_ns, valid_until_ns; /* `valid` of a record in a list; else always, never */
};

struct register_row {
    enum register_kind kind;
    str id;
    int64_t valid_from_ns, valid_until_ns; /* true in [from, until) */
    struct register_record fields;
    str note;
    str canonical; /* the row as canonical JSON; what history and ledger hold */
    str file;      /* empty for what came from the engine */
    uint32_t line, column;
    bool
        gives_way; /* inner: named by a document of others; a written row of that id counts instead */
};

/* By dotted path: "country", "hazard.quake", "name.ja"; NULL: the row says nothing. */
const struct register_value *register_value_find(const struct register_record *record, str path);
/* Known, and good at that time. NULL is not. */
bool register_value_is_good(const struct register_value *value, int64_t at_ns);
/* The text of ONE value that is good at that time. False: *out untouched. */
bool register_text_at(const struct register_row *row, str path, int64_t at_ns, str *out);
/* Its name in that language, else in any, else its id. */
str register_row_name(const struct register_row *row, str language);

/* ---- snapshots ---- */

struct register_snapshot;

struct register_problem {
    str text; /* "sites.yaml:12:14: expected …" */
    bool is_warning;
};
/* What a loading noticed. Owned by the caller; released by register_report_release. */
struct register_report {
    struct arena_space space;
    struct register_problem *problems; /* in the order of files and lines */
    size_t problem_count, error_count; /* at most LIMIT_REGISTER_PROBLEMS are kept, all counted */
    size_t file_count, row_count;
};
void register_report_release(struct register_report *report); /* safe on a zeroed one */

/* Reads files and folders (in them *.yaml, *.yml, *.csv, *.json and *.geojson by name, folders too).
 * JSON is a CycloneDX bill of materials (1.5 to 1.7: equipment and the entities it names), a GeoJSON
 * collection of points (sites), or else rows as YAML has them. `report` may be NULL; it is filled on
 * every outcome. Parks (files). The snapshot is released by register_release.
 *
 *   FAIL_SYNTAX     the first error, "file:line:column: expected …", and how many more there are
 *   FAIL_NOT_FOUND  no such path
 *   FAIL_USAGE      a file of another kind was named
 *   FAIL_LIMIT      over LIMIT_REGISTER_BYTES or _ROWS, or a file over LIMIT_DOC_BYTES */
enum error_code register_load(const str *paths, size_t path_count, struct register_snapshot **out,
                              struct register_report *report, struct error *e) MUST_USE;
/* What a column of somebody else's CSV file is called there, and which field it is. */
struct register_column {
    str field;  /* "maker", "name.ja", "macs"; "-": the column is passed over */
    str header; /* as the file's first line has it; capitals and small letters are alike */
};
/* Things somebody offers, in a file of any name. A CSV file of it is equipment; its own headers are read as
 * `columns` say, and a maker or supplier that is no id of an entity is the name of one, as in a bill. */
struct register_offer {
    str path;
    const struct register_column *columns;
    size_t column_count;
};

/* The same from texts at hand: names end as files do. Nothing is borrowed. */
struct register_text {
    str name, bytes;
    const struct register_offer *offer; /* it is one; NULL: a file of the register */
};
enum error_code register_load_texts(const struct register_text *texts, size_t text_count,
                                    struct register_snapshot **out, struct register_report *report,
                                    struct error *e) MUST_USE;
void register_release(struct register_snapshot *snapshot); /* NULL is fine */

/* ---- equipment by the million ---- */

/* CSV files of equipment that are too large to be held as rows. Their text is, and it is read part
 * by part, each time somebody walks it. */
struct register_parts;

/* As register_load, but CSV files of equipment over LIMIT_REGISTER_HELD_BYTES become parts, *parts
 * NULL: there are none. No row of the snapshot is one of theirs, though other rows may name them.
 * Ids that are there twice are complained about here, what else is wrong in a row when it is read.
 * `offer` NULL: there is none; one whose columns are named is never walked.
 *   FAIL_LIMIT  over LIMIT_REGISTER_WALKED_BYTES together; else as register_load
 *   FAIL_USAGE  a column names no field, or a header that the offer has not */
enum error_code register_load_parts(const str *paths, size_t path_count,
                                    const struct register_offer *offer,
                                    struct register_snapshot **out, struct register_parts **parts,
                                    struct register_report *report, struct error *e) MUST_USE;
void register_parts_release(struct register_parts *parts);      /* NULL is fine */
size_t register_part_count(const struct register_parts *parts); /* NULL: 0 */
/* How many rows a part has, whatever their validity. */
size_t register_part_rows(const struct register_parts *parts, size_t part);
size_t register_parts_rows(const struct register_parts *parts);
/* SHA-256 of the files' digests, in the order of their names. */
digest register_parts_digest(const struct register_parts *parts);
/* The rows of a part in the order written, held against the snapshot it was loaded with. They lie in
 * the arena, which takes at most some 64 MiB. From any thread.
 *   FAIL_SYNTAX  file, line and column of the first mistake     FAIL_MEMORY */
enum error_code register_part_read(const struct register_parts *parts, size_t part,
                                   struct arena *arena, struct arena scratch,
                                   const struct register_row **rows, size_t *count,
                                   struct error *e) MUST_USE;

/* SHA-256 over all rows' canonical bytes in order: the same for the same knowledge, however it was
 * spread over files. */
digest register_digest(const struct register_snapshot *snapshot);
size_t register_row_count(const struct register_snapshot *snapshot);

/* All rows of a kind by id, then valid_from. */
const struct register_row *register_rows(const struct register_snapshot *snapshot,
                                         enum register_kind kind, size_t *count);
/* The row of that id true at that time; NULL: none. */
const struct register_row *register_row_at(const struct register_snapshot *snapshot,
                                           enum register_kind kind, str id, int64_t at_ns);
/* Walks rows of a kind true at that time: start with *cursor 0, NULL ends. */
const struct register_row *register_row_next(const struct register_snapshot *snapshot,
                                             enum register_kind kind, int64_t at_ns,
                                             size_t *cursor);
/* Is the list of that kind complete, as every file with the key said ({complete: true, as_of,
 * items} at the top)? Then what has no row does not exist, as of the earliest day named. */
bool register_is_complete(const struct register_snapshot *snapshot, enum register_kind kind,
                          int64_t *as_of_ns);
/* The first instant after `at_ns` at which a row or value begins or ends, REGISTER_NEVER_NS: none.
 * What was computed as of `at_ns` is right until then. */
int64_t register_next_change_ns(const struct register_snapshot *snapshot, int64_t at_ns);

/* The dataset a bucket belongs to: by pattern, else the one for strays; NULL: none. */
const struct register_row *register_bucket_dataset(const struct register_snapshot *snapshot,
                                                   str bucket, int64_t at_ns);

/* The networks true at that time; a row's `value` is its position in register_rows(NETWORKS). */
enum error_code register_networks(const struct register_snapshot *snapshot, int64_t at_ns,
                                  struct arena *arena, struct geo_table *out,
                                  struct error *e) MUST_USE;

/* ---- inspections: what somebody came to see ---- */

/* What was found, held against what the row says then. `subject` is KIND/ID, `fact` a field by its
 * dotted path, with or without the kind's noun ("country", "site.country", "place.country"); of a set
 * the items, by commas. Texts lie in the arena or are views.
 *   FAIL_USAGE      no subject, or a field that holds several
 *   FAIL_NOT_FOUND  no such row then, or it says nothing of that field
 *   FAIL_SYNTAX     no value of the field's type */
struct register_compared {
    enum register_kind kind;
    str id, field;
    str said, found;     /* as text; said: "unknown" or "withheld" where the row says so */
    enum register_by by; /* who said it */
    bool agrees;
};
enum error_code register_compare(const struct register_snapshot *s, str subject, str fact,
                                 str value, int64_t at_ns, struct arena *arena,
                                 struct register_compared *out, struct error *e) MUST_USE;

struct register_inspected {
    enum register_kind kind;
    str id, field, value;
    bool agreed; /* the register said so when it was inspected */
    int64_t since_ns, until_ns;
    str source; /* who, when, which entry: stands as the value's source */
};
/* Makes values that were found so `inspected` (measured ones stay that) in a snapshot nobody else
 * reads yet; rows' canonical bytes and the digest stay. A value that was found to be otherwise gets the
 * source, and with `doubts` it is not known any more. One the register has changed since a confirmation
 * stays as it is. What is copied lies in the arena, for as long as the snapshot. *next_ns: right until
 * then. FAIL_MEMORY */
enum error_code register_inspect(struct register_snapshot *s, const struct register_inspected *list,
                                 size_t count, int64_t at_ns, bool doubts, struct arena *arena,
                                 int64_t *next_ns, struct error *e) MUST_USE;

/* ---- names of companies ---- */

/* A company's name as lists are matched by: without case, width, spaces, punctuation, the words for
 * its kind, and the difference between l, I and 1, O and 0. Two keys where a word may have lost its
 * space ("TECHNOLOGYCO.,LTD"); none for an empty name. Names match when any of their keys are
 * equal; parts of names never match. The keys lie in the arena. FAIL_MEMORY. */
struct register_name {
    str keys[2];
    size_t count;
};
enum error_code register_name_fold(str name, struct arena *arena, struct register_name *out,
                                   struct error *e) MUST_USE;

/* Does the entity bear that name at that time: as its name in any language or as an alias, whole and
 * folded? False also for no such entity, and where the scratch cannot hold the folding. */
bool register_entity_bears(const struct register_snapshot *snapshot, str id, str name,
                           int64_t at_ns, struct arena scratch);
/* Does a part of the thing have a maker of that name? Then what was seen may be that part's. */
bool register_part_bears(const struct register_snapshot *snapshot,
                         const struct register_row *equipment, str name, int64_t at_ns,
                         struct arena scratch);

/* ---- differences and history ---- */

enum register_change_kind { REGISTER_ADDED, REGISTER_CHANGED, REGISTER_REMOVED };
struct register_change {
    enum register_change_kind what;
    enum register_kind kind;
    str id;
    int64_t valid_from_ns; /* which of the rows of that id */
    str before, after;     /* canonical rows; empty where there is none */
};
struct register_changes {
    struct register_change *list; /* by kind, id, valid_from */
    size_t count;
};
/* Views into both snapshots; only the list lies in the arena. `before` NULL: nothing. */
enum error_code register_diff(const struct register_snapshot *before,
                              const struct register_snapshot *after, struct arena *arena,
                              struct register_changes *out, struct error *e) MUST_USE;

/* What the engine holds: the head row. */
struct register_head {
    uint64_t generation; /* 0: nothing was ever imported; +1 with each import that changed a row */
    digest sha256;
    int64_t imported_ns;
    uint64_t row_count;
};
enum error_code register_head_read(struct engine_view *view, struct register_head *out,
                                   struct error *e) MUST_USE;

/* Writes what changed into the turn: new rows under a new generation, replaced and removed ones to
 * history. An unchanged digest writes nothing and gives an empty list. The change list (with copies
 * of the rows before) lies in the arena; `after` views the snapshot. `head` is what holds now.
 *   FAIL_CORRUPT, FAIL_VERSION  what the engine holds is not what this program wrote */
enum error_code register_import(struct engine_turn *turn, const struct register_snapshot *snapshot,
                                int64_t at_ns, struct arena *arena,
                                struct register_changes *changes, struct register_head *head,
                                struct error *e) MUST_USE;

/* Rebuilds the snapshot of a generation: UINT64_MAX the newest. FAIL_NOT_FOUND: there is none such.
 * Parks. */
enum error_code register_restore(struct engine_view *view, uint64_t generation,
                                 struct register_snapshot **out, struct error *e) MUST_USE;

/* What the engine keeps of one generation beside its rows: written in the turn that imports it, once
 * its entry has a place in the ledger. */
struct register_generation {
    uint64_t generation;
    bool is_recorded; /* false: imported before such rows were kept; of the newest the head still
                         tells time, digest and rows, of others nothing is known but their rows */
    digest sha256;
    int64_t imported_ns;
    uint64_t row_count, changed_count;
    uint32_t log_number; /* of the ledger's line of logs */
    str origin;          /* that log's name */
    uint64_t entry;      /* its entry there */
};
enum error_code register_generation_write(struct engine_turn *turn,
                                          const struct register_generation *generation,
                                          struct error *e) MUST_USE;
/* `head` is the view's. FAIL_NOT_FOUND: there is none such; FAIL_CORRUPT, FAIL_VERSION. */
enum error_code register_generation_read(struct engine_view *view, const struct register_head *head,
                                         uint64_t generation, struct arena *arena,
                                         struct register_generation *out, struct error *e) MUST_USE;
/* The generation that held at that time. FAIL_NOT_FOUND: there was no register yet, or those that
 * may have held then were imported before times were kept; the message says which. */
enum error_code register_generation_at(struct engine_view *view, int64_t at_ns, struct arena *arena,
                                       struct register_generation *out, struct error *e) MUST_USE;

/* A row as it was told over the generations. */
struct register_told {
    enum register_kind kind;
    int64_t valid_from_ns;
    uint64_t came_with;   /* generation that told it first */
    uint64_t replaced_by; /* generation that changed or removed it; 0: it is told still */
    int64_t replaced_ns;  /* when; with replaced_by alone */
    str canonical;
};
/* Every row an id ever had, by kind, the time it begins and generation; what the engine says, held
 * against no digest. Texts and list lie in the arena. FAIL_MEMORY: it cannot hold them. */
enum error_code register_told_read(struct engine_view *view, str id, struct arena *arena,
                                   struct register_told **out, size_t *count,
                                   struct error *e) MUST_USE;

/* ---- lists that come along ---- */

/* A table of facts shipped with the program (register-data/): capitals, grids, regions. Texts and
 * arrays lie in the arena it was read into. */
struct register_prefilled_column {
    str name, title_en, title_ja;
    str source; /* which of the sources; empty: the list's own names */
    str since;  /* the day that edition came out; empty: not said */
};
struct register_prefilled_source {
    str name, text;
};
struct register_prefilled {
    str name, title_en, title_ja, as_of, licence;
    const struct register_prefilled_source *sources;
    size_t source_count;
    const struct register_prefilled_column *columns;
    size_t column_count;
    const str *cells; /* row by row; empty: the source does not say */
    size_t row_count;
};
/* The names of the lists in order; NULL: no further one. */
const char *register_prefilled_name(size_t index);
/*   FAIL_NOT_FOUND  there is no such list     FAIL_MEMORY: some 300 KiB */
enum error_code register_prefilled_read(str name, struct arena *arena, struct arena scratch,
                                        struct register_prefilled *out, struct error *e) MUST_USE;
/* The cell of a row under the column of that name; empty: there is no such column. */
str register_prefilled_cell(const struct register_prefilled *list, size_t row, str column);

/* What people call an id that registers and rulebooks share, of list `words`. */
struct register_word {
    str en, ja;
};
struct register_words;
/* FAIL_MEMORY: some 64 KiB. Lies in the arena. */
enum error_code register_words_read(struct arena *arena, struct arena scratch,
                                    const struct register_words **out, struct error *e) MUST_USE;
/* `facet`: "sector", "class" or "kind". The id itself in both languages where nobody has a word. */
struct register_word register_words_find(const struct register_words *words, const char *facet,
                                         str id);

/* ---- for the command line ---- */

/* `azekura register check`: the problems a line each, then what was read. In JSON: {files, rows,
 * kinds: {…}, digest, errors, problems: [{severity, text}]}. `snapshot` NULL when loading failed.
 */
void register_check_write(const struct register_report *report,
                          const struct register_snapshot *snapshot, bool as_json, struct text *out);
/* `azekura register schema`: JSON Schema, draft 2020-12, of one register file. */
void register_schema_write(struct text *out);
/* The tables of docs/formats/register.md. */
void register_fields_write(struct text *out);

#endif
