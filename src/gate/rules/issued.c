/* Signed rulebooks at the gate: what is loaded is vouched for, and what was vouched for once does not
 * step back. A signature says that an edition is the issuer's, not that it is the newest: whoever can
 * write the folder could bring back last year's, well signed. So the store remembers.
 *
 *   q/ line NUL name    format (1), in force from (i64), issued (i64), SHA-256 of the file (32)
 *
 * An edition is newer than another of its line if it is in force from a later day; the same edition
 * signed anew is newer by when it was issued. Rows are never removed: an edition is taken back by one
 * that its issuer signs later under the same name. */
#include "gate/rules/issued.h"

#include "issuer/issuer.h"

enum { ROW_FORMAT = 1, ROW_BYTES = 1 + 8 + 8 + DIGEST_BYTES, EDITIONS_MAX = 4096 };

enum error_code gate_issuers_read(struct gate *gate, struct error *e) {
    size_t count = gate->options.issuer_count;
    gate->issuers = arena_new(&gate->text, struct tlog_vkey, count);
    if (gate->issuers == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu issuers", count);
    for (size_t i = 0; i < count; i++) {
        str text = str_trim(str_from_c(gate->options.issuers[i]));
        struct error why;
        if (tlog_vkey_parse(text, &gate->issuers[i], &why) != OK)
            return error_set(e, FAIL_USAGE,
                             "rulebook-issuers: \"%.*s\": %s; expected NAME+ID+KEY as azekura "
                             "rulebook keygen prints it",
                             STR_FMT(str_slice(text, 0, 80)), why.message);
        if (gate->issuers[i].type != TLOG_KEY_ED25519)
            return error_set(e, FAIL_USAGE,
                             "rulebook-issuers: %.*s is the key of a witness, not of an issuer",
                             STR_FMT(tlog_vkey_name(&gate->issuers[i])));
    }
    return OK;
}

/* ---- one file ---- */

static str line_of(const struct rulebook *book) {
    return book->line.len > 0 ? book->line : book->name;
}

enum error_code gate_issued_vouch(struct gate *gate, struct gate_rules *rules,
                                  const struct gate_file *file, const struct rulebook_read *read,
                                  struct arena scratch, struct error *e) {
    if (gate->options.issuer_count == 0) return OK;
    struct issuer_book *books = arena_new(&scratch, struct issuer_book, read->count);
    struct issuer_vouched *vouched = arena_new(&scratch, struct issuer_vouched, read->count);
    if (books == NULL || vouched == NULL)
        return error_set(e, FAIL_MEMORY, "no room for %zu rulebooks", read->count);
    for (size_t i = 0; i < read->count; i++) {
        const struct rulebook *b = read->rulebooks[i];
        books[i] = (struct issuer_book){b->name, b->line, b->in_force.from_ns};
    }
    struct issuer_file about = {.path = file->name,
                                .bytes = file->bytes,
                                .signature = file->signature,
                                .books = books,
                                .book_count = read->count};
    TRY(issuer_vouch(&about, gate->issuers, gate->options.issuer_count, scratch, vouched, e));
    digest hash = sha256_of(file->bytes);
    for (size_t i = 0; i < read->count; i++) {
        if (vouched[i].by == NULL) continue;
        if (rules->edition_count == EDITIONS_MAX)
            return error_set(e, FAIL_LIMIT, "more than %d signed rulebooks", EDITIONS_MAX);
        rules->editions[rules->edition_count++] =
            (struct gate_edition){.line = line_of(read->rulebooks[i]),
                                  .name = books[i].name,
                                  .file = file->name,
                                  .from_ns = books[i].from_ns,
                                  .issued_ns = vouched[i].issued_ns,
                                  .digest = hash};
    }
    return OK;
}

/* ---- what was there before ---- */

static enum error_code row_read(str key, str row, struct gate_edition *out, struct error *e) {
    struct unpack u = unpack_from(row);
    str rest = str_skip(key, 2);
    uint8_t format = unpack_u8(&u);
    out->from_ns = unpack_i64(&u);
    out->issued_ns = unpack_i64(&u);
    unpack_raw(&u, out->digest.at, DIGEST_BYTES);
    TRY(unpack_done(&u, "the row of a signed rulebook", e));
    if (format != ROW_FORMAT)
        return error_set(e, FAIL_VERSION, "the row of a signed rulebook has format %u", format);
    if (!str_cut(&rest, 0, &out->line))
        return error_set(e, FAIL_CORRUPT, "the row of a signed rulebook has no name");
    out->name = rest;
    return OK;
}

static bool is_spoken_for(const struct gate *gate, str line) {
    for (size_t i = 0; i < gate->options.issuer_count; i++)
        if (issuer_speaks_for(&gate->issuers[i], line)) return true;
    return false;
}

/* Has `x` been signed at the same time as `known`, or later? Two contents signed in one second: only
 * the one that is known. */
static bool is_as_new(const struct gate_edition *x, const struct gate_edition *known) {
    return x->issued_ns > known->issued_ns ||
           (x->issued_ns == known->issued_ns && digest_equal(&x->digest, &known->digest));
}

static bool is_newer(const struct gate_edition *x, const struct gate_edition *known) {
    return x->from_ns > known->from_ns ||
           (x->from_ns == known->from_ns && x->issued_ns > known->issued_ns);
}

static void from_write(int64_t from_ns, char out[CLOCK_TEXT_BYTES]) {
    strcpy(out, "ever");
    if (from_ns != RULEBOOK_EVER) clock_iso_s_write(from_ns, out);
}

static enum error_code replayed_say(const struct gate_edition *x, const struct gate_edition *known,
                                    struct error *e) {
    char was[CLOCK_TEXT_BYTES], is[CLOCK_TEXT_BYTES];
    clock_iso_s_write(known->issued_ns, was);
    clock_iso_s_write(x->issued_ns, is);
    return error_set(e, FAIL_PROOF,
                     "%.*s: rulebook %.*s as it was signed %s cannot replace the one signed %s, "
                     "which this store has had: put that one back, or a newer one",
                     STR_FMT(x->file), STR_FMT(x->name), is, was);
}

static enum error_code missing_say(const struct gate_rules *rules, const struct gate_edition *known,
                                   struct error *e) {
    char was[CLOCK_TEXT_BYTES], is[CLOCK_TEXT_BYTES], issued[CLOCK_TEXT_BYTES];
    const struct gate_edition *best = NULL;
    from_write(known->from_ns, was);
    clock_iso_s_write(known->issued_ns, issued);
    for (size_t i = 0; i < rules->edition_count; i++)
        if (str_equal(rules->editions[i].line, known->line) &&
            (best == NULL || is_newer(&rules->editions[i], best)))
            best = &rules->editions[i];
    if (best == NULL)
        return error_set(e, FAIL_PROOF,
                         "no rulebook of line %.*s is there, but this store has had %.*s, in force "
                         "from %s, signed %s: put its file back",
                         STR_FMT(known->line), STR_FMT(known->name), was, issued);
    from_write(best->from_ns, is);
    return error_set(
        e, FAIL_PROOF,
        "%.*s: rulebook %.*s, in force from %s, is the newest of line %.*s there, but "
        "this store has had %.*s, in force from %s, signed %s: an older edition cannot "
        "replace a newer one; put that file back",
        STR_FMT(best->file), STR_FMT(best->name), is, STR_FMT(known->line), STR_FMT(known->name),
        was, issued);
}

/* The newest edition known of a line must be there, or one newer. */
static bool is_there(const struct gate_rules *rules, const struct gate_edition *known) {
    for (size_t i = 0; i < rules->edition_count; i++) {
        const struct gate_edition *x = &rules->editions[i];
        if (!str_equal(x->line, known->line)) continue;
        if (str_equal(x->name, known->name) ? is_as_new(x, known) : is_newer(x, known)) return true;
    }
    return false;
}

static enum error_code known_check(const struct gate_rules *rules, const struct gate_edition *known,
                                   struct error *e) {
    for (size_t i = 0; i < rules->edition_count; i++) {
        const struct gate_edition *x = &rules->editions[i];
        if (str_equal(x->line, known->line) && str_equal(x->name, known->name) &&
            !is_as_new(x, known))
            return replayed_say(x, known, e);
    }
    return OK;
}

struct known {
    struct gate_edition at[EDITIONS_MAX];
    size_t count;
};

static enum error_code known_load(const struct gate *gate, struct arena *arena, struct known *out,
                                  struct error *e) {
    struct engine_view *view;
    struct engine_scan *scan;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = engine_view_scan(view, ENGINE_META, STR("q/"), STR("q0"), &scan, e);
    if (code != OK) {
        engine_view_close(view);
        return code;
    }
    while (code == OK) {
        bool more;
        str key, row;
        code = engine_scan_next(scan, &more, &key, &row, e);
        if (code != OK || !more) break;
        if (code == OK) code = arena_copy(arena, key, &key, e);
        if (code == OK && out->count == EDITIONS_MAX)
            code =
                error_set(e, FAIL_LIMIT, "more than %d signed rulebooks are known", EDITIONS_MAX);
        if (code == OK) code = row_read(key, row, &out->at[out->count], e);
        if (code == OK && is_spoken_for(gate, out->at[out->count].line)) out->count++;
    }
    engine_scan_close(scan);
    engine_view_close(view);
    return code;
}

enum error_code gate_issued_check(struct gate *gate, struct gate_rules *rules, struct arena scratch,
                                  struct error *e) {
    if (gate->options.issuer_count == 0) return OK;
    struct known *known = arena_new(&scratch, struct known, 1);
    if (known == NULL) return error_set(e, FAIL_MEMORY, "no room for what was signed");
    TRY(known_load(gate, &scratch, known, e));
    for (size_t i = 0; i < known->count; i++) {
        const struct gate_edition *newest = &known->at[i];
        TRY(known_check(rules, newest, e));
        for (size_t k = 0; k < known->count; k++) /* a line's rows; a handful */
            if (str_equal(known->at[k].line, newest->line) && is_newer(&known->at[k], newest))
                newest = &known->at[k];
        if (!is_there(rules, newest)) return missing_say(rules, newest, e);
    }
    return OK;
}

/* ---- remembering ---- */

static enum error_code edition_keep(struct gate_turn *turn, const struct gate_edition *x,
                                    struct error *e) {
    struct arena scratch = turn->scratch;
    unsigned char memory[ROW_BYTES];
    struct pack p = pack_into(memory, sizeof memory);
    str key, row, value;
    bool found;
    TRY(arena_format(&scratch, &key, e, "q/%.*s%c%.*s", STR_FMT(x->line), 0, STR_FMT(x->name)));
    pack_u8(&p, ROW_FORMAT);
    pack_i64(&p, x->from_ns);
    pack_i64(&p, x->issued_ns);
    pack_raw(&p, x->digest.at, DIGEST_BYTES);
    TRY(pack_done(&p, "a signed rulebook", &row, e));
    TRY(engine_turn_get(turn->engine, ENGINE_META, key, &scratch, &value, &found, e));
    if (found && str_equal(value, row)) return OK;
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, key, row, e);
}

