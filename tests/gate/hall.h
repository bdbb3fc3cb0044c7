/* A gate under test: a store in a directory of its own, with the register and rules of
 * tests/data/gate, guests who come in, and a look at what the ledger holds of it. */
#ifndef AZEKURA_TESTS_GATE_HALL_H
#define AZEKURA_TESTS_GATE_HALL_H

#include "gate/inner.h"
#include "tests/test.h"

struct hall {
    struct gate *gate;
    char dir[64]; /* below it: data, register.yaml, rulebooks/test.yaml, dmi */
    char data[96], registers[96], rulebooks[96], dmi[96];
    const char *register_paths[1], *rulebook_paths[1];
    struct gate_options options;
    char root_key[32], root_secret[64];
    struct guest *guests; /* who has not left: a failed test leaves them behind */
    bool lab;             /* over the lab engine, which forgets when it is closed */
};

int hall_open(void **state);     /* at the site `here` */
int hall_open_lab(void **state); /* over the lab engine */
int hall_close(void **state);
void hall_stop(struct hall *hall);
void hall_start(struct hall *hall); /* fails the test when it does not open */
/* The rules file with `from` replaced by `to`, once, everywhere; not yet read again. */
void hall_edit(struct hall *hall, const char *path, const char *from, const char *to);
const char *hall_rules(struct hall *hall); /* path of the rules file */
const char *hall_register(struct hall *hall);

/* The wall clock runs ahead by so much from now on; never back within a hall. */
void hall_clock_ahead(int64_t ns);

/* ---- guests ---- */

struct guest {
    struct hall *hall;
    struct guest *next;
    struct gate_visit visit;
    struct gate_answer answer;
    struct gate_stored stored;
    struct error e;
    struct arena arena;
    char memory[LIMIT_ARENA_BYTES]; /* as much as a request has */
};
struct guest *root_enters(struct hall *hall);
struct guest *local_enters(struct hall *hall); /* whoever owns the process */
struct guest *stranger_enters(struct hall *hall);
/* access_key: one that works */
struct guest *guest_enters(struct hall *hall, str access_key);
void leaves(struct guest *guest);

enum error_code put(struct guest *g, const char *bucket, const char *key, str body);
enum error_code put_opened(struct guest *g, const struct gate_put *put, str body);
/* The whole body, or `first`, `count` of it; malloc'd into *out, free it. */
extern unsigned hall_runs; /* runs of files that get() was given so far */
enum error_code get(struct guest *g, const struct gate_get *get, uint64_t first, uint64_t count,
                    char **out, size_t *len);
enum error_code get_text(struct guest *g, const char *bucket, const char *key, char out[64]);
/* One guest, one act, each with fresh memory; the code, and *g answers until the next. */
struct once {
    enum error_code code;
    struct gate_answer answer; /* slices valid until the next call of any of these */
    char message[ERROR_MESSAGE_BYTES];
    char receipt[128], clauses[512], version[32];
};
struct once root_makes(struct hall *hall, const char *bucket);
struct once root_puts(struct hall *hall, const char *bucket, const char *key, const char *body);
struct once root_gets(struct hall *hall, const char *bucket, const char *key, char out[64]);
struct once root_deletes(struct hall *hall, const char *bucket, const char *key);
struct once once_of(struct guest *g, enum error_code code); /* and the guest leaves */

/* A user of that name with a key and rights on a pattern; the key's id. */
const char *user_makes(struct hall *hall, const char *user, const char *pattern,
                       const char *rights);

/* ---- the ledger ---- */

uint64_t entries(struct hall *hall);
struct seen {
    struct evidence_entry entry;
    struct evidence_opening opening;
    bool opened;
    char memory[65536];
};
void entry_read(struct hall *hall, uint64_t index, struct seen *out);
/* Of receipt "ORIGIN#INDEX". */
uint64_t receipt_index(const char *receipt);
/* How many entries of a type there are, from `first` on. */
unsigned entries_of(struct hall *hall, enum evidence_type type, uint64_t first);
/* ---- losing history ---- */

void hall_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A copy of DATA, to be put back later; the gate is closed for it and opened again. */
void hall_copy_takes(struct hall *hall);
/* The copy is put back beside the newest watermark, that of log `number`; then a succession: what it
 * said. The gate is closed before and after. */
const char *hall_history_loses(struct hall *hall, uint32_t number);

void store_is_sound(struct hall *hall); /* store_check and ledger_check */

#endif
