/* Inner: the configuration file. One YAML document; every key is in one table with its meaning,
 * which gives reading, errors, `serve --check` and the pages. */
#ifndef AZEKURA_APP_CONFIG_H
#define AZEKURA_APP_CONFIG_H

#include "app/options.h"
#include "gate/gate.h"

enum {
    CONFIG_WITNESSES_MAX = 16,
    CONFIG_ARENA_BYTES = 512 << 20, /* of address space, to read one with its largest document */
};

struct config {
    const char *data, *s3, *console, *landmark, *site, *origin, *anchor, *key_dir;
    const char *geo, *dmi, *metadata;
    const char *certificate, *key;                 /* TLS of the S3 end */
    const char *console_certificate, *console_key; /* TLS of the console */
    const char *region, *log_level, *backend, *user;
    struct option_list domains; /* virtual-hosted buckets: BUCKET.DOMAIN */
    struct option_list registers, rulebooks, events, issuers, proxies;
    bool own_addresses, own_addresses_set, print_keys;
    uint64_t cache_mib, write_buffer_mib, log_mib, low_water_mib, part_min_kib;
    uint64_t reactors, drain_seconds;
    struct gate_witness witnesses[CONFIG_WITNESSES_MAX];
    size_t witness_count;
};

void config_defaults(struct config *config);
/* Reads the file over the defaults. Relative paths in it are relative to the file's folder. Texts
 * live in the arena. FAIL_SYNTAX with file:line:column, FAIL_NOT_FOUND. */
enum error_code config_read(const char *path, struct arena *arena, struct arena scratch,
                            struct config *config, struct error *e) MUST_USE;
/* Every key with its value and what it means, for `serve --check`. */
void config_explain(const struct config *config, struct text *out);

/* check.c: what would keep the store from starting, a line each on standard error; how many. Listens
 * nowhere, asks no network, and leaves the folder of the store alone. Blocks on the files it reads. */
int config_check(const struct config *config, const struct gate_options *gate);
/* What is no URL answers nothing, and so would contradict nobody. FAIL_USAGE */
enum error_code config_metadata_check(const char *url, struct error *e) MUST_USE;
/* 0 to 3 as enum log_level has them; -1: none of them. */
int config_log_level(const char *name);

#endif
