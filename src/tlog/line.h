/* Lines, decimals and hashes as all the text formats here spell them. Inner header. */
#ifndef AZEKURA_TLOG_LINE_H
#define AZEKURA_TLOG_LINE_H

#include "tlog/tree.h"

/* Takes one line, without its newline, off *rest. false: no newline in it, nothing moved. */
static inline bool line_take(str *rest, str *line) {
    return str_cut(rest, '\n', line);
}

/* A decimal as these formats write it: one spelling a number, so no leading zero. */
bool line_decimal(str text, uint64_t *out);

/* Standard base64 of exactly 32 bytes. */
bool line_hash(str text, digest *out);
void line_hash_write(struct text *out, const digest *hash); /* and a newline */

/* Hash lines up to and with the empty line after them. `what` names the file in errors.
 * FAIL_SYNTAX, FAIL_LIMIT over TLOG_PATH_MAX. */
enum error_code line_path(str *rest, const char *what, struct tlog_path *out,
                          struct error *e) MUST_USE;
void line_path_write(struct text *out, const struct tlog_path *path); /* with the empty line */

#endif
