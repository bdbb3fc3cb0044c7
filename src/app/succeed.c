/* azekura ledger succeed: the way out when a store's ledger is shorter than it was. Opens a new log
 * whose first entry says what of the old one was known and what is lost. */
#include "app/call.h"
#include "app/commands.h"

#include <stdio.h>

int command_succeed(int argc, char **argv) {
    const char *data = "./data", *reason = NULL, *anchor = NULL;
    const struct option options[] = {
        {"data", OPTION_TEXT, &data, "DIR", "folder of the store (./data)"},
        {"reason", OPTION_TEXT, &reason, "TEXT",
         "why history was lost; stands in the new log; needed"},
        {"anchor", OPTION_TEXT, &anchor, "FILE", "the anchor the store was started with"},
        {0}};
    const struct command_line line = {
        .command = "azekura ledger succeed",
        .synopsis = "--reason TEXT [--data DIR] [--anchor FILE]",
        .about =
            "Opens a new log after a start was refused because the ledger is shorter than its\n"
            "watermark, its anchor or a witness says. The first entry of the new log names the "
            "old\n"
            "one's last known checkpoint and the range lost. No server may be running.",
        .examples = "  azekura ledger succeed --reason 'restored from the backup of 20 November'\n",
        .options = options};
    const char *none[1];
    switch (options_read(&line, argc, argv, none, 1)) {
    case OPTIONS_HELPED: return 0;
    case OPTIONS_WRONG: return 2;
    case OPTIONS_GO: break;
    }
    if (reason == NULL || reason[0] == 0) {
        fprintf(stderr, "azekura ledger succeed: say why with --reason TEXT\n");
        return 2;
    }
    struct gate_options gate = {
        .data_dir = data, .anchor_path = anchor, .dmi_dir = "off", .metadata_url = "off"};
    struct error e = {0};
    char memory[4096];
    struct text said = text_into(memory, sizeof memory);
    if (gate_succeed(&gate, str_from_c(reason), &said, &e) != OK) {
        command_fail(line.command, &e);
        return 1;
    }
    fwrite(said.at, 1, said.len, stdout);
    return 0;
}
