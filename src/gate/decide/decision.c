/* A decision's bytes as `why` shows them to a person. */
#include "gate/decide/decision.h"

#include "rulebook/rulebook.h"

enum { JOINED_DEPTH = 8 };

static void fact_tell(str path, const struct rulebook_value *value, struct text *out) {
    text_format(out, "fact      %.*s is ", STR_FMT(path));
    rulebook_value_text(value, out);
    if (value->by != RULEBOOK_BY_NOBODY) text_format(out, ", %s", rulebook_by_name(value->by));
    if (value->source.len > 0) text_format(out, " by %.*s", STR_FMT(value->source));
    text_add_char(out, '\n');
}

static enum error_code digest_tell(str bytes, struct text *out, struct error *e) {
    struct unpack u = unpack_from(bytes);
    digest sum;
    char hex[2 * DIGEST_BYTES];
    unpack_u8(&u);
    unpack_raw(&u, sum.at, sizeof sum.at);
    hex_write(sum.at, sizeof sum.at, hex);
    text_format(out, "facts     too many to be kept: SHA-256 %.*s\n", (int)sizeof hex, hex);
    return unpack_done(&u, "a decision's digest", e);
}

static enum error_code one_tell(str bytes, struct arena arena, struct text *out, struct error *e) {
    struct rulebook_recorded read;
    if (bytes.len > 0 && bytes.at[0] == GATE_DECISION_DIGEST) return digest_tell(bytes, out, e);
    TRY(rulebook_recorded_read(bytes, &arena, &read, e));
    size_t shown = 0, hidden = 0;
    while (shown < read.facts.count || hidden < read.hidden_count) {
        const struct rulebook_fact *fact = &read.facts.at[shown];
        str path = hidden < read.hidden_count ? read.hidden[hidden].path : STR_EMPTY;
        bool is_hidden = hidden < read.hidden_count &&
                         (shown == read.facts.count || str_compare(path, fact->path) < 0);
        if (is_hidden)
            text_format(out, "fact      %.*s is held as a commitment only\n", STR_FMT(path));
        else
            fact_tell(fact->path, &fact->value, out);
        if (is_hidden)
            hidden++;
        else
            shown++;
    }
    return OK;
}

static enum error_code tell(str bytes, unsigned depth, struct arena arena, struct text *out,
                            struct error *e) {
    /* A version is never 0, and the length of what is joined is below 2^24: the first byte tells. */
    if (bytes.len == 0 || bytes.at[0] != 0) return one_tell(bytes, arena, out, e);
    struct unpack u = unpack_from(bytes);
    str a = unpack_str(&u), b = unpack_str(&u);
    TRY(unpack_done(&u, "joined decisions", e));
    if (depth == JOINED_DEPTH) return error_set(e, FAIL_CORRUPT, "decisions joined too often");
    TRY(tell(a, depth + 1, arena, out, e));
    return tell(b, depth + 1, arena, out, e);
}

enum error_code gate_decision_tell(str bytes, struct arena arena, struct text *out,
                                   struct error *e) {
    return tell(bytes, 0, arena, out, e);
}
