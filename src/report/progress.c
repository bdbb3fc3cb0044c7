/* How far long work has come, for whoever waits. */
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "report/report.h"

enum { EVERY_MS_TERMINAL = 200, EVERY_MS_ELSEWHERE = 2000 };

struct report_progress {
    const char *what;
    bool shown, is_terminal, drawn;
    _Atomic uint64_t done, total;
    _Atomic int64_t next_ns;
    int64_t begun_ns;
    atomic_flag drawing;
};

struct report_progress *report_progress_begin(const char *what, uint64_t total, bool forced) {
    struct report_progress *p = calloc(1, sizeof *p);
    if (p == NULL) return NULL; /* the work is done all the same */
    p->what = what;
    p->is_terminal = isatty(STDERR_FILENO) == 1;
    p->shown = p->is_terminal || forced;
    p->begun_ns = clock_steady_ns();
    atomic_init(&p->done, 0);
    atomic_init(&p->total, total);
    atomic_init(&p->next_ns, p->begun_ns + EVERY_MS_TERMINAL * NS_PER_MS);
    atomic_flag_clear(&p->drawing);
    return p;
}

/* "1052000" as "1,052,000". */
static void spell(uint64_t n, char out[32]) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, n), at = 0;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = 0;
}

static void draw(struct report_progress *p, int64_t now_ns) {
    char done_text[32], total_text[32], left[48] = "";
    uint64_t done = atomic_load(&p->done), total = atomic_load(&p->total);
    if (done > total) done = total;
    spell(done, done_text);
    spell(total, total_text);
    double share = total > 0 ? (double)done / (double)total : 0;
    double took_s = (double)(now_ns - p->begun_ns) / (double)NS_PER_S;
    if (share > 0.02) snprintf(left, sizeof left, ", %.0f s left", took_s / share - took_s);
    fprintf(stderr, "%s%s %s of %s (%.0f %%)%s%s", p->is_terminal ? "\r" : "", p->what, done_text,
            total_text, share * 100, left, p->is_terminal ? "\033[K" : "\n");
    fflush(stderr);
    p->drawn = true;
}

void report_progress_step(struct report_progress *p, uint64_t count) {
    if (p == NULL) return;
    atomic_fetch_add(&p->done, count);
    if (!p->shown) return;
    int64_t now_ns = clock_steady_ns();
    if (now_ns < atomic_load(&p->next_ns) || atomic_flag_test_and_set(&p->drawing)) return;
    if (now_ns >= atomic_load(&p->next_ns)) {
        int64_t every_ms = p->is_terminal ? EVERY_MS_TERMINAL : EVERY_MS_ELSEWHERE;
        atomic_store(&p->next_ns, now_ns + every_ms * NS_PER_MS);
        draw(p, now_ns);
    }
    atomic_flag_clear(&p->drawing);
}

void report_progress_total(struct report_progress *p, uint64_t total) {
    if (p != NULL) atomic_store(&p->total, total);
}

void report_progress_end(struct report_progress *p) {
    if (p == NULL) return;
    if (p->drawn && p->is_terminal) fprintf(stderr, "\r\033[K");
    if (p->shown && !p->is_terminal) draw(p, clock_steady_ns()); /* the last line of a log */
    free(p);
}
