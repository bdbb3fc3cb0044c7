/* Inner: lines "word value …" of the texts that landmarks sign. A reader takes them in order; the first
 * that is not as it must be breaks the rest, and lines_read says which it was. */
#ifndef AZEKURA_LOCPROOF_LINES_H
#define AZEKURA_LOCPROOF_LINES_H

#include "locproof/report.h"

/* ---- writing ---- */

bool lines_is_word(str s); /* no space, no control character, UTF-8, a key's name in length */
enum error_code lines_names_check(const str *names, size_t count, struct error *e) MUST_USE;
void lines_hex_add(struct text *out, const char *word, const void *bytes, size_t count);
/* FAIL_LIMIT: it did not fit. */
enum error_code lines_written(const struct text *out, struct error *e) MUST_USE;

/* ---- reading ---- */

struct lines {
    str rest;
    unsigned number;
    bool broken;
};
/* The values of the next line, which begins with `word`; empty and broken where it does not. */
str lines_take(struct lines *l, const char *word);
str lines_word(struct lines *l, str *values);
uint64_t lines_count(struct lines *l, str *values, uint64_t most);
int64_t lines_ns(struct lines *l, str *values); /* -1: not known */
struct locproof_place lines_place(struct lines *l, str *values);
void lines_hex(struct lines *l, str *values, void *to, size_t count);
int64_t lines_instant(struct lines *l); /* a line "time" */
/* One value has one text: what was read was written again into `again`. FAIL_SYNTAX. */
enum error_code lines_read(const struct lines *l, const struct text *again, str text,
                           struct error *e) MUST_USE;

/* ---- signed notes ---- */

/* The text that `key` signed. FAIL_SYNTAX, FAIL_PROOF. */
enum error_code lines_note_open(str bytes, const struct tlog_vkey *key, str *text,
                                struct error *e) MUST_USE;
/* FAIL_PROOF: a text that speaks for another name than its key's. */
enum error_code lines_signer_check(str name, const struct tlog_vkey *key, struct error *e) MUST_USE;

#endif
