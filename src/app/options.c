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

/* "en|ja" names all there is; where a word is in capitals, as in "DIR|off", anything may stand. */
static bool is_closed(const char *choices) {
    bool several = false;
    for (const char *c = choices; c != NULL && *c != 0; c++) {
        if (*c >= 'A' && *c <= 'Z') return false;
        several = several || *c == '|';
    }
    return several;
}

static bool is_among(const char *choices, const char *value) {
    str rest = str_from_c(choices), choice;
    while (str_cut(&rest, '|', &choice))
        if (str_equal(choice, str_from_c(value))) return true;
    return str_equal(rest, str_from_c(value));
}

static bool option_take(const struct command_line *line, const struct option *o,
                        const char *value) {
    char expected[160];
    switch (o->kind) {
    case OPTION_FLAG: *(bool *)o->to = true; return true;
    case OPTION_TEXT:
        *(const char **)o->to = value;
        if (!is_closed(o->value) || is_among(o->value, value)) return true;
        snprintf(expected, sizeof expected, "--%s takes %s, not \"%.60s\"", o->name, o->value,
                 value);
        return wrong(line, expected, NULL);
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
        if (list->count == OPTION_LIST_MAX) {
            snprintf(expected, sizeof expected, "--%s is taken at most %d times", o->name,
                     OPTION_LIST_MAX);
            return wrong(line, expected, NULL);
        }
        list->at[list->count++] = value;
        return true;
    }
    }
    return false;
}

/* argv[*i] as an option, with the word after it where it needs one. */
static bool option_read(const struct command_line *line, int argc, char **argv, int *i) {
    const char *word = argv[*i], *text = NULL;
    str whole = str_skip(str_from_c(word), word[1] == '-' ? 2 : 1), rest = whole, name;
    bool is_joined = str_cut(&rest, '=', &name);
    const struct option *o = option_find(line, is_joined ? name : whole);
    if (o == NULL) return wrong(line, "there is no option", word);
    if (o->kind == OPTION_FLAG && is_joined) return wrong(line, "takes no value:", word);
    if (is_joined) text = rest.at;
    if (o->kind != OPTION_FLAG && !is_joined) {
        if (*i + 1 == argc) return wrong(line, "needs a value:", word);
        text = argv[++*i];
    }
    return option_take(line, o, text);
}

/* "-" alone is a name, as is "-12"; "-o" is an option. */
static bool is_option(const char *word) {
    return word[0] == '-' && (word[1] == '-' || (word[1] != 0 && word[2] == 0));
}

bool options_read(const struct command_line *line, int argc, char **argv, const char **positional,
                  size_t positional_cap, int *ended) {
    size_t count = 0;
    bool are_over = false;
    *ended = EXIT_USAGE;
    for (int i = 1; i < argc; i++) {
        if (are_over || !is_option(argv[i])) {
            if (count + 1 >= positional_cap || count == line->positional_max)
                return wrong(line, "one argument too many:", argv[i]);
            positional[count++] = argv[i];
        } else if (strcmp(argv[i], "--") == 0) {
            are_over = true;
        } else if (strcmp(argv[i], "--help") == 0) {
            help_print(line);
            *ended = 0;
            return false;
        } else if (!option_read(line, argc, argv, &i)) {
            return false;
        }
    }
    if (positional_cap > 0) positional[count] = NULL;
    if (count < line->positional_min)
        return wrong(line, "an argument is missing; usage:", line->synopsis);
    return true;
}
