/* Command lines: reading them, and the help that comes from the same table. */
#include "app/options.h"

#include <stdio.h>

static void help_print(const struct command_line *line) {
    printf("usage: %s %s\n\n%s\n", line->command, line->synopsis, line->about);
    printf("\noptions:\n");
    for (const struct option *o = line->options; o->name != NULL; o++) {
        char left[80];
        snprintf(left, sizeof left, "%s%s%s%s", o->name[1] == 0 ? "-" : "--", o->name,
                 o->value != NULL ? " " : "", o->value != NULL ? o->value : "");
        printf("  %-28s %s\n", left, o->about);
    }
    printf("  %-28s %s\n", "--help", "this text");
    if (line->examples != NULL) printf("\nexamples:\n%s", line->examples);
}

static const struct option *option_find(const struct command_line *line, str name) {
    for (const struct option *o = line->options; o->name != NULL; o++)
        if (str_equal(name, str_from_c(o->name))) return o;
    return NULL;
}

static bool wrong(const struct command_line *line, const char *what, const char *which) {
    fprintf(stderr, "%s: %s%s%s; try --help\n", line->command, what, which != NULL ? " " : "",
            which != NULL ? which : "");
    return false;
}

static bool option_take(const struct command_line *line, const struct option *o,
                        const char *value) {
    char expected[160];
    switch (o->kind) {
    case OPTION_FLAG: *(bool *)o->to = true; return true;
    case OPTION_TEXT: *(const char **)o->to = value; return true;
    case OPTION_NUMBER:
        if (str_u64(str_from_c(value), o->to)) return true;
        snprintf(expected, sizeof expected, "--%s takes a number, not \"%s\"", o->name, value);
        return wrong(line, expected, NULL);
    case OPTION_ON_OFF:
        *(bool *)o->to = strcmp(value, "on") == 0;
        if (strcmp(value, "on") == 0 || strcmp(value, "off") == 0) return true;
        snprintf(expected, sizeof expected, "--%s takes on or off, not \"%s\"", o->name, value);
        return wrong(line, expected, NULL);
    case OPTION_LIST: {
        struct option_list *list = o->to;
        if (list->count == OPTION_LIST_MAX) return wrong(line, "too many of --", o->name);
        list->at[list->count++] = value;
        return true;
    }
    }
    return false;
}

enum options_outcome options_read(const struct command_line *line, int argc, char **argv,
                                  const char **positional, size_t positional_cap) {
    size_t count = 0;
    bool options_over = false;
    for (int i = 1; i < argc; i++) {
        str word = str_from_c(argv[i]), name, value = STR_EMPTY;
        bool is_short = word.len == 2 && word.at[0] == '-' && word.at[1] != '-';
        if (options_over || !(is_short || str_starts(word, STR("--"))) ||
            (word.len == 2 && !is_short)) {
            if (!options_over && word.len == 2 && str_equal(word, STR("--"))) {
                options_over = true;
                continue;
            }
            if (count + 1 >= positional_cap || count == line->positional_max) {
                wrong(line, "one argument too many:", argv[i]);
                return OPTIONS_WRONG;
            }
            positional[count++] = argv[i];
            continue;
        }
        if (str_equal(word, STR("--help"))) {
            help_print(line);
            return OPTIONS_HELPED;
        }
        value = str_skip(word, is_short ? 1 : 2);
        str whole = value;
        bool joined = str_cut(&value, '=', &name);
        const struct option *o = option_find(line, joined ? name : whole);
        if (o == NULL) {
            wrong(line, "there is no option", argv[i]);
            return OPTIONS_WRONG;
        }
        const char *text = joined ? value.at : NULL;
        if (o->kind == OPTION_FLAG && joined) {
            wrong(line, "takes no value:", argv[i]);
            return OPTIONS_WRONG;
        }
        if (o->kind != OPTION_FLAG && !joined) {
            if (i + 1 == argc) {
                wrong(line, "needs a value:", argv[i]);
                return OPTIONS_WRONG;
            }
            text = argv[++i];
        }
        if (!option_take(line, o, text)) return OPTIONS_WRONG;
    }
    if (positional_cap > 0) positional[count] = NULL;
    if (count < line->positional_min) {
        wrong(line, "an argument is missing; usage:", line->synopsis);
        return OPTIONS_WRONG;
    }
    return OPTIONS_GO;
}
