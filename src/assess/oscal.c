/* An assessment as OSCAL assessment results. One finding and one observation a row; every UUID is
 * made from what it names, so that the same assessment gives the same bytes.
 *
 * Source: OSCAL 1.2.1 assessment-results JSON schema; RFC 4122 section 4.3 (name-based UUIDs). */
#include "assess/oscal.h"

#define OSCAL_VERSION "1.2.1"
#define PROPERTY_NS   "urn:azekura:oscal"

/* RULEBOOK_CLAUSE as an OSCAL token: begins with a letter, other signs become "_". */
static str control_id(const struct rulebook_clause *c, char *room, size_t cap) {
    struct text t = text_into(room, cap);
    text_format(&t, "%s%.*s_%.*s", c->rulebook->name.at[0] > '9' ? "" : "r_",
                STR_FMT(c->rulebook->name), STR_FMT(c->id));
    for (size_t i = 0; i < t.len; i++) {
        unsigned char b = (unsigned char)t.at[i];
        bool fits = b >= 0x80 || (b >= '0' && b <= '9') || (b >= 'A' && b <= 'Z') ||
                    (b >= 'a' && b <= 'z') || b == '.' || b == '-' || b == '_';
        if (!fits) t.at[i] = '_';
    }
    return text_str(&t);
}

static void property(struct report_json *j, const char *name, str value) {
    value = str_trim(value);
    if (value.len == 0) return;
    report_json_object(j);
    report_json_put_c(j, "name", name);
    report_json_put_c(j, "ns", PROPERTY_NS);
    report_json_put(j, "value", value);
    report_json_object_end(j);
}
static void property_u64(struct report_json *j, const char *name, uint64_t value) {
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    property(j, name, str_from_c(digits));
}

/* ---- rows ---- */

static void put_evidence(struct report_json *j, const struct assess_row *row,
                         enum rulebook_language l) {
    if (row->fact_count == 0) return;
    report_json_key(j, "relevant-evidence");
    report_json_array(j);
    for (size_t i = 0; i < row->fact_count; i++) {
        const struct assess_fact *f = &row->facts[i];
        char room[4096];
        struct text t = text_into(room, sizeof room);
        text_format(&t, "%.*s = %.*s (%s%s%.*s)", STR_FMT(f->path), STR_FMT(f->value),
                    rulebook_by_word(f->by, l), f->source.len > 0 ? ", " : "", STR_FMT(f->source));
        report_json_object(j);
        report_json_put(j, "description", text_str(&t));
        report_json_object_end(j);
    }
    report_json_array_end(j);
}

static void put_title(struct report_json *j, const struct assess_row *row) {
    char room[1024];
    struct text t = text_into(room, sizeof room);
    text_format(&t, "%.*s/%.*s: %.*s", STR_FMT(row->clause->rulebook->name),
                STR_FMT(row->clause->id), STR_FMT(row->subject));
    report_json_put(j, "title", text_str(&t));
}

static void put_observation(struct report_json *j, const struct assessment *a,
                            const struct assess_row *row) {
    char uuid[UUID_TEXT_BYTES];
    report_json_object(j);
    report_json_put(j, "uuid", oscal_uuid_of_row(a, "observation", row, uuid));
    put_title(j, row);
    report_json_put_c(j, "description",
                      say(a->language, "What the register says of what the clause reads",
                          "条項が読む事実について登録簿が述べること"));
    report_json_key(j, "methods");
    report_json_array(j);
    report_json_c(j, row->grounds == RULEBOOK_BY_MEASURED ? "TEST" : "EXAMINE");
    report_json_array_end(j);
    report_json_key(j, "types");
    report_json_array(j);
    report_json_c(j, "finding");
    report_json_array_end(j);
    report_json_key(j, "subjects");
    report_json_array(j);
    report_json_object(j);
    report_json_put(j, "subject-uuid", oscal_uuid_of_subject(row, uuid));
    report_json_put_c(j, "type", oscal_subject_type(row->clause->about));
    report_json_put(j, "title", row->subject);
    report_json_object_end(j);
    report_json_array_end(j);
    put_evidence(j, row, a->language);
    report_json_put_time(j, "collected", a->at_ns);
    report_json_object_end(j);
}

