/* azekura-load: asks an S3 endpoint, or a server of files, for the same kind of thing for a while,
 * and says how fast it answered and what each answer cost.
 *
 * Threads share nothing but a counter of requests; each holds its connections on an epoll with one
 * signed request under way on each. Latency is from before the first byte sent to after the last
 * one received. The server's CPU is what the kernel has charged to the processes named, over the
 * same span in which answers are counted: on a machine shared with the client that is the number
 * that carries over, not the rate. */
#include <errno.h>
#include <getopt.h>
#include <netdb.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/idle.h"
#include "bench/worker.h"

enum { THREADS_MAX = 64, PIDS_MAX = 64, STEP_US = 2000 };

struct load {
    struct work work;
    const char *url;
    bool json, unsigned_payload;
    unsigned idle_connections; /* over 0: hold connections instead of asking */
    pid_t pids[PIDS_MAX];
    size_t pid_count;
    bool tls;
};

struct outcome {
    struct tally sum;
    int64_t span_ns, client_cpu_ns, server_cpu_ns;
    uint64_t written_bytes, rss_bytes;
};

static const char usage_text[] =
    "usage: azekura-load --url URL --op OP [options]\n"
    "\n"
    "operations:\n"
    "  bucket  create the bucket            list  a page of 1,000 keys\n"
    "  fill    PUT each of the keys once    del   DELETE each of the keys once\n"
    "  put     PUT new keys                 raw   unsigned GET of a file BUCKET/KEY\n"
    "  get     GET one of the keys          idle  hold connections, say what they weigh\n"
    "  mix     half get, half put           part  PUT each of --keys parts of --upload once\n"
    "\n"
    "options:\n"
    "  --bucket NAME         bucket; for raw a folder, or nothing\n"
    "  --prefix TEXT         what keys begin with (default \"k\"); for part the key\n"
    "  --upload ID           the upload that parts belong to\n"
    "  --keys N              how many keys there are (default 1000)\n"
    "  --size BYTES          of an object; K and M are understood (default 4096)\n"
    "  --connections N       (default 64)        --threads N   (default 1)\n"
    "  --seconds N           at most so long (default 5)\n"
    "  --count N             at most so many requests\n"
    "  --warmup N            seconds that do not count (default 0)\n"
    "  --unsigned-payload    sign heads only; else bodies are signed by their SHA-256\n"
    "  --server-pid PID      charge this process to the server (repeatable)\n"
    "  --region NAME         (default us-east-1)\n"
    "  --json                one line of JSON instead of text\n"
    "Keys are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY. Exit 0: everything was\n"
    "answered as wished; 1: something was not, or nothing was; 2: wrong usage.\n";

static int wrong(const char *what, const char *value) {
    fprintf(stderr, "azekura-load: %s \"%s\"; try --help\n", what, value);
    return 2;
}

/* ---- the command line ---- */

enum option_code {
    O_URL = 1,
    O_OP,
    O_BUCKET,
    O_PREFIX,
    O_KEYS,
    O_SIZE,
    O_CONNECTIONS,
    O_THREADS,
    O_SECONDS,
    O_COUNT,
    O_WARMUP,
    O_UNSIGNED,
    O_PID,
    O_REGION,
    O_UPLOAD,
    O_JSON,
    O_HELP,
};
static const struct option options[] = {
    {"url", required_argument, NULL, O_URL},
    {"op", required_argument, NULL, O_OP},
    {"bucket", required_argument, NULL, O_BUCKET},
    {"prefix", required_argument, NULL, O_PREFIX},
    {"keys", required_argument, NULL, O_KEYS},
    {"size", required_argument, NULL, O_SIZE},
    {"connections", required_argument, NULL, O_CONNECTIONS},
    {"threads", required_argument, NULL, O_THREADS},
    {"seconds", required_argument, NULL, O_SECONDS},
    {"count", required_argument, NULL, O_COUNT},
    {"warmup", required_argument, NULL, O_WARMUP},
    {"unsigned-payload", no_argument, NULL, O_UNSIGNED},
    {"server-pid", required_argument, NULL, O_PID},
    {"region", required_argument, NULL, O_REGION},
    {"upload", required_argument, NULL, O_UPLOAD},
    {"json", no_argument, NULL, O_JSON},
    {"help", no_argument, NULL, O_HELP},
    {0},
};

