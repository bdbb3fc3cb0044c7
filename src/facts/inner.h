/* What the files of this module share: layers under construction, the world's inside. */
#ifndef AZEKURA_FACTS_INNER_H
#define AZEKURA_FACTS_INNER_H

#include "facts/facts.h"

/* ---- a layer under construction ---- */

struct layer {
    struct rulebook_fact *at;
    size_t count, cap;
    struct arena *arena;
    struct arena scratch; /* for reading numbers; nothing in it is kept */
    int64_t at_ns;
};
enum { LAYER_FACTS = 512 }; /* fields of eight kinds of row, with room for maps */
enum error_code layer_open(struct layer *layer, size_t cap, struct arena *arena,
                           struct arena scratch, int64_t at_ns, struct error *e) MUST_USE;
/* Adds, or replaces what stands under the path. `root` and `name` are joined by a dot; `name` may
 * be empty. Borrows the value's inside. */
enum error_code layer_set(struct layer *layer, str root, str name, struct rulebook_value value,
                          struct error *e) MUST_USE;
const struct rulebook_value *layer_find(const struct layer *layer, str root, str name);
/* Sorted, ready to be read. */
struct rulebook_facts layer_close(struct layer *layer, const struct rulebook_facts *next);

/* ROOT.id and ROOT.FIELD for every field of the row's kind; what the row does not say is unknown,
 * with that as its source. Maps and sets by name also stand under ROOT.FIELD.NAME. */
enum error_code layer_add_row(struct layer *layer, str root, const struct register_row *row,
                              struct error *e) MUST_USE;

/* Unknown, with why. The text must live as long as the value. */
struct rulebook_value unknown_because(str why);
/* A text that rules compare, by computation. */
struct rulebook_value computed_text(str text, str source);

/* "sites/sendai" */
enum error_code origin_of(const struct register_row *row, struct arena *arena, str *out,
                          struct error *e) MUST_USE;
/* A record of a list, or a row of one, as a rulebook record: its fields, `id` where given, `valid`,
 * and `age` where it has a date. */
enum error_code record_of(const struct register_record *record, str id, int64_t valid_from_ns,
                          int64_t valid_until_ns, str origin, int64_t at_ns, struct arena *arena,
                          struct arena scratch, struct rulebook_record *out,
                          struct error *e) MUST_USE;

/* vocabulary.c: the field a fact comes from, or a field of a list's elements; NULL: no single one. */
const struct register_field *vocabulary_field(str list, str path);

/* ---- the world ---- */

struct list_index;
enum { LISTED_MOST = 32 }; /* lists one name stands on */

struct facts_world {
    struct arena_space space;
    struct facts_world_options options;
    struct arena arena;
    struct rulebook_facts lists; /* documents, reviews, …; below them what is computed */
    const struct list_index *list_index;
    const struct rulebook_counted *counted; /* NULL: no measures */
    const struct register_row **counted_rows;
    size_t counted_count;
    struct geo_table networks, trusted;
    const struct register_row *network_rows; /* what `networks` counts in */
    str geo_source;
    int64_t until_ns;
    struct facts_grounds grounds; /* none without a table of events */
};

static inline const struct register_row *world_row(const struct facts_world *w,
                                                   enum register_kind kind, str id) {
    return register_row_at(w->options.snapshot, kind, id, w->options.at_ns);
}
/* The row a REF field points to, at the world's time. NULL: it says nothing, or points nowhere. */
const struct register_row *world_follow(const struct facts_world *w, const struct register_row *row,
                                        const char *field, enum register_kind kind);
/* A reference that may name an entity, or an operator (then the entity it is). */
const struct register_row *world_entity_of(const struct facts_world *w,
                                           const struct register_row *row, const char *field);

/* The evidence contradicts what the register says of that site. */
bool world_is_contradicted(const struct facts_world *w, str site);

/* place.* of a site, into the layer. */
enum error_code layer_add_place(struct layer *layer, const struct facts_world *w,
                                const struct register_row *site, str root,
                                struct error *e) MUST_USE;
/* entity.*: who runs the site. Of a thing that stands there, entity.* is its maker instead. */
enum error_code layer_add_keeper(struct layer *layer, const struct facts_world *w,
                                 const struct register_row *site, struct error *e) MUST_USE;
/* ROOT.* of an entity: its row, and its reach with that of its parents. */
enum error_code layer_add_entity(struct layer *layer, const struct facts_world *w,
                                 const struct register_row *entity, str root,
                                 struct error *e) MUST_USE;
/* operator.*; nothing when the id is empty or unknown. */
enum error_code layer_add_operator(struct layer *layer, const struct facts_world *w, str id,
                                   struct error *e) MUST_USE;
/* The site over the table of events; NULL: there is no table, or no such site. */
/* Where a site's row says that it stands: has_point, or a square, or neither. The rest of *out is left. */
void ground_place(const struct register_row *row, int64_t at_ns, struct siting_site *out);
const struct siting_site *world_ground(const struct facts_world *w, str site);
/* What may strike all of these sites at once: ids of events and groups of the table. Open: there may be
 * more, of which nobody knows. */
