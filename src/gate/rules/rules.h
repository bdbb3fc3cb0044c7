/* Inner: what decisions are made from, compiled aside and swapped in whole. */
#ifndef AZEKURA_GATE_RULES_RULES_H
#define AZEKURA_GATE_RULES_RULES_H

#include "gate/inner.h"

/* A rulebook or a table of events as it was read: kept, so that a change of the register alone reads no
 * files. */
struct gate_file {
    str name, bytes;
    str signature; /* of NAME.sig; empty: there is none */
};
struct gate_files {
    struct gate_file *at;
    size_t count;
};

/* An edition that one of the store's issuers has vouched for. */
struct gate_edition {
    str line, name;
    str file; /* for messages */
    int64_t from_ns, issued_ns;
    digest digest; /* of the file */
};

struct gate_placement;

struct gate_dataset { /* one dataset of the register, at this store's site */
    str id, sector, class_;
    bool encrypted;
    const struct rulebook_facts *facts;   /* all that no request changes */
    const struct rulebook_table **tables; /* one an act, in the order of gate_acts */
};

struct gate_rules {
    struct arena_space space;
    struct arena arena;
    struct register_snapshot *snapshot;  /* owned */
    struct facts_world *world;           /* owned */
    struct facts_evidence evidence;      /* of the place, as it was when this was compiled */
    struct gate_files rulebooks, events; /* what --rulebook and --events named, as it was read */
    const struct siting_model *model;    /* of the events; NULL: there are none */
    struct gate_placement *placements;   /* gate/finding/placement.h, by id */
    size_t placement_count;
    struct gate_edition *editions; /* vouched for, as they were read */
    size_t edition_count;
    const struct rulebook_set *set;
    const str *warnings, *conflicts; /* sentences about the set */
    size_t warning_count, conflict_count;
    struct gate_dataset *datasets; /* by id */
    size_t dataset_count;
    str site, site_country; /* country: as decided by, empty when unknown */
    bool keeps; /* some clause obliges to keep what is here: deletes are held against it */
    uint64_t generation;
    int64_t until_ns; /* compile anew from then on */
    unsigned holders;
};

extern const str gate_acts[];
extern const size_t gate_act_count;

/* Compiles for the store's site as of now. Takes over `snapshot`, on error too. `reread`: reads the
 * rulebook files again, else takes them as `before` had them. Parks: call it on no reactor.
 * FAIL_SYNTAX and its kin name file and line. */
enum error_code gate_rules_build(struct gate *gate, struct register_snapshot *snapshot, bool reread,
                                 const struct gate_rules *before, struct gate_rules **out,
                                 struct error *e) MUST_USE;
/* gate/rules/files.c: reads what --rulebook and --events named (files, and *.yaml in folders) into the rules'
 * arena, rulebooks each with its signature where there is one. A command that names none takes those
 * that the store keeps; a server without events has none. */
enum error_code gate_files_read(const struct gate *gate, struct gate_rules *rules,
                                struct error *e) MUST_USE;
enum error_code gate_files_copy(const struct gate_rules *before, struct gate_rules *rules,
                                struct error *e) MUST_USE;
/* gate/rules/warned.c: lists what is said of the set that was compiled from `input`. */
enum error_code gate_rules_warn(struct gate_rules *rules, const struct rulebook_set_input *input,
                                struct error *e) MUST_USE;
/* Into the log, but for what was said of `before`. NULL: all of it. */
void gate_rules_tell(const struct gate_rules *rules, const struct gate_rules *before);
void gate_rules_release(struct gate_rules *rules);
const digest *gate_rules_digest(const struct gate_rules *rules);

/* NULL: the bucket belongs to no dataset. */
const struct gate_dataset *gate_dataset_of_bucket(const struct gate_rules *rules, str bucket);
const struct gate_dataset *gate_dataset_find(const struct gate_rules *rules, str id);
/* NULL: no such act. */
const struct rulebook_table *gate_table_find(const struct gate_dataset *dataset, str act);

/* Address of the reader as far as proxies can be believed: 4 or 16 bytes, 0 when not known. */
size_t gate_reader_bytes(struct gate_visit *visit, unsigned char out[16]);

#endif
