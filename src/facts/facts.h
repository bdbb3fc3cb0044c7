/* Facts: where the world becomes what rules can read.
 *
 * From the register, the address data, what speaks for a store's place and the request at hand come
 * typed values under the names of RULEBOOK 2, each with who said so. What is not known stays
 * unknown, with the reason as its source; nothing here guesses, and nothing here knows a country by
 * name.
 *
 * Three steps:
 *   world     a snapshot as of one moment: shared lists, networks, the store's own site
 *   static    everything about (dataset, site) that no request changes, for folding into a table
 *   request   the few facts of one visitor: reader.*, act.purpose
 * Beside them: the store's place held against what its machine says (evidence), and the register's
 * adoptions and exceptions in the rulebook's shape.
 *
 * Source: RULEBOOK 2, 3; DESIGN 6. */
#ifndef AZEKURA_FACTS_FACTS_H
#define AZEKURA_FACTS_FACTS_H

#include "base/base.h"
#include "geo/geo.h"
#include "locproof/locproof.h"
#include "register/register.h"
#include "rulebook/rulebook.h"
#include "siting/siting.h"

/* ---- place: declared until something measures it ---- */

enum facts_says { FACTS_NEITHER, FACTS_FOR, FACTS_AGAINST };
struct facts_evidence_line {
    str source;  /* "dmi", "metadata", "address" */
    str text;    /* "the metadata service says aws us-east-1, which the register places in US" */
    str text_ja; /* the same in Japanese */
    str country; /* the country it speaks of; may be empty */
    enum facts_says says;
};
/* What landmarks found, and what follows from it together. */
struct facts_location {
    const struct locproof_witness *witnesses;
    size_t count;
    struct locproof_standing standing;
    int64_t until_ns; /* when the first of their reports counts no more */
};
/* What speaks for or against a site's row. Lies in the arena it was gathered in. */
struct facts_evidence {
    str site;
    int64_t at_ns;
    const struct facts_evidence_line *lines;
    size_t count;
    bool contradicted; /* then place.country is unknown */
    str finding;       /* one sentence when contradicted; else empty */
    str standing; /* "declared, nothing speaks against it", "measured: within 30 km of landmark …",
                     "contradicted: …", "not declared" */
    str standing_ja;       /* the same in Japanese where it is measured by a landmark; else empty */
    bool measured;         /* by landmarks; then: */
    bool country_measured; /* the bound leaves no other country: place.country is measured */
    double bound_km;       /* place.bound_km */
    str landmark;          /* place.landmark */
    unsigned landmarks, operators,
        cosigned; /* place.landmarks and so on, as locproof_standing has them */
    int64_t measured_ns, measured_until_ns;
};

struct facts_evidence_options {
    const struct register_snapshot *snapshot;
    const struct geo_data *geo; /* NULL: addresses say nothing */
    str site;
    const char *dmi_dir;      /* NULL: /sys/class/dmi/id; "off": not read */
    const char *metadata_url; /* NULL: the usual address, asked only where DMI names a cloud; "off":
                                 not asked; else http://HOST:PORT, asked where DMI names a cloud or
                                 is off */
    bool own_addresses;       /* look at the addresses of this machine's interfaces */
    const struct facts_location *location; /* NULL: its row names no landmark */
    int64_t at_ns;
    int64_t deadline_ns; /* steady; for the metadata service; 0: two seconds from now */
};
/* Never fails because a source is silent: that is a line of its own. Parks.
 *   FAIL_NOT_FOUND  the register has no such site at that time
 *   FAIL_MEMORY */
enum error_code facts_evidence_gather(const struct facts_evidence_options *options,
                                      struct arena *arena, struct facts_evidence *out,
                                      struct error *e) MUST_USE;

/* ---- the ground: sites over a table of events ---- */

