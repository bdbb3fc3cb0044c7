/* One store: starting, waiting, stopping. */
#include "app/serve/service.h"
#include "app/serve/privileges.h"
#include "base/disk.h"
#include "base/log.h"
#include "base/runtime.h"
#include "console/console.h"
#include "door/door.h"
#include "http/http.h"
#include "landmark/landmark.h"
#include "s3/s3.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

enum { PLACE_CHECK_S = 600 };

struct service {
    const struct config *config;
    const char *config_path; /* NULL: no file */
    digest config_digest;    /* of the file as it was at start */
    bool config_is_known;    /* false: whom the store runs as may not read it */
    struct runtime *runtime;
    struct gate *gate;
    struct s3 *s3;
    struct console *console;
    struct door *door;
    struct http_server *s3_server, *console_server;
    struct landmark_store *landmark; /* NULL: the site's row names no landmark */
    bool landmark_failed;
};

/* ---- starting ---- */

static enum error_code runtime_start(struct service *s, struct error *e) {
    struct runtime_options options = {.reactors = (unsigned)s->config->reactors};
    if (strcmp(s->config->backend, "uring") == 0)
        options.backend = RUNTIME_URING;
    else if (strcmp(s->config->backend, "epoll") == 0)
        options.backend = RUNTIME_EPOLL;
    else if (strcmp(s->config->backend, "auto") != 0)
        return error_set(e, FAIL_USAGE, "backend \"%s\" is not auto, uring or epoll",
                         s->config->backend);
    return runtime_open(&options, &s->runtime, e);
}

struct gate_options service_gate_options(const struct config *c) {
    return (struct gate_options){.data_dir = c->data,
                                 .site = c->site,
                                 .register_paths = (const char **)(uintptr_t)c->registers.at,
                                 .register_count = c->registers.count,
                                 .rulebook_paths = (const char **)(uintptr_t)c->rulebooks.at,
                                 .rulebook_count = c->rulebooks.count,
                                 .event_paths = (const char **)(uintptr_t)c->events.at,
                                 .event_count = c->events.count,
                                 .issuers = (const char **)(uintptr_t)c->issuers.at,
                                 .issuer_count = c->issuers.count,
                                 .trusted_proxies = (const char **)(uintptr_t)c->proxies.at,
                                 .proxy_count = c->proxies.count,
                                 .geo_path = c->geo,
                                 .dmi_dir = c->dmi,
                                 .metadata_url = c->metadata,
                                 .own_addresses = c->own_addresses,
                                 .origin = c->origin,
                                 .key_dir = c->key_dir,
                                 .anchor_path = c->anchor,
                                 .witnesses = c->witnesses,
                                 .witness_count = c->witness_count,
                                 .cache_bytes = c->cache_mib << 20,
                                 .write_buffer_bytes = c->write_buffer_mib << 20,
                                 .log_bytes_max = c->log_mib << 20,
                                 .low_water_bytes = c->low_water_mib << 20,
                                 .part_bytes_min = c->part_min_kib << 10};
}

static enum error_code s3_start(struct service *s, struct error *e) {
    struct net_address address;
    str domains[OPTION_LIST_MAX],
        regions[] = {str_from_c(s->config->region), STR("auto"), STR("default")};
    struct s3_options options = {.gate = s->gate,
                                 .runtime = s->runtime,
                                 .regions = regions,
                                 .region_count = COUNT_OF(regions),
                                 .domains = domains,
                                 .domain_count = s->config->domains.count};
    struct http_server_options server = {.addresses = &address,
                                         .address_count = 1,
                                         .certificate_path = str_from_c(s->config->certificate),
                                         .key_path = str_from_c(s->config->key),
                                         .serve = s3_serve,
                                         .fault = s3_fault,
                                         .server_name = STR("Azekura")};
    for (size_t i = 0; i < s->config->domains.count; i++)
        domains[i] = str_from_c(s->config->domains.at[i]);
    TRY(net_address_read(str_from_c(s->config->s3), &address, e));
    TRY(s3_open(&options, &s->s3, e));
    server.self = s->s3;
    return http_server_open(s->runtime, &server, &s->s3_server, e);
}

