/* Inner: the words of `azekura register`, a file each. */
#ifndef AZEKURA_APP_REGISTER_COMMANDS_H
#define AZEKURA_APP_REGISTER_COMMANDS_H

#include "app/reach/call.h"

struct register_words {
    struct call call;
    struct option_list registers; /* --register */
    const char *lang, *at;        /* NULL: English; now */
    const char *into, *as, *out;  /* observe: earlier rows, what its files are, where to */
    uint64_t year;                /* 0: every year */
};

/* `list [NAME]`: a list that comes along, or their names. Gives the exit code. */
int register_list(const struct register_words *words, const char *name);
/* `show ID`: its rows that are true at a time; `history ID`: all of them, in order of time. */
int register_show(const struct register_words *words, const char *id, bool at_one_time);

/* `observe FILE…`: rows of equipment out of neighbour tables. */
int register_observe(const struct register_words *words, const char **files);

/* The same of a store, by its door: with the generation, who brought it, and its entry. `id` NULL:
 * the generations alone. `at` NULL: now. */
int register_told_history(struct call *call, const char *id);
int register_told_show(struct call *call, const char *id, const char *at);

#endif
