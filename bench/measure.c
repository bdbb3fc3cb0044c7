/* Histograms and readings of processes: see measure.h. */
#include "bench/measure.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

static size_t cell_of(uint64_t ns) {
    if (ns < HISTOGRAM_STEPS) return (size_t)ns;
    unsigned power = 63 - (unsigned)__builtin_clzll(ns); /* >= 6 */
    size_t step = (size_t)(ns >> (power - 6)) & (HISTOGRAM_STEPS - 1);
    size_t cell = (size_t)(power - 5) * HISTOGRAM_STEPS + step;
    return cell < HISTOGRAM_CELLS ? cell : HISTOGRAM_CELLS - 1;
}

static int64_t cell_top(size_t cell) {
    if (cell < HISTOGRAM_STEPS) return (int64_t)cell;
    unsigned power = (unsigned)(cell / HISTOGRAM_STEPS) + 5;
    uint64_t step = cell % HISTOGRAM_STEPS;
    return (int64_t)(((HISTOGRAM_STEPS + step + 1) << (power - 6)) - 1);
}

void histogram_add(struct histogram *h, int64_t ns) {
    if (ns < 0) ns = 0;
    h->cells[cell_of((uint64_t)ns)]++;
    h->count++;
    if (ns > h->max_ns) h->max_ns = ns;
}

void histogram_merge(struct histogram *into, const struct histogram *from) {
    for (size_t i = 0; i < HISTOGRAM_CELLS; i++) into->cells[i] += from->cells[i];
    into->count += from->count;
    into->max_ns = i64_max(into->max_ns, from->max_ns);
}

int64_t histogram_at(const struct histogram *h, unsigned per_mille) {
    uint64_t below = 0, wanted = h->count * per_mille / 1000;
    if (h->count == 0) return 0;
    for (size_t i = 0; i < HISTOGRAM_CELLS; i++) {
        below += h->cells[i];
        if (below > wanted || below == h->count) return i64_min(cell_top(i), h->max_ns);
    }
    return h->max_ns;
}

/* ---- processes ---- */

static bool proc_file_read(pid_t pid, const char *name, char *text, size_t cap, str *out) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);
    FILE *file = fopen(path, "r");
    if (file == NULL) return false;
    *out = str_of(text, fread(text, 1, cap, file));
    fclose(file);
    return out->len > 0;
}

/* The name in brackets may hold anything, so fields are counted from the last bracket. */
static bool stat_field(str line, unsigned number, uint64_t *out) {
    str rest = line, word;
    size_t at;
    while (str_find_char(rest, ')', &at)) rest = str_skip(rest, at + 1);
    rest = str_skip(rest, 1);
    for (unsigned i = 3; str_cut(&rest, ' ', &word); i++)
        if (i == number) return str_u64(word, out);
    return false;
}

static uint64_t io_field(str text, str name) {
    uint64_t value = 0;
    str line;
    while (str_cut(&text, '\n', &line))
        if (str_starts(line, name) && str_u64(str_skip(line, name.len), &value)) return value;
    return 0;
}

enum error_code process_read(pid_t pid, struct process_reading *out, struct error *e) {
    char memory[4096];
    str text;
    uint64_t user, kernel, pages;
    if (!proc_file_read(pid, "stat", memory, sizeof memory, &text) ||
        !stat_field(text, 14, &user) || !stat_field(text, 15, &kernel) ||
        !stat_field(text, 24, &pages))
        return error_set(e, FAIL_NOT_FOUND, "there is no process %d", (int)pid);
    out->cpu_ns += (int64_t)(user + kernel) * (NS_PER_S / sysconf(_SC_CLK_TCK));
    out->rss_bytes += pages * (uint64_t)sysconf(_SC_PAGESIZE);
    if (proc_file_read(pid, "io", memory, sizeof memory, &text))
        out->written_bytes += io_field(text, STR("write_bytes: "));
    return OK;
}

int64_t own_cpu_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}
