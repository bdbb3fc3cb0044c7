/* What a bundle's signature stands under: the manifest, and the list of files whose digest it names.
 * Source: docs/formats/bundle.md. */
#ifndef AZEKURA_VERIFY_MANIFEST_H
#define AZEKURA_VERIFY_MANIFEST_H

#include "base/base.h"
#include "evidence/evidence.h"

/* Entries of the period in a log that came before. */
struct verify_earlier {
    uint32_t number;
    uint64_t first, end;
};
struct verify_manifest {
    unsigned version; /* 1: has no earlier logs, and may lack the entries beside the period */
    str origin, vkey;
    uint64_t from, until; /* minutes since 1970 */
    uint64_t first, end;  /* the entries of the period, in the newest log */
    struct verify_earlier earlier[EVIDENCE_LOGS_MAX]; /* by number */
    size_t earlier_count;
    digest files; /* of the list */
    uint64_t files_bytes;
};
/* The text of the signed note. Views into it. FAIL_VERSION: no manifest, or another version's;
 * FAIL_SYNTAX: other lines, a number with another spelling. Whether range and times make sense is for who
 * looks at the log. */
enum error_code verify_manifest_parse(str text, struct verify_manifest *out,
                                      struct error *e) MUST_USE;

struct verify_listed {
    str path; /* closed by a zero; of a-z 0-9 . _ - and /, never out of the bundle's folder */
    digest hash;
    uint64_t bytes;
};
/* The file `files`, a line each, by path. The array and the paths lie in the arena. FAIL_SYNTAX: a line
 * that is none, two of one path or out of order, over 2^20 of them; FAIL_MEMORY. */
enum error_code verify_manifest_files(str text, struct arena *arena, struct verify_listed **out,
                                      size_t *count, struct error *e) MUST_USE;

#endif
