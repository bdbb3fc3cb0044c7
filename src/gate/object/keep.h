/* Inner: what must be kept: deletes, and writes over an object, are held against `keep_at_least`. */
#ifndef AZEKURA_GATE_OBJECT_KEEP_H
#define AZEKURA_GATE_OBJECT_KEEP_H

#include "gate/rules/rules.h"

/* The version that an act of this kind would destroy, as the turn sees it: with a version named, that
 * one; else, where the bucket keeps no older ones, the null version. *found false: none; a delete
 * marker is none. */
struct gate_going {
    bool found;
    struct store_version version;
};
enum error_code gate_going_find(struct gate_turn *turn, const struct store_bucket *bucket, str key,
                                bool with_version, bool is_null, uint64_t sequence,
                                struct arena *arena, struct gate_going *out,
                                struct error *e) MUST_USE;

/* Judges whether the version may go. Where it must stay: FAIL_REFUSED with the clause, until when and
 * what would let it go, and *decided (an act decided already) becomes the refusal, as it is to be
 * recorded. Where only a `should` asks to keep it: *decided warns. Memory in the visit's arena.
 *
 * Asked of today's rules and register, without purpose or reader, so that a clause about a purpose
 * holds too: who deletes cannot say away what the writer said. */
enum error_code gate_keep_judge(struct gate_turn *turn, struct gate_visit *visit,
                                const struct gate_going *going, struct gate_decided *decided,
                                struct error *e) MUST_USE;

#endif