/* Who vouches is part of what is in force: that a key came or went is an entry. A command knows no
 * configuration, so only a server tells. */
static enum error_code issuers_note(struct gate_turn *turn, const struct gate_rules *rules, str why,
                                    struct arena scratch, struct error *e) {
    const struct gate *gate = turn->gate;
    size_t room = gate->options.issuer_count * (TLOG_VKEY_TEXT_BYTES + 1) + 1;
    char *memory = arena_bytes(&scratch, room);
    str value;
    bool found;
    uint64_t index;
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for issuers");
    struct text keys = text_into(memory, room);
    for (size_t i = 0; i < gate->options.issuer_count; i++) {
        char vkey[TLOG_VKEY_TEXT_BYTES];
        if (i > 0) text_add_char(&keys, ' ');
        text_add(&keys, str_of(vkey, tlog_vkey_write(&gate->issuers[i], vkey)));
    }
    TRY(engine_turn_get(turn->engine, ENGINE_META, STR("t/issuers"), &scratch, &value, &found, e));
    if (found ? str_equal(value, text_str(&keys)) : keys.len == 0) return OK;
    struct gate_record record = {.type = EVIDENCE_RULE_CHANGE, .rules = gate_rules_digest(rules)};
    str said = str_slice(text_str(&keys), 0, size_min(keys.len, EVIDENCE_TEXT_BYTES / 2)), detail;
    TRY(arena_format(&scratch, &detail, e, "%.*s: rulebooks are signed by %.*s%s", STR_FMT(why),
                     STR_FMT(said.len > 0 ? said : STR("nobody any more")),
                     said.len < keys.len ? "…" : ""));
    record.values.of[EVIDENCE_DETAIL] = detail;
    TRY(gate_record_append(turn, &record, &index, e));
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, STR("t/issuers"), text_str(&keys), e);
}

enum error_code gate_issued_keep(struct gate_turn *turn, const struct gate_rules *rules, str why,
                                 struct arena scratch, struct error *e) {
    for (size_t i = 0; i < rules->edition_count; i++)
        TRY(edition_keep(turn, &rules->editions[i], e));
    return turn->gate->options.is_command ? OK : issuers_note(turn, rules, why, scratch, e);
}
