/* An assessment as JSON and as CSV. Format: docs/formats/assessment.md. */
#include "assess/written.h"

/* ---- counts ---- */

void counts_add(struct counts *to, const uint64_t of[ASSESS_VERDICT_COUNT]) {
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++) to->of[v] += of[v];
}

static void verdict_members(struct report_json *j, const uint64_t of[ASSESS_VERDICT_COUNT]) {
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++)
        report_json_put_u64(j, assess_verdict_name((enum assess_verdict)v), of[v]);
}

static void hex_put(struct report_json *j, const char *key, const digest *d) {
    char hex[2 * DIGEST_BYTES];
    hex_write(d->at, DIGEST_BYTES, hex);
    report_json_put(j, key, str_of(hex, sizeof hex));
}

const struct assess_row *rows_of_clause(const struct assessment *a, uint32_t clause_index,
                                        size_t *count) {
    size_t low = 0, high = a->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (a->rows[middle].clause_index < clause_index)
            low = middle + 1;
        else
            high = middle;
    }
    size_t end = low;
    while (end < a->row_count && a->rows[end].clause_index == clause_index) end++;
    *count = end - low;
    return a->rows + low;
}

/* ---- coverage ---- */

static void coverage_by_rulebook(struct report_json *j, const struct assessment *a) {
    report_json_key(j, "by_rulebook");
    report_json_array(j);
    for (size_t i = 0; i < a->tally_count;) {
        const struct rulebook *book = a->tallies[i].clause->rulebook;
        struct counts counts = {0};
        uint64_t clauses = 0, unchecked = 0;
        for (; i < a->tally_count && a->tallies[i].clause->rulebook == book; i++, clauses++) {
            counts_add(&counts, a->tallies[i].count);
            unchecked += a->tallies[i].unchecked != NULL;
        }
        report_json_object(j);
        report_json_put(j, "rulebook", book->name);
        if (book->line.len > 0) report_json_put(j, "line", book->line);
        report_json_put_u64(j, "clauses", clauses);
        report_json_put_u64(j, "not_checkable", unchecked);
        verdict_members(j, counts.of);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void coverage_by_strength(struct report_json *j, const struct assessment *a) {
    struct counts by[RULEBOOK_LAW + 1] = {0};
    counts_by_strength(a, by);
    report_json_key(j, "by_strength");
    report_json_array(j);
    for (int s = RULEBOOK_LAW; s >= RULEBOOK_SCORE; s--) {
        report_json_object(j);
        report_json_put_c(j, "strength", rulebook_strength_name((enum rulebook_strength)s));
        verdict_members(j, by[s].of);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

void counts_by_strength(const struct assessment *a, struct counts by[RULEBOOK_LAW + 1]) {
    for (size_t i = 0; i < a->row_count; i++)
        by[a->rows[i].strength].of[a->rows[i].verdict] += a->rows[i].count;
}

void grounds_of_passes(const struct assessment *a, uint64_t by[RULEBOOK_BY_COMPUTED + 1]) {
    for (size_t i = 0; i < a->tally_count; i++)
        for (unsigned g = 0; g <= RULEBOOK_BY_COMPUTED; g++) by[g] += a->tallies[i].pass_by[g];
}

static void not_checkable(struct report_json *j, const struct assessment *a) {
    report_json_key(j, "not_checkable");
    report_json_array(j);
    for (size_t i = 0; i < a->tally_count; i++) {
        const struct assess_tally *t = &a->tallies[i];
        if (t->unchecked == NULL) continue;
        report_json_object(j);
        report_json_put(j, "rulebook", t->clause->rulebook->name);
        report_json_put(j, "clause", t->clause->id);
        report_json_put_c(j, "about", rulebook_about_name(t->clause->about));
        report_json_put_c(j, "reason", t->unchecked);
        report_json_put_c(j, "why", assess_unchecked_word(t->unchecked, a->language));
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

uint64_t unchecked_count(const struct assessment *a) {
    uint64_t count = 0;
    for (size_t i = 0; i < a->tally_count; i++) count += a->tallies[i].unchecked != NULL;
    return count;
}

static void coverage(struct report_json *j, const struct assessment *a) {
    uint64_t by[RULEBOOK_BY_COMPUTED + 1] = {0};
    report_json_key(j, "coverage");
    report_json_object(j);
    report_json_put_u64(j, "clauses", a->tally_count);
    report_json_put_u64(j, "subjects", a->subject_count);
    report_json_put_u64(j, "verified", a->total[ASSESS_PASS] + a->total[ASSESS_FAIL]);
    report_json_put_u64(j, "attested", a->total[ASSESS_ATTESTED]);
    report_json_put_u64(j, "unknown", a->total[ASSESS_UNKNOWN]);
    report_json_put_u64(j, "excepted", a->total[ASSESS_EXCEPTED]);
    report_json_put_u64(j, "not_checkable", unchecked_count(a));
    report_json_key(j, "verdicts");
    report_json_object(j);
    verdict_members(j, a->total);
    report_json_object_end(j);
    report_json_key(j, "passes_by_grounds");
    report_json_object(j);
    grounds_of_passes(a, by);
    for (unsigned g = 0; g <= RULEBOOK_BY_COMPUTED; g++)
        report_json_put_u64(j, g == 0 ? "none" : rulebook_by_name((enum rulebook_by)g), by[g]);
    report_json_object_end(j);
    coverage_by_rulebook(j, a);
    coverage_by_strength(j, a);
    report_json_object_end(j);
    not_checkable(j, a);
}

/* ---- the head ---- */

static void texts(struct report_json *j, const char *key, const str *list, size_t count) {
    report_json_key(j, key);
    report_json_array(j);
    for (size_t i = 0; i < count; i++) report_json_str(j, list[i]);
    report_json_array_end(j);
}

static void conflicts(struct report_json *j, const struct assessment *a) {
    size_t count;
    const struct rulebook_conflict *list = rulebook_set_conflicts(a->set, &count);
    report_json_key(j, "conflicts");
    report_json_array(j);
    for (size_t i = 0; i < count; i++) report_json_str(j, list[i].text);
    report_json_array_end(j);
}

static void exceptions(struct report_json *j, const struct assessment *a) {
    report_json_key(j, "exceptions");
    report_json_array(j);
    for (size_t i = 0; i < a->exception_count; i++) {
        const struct rulebook_exception *x = a->exceptions[i];
        report_json_object(j);
        report_json_put(j, "id", x->id);
        report_json_put_c(j, "kind", x->kind == RULEBOOK_EXCEPTION ? "exception" : "break-glass");
        report_json_put(j, "clause", x->clause);
        if (x->dataset.len > 0) report_json_put(j, "dataset", x->dataset);
        if (x->site.len > 0) report_json_put(j, "site", x->site);
        report_json_put(j, "reason", x->reason);
        report_json_put(j, "measure", x->measure);
        report_json_put(j, "requester", x->requester);
        report_json_put(j, "approver", x->approver);
        report_json_put_time(j, "until", x->span.until_ns);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void title_put(struct report_json *j, const struct rulebook_title *title) {
    if (title->en.len + title->ja.len == 0) return;
    report_json_key(j, "title");
    report_json_object(j);
    if (title->en.len > 0) report_json_put(j, "en", title->en);
    if (title->ja.len > 0) report_json_put(j, "ja", title->ja);
    report_json_object_end(j);
}

bool is_text_seen(const struct rulebook_clause *c) {
    return c->basis != RULEBOOK_PRESS && c->basis != RULEBOOK_TRACKER;
}

static void clauses(struct report_json *j, const struct assessment *a) {
    report_json_key(j, "clauses");
    report_json_array(j);
    for (size_t i = 0; i < a->tally_count; i++) {
        const struct rulebook_clause *c = a->tallies[i].clause;
        report_json_object(j);
        report_json_put(j, "rulebook", c->rulebook->name);
        report_json_put(j, "clause", c->id);
        report_json_put_c(j, "about", rulebook_about_name(c->about));
        title_put(j, &c->title);
        report_json_put_c(j, "strength", rulebook_strength_name(c->strength));
        report_json_put_c(j, "basis", rulebook_basis_name(c->basis));
        report_json_put_bool(j, "text_seen", is_text_seen(c));
        report_json_put(j, "where", c->where);
        if (c->quote.len > 0) report_json_put(j, "quote", c->quote);
        verdict_members(j, a->tallies[i].count);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

/* ---- rows ---- */

void facts_put(struct report_json *j, const struct assess_fact *facts, size_t count) {
    report_json_key(j, "facts");
    report_json_array(j);
    for (size_t i = 0; i < count; i++) {
        const struct assess_fact *f = &facts[i];
        report_json_object(j);
        report_json_put(j, "path", f->path);
        report_json_key(j, "value");
        report_json_raw(j, f->value);
        report_json_put_bool(j, "known", f->known);
        report_json_put_c(j, "by", rulebook_by_name(f->by));
        if (f->since_ns != RULEBOOK_EVER && f->since_ns != 0)
            report_json_put_time(j, "since", f->since_ns);
        if (f->until_ns != RULEBOOK_ALWAYS && f->until_ns != 0)
            report_json_put_time(j, "until", f->until_ns);
        if (f->source.len > 0) report_json_put(j, "source", f->source);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

bool is_same_source(const struct assess_fact *a, const struct assess_fact *b) {
    return a->by == b->by && a->since_ns == b->since_ns && str_equal(a->source, b->source);
}

/* Who said what this row rests on: each once. */
static void sources_put(struct report_json *j, const struct assess_row *row) {
    report_json_key(j, "sources");
    report_json_array(j);
    for (size_t i = 0; i < row->fact_count; i++) {
        const struct assess_fact *f = &row->facts[i];
        bool is_told = f->source.len == 0;
        for (size_t k = 0; k < i && !is_told; k++) is_told = is_same_source(f, &row->facts[k]);
        if (is_told) continue;
        report_json_object(j);
        report_json_put(j, "source", f->source);
        report_json_put_c(j, "by", rulebook_by_name(f->by));
        if (f->since_ns != RULEBOOK_EVER && f->since_ns != 0)
            report_json_put_time(j, "since", f->since_ns);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void why_put(struct report_json *j, const struct assess_row *row) {
    if (row->applies_unknown) report_json_put_c(j, "applies", "unknown");
    if (row->compelled != NULL) report_json_put(j, "compelled_by", row->compelled->by);
    if (row->raised_by != NULL) report_json_put(j, "raised_by", row->raised_by->name);
    if (row->adoption != NULL && row->adoption->by.len > 0)
        report_json_put(j, "adopted_by", row->adoption->by);
    if (row->exception != NULL) report_json_put(j, "exception", row->exception->id);
    if (row->lifted) report_json_put_bool(j, "lifted_by_unless", true);
    if (row->suspected) report_json_put_bool(j, "suspected", true);
}

void folded_put(struct report_json *j, const struct assess_row *row) {
    if (row->count <= 1) return;
    report_json_put_u64(j, "count", row->count);
    texts(j, "examples", row->examples, row->example_count);
}

void row_put(struct report_json *j, const struct assess_row *row) {
    report_json_object(j);
    report_json_put(j, "rulebook", row->clause->rulebook->name);
    report_json_put(j, "clause", row->clause->id);
    report_json_put_c(j, "about", rulebook_about_name(row->clause->about));
    report_json_put(j, "subject", row->subject);
    report_json_put_c(j, "verdict", assess_verdict_name(row->verdict));
    report_json_put_c(j, "strength", rulebook_strength_name(row->strength));
    report_json_put_c(j, "effect", rulebook_effect_name(row->effect));
    report_json_put_c(j, "basis", rulebook_basis_name(row->clause->basis));
    report_json_put_bool(j, "text_seen", is_text_seen(row->clause));
    report_json_put_c(j, "grounds",
                      row->grounds == RULEBOOK_BY_NOBODY ? "none" : rulebook_by_name(row->grounds));
    why_put(j, row);
    facts_put(j, row->facts, row->fact_count);
    sources_put(j, row);
    if (row->change.len > 0) report_json_put(j, "change", row->change);
    folded_put(j, row);
    report_json_object_end(j);
}

/* ---- the ledger ---- */

bool is_left_to_gate(const struct assess_tally *tally) {
    return tally->unchecked != NULL && strcmp(tally->unchecked, "gate") == 0;
}

size_t gate_clause_count(const struct assessment *a) {
    size_t count = 0;
    for (size_t i = 0; i < a->tally_count; i++) count += is_left_to_gate(&a->tallies[i]);
    return count;
}

struct assess_gate_tally assess_ledger_clause(const struct assess_ledger *ledger,
                                              const struct rulebook_clause *clause) {
    str name = clause->rulebook->name;
    for (size_t i = 0; i < ledger->clause_count; i++) {
        str rest = ledger->clauses[i].clause;
        bool is_it = str_starts(rest, name) && rest.len == name.len + 1 + clause->id.len &&
                     rest.at[name.len] == '/' && str_ends(rest, clause->id);
        if (is_it) return ledger->clauses[i];
    }
    return (struct assess_gate_tally){0};
}

static void gate_put(struct report_json *j, const struct assessment *a) {
    report_json_key(j, "gate");
    report_json_array(j);
    for (size_t i = 0; i < a->tally_count; i++) {
        const struct rulebook_clause *c = a->tallies[i].clause;
        if (!is_left_to_gate(&a->tallies[i])) continue;
        struct assess_gate_tally t = assess_ledger_clause(a->ledger, c);
        report_json_object(j);
        report_json_put(j, "rulebook", c->rulebook->name);
        report_json_put(j, "clause", c->id);
        report_json_put_u64(j, "allowed", t.allowed);
        report_json_put_u64(j, "warned", t.warned);
        report_json_put_u64(j, "refused", t.refused);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void debts_put(struct report_json *j, const struct assess_ledger *ledger) {
    report_json_key(j, "debts");
    report_json_array(j);
    for (size_t i = 0; i < ledger->debt_count; i++) {
        const struct assess_debt *d = &ledger->debts[i];
        report_json_object(j);
        report_json_put(j, "what", d->what);
        report_json_put(j, "clause", d->clause);
        report_json_put(j, "dataset", d->dataset);
        report_json_put_u64(j, "owed", d->owed);
        report_json_put_u64(j, "late", d->late);
        report_json_put_u64(j, "met", d->met);
        if (d->due_ns != INT64_MAX) report_json_put_time(j, "next_due", d->due_ns);
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void ledger_put(struct report_json *j, const struct assessment *a) {
    report_json_key(j, "ledger");
    report_json_object(j);
    report_json_put_u64(j, "entries", a->ledger->entries);
    report_json_put_u64(j, "acts", a->ledger->acts);
    report_json_put_u64(j, "untold", a->ledger->untold);
    gate_put(j, a);
    debts_put(j, a->ledger);
    report_json_object_end(j);
}

void assess_write_json(const struct assessment *a, struct report_out *out) {
    struct report_json j = report_json_begin(out, 2);
    report_json_object(&j);
    report_json_put_u64(&j, "format", 1);
    report_json_put_time(&j, "as_of", a->at_ns);
    hex_put(&j, "rules", &a->rules);
    hex_put(&j, "register", &a->register_digest);
    report_json_put_bool(&j, "what_if", a->what_if);
    report_json_put_bool(&j, "folded", a->folded);
    report_json_put(&j, "operators", a->operators);
    if (a->filter.len > 0) report_json_put(&j, "filter", a->filter);
    coverage(&j, a);
    texts(&j, "gaps", a->gaps, a->gap_count);
    conflicts(&j, a);
    texts(&j, "warnings", a->warnings, a->warning_count);
    exceptions(&j, a);
    if (a->ledger != NULL) ledger_put(&j, a);
    clauses(&j, a);
    report_json_key(&j, "rows");
    report_json_array(&j);
    for (size_t i = 0; i < a->row_count; i++) row_put(&j, &a->rows[i]);
    report_json_array_end(&j);
    report_json_object_end(&j);
}

/* ---- CSV ---- */

static void csv_facts(const struct assess_row *row, bool sources, struct text *t) {
    for (size_t i = 0; i < row->fact_count; i++) {
        const struct assess_fact *f = &row->facts[i];
        if (!sources) {
            text_format(t, "%s%.*s=%.*s", t->len > 0 ? "; " : "", STR_FMT(f->path),
                        STR_FMT(f->value));
            continue;
        }
        bool is_told = f->source.len == 0;
        for (size_t k = 0; k < i && !is_told; k++) is_told = is_same_source(f, &row->facts[k]);
        if (!is_told)
            text_format(t, "%s%.*s (%s)", t->len > 0 ? "; " : "", STR_FMT(f->source),
                        rulebook_by_name(f->by));
    }
}

static void csv_row(const struct assess_row *row, struct report_out *out) {
    char facts_room[16384], sources_room[8192], count[32];
    struct text facts = text_into(facts_room, sizeof facts_room);
    struct text sources = text_into(sources_room, sizeof sources_room);
    csv_facts(row, false, &facts);
    csv_facts(row, true, &sources);
    snprintf(count, sizeof count, "%llu", (unsigned long long)row->count);
    report_csv_cell(out, row->clause->rulebook->name, false);
    report_csv_cell(out, row->clause->id, false);
    report_csv_cell(out, str_from_c(rulebook_about_name(row->clause->about)), false);
    report_csv_cell(out, row->subject, false);
    report_csv_cell(out, str_from_c(assess_verdict_name(row->verdict)), false);
    report_csv_cell(out, row->suspected ? STR("suspected") : STR_EMPTY, false);
    report_csv_cell(out, str_from_c(rulebook_strength_name(row->strength)), false);
    report_csv_cell(out, str_from_c(rulebook_effect_name(row->effect)), false);
    report_csv_cell(out, str_from_c(rulebook_basis_name(row->clause->basis)), false);
    report_csv_cell(out, str_from_c(rulebook_by_name(row->grounds)), false);
    report_csv_cell(out, str_from_c(count), false);
    report_csv_cell(out, text_str(&facts), false);
    report_csv_cell(out, text_str(&sources), false);
    report_csv_cell(out, row->change, true);
}

void assess_write_csv(const struct assessment *a, struct report_out *out) {
    report_add_c(out, "rulebook,clause,about,subject,verdict,suspected,strength,effect,basis,"
                      "grounds,count,facts,sources,change\n");
    for (size_t i = 0; i < a->row_count; i++) csv_row(&a->rows[i], out);
}
