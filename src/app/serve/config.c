/* The configuration file: one table of keys. */
#include "app/serve/config.h"

#include "base/disk.h"
#include "doc/doc.h"

#include <fcntl.h>
#include <stddef.h>

enum key_kind { KEY_TEXT, KEY_PATH, KEY_LIST, KEY_PATHS, KEY_NUMBER, KEY_BOOL, KEY_WITNESSES };
struct key {
    const char *name;
    enum key_kind kind;
    size_t offset;
    const char *about;
};
#define KEY(name_, kind_, field_, about_)                                                          \
    { name_, kind_, offsetof(struct config, field_), about_ }

static const struct key keys[] = {
    KEY("data", KEY_PATH, data, "folder of the store: keys, ledger, objects"),
    KEY("s3", KEY_TEXT, s3, "address and port of the S3 end"),
    KEY("console", KEY_TEXT, console, "address and port of the console"),
    KEY("landmark", KEY_TEXT, landmark,
        "address and UDP port for landmarks; answered only while the site's row names any"),
    KEY("site", KEY_TEXT, site, "id of this store's site in the register"),
    KEY("register", KEY_PATHS, registers,
        "register files and folders, imported at start and on HUP"),
    KEY("rulebooks", KEY_PATHS, rulebooks,
        "rulebook files and folders; they bind where the register adopts them"),
    KEY("events", KEY_PATHS, events,
        "tables of events and hazard maps that rules about places read, at start and on HUP"),
    KEY("rulebook-issuers", KEY_LIST, issuers,
        "verifier keys: rulebooks of the lines that one speaks for must be signed by it"),
    KEY("region", KEY_TEXT, region, "region that clients sign for"),
    KEY("domains", KEY_LIST, domains, "domains under which buckets are host names (BUCKET.DOMAIN)"),
    KEY("certificate", KEY_PATH, certificate, "PEM chain: TLS on the S3 end"),
    KEY("key", KEY_PATH, key, "PEM key of the certificate"),
    KEY("console-certificate", KEY_PATH, console_certificate, "PEM chain: TLS on the console"),
    KEY("console-key", KEY_PATH, console_key, "PEM key of the console's certificate"),
    KEY("trusted-proxies", KEY_LIST, proxies, "networks whose X-Forwarded-For is believed"),
    KEY("address-data", KEY_PATH, geo, "MaxMind DB that says in which country an address is"),
    KEY("dmi", KEY_TEXT, dmi, "folder of DMI strings, or off"),
    KEY("metadata", KEY_TEXT, metadata, "URL of the cloud metadata service, or off"),
    KEY("own-addresses", KEY_BOOL, own_addresses,
        "ask in which country this machine's addresses are"),
    KEY("origin", KEY_TEXT, origin, "name of the ledger; fixed at the first start"),
    KEY("anchor", KEY_PATH, anchor, "file on another disk that keeps the newest checkpoint"),
    KEY("key-folder", KEY_PATH, key_dir, "folder of keys; DATA/keys when not given"),
    KEY("witnesses", KEY_WITNESSES, witnesses, "who cosigns the ledger: a list of name, vkey, url"),
    KEY("cache-mib", KEY_NUMBER, cache_mib, "memory for cached rows and small bodies"),
    KEY("write-buffer-mib", KEY_NUMBER, write_buffer_mib, "memory for what is not yet in tables"),
    KEY("write-ahead-log-mib", KEY_NUMBER, log_mib,
        "most the write-ahead log takes on the disk; twice this is kept in reserve for recovery"),
    KEY("low-water-mib", KEY_NUMBER, low_water_mib,
        "free room below which puts get 507; 0: what compactions may take, 7 write buffers and 2 "
        "logs"),
    KEY("minimum-part-kib", KEY_NUMBER, part_min_kib,
        "the least every part but an upload's last must have; S3 says 5120, and 0 is that"),
    KEY("reactors", KEY_NUMBER, reactors, "threads that serve; 0: one a core"),
    KEY("drain-seconds", KEY_NUMBER, drain_seconds, "how long requests may finish after TERM"),
    KEY("backend", KEY_TEXT, backend, "auto, uring or epoll"),
    KEY("log-level", KEY_TEXT, log_level, "debug, info, warning or error"),
    KEY("run-as", KEY_TEXT, user, "user to become after the ports are open, when started as root"),
};

void config_defaults(struct config *config) {
    *config = (struct config){.data = "./data",
                              .s3 = "127.0.0.1:9000",
                              .console = "127.0.0.1:9001",
                              .landmark = "127.0.0.1:9002",
                              .region = "us-east-1",
                              .log_level = "info",
                              .backend = "auto",
                              .own_addresses = true,
                              .cache_mib = 256,
                              .write_buffer_mib = 64,
                              .log_mib = 64,
                              .part_min_kib = LIMIT_PART_BYTES_MIN >> 10,
                              .drain_seconds = 30};
}

/* ---- reading ---- */

struct reading {
    struct arena *arena;
    str folder; /* of the file, for relative paths */
};

static enum error_code text_take(struct reading *r, const struct doc_node *node, bool is_path,
                                 const char **out, struct error *e) {
    str text, kept;
    TRY(doc_text(node, &text, e));
    if (is_path && text.at[0] != '/' && r->folder.len > 0)
        TRY(arena_format(r->arena, &kept, e, "%.*s/%.*s", STR_FMT(r->folder), STR_FMT(text)));
    else
        TRY(arena_copy(r->arena, text, &kept, e));
    *out = kept.at;
    return OK;
}