struct facts_grounds_options {
    const struct register_snapshot *snapshot;
    const struct siting_model *model; /* checked */
    int64_t at_ns;
};
struct facts_grounds {
    const struct siting_site *sites;        /* by id */
    const struct register_row *const *rows; /* of each site */
    size_t count;
};
/* The register's sites on a day as siting wants them. They join groups by what their rows say: `groups` as
 * written, and derived ones, country:CC, pref:REGION, grid:AREA, carrier:ID, entity:ID, owner:ID,
 * cloud:PROVIDER, cloud-region:PROVIDER/REGION, and from the equipment that stands there maker:ID and
 * software:NAME. A site's own earthquakes are hazard.quake_30y of its row, else of the model's maps.
 *   FAIL_LIMIT  a site in over 256 groups     FAIL_MEMORY */
enum error_code facts_grounds_make(const struct facts_grounds_options *options, struct arena *arena,
                                   struct arena scratch, struct facts_grounds *out,
                                   struct error *e) MUST_USE;

/* ---- the world ---- */

struct facts_world;

struct facts_world_options {
    const struct register_snapshot
        *snapshot;                         /* borrowed, as all here; lives as long as the world */
    const struct geo_data *geo;            /* NULL: networks outside the register have no country */
    str site;                              /* the store's own site; empty: none (command line) */
    const struct facts_evidence *evidence; /* of that site; NULL: nothing was asked */
    const str *trusted_proxies;            /* networks */
    size_t trusted_proxy_count;
    const struct siting_model *events; /* checked; NULL: places have what their rows say alone */
    const struct rulebook_set *rules;  /* whose derived sets and measures to compute; NULL: none */
    int64_t at_ns;
};
/* Memory of its own. FAIL_SYNTAX: a trusted proxy that is no network, a list's prefix that is none.
 * FAIL_MEMORY. */
enum error_code facts_world_open(const struct facts_world_options *options,
                                 struct facts_world **out, struct error *e) MUST_USE;
void facts_world_close(struct facts_world *world); /* NULL is fine; no facts of it are in use */

/* From this instant on, open a new one: a row or value begins or ends, or papers are a day older.
 */
int64_t facts_world_until_ns(const struct facts_world *world);
const struct register_snapshot *facts_world_register(const struct facts_world *world);
/* The lists all subjects share: documents, reviews, contracts … */
const struct rulebook_facts *facts_world_lists(const struct facts_world *world);

/* ---- lists: who stands on them ---- */

struct facts_listed {
    str list, edition;    /* id of the list's row; its edition, may be empty */
    str entry;            /* the entry's name as the list spells it */
    unsigned prefix_bits; /* by an address block of so many bits; 0: by name */
};
/* The lists in force on which a name stands, each once, at most `most`. */
size_t facts_lists_of_name(const struct facts_world *world, str name, struct arena scratch,
                           struct facts_listed *out, size_t most);
/* Who holds the block a hardware address lies in, by the longest prefix of any list. false: nobody
 * known, or an address that was made up locally or is for many. */
bool facts_mac_holder(const struct facts_world *world, str mac, struct facts_listed *out);

/* ---- static facts ---- */

/* With a table of events, place.hazard.NAME is what its maps say where the row says nothing, as an interval;
 * place.groups has, beside the groups of the row, the events and groups of the table that reach the
 * place; copies.shared those that reach all copies in one branch of severity. Of what may reach a
 * place and nobody knows, the sets are open. An event that never comes (rate 0) counts for nothing.
 *
 * Everything known about a dataset kept at a site: dataset.*, operator.*, contract.*, keys.*,
 * system.*, place.*, entity.* (who runs the site), copies.*, and the lists documents, reviews,
 * requests … Layers in the arena and in the world. `dataset` empty: none of dataset.* and what
 * hangs on it; `site` empty: none of place.* and entity.*.
 *   FAIL_NOT_FOUND  the register has no such dataset or site then     FAIL_MEMORY */
enum error_code facts_static(const struct facts_world *world, str dataset, str site,
                             struct arena *arena, struct arena scratch, struct rulebook_facts *out,
                             struct error *e) MUST_USE;

/* Facts about one row for an assessment: NOUN.FIELD for each of its fields, its operator's, and
 * what it points to under the roots rules use (the entity of a supply, the maker of equipment, the
 * contract of a dataset). A dataset row gives facts_static at its first declared home, if any.
 * *subject is filled for rulebook_evaluate_slow.
 *
 *   FAIL_NOT_FOUND  the register has no such row at that time
 *   FAIL_USAGE      no clause can be about a row of that kind
 *   FAIL_MEMORY */
