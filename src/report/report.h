/* Reports: what every command that tells people something writes it with.
 *
 * Bytes go to an output (standard output, a file that appears whole or not at all, or memory);
 * upon it stand JSON, CSV, text tables and pages of HTML. A page is one file: no script, no font, no
 * picture and no style from elsewhere, so that it reads the same from a USB stick in ten years, and
 * prints. Nothing here knows what is reported.
 *
 * Writers never fail one by one: the first error stays in the output, later bytes are dropped, and
 * report_close says so. Not for several threads; progress is. */
#ifndef AZEKURA_REPORT_REPORT_H
#define AZEKURA_REPORT_REPORT_H

#include "base/base.h"

/* ---- outputs ---- */

enum { REPORT_BUFFER_BYTES = 1 << 16 };
struct report_out {
    char *buffer;        /* owned; released by report_close */
    struct sha256 *hash; /* borrowed; NULL: not asked for */
    size_t used;
    int fd;             /* -1: memory */
    const char *stream; /* borrowed; of standard output, a device or a pipe: what errors call it */
    uint64_t written_bytes;
    char path[4096];    /* what the file will be called; empty: a stream or memory */
    struct text memory; /* borrowed */
    enum error_code failed;
    struct error error;
};

/* `path` NULL or "-": standard output. A device or a pipe of that name is written into as it is. Otherwise PATH.new,
 * which becomes PATH in report_close: a reader never sees half a report. `path` is borrowed until then. FAIL_MEMORY,
 * and what opening a file says. */
enum error_code report_open(const char *path, struct report_out *out, struct error *e) MUST_USE;
/* Goes on with the PATH.new of a report that was interrupted: its whole lines stay, a part of one is cut off.
 * *lines: how many there are, none where nothing was left. What opening, reading and cutting a file say; FAIL_USAGE: a
 * device or a pipe has no lines to go on with; FAIL_MEMORY. */
enum error_code report_resume(const char *path, struct report_out *out, uint64_t *lines,
                              struct error *e) MUST_USE;
/* Ends it without a file, as report_abandon, but what was written stays for report_resume. */
void report_leave(struct report_out *out);
/* Into memory of the caller's; overflow is FAIL_LIMIT in report_close. */
enum error_code report_open_text(void *memory, size_t cap, struct report_out *out,
                                 struct error *e) MUST_USE;
/* Nowhere: only what it hashes to is wanted. `hash` was begun, and is ended after report_close. */
enum error_code report_open_hash(struct sha256 *hash, struct report_out *out,
                                 struct error *e) MUST_USE;
/* Writes what is left and gives the file its name. The first error of any write; then no file of
 * that name is made or changed. Safe to call once only. */
enum error_code report_close(struct report_out *out, struct error *e) MUST_USE;
/* Ends it without a file: after an error elsewhere. */
void report_abandon(struct report_out *out);
str report_text(const struct report_out *out); /* of memory, after report_close */

void report_add(struct report_out *out, str bytes);
void report_add_c(struct report_out *out, const char *text);
void report_format(struct report_out *out, const char *format, ...) PRINTF_LIKE(2, 3);

/* ---- JSON ---- */

/* Commas and nesting look after themselves. With `indent` a member a line, two spaces a level, as
 * far as `indent_depth`; deeper values stand in one line. */
enum { REPORT_JSON_DEPTH = 16 };
struct report_json {
    struct report_out *out;
    unsigned depth, indent_depth;
    bool has_member[REPORT_JSON_DEPTH];
    bool after_key;
};
struct report_json report_json_begin(struct report_out *out, unsigned indent_depth);
void report_json_object(struct report_json *j);
void report_json_object_end(struct report_json *j);
void report_json_array(struct report_json *j);
void report_json_array_end(struct report_json *j);
void report_json_key(struct report_json *j, const char *key);
void report_json_str(struct report_json *j, str value); /* bad UTF-8 becomes U+FFFD */
void report_json_c(struct report_json *j, const char *value);
void report_json_u64(struct report_json *j, uint64_t value);
void report_json_i64(struct report_json *j, int64_t value);
void report_json_bool(struct report_json *j, bool value);
void report_json_null(struct report_json *j);
void report_json_raw(struct report_json *j, str json); /* well-formed already */
/* Key and value in one. */
void report_json_put(struct report_json *j, const char *key, str value);
void report_json_put_c(struct report_json *j, const char *key, const char *value);
void report_json_put_u64(struct report_json *j, const char *key, uint64_t value);
void report_json_put_bool(struct report_json *j, const char *key, bool value);
void report_json_put_time(struct report_json *j, const char *key, int64_t wall_ns); /* seconds */

/* ---- CSV: RFC 4180, LF, UTF-8 ---- */

/* A cell is quoted where it must be. One that a spreadsheet would take for a formula (=, +, -, @ or
 * a tab first) is begun with an apostrophe: reports carry texts that strangers wrote. */
void report_csv_cell(struct report_out *out, str text, bool is_last);

/* ---- text ---- */

/* Columns a terminal needs: wide characters (CJK, kana, full-width forms) take two. */
size_t report_columns(str text);

enum { REPORT_TABLE_COLUMNS = 16 };
enum report_align { REPORT_LEFT, REPORT_RIGHT };
struct report_table {
    struct arena *arena; /* cells are copied into it */
    size_t column_count, row_count, row_cap;
    enum report_align align[REPORT_TABLE_COLUMNS];
    str *cells; /* rows of column_count; the first is the head */
    struct error *e;
};
/* A table of at most `rows` rows besides its head. FAIL_MEMORY. */
enum error_code report_table_open(struct report_table *table, const char *const *head,
                                  size_t column_count, size_t rows, struct arena *arena,
                                  struct error *e) MUST_USE;
void report_table_right(struct report_table *table, size_t column);
/* `cells` are column_count texts. FAIL_MEMORY; FAIL_LIMIT over `rows`. */
enum error_code report_table_row(struct report_table *table, const str *cells,
                                 struct error *e) MUST_USE;
void report_table_write(const struct report_table *table, struct report_out *out);

/* ---- HTML ---- */

struct report_page {
    const char *language; /* "en", "ja" */
    str title;
};
/* The head with its style, and <body><main>. report_html_end closes both. */
void report_html_begin(struct report_out *out, const struct report_page *page);
void report_html_end(struct report_out *out);
void report_html_text(struct report_out *out, str text);                     /* escaped */
void report_html_element(struct report_out *out, const char *tag, str text); /* <h2>text</h2> */
void report_html_class(struct report_out *out, const char *tag, const char *class_name, str text);
void report_html_table(struct report_out *out, const char *const *head, size_t column_count);
void report_html_row(struct report_out *out, const str *cells, size_t column_count);
void report_html_table_end(struct report_out *out);
/* A word with a colour and a mark, so that it can be told apart in grey as well: "pass", "fail",
 * "unknown", "attested", "excepted" and "not-applicable" are drawn, others plain. `shown` is what
 * is read. */
void report_html_badge(struct report_out *out, str kind, str shown);

/* ---- progress ---- */

/* One line on standard error, redrawn at most five times a second: "assessing 412,000 of 1,052,000
 * (39 %), 3 s left". Quiet unless standard error is a terminal or `forced`; then, on what is no
 * terminal, a line every two seconds. Steps may come from any thread. */
struct report_progress;
struct report_progress *report_progress_begin(const char *what, uint64_t total, bool forced);
void report_progress_step(struct report_progress *p, uint64_t count);
void report_progress_total(struct report_progress *p, uint64_t total);
void report_progress_end(struct report_progress *p); /* clears the line; NULL is fine */

#endif
