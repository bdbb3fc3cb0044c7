/* The facts of a decision, as its entry keeps them: canonical bytes, however long. A decision that is
 * longer than its share holds its longest facts as commitments; and one that is too long even so is
 * held by its digest. So no decision is too long to be recorded. Format: docs/formats/decision.md. */
#include "gate/decide/decision.h"
#include "gate/rules/rules.h"

#include <stdlib.h>

/* Those up to here lie in the request's arena; more would take the room of its answer. */
enum { SHORT_BYTES = 4096, LONG_SPACE_BYTES = 16 << 20 };

/* Share of one decision among those joined in one entry: five more than the first. */
_Static_assert(LIMIT_DECISION_BYTES + 5 * (LIMIT_DECISION_MORE_BYTES + 8) <= LIMIT_FACTS_BYTES,
               "what is joined fits the field");
_Static_assert(GATE_DECIDED_PARTS <= 5, "four further datasets, and the clause that keeps");

enum error_code gate_facts_keep(struct gate_visit *visit, str facts, str *out, struct error *e) {
    if (facts.len <= SHORT_BYTES && arena_left(visit->arena) > 2 * SHORT_BYTES)
        return arena_copy(visit->arena, facts, out, e);
    if (visit->long_space.at == NULL)
        TRY(arena_space_open(&visit->long_space, LONG_SPACE_BYTES, &visit->long_facts, e));
    return arena_copy(&visit->long_facts, facts, out, e);
}

/* ---- decisions that are too long ---- */

struct long_fact {
    str path;
    size_t bytes;
    digest commitment;
};

static int by_length(const void *a, const void *b) {
    const struct long_fact *x = a, *y = b;
    if (x->bytes != y->bytes) return x->bytes > y->bytes ? -1 : 1;
    return str_compare(x->path, y->path);
}
static int by_path(const void *a, const void *b) {
    return str_compare(((const struct rulebook_hidden *)a)->path,
                       ((const struct rulebook_hidden *)b)->path);
}

/* The same fact has the same commitment in every decision: who has the register can show it. */
static digest commitment_of(str path, str value) {
    static const char domain[] = "azekura-long-fact-v1";
    unsigned char len[4];
    struct sha256 h;
    sha256_begin(&h);
    sha256_add(&h, domain, sizeof domain);
    write_be32(len, (uint32_t)path.len);
    sha256_add(&h, len, sizeof len);
    sha256_add(&h, path.at, path.len);
    sha256_add(&h, value.at, value.len);
    return sha256_end(&h);
}

static enum error_code long_facts_find(const struct rulebook_decision *decision, struct arena *near,
                                       struct arena scratch, struct long_fact **out, size_t *count,
                                       struct error *e) {
    const struct rulebook_reading *readings;
    TRY(rulebook_decision_facts(decision, near, scratch, &readings, count, e));
    *out = arena_new(near, struct long_fact, *count);
    if (*out == NULL) return error_set(e, FAIL_MEMORY, "no room for a decision's facts");
    for (size_t i = 0; i < *count; i++) {
        struct arena once = scratch;
        str value;
        TRY(rulebook_value_canonical(readings[i].value, &once, &value, e));
        (*out)[i] =
            (struct long_fact){readings[i].path, value.len, commitment_of(readings[i].path, value)};
    }
    qsort(*out, *count, sizeof **out, by_length);
    return OK;
}

static enum error_code shorten(const struct rulebook_decision *decision, size_t over,
                               struct arena *near, struct arena scratch, str *bytes,
                               struct error *e) {
    struct long_fact *facts;
    size_t count, hidden_count = 0;
    TRY(long_facts_find(decision, near, scratch, &facts, &count, e));
    struct rulebook_hidden *hidden = arena_new(near, struct rulebook_hidden, count);
    if (hidden == NULL) return error_set(e, FAIL_MEMORY, "no room for a decision's facts");
    for (size_t saved = 0; hidden_count < count && saved < over; hidden_count++) {
        const struct long_fact *fact = &facts[hidden_count];
        if (fact->bytes <= DIGEST_BYTES) break;
        saved += fact->bytes - DIGEST_BYTES;
        hidden[hidden_count] = (struct rulebook_hidden){fact->path, fact->commitment};
    }
    if (hidden_count > 1) qsort(hidden, hidden_count, sizeof *hidden, by_path);
    return rulebook_decision_canonical(decision, hidden, hidden_count, near, scratch, bytes, e);
}

enum error_code gate_facts_write(const struct rulebook_decision *decision, size_t most,
                                 struct arena *near, struct arena scratch, str *bytes,
                                 struct error *e) {
    str whole;
    TRY(rulebook_decision_canonical(decision, NULL, 0, near, scratch, &whole, e));
    *bytes = whole;
    if (whole.len <= most) return OK;
    TRY(shorten(decision, whole.len - most, near, scratch, bytes, e));
    if (bytes->len <= most) return OK;
    struct pack p = pack_into(arena_bytes(near, 1 + DIGEST_BYTES), 1 + DIGEST_BYTES);
    digest sum = sha256_of(whole);
    if (p.at == NULL) return error_set(e, FAIL_MEMORY, "no room for a decision's digest");
    pack_u8(&p, GATE_DECISION_DIGEST);
    pack_raw(&p, sum.at, sizeof sum.at);
    return pack_done(&p, "a decision's digest", bytes, e);
}