static enum error_code list_take(struct reading *r, const struct doc_node *node, bool are_paths,
                                 struct option_list *out, struct error *e) {
    if (node->kind == DOC_SCALAR) {
        TRY(text_take(r, node, are_paths, &out->at[0], e));
        out->count = 1;
        return OK;
    }
    TRY(doc_want(node, DOC_LIST, "a list", e));
    if (node->count > OPTION_LIST_MAX)
        return doc_error(node, e, "%zu items; %d is the limit", node->count, OPTION_LIST_MAX);
    for (size_t i = 0; i < node->count; i++)
        TRY(text_take(r, node->items[i], are_paths, &out->at[i], e));
    out->count = node->count;
    return OK;
}

static enum error_code witnesses_take(struct reading *r, const struct doc_node *node,
                                      struct config *config, struct error *e) {
    static const str known[] = {{"name", 4}, {"vkey", 4}, {"url", 3}};
    TRY(doc_want(node, DOC_LIST, "a list of witnesses", e));
    if (node->count > CONFIG_WITNESSES_MAX)
        return doc_error(node, e, "%zu witnesses; %d is the limit", node->count,
                         CONFIG_WITNESSES_MAX);
    for (size_t i = 0; i < node->count; i++) {
        struct gate_witness *witness = &config->witnesses[i];
        const struct doc_node *item = node->items[i], *value;
        TRY(doc_want(item, DOC_MAP, "a witness: {name, vkey, url}", e));
        TRY(doc_map_only(item, known, COUNT_OF(known), e));
        TRY(doc_map_get(item, known[0], &value, e));
        TRY(text_take(r, value, false, &witness->name, e));
        TRY(doc_map_get(item, known[1], &value, e));
        TRY(text_take(r, value, false, &witness->vkey, e));
        TRY(doc_map_get(item, known[2], &value, e));
        TRY(text_take(r, value, false, &witness->url, e));
    }
    config->witness_count = node->count;
    return OK;
}

static enum error_code key_take(struct reading *r, const struct key *key,
                                const struct doc_node *node, struct config *config,
                                struct error *e) {
    void *to = (char *)config + key->offset;
    switch (key->kind) {
    case KEY_TEXT:
    case KEY_PATH: return text_take(r, node, key->kind == KEY_PATH, to, e);
    case KEY_LIST:
    case KEY_PATHS: return list_take(r, node, key->kind == KEY_PATHS, to, e);
    case KEY_NUMBER: return doc_u64(node, to, e);
    case KEY_BOOL: return doc_bool(node, to, e);
    case KEY_WITNESSES: return witnesses_take(r, node, config, e);
    }
    return FAIL_INTERNAL;
}

enum error_code config_read(const char *path, struct arena *arena, struct arena scratch,
                            struct config *config, struct error *e) {
    str bytes, name = str_from_c(path), names[COUNT_OF(keys)];
    struct doc doc;
    struct reading r = {.arena = arena};
    size_t slash;
    TRY(disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, &scratch, &bytes, e));
    TRY(doc_read_yaml(name, bytes, arena, scratch, &doc, e));
    if (doc.count == 0) return OK;
    for (str rest = name; str_find_char(rest, '/', &slash); rest = str_skip(rest, slash + 1))
        r.folder = str_of(name.at, (size_t)(rest.at - name.at) + slash);
    const struct doc_node *map = doc.documents[0];
    TRY(doc_want(map, DOC_MAP, "a configuration", e));
    for (size_t i = 0; i < COUNT_OF(keys); i++) names[i] = str_from_c(keys[i].name);
    TRY(doc_map_only(map, names, COUNT_OF(names), e));
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const struct doc_node *node = doc_map_find(map, names[i]);
        if (node != NULL) TRY(key_take(&r, &keys[i], node, config, e));
    }
    return OK;
}

/* ---- showing ---- */

static void list_show(const struct option_list *list, struct text *out) {
    text_add_char(out, '[');
    for (size_t i = 0; i < list->count; i++)
        text_format(out, "%s%s", i > 0 ? ", " : "", list->at[i]);
    text_add_char(out, ']');
}

void config_explain(const struct config *config, struct text *out) {
    for (size_t i = 0; i < COUNT_OF(keys); i++) {
        const void *from = (const char *)config + keys[i].offset;
        text_format(out, "# %s\n%s: ", keys[i].about, keys[i].name);
        switch (keys[i].kind) {
        case KEY_TEXT:
        case KEY_PATH: {
            const char *text = *(const char *const *)from;
            text_add_c(out, text != NULL ? text : "(not given)");
            break;
        }
        case KEY_LIST:
        case KEY_PATHS: list_show(from, out); break;
        case KEY_NUMBER: text_format(out, "%llu", *(const unsigned long long *)from); break;
        case KEY_BOOL: text_add_c(out, *(const bool *)from ? "on" : "off"); break;
        case KEY_WITNESSES:
            text_format(out, "%zu", config->witness_count);
            for (size_t k = 0; k < config->witness_count; k++)
                text_format(out, "\n  - %s at %s", config->witnesses[k].name,
                            config->witnesses[k].url);
            break;
        }
        text_add_char(out, '\n');
    }
}