enum error_code facts_of_row(const struct facts_world *world, enum register_kind kind, str id,
                             struct arena *arena, struct arena scratch, struct rulebook_facts *out,
                             struct rulebook_subject *subject, struct error *e) MUST_USE;

/* A dataset as a whole. Where this store keeps it, its copy here is one of the copies: at `store_site`, or, where
 * that is empty, at a place that nobody has said. Kept by others it is as facts_of_row says. The same errors. */
enum error_code facts_of_dataset(const struct facts_world *world, str id, str store_site,
                                 struct arena *arena, struct arena scratch,
                                 struct rulebook_facts *out, struct rulebook_subject *subject,
                                 struct error *e) MUST_USE;
/* One copy of a dataset, at `site` (empty: at a place that nobody has said): facts_static, and where this store keeps
 * the dataset its own copy is one of all copies too, as in facts_of_dataset. `store_site` empty: a site that is none of
 * the declared copies' is the store's. The same errors. */
enum error_code facts_of_copy(const struct facts_world *world, str dataset, str site,
                              str store_site, struct arena *arena, struct arena scratch,
                              struct rulebook_facts *out, struct error *e) MUST_USE;
bool facts_is_kept_here(const struct register_row *dataset, int64_t at_ns);
/* Whether clauses of that kind are about something that happened. */
bool facts_is_event(enum rulebook_about about);
/* A row's first time that is known, in the order the register tells them. */
bool facts_event_of(const struct register_row *row, int64_t at_ns, int64_t *event_ns);
/* The day whose rules judge a row at `at_ns`: of what happened before then its own, else `at_ns`. */
int64_t facts_rules_day(const struct register_row *row, int64_t at_ns);

/* As facts_of_row, about a row that the world's register need not hold: one of its parts, or a thing that
 * somebody is about to buy. What it names is looked up in the world's register. */
enum error_code facts_of_given_row(const struct facts_world *world, const struct register_row *row,
                                   struct arena *arena, struct arena scratch,
                                   struct rulebook_facts *out, struct rulebook_subject *subject,
                                   struct error *e) MUST_USE;

/* The field of a row of that kind ("id" for its id) on which the fact under a path hangs, as
 * facts_of_row gives it: rows that are alike in that field have the same fact, be it from the row or
 * from what the field points to. Empty: it is the same for all rows. False: it cannot be told. */
bool facts_row_field(enum register_kind kind, str path, str *field);

/* What rulebooks name or compare with that no register and no request can say, "file:line:column: …" each,
 * the first 256. FAIL_MEMORY */
enum error_code facts_vocabulary_check(const struct rulebook *const *rulebooks, size_t count,
                                       struct arena *arena, const str **out, size_t *out_count,
                                       struct error *e) MUST_USE;
/* Is it a fact that no register and no request can say? Then why, with what is nearly the same. Pure. */
bool facts_name_is_doubtful(str path, char why[ERROR_MESSAGE_BYTES]);
/* Words of the register that none of these rulebooks compares a field with, though one that is nearly the
 * same: what is misspelt there is asked nothing. The first 64. FAIL_MEMORY */
enum error_code facts_unheard_words(const struct register_snapshot *snapshot,
                                    const struct rulebook *const *rulebooks, size_t count,
                                    struct arena *arena, struct arena scratch, const str **out,
                                    size_t *out_count, struct error *e) MUST_USE;

/* The same of rows that are walked, by several threads. What is asked for is prepared once, in the arena, and
 * borrows from the rulebooks; FAIL_MEMORY */
struct facts_hearing;
enum error_code facts_hearing_open(const struct rulebook *const *rulebooks, size_t count,
                                   struct arena *arena, const struct facts_hearing **out,
                                   struct error *e) MUST_USE;
/* What one thread notices. `place` is the row's among all rows: each thread comes to its own in their
 * order, and what is told does not depend on which thread came to which. Nothing is borrowed of rows. */