static void put_status(struct report_json *j, const struct assess_row *row,
                       enum rulebook_language l) {
    bool is_met = row->verdict == ASSESS_PASS || row->verdict == ASSESS_ATTESTED ||
                  row->verdict == ASSESS_NOT_APPLICABLE;
    const char *reason = row->verdict == ASSESS_PASS   ? "pass"
                         : row->verdict == ASSESS_FAIL ? "fail"
                                                       : "other";
    report_json_key(j, "status");
    report_json_object(j);
    report_json_put_c(j, "state", is_met ? "satisfied" : "not-satisfied");
    report_json_put_c(j, "reason", reason);
    report_json_put_c(j, "remarks", assess_verdict_word(row->verdict, l));
    report_json_object_end(j);
}

static void put_finding_props(struct report_json *j, const struct assess_row *row) {
    report_json_key(j, "props");
    report_json_array(j);
    property(j, "verdict", str_from_c(assess_verdict_name(row->verdict)));
    property(j, "strength", str_from_c(rulebook_strength_name(row->strength)));
    property(j, "effect", str_from_c(rulebook_effect_name(row->effect)));
    property(j, "basis", str_from_c(rulebook_basis_name(row->clause->basis)));
    property(j, "grounds", str_from_c(rulebook_by_name(row->grounds)));
    if (row->exception != NULL) property(j, "exception", row->exception->id);
    if (row->suspected) property(j, "suspected", STR("by what was observed alone"));
    if (row->count > 1) property_u64(j, "subjects", row->count);
    report_json_array_end(j);
}

static void put_finding(struct report_json *j, const struct assessment *a,
                        const struct assess_row *row) {
    char uuid[UUID_TEXT_BYTES], id[512];
    str title = title_in(&row->clause->title, a->language);
    report_json_object(j);
    report_json_put(j, "uuid", oscal_uuid_of_row(a, "finding", row, uuid));
    put_title(j, row);
    report_json_put(j, "description",
                    row->change.len > 0 ? row->change
                    : title.len > 0     ? title
                                        : row->clause->id);
    put_finding_props(j, row);
    report_json_key(j, "target");
    report_json_object(j);
    report_json_put_c(j, "type", "objective-id");
    report_json_put(j, "target-id", control_id(row->clause, id, sizeof id));
    if (title.len > 0) report_json_put(j, "title", title);
    put_status(j, row, a->language);
    report_json_object_end(j);
    report_json_key(j, "related-observations");
    report_json_array(j);
    report_json_object(j);
    report_json_put(j, "observation-uuid", oscal_uuid_of_row(a, "observation", row, uuid));
    report_json_object_end(j);
    report_json_array_end(j);
    report_json_object_end(j);
}

/* ---- the document ---- */

static void put_metadata(struct report_json *j, const struct assessment *a,
                         const struct oscal_subjects *subjects) {
    char at[CLOCK_TEXT_BYTES];
    size_t len = clock_iso_s_write(a->at_ns, at);
    report_json_key(j, "metadata");
    report_json_object(j);
    report_json_put_c(j, "title", say(a->language, "Assessment", "適合性評価"));
    report_json_put(j, "last-modified", str_of(at, len)); /* as of: the same bytes each time */
    report_json_put(j, "version", str_of(at, len));
    report_json_put_c(j, "oscal-version", OSCAL_VERSION);
    report_json_key(j, "props");
    report_json_array(j);
    property(j, "operators", a->operators);
    property(j, "filter", a->filter);
    property(j, "what-if", str_from_c(a->what_if ? "yes" : "no"));
    report_json_array_end(j);
    oscal_put_locations(j, subjects);
    oscal_put_parties(j, subjects);
    report_json_object_end(j);
}

static void put_plan_reference(struct report_json *j, const struct assessment *a) {
    char uuid[UUID_TEXT_BYTES], href[UUID_TEXT_BYTES + 1];
    snprintf(href, sizeof href, "#%s", oscal_uuid_of(a, "plan", uuid).at);
    report_json_key(j, "import-ap");
    report_json_object(j);
    report_json_put_c(j, "href", href);
    report_json_object_end(j);
}

