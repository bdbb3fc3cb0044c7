/* The console: pages and JSON for people, metrics and health for machines, the ledger's files for
 * anyone. Content, listings and openings only by the gate, like any reader.
 *
 * GET /            one page in Japanese and English: place and how it is known; kept, warned and
 *                  refused by sector and class; the last decisions as codes; debts; ledger head
 * GET /health      200 when ready, 503 when the ledger stopped, the disk is full or the store is stopping
 * GET /metrics     Prometheus text
 * GET /ledger/…    checkpoint and hash tiles for anyone; entry bundles for who may `inspect`
 * GET /prove       a proof file, for who may read the object
 * Source: DESIGN 7, 10; c2sp.org/tlog-tiles. */
#ifndef AZEKURA_CONSOLE_CONSOLE_H
#define AZEKURA_CONSOLE_CONSOLE_H

#include "gate/gate.h"
#include "http/http.h"

struct console;

struct console_options {
    struct gate *gate;
    str s3_address; /* shown on the page: where the S3 end is */
    /* Checks a request's signature (Signature V4, as S3's) and makes the visitor that key's user.
     * Given by the app, since it is the s3 module's art. Anonymous requests leave it anonymous. */
    enum error_code (*authenticate)(void *self, struct http_exchange *x, struct gate_visit *visit,
                                    struct error *e);
    void *authenticate_self;
    /* Adds what only the app knows (HTTP counters of its servers) to the metrics; may be NULL. */
    void (*metrics)(void *self, struct text *out);
    void *metrics_self;
};
enum error_code console_open(const struct console_options *options, struct console **out,
                             struct error *e) MUST_USE;
/* From here on /health says that the store is stopping: the S3 end takes nobody new while it drains,
 * and whoever sends clients here has to know. NULL is fine. */
void console_stopping(struct console *console);
void console_close(struct console *console); /* NULL is fine */
/* For http_server_options.serve. */
void console_serve(void *console, struct http_exchange *x);

#endif
