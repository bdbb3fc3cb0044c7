/* Loading: files and texts become one snapshot, or what is wrong is said with file, line and column. */
#ifndef AZEKURA_REGISTER_FRONT_LOADING_H
#define AZEKURA_REGISTER_FRONT_LOADING_H

#include "register/front/rows.h"

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

#endif