static bool bytes_read(str text, uint64_t *out) {
    uint64_t unit = 1;
    if (str_ends(text, STR("K"))) unit = 1 << 10;
    if (str_ends(text, STR("M"))) unit = 1 << 20;
    if (unit > 1) text.len--;
    return str_u64(text, out) && u64_mul(*out, unit, out) && *out <= (uint64_t)1 << 30;
}

/* Tenths of a second are enough: "1.5". */
static bool seconds_read(const char *text, int64_t *out_ns) {
    char *end;
    double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds >= 0 && seconds <= 3600)) return false;
    *out_ns = (int64_t)(seconds * 1e9);
    return true;
}

static bool count_read(str text, uint64_t max, unsigned *out) {
    uint64_t value;
    if (!str_u64(text, &value) || value == 0 || value > max) return false;
    *out = (unsigned)value;
    return true;
}

static bool name_is_plain(str name) {
    for (size_t i = 0; i < name.len; i++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.",
                    name.at[i]))
            return false;
    return name.len <= 255;
}

static bool operation_take(struct load *load, str name) {
    if (str_equal(name, STR("idle"))) {
        load->idle_connections = 1;
        return true;
    }
    for (unsigned i = 0; i < OPERATION_COUNT; i++)
        if (str_equal(name, str_from_c(operation_names[i]))) {
            load->work.operation = (enum operation)i;
            return true;
        }
    return false;
}

static bool pid_take(struct load *load, str text) {
    unsigned pid;
    if (load->pid_count == PIDS_MAX || !count_read(text, 1 << 30, &pid)) return false;
    load->pids[load->pid_count++] = (pid_t)pid;
    return true;
}

static bool option_take(struct load *load, int code, const char *value) {
    struct work *work = &load->work;
    str text = str_from_c(value);
    switch (code) {
    case O_URL: load->url = value; return true;
    case O_OP: return operation_take(load, text);
    case O_BUCKET: work->bucket = text; return name_is_plain(text);
    case O_PREFIX: work->prefix = text; return name_is_plain(text);
    case O_KEYS: return str_u64(text, &work->key_count) && work->key_count > 0;
    case O_SIZE: return bytes_read(text, &work->object_bytes);
    case O_CONNECTIONS: return count_read(text, 65536, &work->connections);
    case O_THREADS: return count_read(text, THREADS_MAX, &work->threads);
    case O_SECONDS: return seconds_read(value, &work->duration_ns) && work->duration_ns > 0;
    case O_COUNT: return str_u64(text, &work->count_max) && work->count_max > 0;
    case O_WARMUP: return seconds_read(value, &work->warmup_ns);
    case O_UNSIGNED: load->unsigned_payload = true; return true;
    case O_PID: return pid_take(load, text);
    case O_UPLOAD: work->upload = text; return name_is_plain(text);
    case O_REGION: work->region = text; return name_is_plain(text);
    case O_JSON: load->json = true; return true;
    default: return false;
    }
}

/* http://HOST:PORT, nothing after it. */
static bool url_read(struct load *load) {
    str rest = str_from_c(load->url), host, port;
    char host_text[256], port_text[8];
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM}, *found;
    if (str_starts(rest, STR("http://")))
        rest = str_skip(rest, 7);
    else if (str_starts(rest, STR("https://"))) {
        rest = str_skip(rest, 8);
        load->tls = true;
    } else
        return false;
    if (str_ends(rest, STR("/"))) rest.len--;
    load->work.host = port = rest;
    if (!str_cut(&port, ':', &host)) {
        host = rest;
        port = load->tls ? STR("443") : STR("80");
    }
    snprintf(host_text, sizeof host_text, "%.*s", STR_FMT(host));
    snprintf(port_text, sizeof port_text, "%.*s", STR_FMT(port));
    if (getaddrinfo(host_text, port_text, &wanted, &found) != 0) return false;
    memcpy(&load->work.address, found->ai_addr, found->ai_addrlen);
    load->work.address_bytes = found->ai_addrlen;
    freeaddrinfo(found);
    return true;
}

