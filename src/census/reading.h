/* Inner: a server read out of JSON, and a reader over bytes at hand. */
#ifndef AZEKURA_CENSUS_READING_H
#define AZEKURA_CENSUS_READING_H

#include "census/inner.h"
#include "doc/doc.h"

/* All texts are copied. Law counts as foreign where it is not of `home` (zero: where the object says so).
 *   FAIL_SYNTAX  it has no answer     FAIL_MEMORY */
enum error_code server_read(const struct doc_node *object, geo_country home, struct arena *arena,
                            struct survey_server *out, struct census_ruled *ruled,
                            struct error *e) MUST_USE;

struct window;
/* A reader over a window that is open; for tests and the fuzzer. The window is the reader's then. */
enum error_code reader_over(struct window *window, struct census_reader **out,
                            struct error *e) MUST_USE;

#endif
