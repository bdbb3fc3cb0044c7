/* What a measurement needs beside its subject: a histogram of latencies, and what the kernel says
 * about the processes measured. */
#ifndef AZEKURA_BENCH_MEASURE_H
#define AZEKURA_BENCH_MEASURE_H

#include <sys/types.h>

#include "base/base.h"

/* 64 steps to each power of two: a reading is at most 1.6 % above what was put in. */
enum { HISTOGRAM_STEPS = 64, HISTOGRAM_CELLS = 60 * HISTOGRAM_STEPS };
struct histogram {
    uint64_t cells[HISTOGRAM_CELLS];
    uint64_t count;
    int64_t max_ns;
};
void histogram_add(struct histogram *h, int64_t ns); /* below 0 counts as 0 */
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The upper edge of the cell that holds the `per_mille`-th part, never above the largest; 0 when
 * empty. */
int64_t histogram_at(const struct histogram *h, unsigned per_mille);

/* One process, all its threads. */
struct process_reading {
    int64_t cpu_ns;         /* user and system, in steps of a clock tick (10 ms) */
    uint64_t written_bytes; /* sent to the block layer; 0 where /proc/PID/io is not ours to read */
    uint64_t rss_bytes;
};
/* Adds a process to *out. FAIL_NOT_FOUND: there is no such process.
 * Source: proc(5), stat fields 14, 15 and 24; io. */
enum error_code process_read(pid_t pid, struct process_reading *out, struct error *e) MUST_USE;

int64_t own_cpu_ns(void); /* of this process */

#endif