/* 0: go; else the exit status. *helped: it was asked for. */
static int command_line_read(struct load *load, int argc, char **argv, bool *helped) {
    struct work *work = &load->work;
    bool has_operation = false;
    for (int code; (code = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (code == '?') return 2;
        *helped |= code == O_HELP;
        if (code == O_HELP) continue;
        has_operation |= code == O_OP;
        if (!option_take(load, code, optarg != NULL ? optarg : ""))
            return wrong("not a value this option takes:", optarg);
    }
    if (*helped) return 0;
    if (optind < argc) return wrong("an argument too many:", argv[optind]);
    if (load->url == NULL || !url_read(load))
        return wrong("--url wants http://HOST:PORT, not", load->url != NULL ? load->url : "");
    if (!has_operation) return wrong("--op is missing; url", load->url);
    if (load->idle_connections > 0) load->idle_connections = work->connections;
    if (load->tls && load->idle_connections == 0)
        return wrong("only op idle speaks TLS:", load->url);
    work->access_key = str_from_c(getenv("AWS_ACCESS_KEY_ID"));
    work->secret_key = str_from_c(getenv("AWS_SECRET_ACCESS_KEY"));
    if (work->access_key.len > 128 || work->secret_key.len > 128)
        return wrong("a key over 128 characters in", "AWS_ACCESS_KEY_ID");
    if (work->threads > work->connections) work->threads = work->connections;
    return 0;
}

/* ---- the run ---- */

/* Bytes that no compression helps with, the same every time. */
static bool body_make(struct load *load, char hex[SIGNER_HEX]) {
    struct work *work = &load->work;
    struct random_seeded dice;
    size_t words = (size_t)(work->object_bytes + 7) / 8;
    uint64_t *body = calloc(words + 1, 8);
    if (body == NULL) return false;
    random_seed(&dice, 20261121);
    for (size_t i = 0; i < words; i++) body[i] = random_next(&dice);
    work->body = (const char *)body;
    digest sha256 = sha256_of(str_of(body, (size_t)work->object_bytes));
    hex_write(sha256.at, sizeof sha256.at, hex);
    work->payload = load->unsigned_payload ? STR("UNSIGNED-PAYLOAD") : str_of(hex, SIGNER_HEX);
    return true;
}

static enum error_code server_read(const struct load *load, struct process_reading *out,
                                   struct error *e) {
    *out = (struct process_reading){0};
    for (size_t i = 0; i < load->pid_count; i++) TRY(process_read(load->pids[i], out, e));
    return OK;
}

static void sleep_until(const struct work *work, int64_t until_ns) {
    while (atomic_load(&work->working) > 0 && clock_steady_ns() < until_ns) usleep(STEP_US);
}

/* One end of the measured span. */
static enum error_code span_begin(struct load *load, struct outcome *out, struct error *e) {
    struct process_reading before;
    TRY(server_read(load, &before, e));
    out->server_cpu_ns = -before.cpu_ns;
    out->written_bytes = -before.written_bytes;
    out->client_cpu_ns = -own_cpu_ns();
    out->span_ns = -clock_steady_ns();
    atomic_store(&load->work.measured_ns, -out->span_ns);
    return OK;
}

static enum error_code span_end(struct load *load, struct outcome *out, struct error *e) {
    struct process_reading after;
    out->span_ns += clock_steady_ns();
    out->client_cpu_ns += own_cpu_ns();
    TRY(server_read(load, &after, e));
    out->server_cpu_ns += after.cpu_ns;
    out->written_bytes += after.written_bytes;
    out->rss_bytes = after.rss_bytes;
    return OK;
}

static enum error_code run_watch(struct load *load, struct outcome *out, struct error *e) {
    struct work *work = &load->work;
    if (work->warmup_ns > 0) {
        sleep_until(work, clock_steady_ns() + work->warmup_ns);
        TRY(span_begin(load, out, e));
    }
    sleep_until(work, clock_steady_ns() + work->duration_ns);
    atomic_store(&work->stopped, true);
    return span_end(load, out, e);
}

static void tally_merge(struct tally *into, const struct tally *from) {
    into->answered += from->answered;
    into->failed += from->failed;
    into->bytes += from->bytes;
    into->pages += from->pages;
    into->keys += from->keys;
    histogram_merge(&into->latency, &from->latency);
    if (into->first_failure[0] == '\0')
        memcpy(into->first_failure, from->first_failure, sizeof into->first_failure);
}

static enum error_code run(struct load *load, struct outcome *out, struct error *e) {
    struct work *work = &load->work;
    static struct worker workers[THREADS_MAX];
    pthread_t threads[THREADS_MAX];
    unsigned started = 0;
    enum error_code code = OK;
    atomic_store(&work->measured_ns, INT64_MAX);
    atomic_store(&work->working, work->threads);
    if (work->warmup_ns == 0) TRY(span_begin(load, out, e)); /* every request counts */
    for (; started < work->threads; started++) {
        struct worker *worker = &workers[started];
        worker->work = work;
        worker->connections = work->connections / work->threads +
                              (started < work->connections % work->threads ? 1 : 0);
        int why = pthread_create(&threads[started], NULL, worker_run, worker);
        if (why == 0) continue;
        code = error_set_errno(e, why, "starting thread %u", started);
        break;
    }
    if (code == OK) code = run_watch(load, out, e);
    atomic_store(&work->stopped, true);
    for (unsigned i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
        tally_merge(&out->sum, &workers[i].tally);
        if (code == OK && workers[i].code != OK) {
            *e = workers[i].error;
            code = workers[i].code;
        }
    }
    return code;
}

/* ---- results ---- */

struct figures {
    double seconds, ops_per_s, mb_per_s, p50_ms, p99_ms, max_ms;
    double client_percent, server_percent, client_us, server_us, written_bytes, keys_per_page;
};

static struct figures figures_of(const struct outcome *o) {
    double seconds = (double)o->span_ns / 1e9,
           count = o->sum.answered > 0 ? (double)o->sum.answered : 1;
    return (struct figures){.seconds = seconds,
                            .ops_per_s = (double)o->sum.answered / seconds,
                            .mb_per_s = (double)o->sum.bytes / seconds / 1e6,
                            .p50_ms = (double)histogram_at(&o->sum.latency, 500) / 1e6,
                            .p99_ms = (double)histogram_at(&o->sum.latency, 990) / 1e6,
                            .max_ms = (double)o->sum.latency.max_ns / 1e6,
                            .client_percent = (double)o->client_cpu_ns / (double)o->span_ns * 100,
                            .server_percent = (double)o->server_cpu_ns / (double)o->span_ns * 100,
                            .client_us = (double)o->client_cpu_ns / 1e3 / count,
                            .server_us = (double)o->server_cpu_ns / 1e3 / count,
                            .written_bytes = (double)o->written_bytes / count,
                            .keys_per_page =
                                o->sum.pages > 0 ? (double)o->sum.keys / (double)o->sum.pages : 0};
}

static void json_print(const struct load *load, const struct outcome *o) {
    struct figures f = figures_of(o);
    char memory[2048];
    struct text failure = text_into(memory, sizeof memory);
    text_add_json(&failure, str_from_c(o->sum.first_failure));
    printf("{\"op\": \"%s\", \"size\": %llu, \"connections\": %u, \"threads\": %u, "
           "\"seconds\": %.3f, \"ops\": %llu, \"errors\": %llu, \"first_error\": %.*s, "
           "\"ops_per_s\": %.1f, \"mb_per_s\": %.2f, \"p50_ms\": %.4f, \"p99_ms\": %.4f, "
           "\"max_ms\": %.4f, \"keys_per_page\": %.0f, \"client_cpu_percent\": %.1f, "
           "\"client_cpu_us_per_op\": %.3f",
           operation_names[load->work.operation], (unsigned long long)load->work.object_bytes,
           load->work.connections, load->work.threads, f.seconds,
           (unsigned long long)o->sum.answered, (unsigned long long)o->sum.failed, (int)failure.len,
           failure.at, f.ops_per_s, f.mb_per_s, f.p50_ms, f.p99_ms, f.max_ms, f.keys_per_page,
           f.client_percent, f.client_us);
    if (load->pid_count > 0)
        printf(", \"server_cpu_percent\": %.1f, \"server_cpu_us_per_op\": %.3f, "
               "\"server_written_bytes_per_op\": %.0f, \"server_rss_bytes\": %llu",
               f.server_percent, f.server_us, f.written_bytes, (unsigned long long)o->rss_bytes);
    printf("}\n");
}

static void text_print(const struct load *load, const struct outcome *o) {
    struct figures f = figures_of(o);
    printf("%s of %llu bytes over %u connections, %.1f s: %llu answered, %llu failed\n",
           operation_names[load->work.operation], (unsigned long long)load->work.object_bytes,
           load->work.connections, f.seconds, (unsigned long long)o->sum.answered,
           (unsigned long long)o->sum.failed);
    printf("  %.1f ops/s, %.2f MB/s; p50 %.3f ms, p99 %.3f ms, max %.3f ms\n", f.ops_per_s,
           f.mb_per_s, f.p50_ms, f.p99_ms, f.max_ms);
    if (f.keys_per_page > 0)
        printf("  %.0f keys a page, %.0f keys/s\n", f.keys_per_page, f.keys_per_page * f.ops_per_s);
    printf("  client CPU %.0f %%, %.1f us each\n", f.client_percent, f.client_us);
    if (load->pid_count > 0)
        printf("  server CPU %.0f %%, %.1f us each; %.0f bytes written each; %.1f MiB resident\n",
               f.server_percent, f.server_us, f.written_bytes, (double)o->rss_bytes / 1048576);
}

int main(int argc, char **argv) {
    static struct load load = {.work = {.prefix = {"k", 1},
                                        .region = {"us-east-1", 9},
                                        .object_bytes = 4096,
                                        .key_count = 1000,
                                        .connections = 64,
                                        .threads = 1,
                                        .duration_ns = 5 * NS_PER_S}};
    static struct outcome outcome;
    struct error e = {0};
    char hex[SIGNER_HEX];
    bool helped = false;
    int status = command_line_read(&load, argc, argv, &helped);
    if (status != 0) return status;
    if (helped) {
        fputs(usage_text, stdout);
        return 0;
    }
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) { /* a connection is a file */
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    if (load.idle_connections > 0)
        return idle_run(&load.work, load.tls, load.pids, load.pid_count, load.json);
    load.work.run = random_u64();
    if (!body_make(&load, hex)) {
        fprintf(stderr, "azekura-load: no memory for a body\n");
        return 1;
    }
    if (run(&load, &outcome, &e) != OK) {
        char text[1400];
        fprintf(stderr, "azekura-load: %s\n", error_text(&e, text, sizeof text));
        return 1;
    }
    if (load.json)
        json_print(&load, &outcome);
    else
        text_print(&load, &outcome);
    if (outcome.sum.failed > 0) fprintf(stderr, "azekura-load: %s\n", outcome.sum.first_failure);
    return outcome.sum.failed > 0 || outcome.sum.answered == 0;
}