struct facts_noticed;
enum error_code facts_noticed_open(const struct facts_hearing *hearing, struct arena *arena,
                                   struct facts_noticed **out, struct error *e) MUST_USE;
void facts_notice(struct facts_noticed *noticed, const struct register_row *row, size_t place);
/* The first few words in the order of their rows, and how many rows say such ones beside those. */
enum error_code facts_noticed_tell(struct facts_noticed *const *noticed, size_t count,
                                   struct arena *arena, const str **out, size_t *out_count,
                                   struct error *e) MUST_USE;

/* Lists that rulebooks read by `$` and the register does not have then: what asks for one is unknown,
 * and nothing else would say why. Sentences, in the arena. */
enum error_code facts_missing_lists(const struct register_snapshot *snapshot,
                                    const struct rulebook *const *rulebooks, size_t count,
                                    int64_t at_ns, struct arena *arena, const str **out,
                                    size_t *out_count, struct error *e) MUST_USE;

/* Does the clause at that index of the set ask where copies or sites stand (copies.*, place.*), beyond what
 * it only applies to? Of clauses about copies, datasets and sites alone. */
bool facts_clause_is_placement(const struct rulebook_set *set, size_t index);

/* The operator whose rules bind a dataset: its row's, else the only operator; empty: not known. */
str facts_operator_of(const struct facts_world *world, str dataset);

/* ---- the request ---- */

/* Paths a table must leave open (rulebook_table_build): "act.purpose", "reader". */
extern const str facts_request_paths[];
extern const size_t facts_request_path_count;

enum { FACTS_REQUEST_COUNT = 6, FACTS_REASON_BYTES = 160 };

/* Who is at the other end, as far as a network says. Zeroed: nobody asked. */
struct facts_reader {
    struct geo_address address;         /* len 0: not known */
    bool forwarded;                     /* a trusted proxy named it */
    str network, country, entity, role; /* empty: not known; views into register and address data */
    char country_memory[2];             /* inner */
    enum rulebook_by by;                /* how the country is known */
    str source;         /* who says so: "networks/loopback", "geo-whois… 2026-06-17" */
    const char *reason; /* why the country is not known; "" when it is */
};

/* The reader of a request from `peer` with X-Forwarded-For `forwarded_for` as it came (several
 * lines joined by commas). Only a trusted peer's header counts: then the last address in it that is
 * not itself trusted is the reader; all trusted, the first; an entry that is no address ends the
 * walk and nobody is known. Register networks answer first, then address data. Never fails; views
 * in *out that are not into the register point into *out itself, so it must not move. */
void facts_reader_find(const struct facts_world *world, const struct geo_address *peer,
                       str forwarded_for, struct facts_reader *out);

/* The request's layer: reader.network, .country, .entity, .role and act.purpose, sorted, in `facts`
 * (which the layer views). `purpose` empty: none was stated, unknown. Borrows reader and purpose.
 */
struct rulebook_facts facts_request(const struct facts_reader *reader, str purpose,
                                    struct rulebook_fact facts[FACTS_REQUEST_COUNT]);

/* Pure, for its fuzzer and the tests: the walk over X-Forwarded-For. False: nobody is known. */
bool facts_forwarded_read(str forwarded_for, const struct geo_table *trusted,
                          struct geo_address *out);

/* ---- what the register binds and loosens, in the rulebook's shape ---- */

struct facts_binding {
    const struct rulebook_adoption *adoptions;
    size_t adoption_count;
    const struct rulebook_exception *exceptions;
    size_t exception_count;
};
/* All rows of any time: the rulebook looks at their spans itself. Views into the snapshot, lists in
 * the arena. FAIL_SYNTAX: a parameter that is no value, with its place. FAIL_MEMORY. */
enum error_code facts_binding_of(const struct register_snapshot *snapshot, struct arena *arena,
                                 struct arena scratch, struct facts_binding *out,
                                 struct error *e) MUST_USE;

/* One register value as a rulebook value. `origin` names the row ("sites/sendai") for its source.
 */
enum error_code facts_value_of(const struct register_value *value, str origin, int64_t at_ns,
                               struct arena *arena, struct arena scratch,
                               struct rulebook_value *out, struct error *e) MUST_USE;

#endif