static void counters_write(void *self, struct text *out) {
    struct service *s = self;
    struct http_counters c;
    http_server_counters(s->s3_server, &c);
    text_format(
        out,
        "# HELP azekura_http_requests_total requests at the S3 port\n"
        "# TYPE azekura_http_requests_total counter\nazekura_http_requests_total %llu\n"
        "# HELP azekura_http_connections connections open at the S3 port\n"
        "# TYPE azekura_http_connections gauge\nazekura_http_connections %llu\n"
        "# HELP azekura_http_timeouts_total heads and bodies that came too slowly to the S3 port\n"
        "# TYPE azekura_http_timeouts_total counter\nazekura_http_timeouts_total %llu\n"
        "# HELP azekura_http_body_bytes_in_total bytes of bodies that came to the S3 port\n"
        "# TYPE azekura_http_body_bytes_in_total counter\nazekura_http_body_bytes_in_total %llu\n"
        "# HELP azekura_http_body_bytes_out_total bytes of bodies that left the S3 port\n"
        "# TYPE azekura_http_body_bytes_out_total counter\nazekura_http_body_bytes_out_total "
        "%llu\n",
        (unsigned long long)c.exchanges, (unsigned long long)c.connections_open,
        (unsigned long long)c.timeouts, (unsigned long long)c.body_bytes_in,
        (unsigned long long)c.body_bytes_out);
    text_add_c(out, "# HELP azekura_http_replies_total replies of the S3 port, by class of status\n"
                    "# TYPE azekura_http_replies_total counter\n");
    for (unsigned i = 2; i < 6; i++)
        text_format(out, "azekura_http_replies_total{class=\"%uxx\"} %llu\n", i,
                    (unsigned long long)c.replies[i]);
}

static enum error_code console_start(struct service *s, struct error *e) {
    struct net_address address;
    struct console_options options = {.gate = s->gate,
                                      .s3_address = str_from_c(s->config->s3),
                                      .authenticate = s3_authenticate,
                                      .authenticate_self = s->s3,
                                      .metrics = counters_write,
                                      .metrics_self = s};
    struct http_server_options server = {.addresses = &address,
                                         .address_count = 1,
                                         .certificate_path =
                                             str_from_c(s->config->console_certificate),
                                         .key_path = str_from_c(s->config->console_key),
                                         .serve = console_serve,
                                         .server_name = STR("Azekura")};
    TRY(net_address_read(str_from_c(s->config->console), &address, e));
    TRY(console_open(&options, &s->console, e));
    server.self = s->console;
    return http_server_open(s->runtime, &server, &s->console_server, e);
}

/* Only where a landmark is expected: else nobody could come, and a port would stand open for nothing. */
static enum error_code landmark_start(struct service *s, struct error *e) {
    struct net_address address;
    TRY(net_address_read(str_from_c(s->config->landmark), &address, e));
    if (!gate_location_expected(s->gate)) return OK;
    return landmark_store_open(s->gate, &address, &s->landmark, e);
}

static enum error_code service_start(struct service *s, struct error *e) {
    TRY(config_metadata_check(s->config->metadata, e));
    TRY(privileges_drop(s->config->user, e));
    TRY(runtime_start(s, e));
    struct gate_options options = service_gate_options(s->config);
    options.runtime = s->runtime;
    if (options.site == NULL)
        return error_set(e, FAIL_USAGE,
                         "no site: say with --site which row of the register this store is");
    TRY(gate_open(&options, &s->gate, e));
    TRY(s3_start(s, e));
    TRY(console_start(s, e));
    TRY(landmark_start(s, e));
    return door_open(s->gate, s->runtime, s->config->data, &s->door, e);
}

/* ---- stopping ---- */

static void service_stop(struct service *s) {
    struct error e;
    int64_t deadline = clock_steady_ns() + (int64_t)s->config->drain_seconds * NS_PER_S;
    console_stopping(s->console);
    door_close(s->door);
    landmark_store_close(s->landmark);
    s->landmark = NULL;
    if (s->s3_server != NULL && http_server_drain(s->s3_server, deadline, &e) != OK)
        log_error("drain", &e);
    if (s->console_server != NULL) error_ignore(http_server_drain(s->console_server, deadline, &e));
    http_server_close(s->s3_server);
    http_server_close(s->console_server);
    s3_close(s->s3);
    console_close(s->console);
    gate_close(s->gate);
    if (s->runtime != NULL) runtime_close(s->runtime);
}

/* ---- waiting ---- */

static bool reload_rules(struct service *s) {
    struct error e;
    char text[1400];
    if (gate_reload(s->gate, &e) == OK) return true;
    log_event(LOG_ERROR, "reload-refused",
              LOG_STR("why", str_from_c(error_text(&e, text, sizeof text))));
    return false;
}

static bool reload_certificate(const char *certificate, struct http_server *server,
                               const char *event) {
    struct error e;
    if (certificate == NULL || http_server_reload_tls(server, &e) == OK) return true;
    log_error(event, &e);
    return false;
}

static bool file_digest(const char *path, digest *out) {
    struct arena_space space;
    struct arena arena;
    struct error e;
    str bytes;
    if (path == NULL || arena_space_open(&space, LIMIT_DOC_BYTES + 1, &arena, &e) != OK)
        return false;
    bool is_read = disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, &arena, &bytes, &e) == OK;
    if (is_read) *out = sha256_of(bytes);
    arena_space_release(&space);
    return is_read;
}

