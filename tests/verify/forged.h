/* A bundle of the world, as it should be or bent, listed and signed; and what the verifier says of it. */
#ifndef AZEKURA_TESTS_VERIFY_FORGED_H
#define AZEKURA_TESTS_VERIFY_FORGED_H

#include "issuer/issuer.h"
#include "tests/verify/world.h"
#include "verify/bundle.h"

/* The period and its entries, as the world has them. */
enum { FIRST = 10, END = 300, FROM = 29000001, UNTIL = 29000030 };

extern struct tlog_signer issuer, namesake, stranger; /* of rulebooks; under its name; of nothing */
void signers_make(void);

/* What a forger bends before the bundle is written. */
struct forgery {
    uint64_t from, until, first, end;
    const char *origin; /* NULL: as it is */
    const struct tlog_signer *manifest_by, *also_by;
    bool foreign_key;
    const char *count_table, *count_name; /* of the cover: whose number is one too many */
    uint64_t opened_of, opened_as;        /* the opening of one entry stands at another */
    bool opened_twice, opened_damaged, opened_value;
    const char *opened_more; /* a line behind all others */
    const char *cover;       /* instead of the cover sheet */
    uint64_t entry_swapped;  /* 0: none */
    bool has_rulebook;
    const struct tlog_signer *rulebook_by; /* NULL: no signature */
    const char *rulebook_line;             /* claimed; NULL: the file's */
    bool rulebook_changed;
    bool checkpoint_other_root;
    unsigned version;    /* of the manifest */
    const char *earlier; /* its lines */
    const char *without; /* a file that is taken away before the rest is listed */
};
struct forgery forgery_none(void);

/* Into world->dir, of a sealed world; everything that lies there is listed and signed. */
void bundle_write(const struct forgery *f);
void bundle_file(const char *name, str bytes);
void list_write(void);
void manifest_write(const struct forgery *f);

/* What verify_bundle says; `result` and `error` until the next. */
extern struct verify_result result;
extern struct error error;
enum error_code bundle_check(bool with_issuer);
/* Told by the error, a note on its way, or a finding. */
bool is_told(enum error_code code, const char *says);

#endif
