/* Inner: the parts of the page, and what they are written with. */
#ifndef AZEKURA_CONSOLE_PAGE_H
#define AZEKURA_CONSOLE_PAGE_H

#include "console/inner.h"

/* ---- parts, each whole sections ---- */

void console_tallies(struct text *out, const struct gate_state *s); /* kept, warned, refused */
void console_debts(struct text *out, const struct gate_state *s);
void console_recent(struct text *out, const struct gate_state *s); /* the last decisions */
/* Names of buckets and keys for who signed in, or the form; `refused`: a sign-in just failed. */
void console_names(struct console *console, struct http_exchange *x, bool refused, struct text *out,
                   struct arena *arena);

/* ---- markup; Japanese first, English beside it ---- */

struct console_column {
    const char *ja, *en;
    bool is_number;
};

void console_escape(struct text *out,
                    str s); /* what could end a text or an attribute is spelled out */
void console_escaped(struct text *out, const char *before, str s, const char *after);
void console_title(struct text *out, const char *ja, const char *en); /* opens the section */
void console_term(struct text *out, const char *ja, const char *en);
void console_table_begin(struct text *out, const struct console_column *columns, size_t count);
void console_table_end(struct text *out);
void console_cell(struct text *out, str s); /* empty: a dash */
void console_cell_code(struct text *out, str s);
void console_cell_number(struct text *out, const char *kind,
                         uint64_t n); /* `kind`: good, warn, bad */

#endif