/* The configuration is read at start alone: whoever changed it and reloads is told so. */
static void config_compare(const struct service *s) {
    digest now;
    if (!s->config_is_known) return;
    bool is_there = file_digest(s->config_path, &now);
    if (is_there && digest_equal(&now, &s->config_digest)) return;
    log_event(LOG_WARNING, "configuration-changed", LOG_STR("file", str_from_c(s->config_path)),
              LOG_STR("why", is_there
                                 ? STR("it differs from what this store started with; a reload "
                                       "reads register, rulebooks, events and certificates: "
                                       "restart for the rest")
                                 : STR("it cannot be read any more; the store would not start "
                                       "with it")));
}

/* Each is taken where it can be, whatever the others are; "reloaded" is said when all of them were. */
static void reload(struct service *s) {
    const struct config *config = s->config;
    config_compare(s);
    bool rules = reload_rules(s);
    bool s3 = reload_certificate(config->certificate, s->s3_server, "reload-certificate");
    bool console = reload_certificate(config->console_certificate, s->console_server,
                                      "reload-console-certificate");
    if (rules && s3 && console) log_event(LOG_INFO, "reloaded", LOG_INT("pid", getpid()));
}

/* The register can come to name landmarks, or cease to, at any time. */
static void landmark_follow(struct service *s) {
    struct error e;
    bool expected = gate_location_expected(s->gate);
    if (expected == (s->landmark != NULL) || (expected && s->landmark_failed)) return;
    if (!expected) {
        landmark_store_close(s->landmark);
        s->landmark = NULL;
    } else if (landmark_start(s, &e) != OK) {
        s->landmark_failed = true; /* said once */
        log_error("landmark", &e);
    }
    if (s->landmark_failed) return;
    log_event(LOG_INFO, "landmark", LOG_STR("answers", expected ? STR("yes") : STR("no")));
}

static void signals_wait(struct service *s, const sigset_t *signals) {
    int64_t check = clock_steady_ns() + PLACE_CHECK_S * NS_PER_S;
    for (;;) {
        struct timespec second = {1, 0};
        int signal = sigtimedwait(signals, NULL, &second);
        if (signal == SIGTERM || signal == SIGINT) return;
        if (signal == SIGHUP) reload(s);
        landmark_follow(s);
        if (clock_steady_ns() >= check) {
            gate_place_check(s->gate);
            check = clock_steady_ns() + PLACE_CHECK_S * NS_PER_S;
        }
    }
}

static void ready_print(struct service *s) {
    char s3[NET_TEXT_BYTES], console[NET_TEXT_BYTES];
    struct net_address at = http_server_address(s->s3_server, 0);
    net_address_write(&at, s3);
    at = http_server_address(s->console_server, 0);
    net_address_write(&at, console);
    printf("ready s3=%s console=%s ledger=%.*s", s3, console, STR_FMT(gate_ledger_vkey(s->gate)));
    if (s->config->print_keys) {
        char memory[256];
        struct arena arena = arena_over(memory, sizeof memory);
        struct error e;
        str id, secret;
        if (gate_root_key(s->gate, &arena, &id, &secret, &e) == OK && id.len > 0)
            printf(" access_key=%.*s secret_key=%.*s", STR_FMT(id), STR_FMT(secret));
        memory_wipe(memory, sizeof memory);
    }
    if (s->landmark != NULL) {
        char landmark[NET_TEXT_BYTES];
        at = landmark_store_address(s->landmark);
        net_address_write(&at, landmark);
        printf(" landmark=%s", landmark);
    }
    printf(" rollback=%s\n", ledger_rollback_name(gate_rollback(s->gate)));
    fflush(stdout);
}

/* ---- running ---- */

/* As many files as the machine allows: connections, tables and bodies are files, and the usual soft
 * limit of 1,024 is one for programs that use select(). Refused: what is allowed has to do. */
static void files_allow(void) {
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

int service_run(const struct config *config, const char *config_path) {
    static struct service service; /* large, and one a process */
    struct service *s = &service;
    sigset_t signals;
    struct error e = {0};
    char text[1400];
    *s = (struct service){.config = config, .config_path = config_path};
    s->config_is_known = file_digest(config_path, &s->config_digest);
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &signals, NULL); /* before threads start: they inherit it */
    signal(SIGPIPE, SIG_IGN);
    files_allow();
    int level = config_log_level(config->log_level);
    if (level < 0) {
        fprintf(stderr, "azekura serve: log-level \"%s\" is not debug, info, warning or error\n",
                config->log_level);
        return EXIT_USAGE;
    }
    if (log_open(2, (enum log_level)level, &e) != OK || service_start(s, &e) != OK) {
        fprintf(stderr, "azekura serve: %s\n", error_text(&e, text, sizeof text));
        service_stop(s);
        log_close();
        return 1;
    }
    ready_print(s);
    digest again; /* as whom it runs now */
    s->config_is_known = s->config_is_known && file_digest(config_path, &again);
    signals_wait(s, &signals);
    log_event(LOG_INFO, "stopping", LOG_INT("drain_seconds", config->drain_seconds));
    service_stop(s);
    log_close();
    return 0;
}
