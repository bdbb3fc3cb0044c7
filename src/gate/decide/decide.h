/* Inner: deciding. What a visit asks before an act, inside its turn, and after it. */
#ifndef AZEKURA_GATE_DECIDE_DECIDE_H
#define AZEKURA_GATE_DECIDE_DECIDE_H

#include "evidence/evidence.h"
#include "gate/decide/decided.h"
#include "gate/turn/turn.h"
#include "identity/identity.h"
#include "rulebook/rulebook.h"

/* Asks the rulebook about an act on a bucket's dataset, for this visitor.
 * FAIL_NO_DATASET: the bucket belongs to none. A refusal is not an error here: look at ->effect. */
enum error_code gate_decide(struct gate_visit *visit, str act, str bucket, struct gate_decided *out,
                            struct error *e) MUST_USE;
/* The same for a read: where it is allowed and nothing wants it recorded, ->facts stays empty. Making
 * them costs more than deciding, and nobody would ever see them. */
enum error_code gate_decide_read(struct gate_visit *visit, str act, str bucket,
                                 struct gate_decided *out, struct error *e) MUST_USE;
/* Will a read so decided be recorded? Warned, wanted by an obligation, or by an inspector. */
bool gate_read_is_recorded(const struct gate_visit *visit, const struct gate_decided *decided);
/* The stricter of two, with the clauses of both: what a copy is decided by. */
enum error_code gate_decided_join(struct gate_visit *visit, const struct gate_decided *a,
                                  const struct gate_decided *b, struct gate_decided *out,
                                  struct error *e) MUST_USE;
/* Fills the answer from a decision; records and returns FAIL_REFUSED where it is a refusal, and
 * records warnings on reads (folded). `values`: the hidden fields known so far. Parks. */
enum error_code gate_decided_answer(struct gate_visit *visit, const struct gate_decided *decided,
                                    const struct evidence_values *values, bool is_read,
                                    struct gate_answer *answer, struct error *e) MUST_USE;
/* The same of a dataset by its id: one a copy came from. */
enum error_code gate_decide_dataset(struct gate_visit *visit, str act, str dataset,
                                    struct gate_decided *out, struct error *e) MUST_USE;
/* Fills the answer and records nothing. */
void gate_decided_show(struct gate_visit *visit, const struct gate_decided *decided,
                       struct gate_answer *answer);
/* Under the turn, first thing: the visitor may still do it (FAIL_ACCESS_DENIED: key, user or grant
 * are gone since), and if rules or time have moved on since the decision, it is made again:
 * FAIL_REFUSED with the new one in *decided when it now refuses. */
enum error_code gate_renew(struct gate_turn *turn, struct gate_visit *visit,
                           enum identity_right right, str bucket, struct gate_decided *decided,
                           struct error *e) MUST_USE;
/* The first half alone, for what no rules are asked about. */
enum error_code gate_still_allowed(struct gate_turn *turn, const struct gate_visit *visit,
                                   enum identity_right right, str bucket, struct error *e) MUST_USE;
/* gate_submit for work that renews `decided`: a refusal that comes of it is recorded and answered
 * like any other, and what changed shows in the answer. Parks. */
enum error_code gate_submit_decided(struct gate_visit *visit, struct gate_work *work,
                                    const struct gate_decided *decided,
                                    const struct evidence_values *values,
                                    struct gate_answer *answer, struct error *e) MUST_USE;
bool gate_visit_is_local(const struct gate_visit *visit); /* gate/admin.c */
/* Writes what the decision owes: an entry and a row each. */
enum error_code gate_debts_owe(struct gate_turn *turn, const struct gate_decided *decided,
                               const struct evidence_values *values, uint64_t entry,
                               struct error *e) MUST_USE;

/* gate/decide/facts.c: a decision's canonical bytes, of at most `most`: the longest facts become commitments
 * where it must be, and where that is not enough the digest stands for all. */
enum error_code gate_facts_write(const struct rulebook_decision *decision, size_t most,
                                 struct arena *near, struct arena scratch, str *bytes,
                                 struct error *e) MUST_USE;
/* Keeps a decision's facts as long as the visit: in its arena, or where they are long, beside it. */
enum error_code gate_facts_keep(struct gate_visit *visit, str facts, str *out,
                                struct error *e) MUST_USE;

bool gate_visit_is_inspector(const struct gate_visit *visit);
/* Counted; in these words, or those for an inspector whose time has ended. */
enum error_code gate_denied(const struct gate_visit *visit, const char *why,
                            struct error *e) MUST_USE;
/* Who may see what the store says of itself, but for objects: `inspect` or `admin`. */
enum error_code gate_allow_look(const struct gate_visit *visit, struct error *e) MUST_USE;
/* Of an inspector: an entry that says what is looked at ("register", "entries 000"), durable on
 * return; the same `kind` again within a minute only counts. Of others: nothing. Parks. */
enum error_code gate_look(struct gate_visit *visit, const char *kind, str what,
                          struct error *e) MUST_USE;

/* FAIL_ACCESS_DENIED, always in the same words. */
enum error_code gate_allow(const struct gate_visit *visit, enum identity_right right, str bucket,
                           struct error *e) MUST_USE;
/* 1 to LIMIT_KEY_BYTES bytes without NUL: what the store's rows can hold. FAIL_KEY_TOO_LONG,
 * FAIL_INVALID_ARGUMENT. */
enum error_code gate_key_check(str key, struct error *e) MUST_USE;
/* The bucket in the visit's world. FAIL_NO_SUCH_BUCKET. */
enum error_code gate_bucket_of(const struct gate_visit *visit, str name,
                               const struct store_bucket **out, struct error *e) MUST_USE;
/* Bucket, key, request, user "/" key and address bytes, for the hidden fields. The last two are
 * made once a visit. */
enum error_code gate_visit_values(struct gate_visit *visit, str bucket, str key,
                                  struct evidence_values *out, struct error *e) MUST_USE;
/* "ORIGIN#INDEX" in the visit's arena. */
enum error_code gate_receipt(struct gate_visit *visit, uint64_t first, uint64_t last, str *out,
                             struct error *e) MUST_USE;
/* "ORIGIN#INDEX" of an entry of log `number`. FAIL_NOT_FOUND: there has been no such log. */
enum error_code gate_entry_name(const struct gate *gate, uint32_t number, uint64_t index,
                                struct arena *arena, str *out, struct error *e) MUST_USE;
/* An entry by its name, or by its index alone: then of the newest log. FAIL_USAGE: neither;
 * FAIL_NOT_FOUND: the name of no log of this line. Whether it is there is not asked. */
enum error_code gate_entry_named(const struct gate *gate, str name, uint32_t *number,
                                 uint64_t *index, struct error *e) MUST_USE;

#endif