struct found_groups {
    str *at;
    size_t count, cap;
    bool is_open;
};
enum error_code world_strikes(const struct facts_world *w, const struct siting_site *const *sites,
                              size_t count, struct arena *arena, struct found_groups *out,
                              struct error *e) MUST_USE;
/* ROOT.hazard.* and ROOT.groups by the table of events; nothing where there is none. */
enum error_code layer_add_ground(struct layer *layer, const struct facts_world *w, str site,
                                 str root, struct error *e) MUST_USE;

/* copies.*: one home at `site` (NULL: none there) and the others the dataset declares. */
enum error_code layer_add_copies(struct layer *layer, const struct facts_world *w,
                                 const struct register_row *dataset,
                                 const struct register_row *site, struct error *e) MUST_USE;

/* ROOT.lists: what the row says, and what its names are found on. */
enum error_code layer_add_lists(struct layer *layer, const struct facts_world *w,
                                const struct register_row *entity, str root,
                                struct error *e) MUST_USE;
/* equipment.suspected_lists: lists on which whoever was seen stands, by hardware addresses and other
 * observations; none where an inspector settled the maker, or a part's maker explains what was seen. */
enum error_code layer_add_suspicion(struct layer *layer, const struct facts_world *w,
                                    const struct register_row *equipment, struct error *e) MUST_USE;
/* equipment.first_seen by its observations, where the row says nothing itself. */
enum error_code layer_add_first_seen(struct layer *layer, const struct facts_world *w,
                                     const struct register_row *equipment,
                                     struct error *e) MUST_USE;
/* measure.NAME of a transfer. */
enum error_code layer_add_measures(struct layer *layer, const struct facts_world *w,
                                   const struct register_row *transfer, struct error *e) MUST_USE;
/* NOUN.FIELD of a row and what it points to. */
enum error_code row_add(struct layer *layer, const struct facts_world *w,
                        const struct register_row *row, struct error *e) MUST_USE;

/* Making the world: lists.c, computed.c. */
enum error_code list_index_make(struct facts_world *w, struct error *e) MUST_USE;
size_t list_count(const struct facts_world *w);
enum error_code list_facts_add(const struct facts_world *w, struct layer *layer,
                               struct error *e) MUST_USE;
enum error_code computed_make(struct facts_world *w, struct arena scratch,
                              struct error *e) MUST_USE;

/* ---- evidence ---- */

struct evidence_lines {
    struct arena *arena;
    struct facts_evidence_line *list;
    size_t count;
};
enum { EVIDENCE_LINES = 64 };
/* Drops what is over EVIDENCE_LINES: the first lines say enough. */
enum error_code evidence_add(struct evidence_lines *lines, const char *source, enum facts_says says,
                             str country, struct error *e, const char *japanese, const char *format,
                             ...) PRINTF_LIKE(7, 8) MUST_USE;

/* A provider whose machines say so in their DMI strings, and how its metadata service speaks. The
 * name is that of sites[].cloud.provider. */
struct cloud;
const struct cloud *cloud_at(size_t index); /* NULL: no more */
/* The one whose strings these are (a line each); NULL: they name none. */
const struct cloud *cloud_of_strings(str strings);
const char *cloud_name(const struct cloud *cloud);
/* Asks the metadata service for the region. `base` NULL: the usual address. FAIL_NOT_FOUND: it
 * answers, but names none; otherwise what the connection said. Parks. */
enum error_code cloud_region_ask(const struct cloud *cloud, const char *base, int64_t deadline_ns,
                                 struct arena *arena, str *region, struct error *e) MUST_USE;
/* The region in an answer: the word itself, the last part of a path, `region` of a JSON object; of
 * a zone ("us-east-1a", "us-east1-b") without its letter. Pure. False: there is none in it. The
 * region lies in the arena. */
bool cloud_region_read(str answer, bool is_zone, struct arena *arena, str *region);

/* The DMI strings of the machine, a line each; empty: none can be read. Parks. */
enum error_code machine_strings(const char *dir, struct arena *arena, str *out,
                                struct error *e) MUST_USE;
/* The public addresses of this machine's interfaces. */
enum error_code machine_addresses(struct arena *arena, struct geo_address **list, size_t *count,
                                  struct error *e) MUST_USE;

/* ---- unheard.c: words that no rulebook asks for ---- */

struct unheard {
    enum register_kind kind;
    str id; /* of the row that says it */
    const struct register_field *field;
    str word, near; /* `near`: which a rulebook asks for */
    str file;
    uint32_t line, column;
};
enum error_code unheard_say(const struct unheard *u, struct arena *arena, str *out,
                            struct error *e) MUST_USE;
/* The word that is asked for and nearly this one; empty: it is asked for itself, or none is. */
str hearing_near(const struct facts_hearing *hearing, const struct register_field *field, str word);

#endif
