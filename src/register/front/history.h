/* Differences, and the history that the engine keeps: each import is a generation. */
#ifndef AZEKURA_REGISTER_FRONT_HISTORY_H
#define AZEKURA_REGISTER_FRONT_HISTORY_H

#include "engine/engine.h"
#include "register/front/snapshot.h"

enum register_change_kind { REGISTER_ADDED, REGISTER_CHANGED, REGISTER_REMOVED };
struct register_change {
    enum register_change_kind what;
    enum register_kind kind;
    str id;
    int64_t valid_from_ns; /* which of the rows of that id */
    str before, after;     /* canonical rows; empty where there is none */
};
struct register_changes {
    struct register_change *list; /* by kind, id, valid_from */
    size_t count;
};
/* Views into both snapshots; only the list lies in the arena. `before` NULL: nothing. */
enum error_code register_diff(const struct register_snapshot *before,
                              const struct register_snapshot *after, struct arena *arena,
                              struct register_changes *out, struct error *e) MUST_USE;

/* What the engine holds: the head row. */
struct register_head {
    uint64_t generation; /* 0: nothing was ever imported; +1 with each import that changed a row */
    digest sha256;
    int64_t imported_ns;
    uint64_t row_count;
};
enum error_code register_head_read(struct engine_view *view, struct register_head *out,
                                   struct error *e) MUST_USE;

/* Writes what changed into the turn: new rows under a new generation, replaced and removed ones to
 * history. An unchanged digest writes nothing and gives an empty list. The change list (with copies
 * of the rows before) lies in the arena; `after` views the snapshot. `head` is what holds now.
 *   FAIL_CORRUPT, FAIL_VERSION  what the engine holds is not what this program wrote */
enum error_code register_import(struct engine_turn *turn, const struct register_snapshot *snapshot,
                                int64_t at_ns, struct arena *arena,
                                struct register_changes *changes, struct register_head *head,
                                struct error *e) MUST_USE;

/* Rebuilds the snapshot of a generation: UINT64_MAX the newest. FAIL_NOT_FOUND: there is none such.
 * Parks. */
enum error_code register_restore(struct engine_view *view, uint64_t generation,
                                 struct register_snapshot **out, struct error *e) MUST_USE;

/* What the engine keeps of one generation beside its rows: written in the turn that imports it, once
 * its entry has a place in the ledger. */
struct register_generation {
    uint64_t generation;
    bool is_recorded; /* false: imported before such rows were kept; of the newest the head still
                         tells time, digest and rows, of others nothing is known but their rows */
    digest sha256;
    int64_t imported_ns;
    uint64_t row_count, changed_count;
    uint32_t log_number; /* of the ledger's line of logs */
    str origin;          /* that log's name */
    uint64_t entry;      /* its entry there */
};
enum error_code register_generation_write(struct engine_turn *turn,
                                          const struct register_generation *generation,
                                          struct error *e) MUST_USE;
/* `head` is the view's. FAIL_NOT_FOUND: there is none such; FAIL_CORRUPT, FAIL_VERSION. */
enum error_code register_generation_read(struct engine_view *view, const struct register_head *head,
                                         uint64_t generation, struct arena *arena,
                                         struct register_generation *out, struct error *e) MUST_USE;
/* The generation that held at that time. FAIL_NOT_FOUND: there was no register yet, or those that
 * may have held then were imported before times were kept; the message says which. */
enum error_code register_generation_at(struct engine_view *view, int64_t at_ns, struct arena *arena,
                                       struct register_generation *out, struct error *e) MUST_USE;

/* A row as it was told over the generations. */
struct register_told {
    enum register_kind kind;
    int64_t valid_from_ns;
    uint64_t came_with;   /* generation that told it first */
    uint64_t replaced_by; /* generation that changed or removed it; 0: it is told still */
    int64_t replaced_ns;  /* when; with replaced_by alone */
    str canonical;
};
/* Every row an id ever had, by kind, the time it begins and generation; what the engine says, held
 * against no digest. Texts and list lie in the arena. FAIL_MEMORY: it cannot hold them. */
enum error_code register_told_read(struct engine_view *view, str id, struct arena *arena,
                                   struct register_told **out, size_t *count,
                                   struct error *e) MUST_USE;

#endif
