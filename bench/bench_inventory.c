/* What reading inventories costs: a million servers in each of the formats that are written by the line, and
 * a hundred thousand in JSON.
 *
 *   bench_inventory
 *
 * Prints one line of JSON for each: servers, megabytes, seconds, peak memory beside the file. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "inventory/inventory.h"

enum { ROW_BYTES = 400, SCRATCH_BYTES = 8 << 20, PROBLEM_BYTES = 1 << 16 };

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static uint64_t sum; /* so that what is handed over is looked at */
static enum error_code server_count(void *self, const struct inventory_server *server,
                                    struct error *e) {
    sum += server->name.len + server->address_count;
    return OK;
}

static const struct shape {
    enum inventory_format format;
    unsigned count;
    const char *head, *row,
        *tail; /* the row's number twice: as a number, and as two bytes of an address */
} shapes[] = {
    {INVENTORY_LIST, 1000000, "", "10.%1$u.%2$u.%3$u\n", ""},
    {INVENTORY_LIST, 1000000, "", "https://host%4$u.example.jp:8443/path\n", ""},
    {INVENTORY_ZONE, 1000000, "$ORIGIN example.jp.\n", "host%4$u 300 IN A 10.%1$u.%2$u.%3$u\n", ""},
    {INVENTORY_CSV, 1000000, "name,host,ip,country,system,class\n",
     "Server %4$u,host%4$u.example.jp,10.%1$u.%2$u.%3$u,JP,billing,important\n", ""},
    {INVENTORY_JSON, 100000, "[\n",
     "{\"host\": \"host%4$u.example.jp\", \"ip\": \"10.%1$u.%2$u.%3$u\", \"country\": \"JP\"},\n",
     "{\"host\": \"last\"}]\n"},
    {INVENTORY_TERRAFORM, 100000,
     "{\"version\": 4, \"resources\": [{\"mode\": \"managed\", \"type\": \"aws_instance\", "
     "\"name\": "
     "\"x\", \"provider\": \"provider.aws\", \"instances\": [\n",
     "{\"index_key\": %4$u, \"attributes\": {\"ami\": \"ami-1\", \"availability_zone\": "
     "\"ap-northeast-1a\", \"private_ip\": \"10.%1$u.%2$u.%3$u\", \"tags\": {\"Name\": \"x\"}}},\n",
     "{\"index_key\": 0, \"attributes\": {}}]}]}\n"},
};

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static str file_make(const struct shape *shape) {
    char *at = malloc((size_t)shape->count * ROW_BYTES + 4096);
    if (at == NULL) exit(1);
    size_t used = (size_t)sprintf(at, "%s", shape->head);
    for (unsigned i = 0; i < shape->count; i++)
        used += (size_t)sprintf(at + used, shape->row, i >> 16 & 255, i >> 8 & 255, i & 255, i);
    used += (size_t)sprintf(at + used, "%s", shape->tail);
    return str_of(at, used);
}

int main(void) {
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        str bytes = file_make(&shapes[i]);
        struct inventory_options options = {.format = shapes[i].format};
        struct inventory_sink sink = {server_count, NULL};
        struct inventory_report report;
        struct error e;
        void *scratch = malloc(SCRATCH_BYTES), *problems = malloc(PROBLEM_BYTES);
        if (scratch == NULL || problems == NULL) return 1;
        struct arena arena = arena_over(problems, PROBLEM_BYTES);
        double begin = now_s();
        if (inventory_read(STR("f"), bytes, &options, &sink, &arena,
                           arena_over(scratch, SCRATCH_BYTES), &report, &e) != OK) {
            fprintf(stderr, "bench_inventory: %s\n", e.message);
            return 1;
        }
        double seconds = now_s() - begin;
        printf("{\"format\": \"%s\", \"servers\": %llu, \"mb\": %.0f, \"cpu_s\": %.3f, "
               "\"ns_a_server\": %.0f, \"problems\": %llu}\n",
               inventory_format_name(report.format), (unsigned long long)report.servers,
               (double)bytes.len / 1e6, seconds, seconds / (double)report.servers * 1e9,
               (unsigned long long)report.problems.total);
        free(scratch);
        free(problems);
        free((void *)(uintptr_t)bytes.at);
    }
    return sum == 0;
}