/* What the results refer to: the rules, and whatever OSCAL has no kind of its own for. */
static void put_back_matter(struct report_json *j, const struct assessment *a,
                            const struct oscal_subjects *subjects) {
    char uuid[UUID_TEXT_BYTES], hex[2 * DIGEST_BYTES];
    hex_write(a->rules.at, DIGEST_BYTES, hex);
    report_json_key(j, "back-matter");
    report_json_object(j);
    report_json_key(j, "resources");
    report_json_array(j);
    report_json_object(j);
    report_json_put(j, "uuid", oscal_uuid_of(a, "plan", uuid));
    report_json_put_c(j, "title", say(a->language, "The adopted rules", "採択された規則"));
    report_json_key(j, "props");
    report_json_array(j);
    property(j, "rules-sha256", str_of(hex, sizeof hex));
    hex_write(a->register_digest.at, DIGEST_BYTES, hex);
    property(j, "register-sha256", str_of(hex, sizeof hex));
    report_json_array_end(j);
    report_json_object_end(j);
    oscal_put_resources(j, subjects);
    report_json_array_end(j);
    report_json_object_end(j);
}

static void put_reviewed(struct report_json *j, const struct assessment *a) {
    report_json_key(j, "reviewed-controls");
    report_json_object(j);
    report_json_key(j, "control-selections");
    report_json_array(j);
    report_json_object(j);
    if (a->tally_count > 0) {
        report_json_key(j, "include-controls");
        report_json_array(j);
        for (size_t i = 0; i < a->tally_count; i++) {
            char id[512];
            report_json_object(j);
            report_json_put(j, "control-id", control_id(a->tallies[i].clause, id, sizeof id));
            report_json_object_end(j);
        }
        report_json_array_end(j);
    } else {
        report_json_key(j, "include-all");
        report_json_object(j);
        report_json_object_end(j);
    }
    report_json_object_end(j);
    report_json_array_end(j);
    report_json_object_end(j);
}

static void put_coverage(struct report_json *j, const struct assessment *a) {
    report_json_key(j, "props");
    report_json_array(j);
    for (unsigned v = 0; v < ASSESS_VERDICT_COUNT; v++)
        property_u64(j, assess_verdict_name((enum assess_verdict)v), a->total[v]);
    property_u64(j, "not-checkable", unchecked_count(a));
    for (size_t i = 0; i < a->gap_count; i++) property(j, "gap", a->gaps[i]);
    report_json_array_end(j);
}

static void put_result(struct report_json *j, const struct assessment *a,
                       const struct oscal_subjects *subjects) {
    char uuid[UUID_TEXT_BYTES];
    report_json_object(j);
    report_json_put(j, "uuid", oscal_uuid_of(a, "result", uuid));
    report_json_put_c(j, "title", say(a->language, "Clauses and subjects", "条項と対象"));
    report_json_put_c(
        j, "description",
        say(a->language, "Every clause that binds about every subject of its kind in the register.",
            "拘束する全ての条項を、登録簿にある該当種類の全ての対象について評価した。"));
    report_json_put_time(j, "start", a->at_ns);
    put_coverage(j, a);
    oscal_put_local_definitions(j, subjects);
    put_reviewed(j, a);
    if (a->row_count > 0) {
        report_json_key(j, "observations");
        report_json_array(j);
        for (size_t i = 0; i < a->row_count; i++) put_observation(j, a, &a->rows[i]);
        report_json_array_end(j);
        report_json_key(j, "findings");
        report_json_array(j);
        for (size_t i = 0; i < a->row_count; i++) put_finding(j, a, &a->rows[i]);
        report_json_array_end(j);
    }
    report_json_object_end(j);
}

void assess_write_oscal(const struct assessment *a, struct report_out *out) {
    char uuid[UUID_TEXT_BYTES];
    struct oscal_subjects subjects;
    struct report_json j = report_json_begin(out, 5);
    if (!oscal_subjects_gather(a, &subjects)) {
        out->failed = error_set(&out->error, FAIL_MEMORY, "no room for %zu subjects", a->row_count);
        return;
    }
    report_json_object(&j);
    report_json_key(&j, "assessment-results");
    report_json_object(&j);
    report_json_put(&j, "uuid", oscal_uuid_of(a, "results", uuid));
    put_metadata(&j, a, &subjects);
    put_plan_reference(&j, a);
    report_json_key(&j, "results");
    report_json_array(&j);
    put_result(&j, a, &subjects);
    report_json_array_end(&j);
    put_back_matter(&j, a, &subjects);
    report_json_object_end(&j);
    report_json_object_end(&j);
    oscal_subjects_release(&subjects);
}
