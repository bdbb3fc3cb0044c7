/* Inner: what the console's files share. */
#ifndef AZEKURA_CONSOLE_INNER_H
#define AZEKURA_CONSOLE_INNER_H

#include "console/console.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    CONSOLE_PAGE_BYTES = 1 << 20,
    CONSOLE_SPACE_BYTES = 16 << 20,
    CONSOLE_SESSIONS_MAX = 256,
    CONSOLE_SESSION_S = 3600,
    CONSOLE_TOKEN_BYTES = 32, /* hex digits of 16 random bytes */
};

struct console_session {
    char token[CONSOLE_TOKEN_BYTES];
    char access_key[64];
    size_t access_key_len; /* 0: free */
    int64_t ends_ns;       /* steady */
};

struct console {
    struct console_options options;
    struct arena_space space;
    str s3_address;
    _Atomic(bool) stopping;
    pthread_mutex_t lock; /* of the sessions; held for a few comparisons, never across a park */
    struct console_session sessions[CONSOLE_SESSIONS_MAX];
};

/* Makes the visit that of whoever signed in with this request's cookie; false: nobody. */
bool console_session_find(struct console *console, struct http_exchange *x,
                          struct gate_visit *visit);

/* `refused`: a sign-in that just failed; the page says so beside the form, with status 403. */
void console_page(struct console *console, struct http_exchange *x, bool refused);
void console_page_text(struct console *console, const struct gate_state *s, struct text *out);
void console_metrics(struct console *console, struct http_exchange *x);
void console_health(struct console *console, struct http_exchange *x);
void console_ledger(struct console *console, struct http_exchange *x, str path);
void console_prove(struct console *console, struct http_exchange *x);

extern const char console_style[]; /* closed text */

/* ---- words: how numbers, times and codes are written for people ---- */

void console_number(struct text *out, uint64_t n);          /* 1,234,567 */
void console_minute(struct text *out, int64_t wall_ns);     /* 2026-11-22 01:52 */
void console_second(struct text *out, int64_t wall_ns);     /* 2026-11-22 01:52:26 */
const char *console_act_ja(str act);                        /* empty: a code of its own */
const char *console_finding_ja(str kind);                   /* empty: a kind of its own */
const char *console_standing_ja(const struct gate_state *); /* how the place is known */
const char *console_rollback_ja(enum ledger_rollback rollback);
/* "copies 2 (aoba-own/keep.at-home)" to its obligation and its clause, which may be empty. */
void console_owed_cut(str what, str *obligation, str *clause);

void console_send(struct http_exchange *x, int status, str content_type, str body);
void console_fail(struct http_exchange *x, const struct error *e);

#endif
