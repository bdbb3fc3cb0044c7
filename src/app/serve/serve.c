/* azekura serve: the command line over the configuration, then a store that runs by both. */
#include "app/commands.h"
#include "app/serve/config.h"
#include "app/serve/service.h"

#include <stdio.h>

/* What the command line says over what the file says. */
struct overrides {
    const char *config, *data, *s3, *console, *landmark, *site, *dmi, *metadata, *geo, *anchor,
        *backend;
    struct option_list registers, rulebooks, events, issuers, proxies;
    bool own_addresses, check, print_keys;
    const char *own_addresses_text;
};

static void override(struct config *c, const struct overrides *o) {
    if (o->data != NULL) c->data = o->data;
    if (o->s3 != NULL) c->s3 = o->s3;
    if (o->console != NULL) c->console = o->console;
    if (o->landmark != NULL) c->landmark = o->landmark;
    if (o->site != NULL) c->site = o->site;
    if (o->dmi != NULL) c->dmi = o->dmi;
    if (o->metadata != NULL) c->metadata = o->metadata;
    if (o->geo != NULL) c->geo = o->geo;
    if (o->anchor != NULL) c->anchor = o->anchor;
    if (o->backend != NULL) c->backend = o->backend;
    if (o->registers.count > 0) c->registers = o->registers;
    if (o->rulebooks.count > 0) c->rulebooks = o->rulebooks;
    if (o->events.count > 0) c->events = o->events;
    if (o->issuers.count > 0) c->issuers = o->issuers;
    if (o->proxies.count > 0) c->proxies = o->proxies;
    if (o->own_addresses_text != NULL) c->own_addresses = strcmp(o->own_addresses_text, "on") == 0;
    c->print_keys = o->print_keys;
}

static bool is_switch(const char *text) {
    return text == NULL || strcmp(text, "on") == 0 || strcmp(text, "off") == 0;
}

/* Defaults, then the file, then the command line. Texts lie in `space`. */
static enum error_code configure(struct config *config, const struct overrides *o,
                                 struct arena_space *space, struct error *e) {
    struct arena arena;
    config_defaults(config);
    TRY(arena_space_open(space, CONFIG_ARENA_BYTES, &arena, e));
    if (o->config != NULL) {
        struct arena scratch = arena_over(arena.next + ((size_t)256 << 20), (size_t)256 << 20);
        arena.end = scratch.next;
        TRY(config_read(o->config, &arena, scratch, config, e));
    }
    override(config, o);
    return OK;
}

static int config_tell(const struct config *config) {
    static char memory[65536];
    struct text out = text_into(memory, sizeof memory);
    config_explain(config, &out);
    fwrite(out.at, 1, out.len, stdout);
    fflush(stdout);
    struct gate_options gate = service_gate_options(config);
    int faults = config_check(config, &gate);
    if (faults == 0) return 0;
    fprintf(stderr, "azekura serve: %d fault%s: this store would not start\n", faults,
            faults == 1 ? "" : "s");
    return 1;
}

int command_serve(int argc, char **argv) {
    static struct config config; /* large, and one a process */
    static struct overrides o;
    const struct option options[] = {
        {"config", OPTION_TEXT, &o.config, "FILE", "configuration file (YAML)"},
        {"check", OPTION_FLAG, &o.check, NULL,
         "explain the configuration, say what is wrong with it, stop"},
        {"data", OPTION_TEXT, &o.data, "DIR", "folder of the store"},
        {"s3", OPTION_TEXT, &o.s3, "ADDR:PORT", "where the S3 end listens; port 0: any"},
        {"console", OPTION_TEXT, &o.console, "ADDR:PORT", "where the console listens"},
        {"landmark", OPTION_TEXT, &o.landmark, "ADDR:PORT",
         "where landmarks are answered (UDP), if the site's row names any"},
        {"site", OPTION_TEXT, &o.site, "ID", "this store's site in the register"},
        {"register", OPTION_LIST, &o.registers, "PATH", "register file or folder (repeatable)"},
        {"rulebook", OPTION_LIST, &o.rulebooks, "PATH", "rulebook file or folder (repeatable)"},
        {"events", OPTION_LIST, &o.events, "PATH",
         "file or folder of events and hazard maps (repeatable)"},
        {"rulebook-issuer", OPTION_LIST, &o.issuers, "VKEY",
         "rulebooks of its line must be signed by this key (repeatable)"},
        {"trust-proxy", OPTION_LIST, &o.proxies, "CIDR",
         "believe X-Forwarded-For from there (repeatable)"},
        {"address-data", OPTION_TEXT, &o.geo, "FILE", "MaxMind DB of countries"},
        {"anchor", OPTION_TEXT, &o.anchor, "FILE", "newest checkpoint, kept on another disk"},
        {"dmi", OPTION_TEXT, &o.dmi, "DIR|off", "DMI strings"},
        {"metadata", OPTION_TEXT, &o.metadata, "URL|off", "cloud metadata service"},
        {"own-addresses", OPTION_TEXT, &o.own_addresses_text, "on|off",
         "ask where this machine's addresses are"},
        {"backend", OPTION_TEXT, &o.backend, "auto|uring|epoll", "how to wait"},
        {"print-keys", OPTION_FLAG, &o.print_keys, NULL,
         "print root's access key on the ready line"},
        {0}};
    const struct command_line line = {
        .command = "azekura serve",
        .synopsis = "[--config FILE] [options]",
        .about =
            "Keeps objects behind the S3 protocol. Every write and read passes the rulebooks "
            "that the\n"
            "register adopts; every write, every refusal and every read a rule wants recorded "
            "is in\n"
            "the ledger. Stays in the foreground; TERM drains and stops, HUP reads register,\n"
            "rulebooks, events and certificates again.\n"
            "With --check it says what every value means, reads what they name, and ends with 1 "
            "where\n"
            "the store would not start. No network is asked, and the folder of the store is left "
            "alone.",
        .examples = "  azekura serve --config examples/azekura.yaml --print-keys\n"
                    "  azekura serve --config /etc/azekura/azekura.yaml --check\n",
        .options = options};
    const char *none[1];
    int ended;
    if (!options_read(&line, argc, argv, none, 1, &ended)) return ended;
    if (!is_switch(o.own_addresses_text)) {
        fprintf(stderr, "azekura serve: --own-addresses takes on or off, not \"%s\"\n",
                o.own_addresses_text);
        return EXIT_USAGE;
    }
    struct arena_space space;
    struct error e = {0};
    char text[1400];
    if (configure(&config, &o, &space, &e) != OK) {
        fprintf(stderr, "azekura serve: %s\n", error_text(&e, text, sizeof text));
        return EXIT_USAGE;
    }
    if (o.check) return config_tell(&config);
    int result = service_run(&config, o.config);
    arena_space_release(&space);
    return result;
}
