/* azekura ledger succeed: the way out when a store's ledger is shorter than it was. Opens a new log
 * whose first entry says what of the old one was known and what is lost. */
#include "app/commands.h"
#include "app/reach/call.h"
#include "app/serve/config.h"

#include <stdio.h>

/* What the server was started with, as far as it says where data, keys and guards are: a succession
 * asks the same guards that refused the start. */
static enum error_code server_options(const char *path, struct arena arena, struct config *config,
                                      struct error *e) {
    struct arena scratch;
    size_t half = (size_t)(arena.end - arena.next) / 2;
    if (path == NULL) return OK;
    scratch = arena_over(arena.next + half, half);
    arena.end = scratch.next;
    return config_read(path, &arena, scratch, config, e);
}

int command_succeed(int argc, char **argv) {
    static struct config config; /* large, and one a process */
    const char *data = NULL, *reason = NULL, *anchor = NULL, *path = NULL;
    const struct option options[] = {
        {"config", OPTION_TEXT, &path, "FILE",
         "the server's configuration: where data, keys, anchor and witnesses are"},
        {"data", OPTION_TEXT, &data, "DIR", "folder of the store (./data)"},
        {"reason", OPTION_TEXT, &reason, "TEXT",
         "why history was lost; stands in the new log; needed"},
        {"anchor", OPTION_TEXT, &anchor, "FILE", "the anchor the store was started with"},
        {0}};
    const struct command_line line = {
        .command = "azekura ledger succeed",
        .synopsis = "--reason TEXT [--config FILE] [--data DIR] [--anchor FILE]",
        .about =
            "Opens a new log after a start was refused because the ledger is shorter than its\n"
            "watermark, its anchor or a witness says. The first entry of the new log names the "
            "old\n"
            "one's last known checkpoint and the range lost; what is left of the old log stays\n"
            "provable. No server may be running. Name the guard that refused: an anchor with\n"
            "--anchor, witnesses by the server's --config.",
        .examples = "  azekura ledger succeed --config /etc/azekura/azekura.yaml \\\n"
                    "      --reason 'restored from the backup of 20 November'\n",
        .options = options};
    const char *none[1];
    int ended;
    if (!options_read(&line, argc, argv, none, 1, &ended)) return ended;
    if (reason == NULL || reason[0] == 0) {
        fprintf(stderr, "azekura ledger succeed: say why with --reason TEXT\n");
        return EXIT_USAGE;
    }
    struct error e = {0};
    struct arena_space space;
    struct arena arena;
    char memory[4096];
    struct text said = text_into(memory, sizeof memory);
    config_defaults(&config);
    enum error_code code = arena_space_open(&space, CONFIG_ARENA_BYTES, &arena, &e);
    if (code == OK) code = server_options(path, arena, &config, &e);
    struct gate_options gate = {.data_dir = data != NULL ? data : config.data,
                                .anchor_path = anchor != NULL ? anchor : config.anchor,
                                .key_dir = config.key_dir,
                                .witnesses = config.witnesses,
                                .witness_count = config.witness_count,
                                .write_buffer_bytes = config.write_buffer_mib << 20,
                                .log_bytes_max = config.log_mib << 20,
                                .low_water_bytes = config.low_water_mib << 20,
                                .dmi_dir = "off",
                                .metadata_url = "off"};
    if (code == OK) code = gate_succeed(&gate, str_from_c(reason), &said, &e);
    if (code != OK) {
        command_fail(line.command, &e);
        return 1;
    }
    fwrite(said.at, 1, said.len, stdout);
    arena_space_release(&space);
    return 0;
}
