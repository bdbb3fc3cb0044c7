/* Inner: debts. An obligation that has time is owed from the act on; it is met, or late.
 *
 *   D/ account                       what is owed, by which clause, of which dataset; how many
 *   d/ account state due log id      one that is not met: owed or late, the soonest first
 *   j/ log id                        one debt, whatever became of it
 *
 * Debts alike (one clause, one dataset, one obligation) are one account, so that what the register
 * comes to show pays all of them, and the soonest of each is the first row of its range. The id of
 * a debt is where the ledger has the entry that says it is owed: number of the log, and index, which
 * begins anew with each log. An account's id is the first 8 bytes of the SHA-256 of what it says.
 * Format: docs/formats/debts.md. */
#ifndef AZEKURA_GATE_DEBT_DEBT_H
#define AZEKURA_GATE_DEBT_DEBT_H

#include "gate/rules/rules.h"

#define DEBT_NO_DUE                                                                                \
    INT64_MAX /* nobody knows when: the start is unknown, or the text has no number */

enum debt_state { DEBT_OWED, DEBT_LATE, DEBT_MET };

struct debt_account {
    uint64_t id;
    uint64_t owed, late, met;
    str terms; /* the bytes that the rest was read from */
    enum rulebook_obligation_kind kind;
    uint64_t number;
    const str *words;
    size_t word_count;
    bool delete_here, from_start; /* due counts from `start`; else from the act */
    str start;                    /* path of a fact; empty: the act */
    struct rulebook_periods due, periods;
    str shown_by, clause, dataset, sector, class_;
};
struct debt_id {
    uint32_t log;
    uint64_t index;
};
struct debt {
    struct debt_id id;    /* the entry that says it is owed … */
    uint64_t act;         /* … and that of the act, in the same log */
    uint64_t settled;     /* met or late: the entry that says so; 0: none */
    uint32_t settled_log; /* 0: not known, of a row that format 1 had */
    uint64_t account;
    enum debt_state state;
    int64_t since_ns, due_ns;
    bool object_gone;
};

/* What a decision says is owed, before an account is known: packed one after the other. */
struct debt_new {
    str terms;
    bool start_known;
    int64_t start_ns; /* where it is known and the due counts from it */
    bool is_done;     /* begin: the act itself begins it */
};
enum error_code debt_new_pack(struct pack *p, const struct rulebook_obligation *o,
                              const struct gate_dataset *dataset, const struct debt_new *new,
                              struct arena scratch, struct error *e) MUST_USE;

/* Texts are views into `terms`; lists lie in the arena. */
enum error_code debt_terms_read(str terms, struct arena *arena, struct debt_account *out,
                                struct error *e) MUST_USE;
/* "copies 2 (aoba-own/keep.at-home)"; "return within 24 h of act.processed_at: …". */
void debt_terms_text(const struct debt_account *account, struct text *out);

/* FAIL_NOT_FOUND: no such debt. */
enum error_code debt_read(struct gate_turn *turn, struct debt_id id, struct debt *out,
                          struct error *e) MUST_USE;
enum error_code debt_account_read(struct gate_turn *turn, uint64_t id, struct arena *arena,
                                  struct debt_account *out, struct error *e) MUST_USE;
enum error_code debt_account_decode(str key, str row, struct arena *arena, struct debt_account *out,
                                    struct error *e) MUST_USE;
enum error_code debt_decode(str key, str row, struct debt *out, struct error *e) MUST_USE;
enum { DEBT_ROW_BYTES = 1 + 8 + 1 + 8 + 8 + 8 + 4 + 8 + 1 };
void debt_encode(const struct debt *debt, char row[DEBT_ROW_BYTES]);

/* Row keys. */
enum {
    DEBT_KEY_BYTES = 2 + 8 + 1 + 8 + 4 + 8,
    DEBT_ACCOUNT_KEY_BYTES = 2 + 8,
    DEBT_ID_KEY_BYTES = 2 + 4 + 8,
};
str debt_key(uint64_t account, enum debt_state state, int64_t due_ns, struct debt_id id,
             unsigned char memory[DEBT_KEY_BYTES]);
/* FAIL_CORRUPT: not such a key. */
enum error_code debt_key_read(str key, int64_t *due_ns, struct debt_id *id,
                              struct error *e) MUST_USE;
str debt_account_key(uint64_t account, unsigned char memory[DEBT_ACCOUNT_KEY_BYTES]);
str debt_id_key(struct debt_id id, unsigned char memory[DEBT_ID_KEY_BYTES]);

/* Writes the row of the debt itself, and its place among those that are not met. */
enum error_code debt_put(struct engine_turn *turn, const struct debt *debt,
                         struct error *e) MUST_USE;
struct gate_eras;
/* A row of format 1, with the log that it must be of. */
enum error_code debt_decode_format_1(str key, str row, const struct gate_eras *eras,
                                     struct debt *out, struct error *e) MUST_USE;
/* Rows of format 1, which had no log's number in their keys, become rows of format 2; the log is the one
 * that was the newest when the debt came to be. A store without any is left as it is. Done in turns
 * of their own, before the committer has any; may be cut short at each point and done again. */
enum error_code debt_rows_migrate(struct gate *gate, struct error *e) MUST_USE;

/* Moves a debt to another state, due time or both: rows, counts and, where the state is another, an
 * entry whose detail is `how`. `who`: the visitor's hidden fields; NULL: nobody asked. */
struct debt_move {
    enum debt_state state;
    int64_t due_ns;
    bool object_gone;
    str how;
    const struct evidence_values *who;
};
enum error_code debt_move(struct gate_turn *turn, struct debt *debt, const struct debt_move *move,
                          struct error *e) MUST_USE;

/* gate/debt/placed.c: what the register says of the homes of a dataset, and of when things began. */
struct debt_shown {
    bool is_met;
    str how; /* "the register places 2 copies of it (declared)" */
};
/* Whether the register shows the obligation as done. */
enum error_code debt_shown_by_register(const struct gate_rules *rules,
                                       const struct debt_account *account, bool object_gone,
                                       struct arena *arena, struct debt_shown *out,
                                       struct error *e) MUST_USE;
/* The instant a period counts from: a fact, or the `received`, `begins` … of the one row of a list
 * (request.received: of `requests`) about the dataset. Of several the earliest, or the latest.
 * false: not known. */
bool debt_start_find(const struct rulebook_facts *facts, str path, str dataset, bool latest,
                     int64_t *out_ns);
/* When a debt whose time began at `start_ns` falls due; DEBT_NO_DUE: nobody can tell. With the
 * calendars of the clause in force, where it still is; else by its lengths alone. */
int64_t debt_due(const struct gate_rules *rules, const struct debt_account *account, int64_t at_ns,
                 int64_t start_ns);
bool gate_words_have(const str *words, size_t count, str word);

/* gate/debt/settle.c. An object's version is gone by the act of entry `by`: what was owed for it is
 * settled, but for what its going does not undo (approvals, keeping it elsewhere). */
enum error_code debt_version_gone(struct gate_turn *turn, const struct store_version *version,
                                  uint64_t by, struct error *e) MUST_USE;
void gate_debts_due_sooner(struct gate *gate, int64_t due_ns);

#endif
