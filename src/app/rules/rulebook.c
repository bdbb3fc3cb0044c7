/* azekura rulebook: check files, show them as prose, compare editions. */
#include "app/commands.h"
#include "app/reach/call.h"
#include "app/rules/commands.h"
#include "app/rules/rulebooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOW_SPACE_BYTES = 128 << 20, SHOW_TEXT_BYTES = 8 << 20 };

int rulebook_show_command(const char **paths, enum rulebook_language language) {
    struct arena_space space = {0}, scratch_space = {0};
    struct arena arena, scratch;
    struct error e = {0};
    struct option_list list = {0};
    struct rulebook_set_input input = {0};
    char *memory = malloc(SHOW_TEXT_BYTES);
    for (; paths[list.count] != NULL; list.count++) list.at[list.count] = paths[list.count];
    enum error_code code = memory != NULL ? arena_space_open(&space, SHOW_SPACE_BYTES, &arena, &e)
                                          : error_set(&e, FAIL_MEMORY, "no room for the text");
    if (code == OK) code = arena_space_open(&scratch_space, SHOW_SPACE_BYTES, &scratch, &e);
    if (code == OK) code = rulebooks_load(&list, &arena, scratch, &input, &e);
    for (size_t i = 0; code == OK && i < input.rulebook_count; i++) {
        struct text out = text_into(memory, SHOW_TEXT_BYTES);
        rulebook_text_of(input.rulebooks[i], language, &out);
        if (i > 0) putchar('\n');
        fwrite(out.at, 1, out.len, stdout);
    }
    if (code != OK) command_fail("azekura rulebook show", &e);
    free(memory);
    arena_space_release(&scratch_space);
    arena_space_release(&space);
    return code == OK ? 0 : 1;
}

static size_t count_words(const char **words) {
    size_t count = 0;
    while (words[count] != NULL) count++;
    return count;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} own_options[] = {{"impact", rulebook_impact_command},
                   {"try", rulebook_try_command},
                   {"keygen", rulebook_keygen_command},
                   {"sign", rulebook_sign_command},
                   {"verify", rulebook_verify_command}};

int command_rulebook(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < COUNT_OF(own_options); i++)
        if (strcmp(argv[1], own_options[i].name) == 0)
            return own_options[i].run(argc - 1, argv + 1);
    const char *lang = NULL, *format = NULL;
    const struct option options[] = {
        {"lang", OPTION_TEXT, &lang, "en|ja", "language of prose (en)"},
        {"format", OPTION_TEXT, &format, "text|json", "how check and diff answer (text)"},
        {0}};
    const struct command_line line = {
        .command = "azekura rulebook",
        .synopsis = "check FILE… | show FILE… | diff FILE[:NAME] FILE[:NAME] | impact NEW… | "
                    "try NEW… | keygen | sign FILE… | verify FILE…",
        .about = "Rulebook files. `check` reads each and names every problem with file, line and\n"
                 "column, then holds all against each other: what `extends` claims, clauses that\n"
                 "`raises` names, obligations that cannot be met at once. `show` prints them as\n"
                 "sentences. `diff` says what one edition asks that another does not; it exits 1\n"
                 "where they differ. `impact` says what would newly fail if NEW were adopted,\n"
                 "`try` which recorded acts it would have refused. `keygen` makes an issuer's key, "
                 "`sign`\n"
                 "signs files with it and `verify` checks that they are. These five have options "
                 "of their\n"
                 "own: azekura rulebook impact --help.",
        .examples = "  azekura rulebook check rulebooks examples/rulebooks\n"
                    "  azekura rulebook show --lang ja rulebooks/jp-medical-provider.yaml\n"
                    "  azekura rulebook diff rulebooks/jp-guideline.yaml:jp-guideline-2019 \\\n"
                    "      rulebooks/jp-guideline.yaml:jp-guideline-2025\n",
        .options = options,
        .positional_min = 2,
        .positional_max = OPTION_LIST_MAX};
    const char *words[OPTION_LIST_MAX + 1];
    int ended;
    if (!options_read(&line, argc, argv, words, OPTION_LIST_MAX + 1, &ended)) return ended;
    bool json = format != NULL && strcmp(format, "json") == 0;
    enum rulebook_language language =
        lang != NULL && strcmp(lang, "ja") == 0 ? RULEBOOK_JAPANESE : RULEBOOK_ENGLISH;
    if (strcmp(words[0], "check") == 0) return rulebook_check_command(words + 1, json);
    if (strcmp(words[0], "show") == 0) return rulebook_show_command(words + 1, language);
    if (strcmp(words[0], "diff") == 0 && count_words(words) == 3)
        return rulebook_diff_command(words[1], words[2], language, json);
    fprintf(stderr, "azekura rulebook: expected %s\n", line.synopsis);
    return EXIT_USAGE;
}
