/* What landmarks have reported of this store's place: taken in, kept, and read back for the facts.
 *
 *   L/ name   the newest report of that landmark: when it came, its entry, the signed note
 *
 * Nothing is taken on trust at reading either: a note counts while the register names its signer. */
#include "gate/location/location.h"

#include "gate/finding/finding.h"
#include "gate/loosen/loosen.h"
#include "gate/turn/committer.h"

#include <math.h>

enum { ROW_BYTES = LOCPROOF_REPORT_BYTES + 2048, SPACE_BYTES = 4 << 20 };

/* ---- the row of sites ---- */

static const struct register_value *member(const struct register_record *record, const char *name,
                                           int64_t at_ns) {
    const struct register_value *v = register_value_find(record, str_from_c(name));
    return register_value_is_good(v, at_ns) ? v : NULL;
}

static bool landmark_read(const struct register_record *record, int64_t at_ns,
                          struct gate_landmark *out) {
    const struct register_value *name = member(record, "name", at_ns),
                                *vkey = member(record, "vkey", at_ns),
                                *lat = member(record, "lat", at_ns),
                                *lon = member(record, "lon", at_ns),
                                *error = member(record, "error", at_ns),
                                *run_by = member(record, "operator", at_ns),
                                *foreign = member(record, "foreign", at_ns);
    struct error e;
    if (name == NULL || lat == NULL || lon == NULL) return false;
    *out = (struct gate_landmark){.name = name->text,
                                  .place = {.at = {lat->number, lon->number}},
                                  .run_by = run_by != NULL ? run_by->text : STR_EMPTY,
                                  .foreign_km = foreign != NULL ? foreign->number / 1000 : -1};
    if (error != NULL && error->number >= 0 && error->number <= 1e9)
        out->place.error_m = (uint32_t)ceil(error->number);
    out->has_key = vkey != NULL && tlog_vkey_parse(vkey->text, &out->key, &e) == OK &&
                   str_equal(tlog_vkey_name(&out->key), out->name);
    return geo_point_is_valid(out->place.at);
}

void gate_landmarks_read(const struct register_row *site, int64_t at_ns,
                         struct gate_landmarks *out) {
    const struct register_value *all = register_value_find(&site->fields, STR("landmarks"));
    out->count = 0;
    if (!register_value_is_good(all, at_ns)) return;
    for (size_t i = 0; i < all->count && out->count < LOCPROOF_LANDMARKS_MAX; i++) {
        const struct register_record *record = &all->records[i];
        if (at_ns < record->valid_from_ns || at_ns >= record->valid_until_ns) continue;
        if (landmark_read(record, at_ns, &out->at[out->count])) out->count++;
    }
}

void gate_cosigned_hold(const struct gate_landmarks *landmarks, struct locproof_report *report,
                        unsigned *bad) {
    *bad = 0;
    for (size_t k = 0; k < report->peer_count; k++) {
        struct locproof_peer *p = &report->peers[k];
        bool holds = false;
        for (size_t i = 0; p->cosigned.is_there && !holds && i < landmarks->count; i++) {
            const struct gate_landmark *l = &landmarks->at[i];
            struct error e;
            if (!l->has_key || !str_equal(l->name, p->name)) continue;
            holds = locproof_cosigned_check(report, k, &l->key, &e) == OK;
            *bad += !holds;
        }
        p->cosigned.is_there = holds;
    }
}

/* ---- rows ---- */

struct kept {
    int64_t taken_ns;
    str receipt, note;
};

static enum error_code row_read(str row, struct kept *out, struct error *e) {
    struct unpack u = unpack_from(row);
    unsigned format = unpack_u8(&u);
    if (format != 1) return error_set(e, FAIL_VERSION, "a landmark's row of format %u", format);
    out->taken_ns = unpack_i64(&u);
    out->receipt = unpack_str(&u);
    out->note = unpack_str(&u);
    return unpack_done(&u, "a landmark's row", e);
}

static enum error_code row_write(struct gate_turn *turn, str name, str receipt, str note,
                                 struct error *e) {
    struct arena scratch = turn->scratch;
    char *memory = arena_bytes(&scratch, ROW_BYTES);
    str key, row;
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a landmark's report");
    TRY(arena_format(&scratch, &key, e, "L/%.*s", STR_FMT(name)));
    struct pack p = pack_into(memory, ROW_BYTES);
    pack_u8(&p, 1);
    pack_i64(&p, turn->now_ns);
    pack_str(&p, receipt);
    pack_str(&p, note);
    TRY(pack_done(&p, "a landmark's report", &row, e));
    turn->wrote = true;
    return engine_turn_put(turn->engine, ENGINE_META, key, row, e);
}

/* ---- taking a report ---- */

struct taking {
    struct gate_work work;
    struct gate_visit *visit;
    const struct locproof_report *report;
    str note;
    struct gate_decided decided;
    struct evidence_values values;
    uint64_t entry;
};

static enum error_code detail_of(const struct locproof_report *r, struct arena *arena, str *out,
                                 struct error *e) {
    const struct locproof_figures *f = &r->figures;
    if (f->p95_ns < 0)
        return arena_format(arena, out, e, "%s by landmark %.*s: %s",
                            locproof_verdict_name(f->verdict), STR_FMT(r->name), f->why);
    return arena_format(
        arena, out, e,
        "%s %.0f km of landmark %.*s: %u pieces in %.3f ms (least), %.3f ms (median), %.3f ms (95 "
        "%%); medium %s %.3f ms%s%s",
        locproof_verdict_name(f->verdict), locproof_report_bound_km(r), STR_FMT(r->name), f->pieces,
        (double)f->min_ns / 1e6, (double)f->median_ns / 1e6, (double)f->p95_ns / 1e6,
        locproof_medium_name(r->medium), (double)f->service_ns / 1e6, f->why[0] != 0 ? ": " : "",
        f->why);
}

/* A failure stands as a finding until the same landmark finds the place right again. */
static enum error_code finding_note(struct gate_turn *turn, const struct taking *t, str detail,
                                    struct error *e) {
    struct gate_turn narrower = *turn;
    const struct locproof_report *r = t->report;
    struct gate_finding f = {.kind = STR("location"),
                             .subject = r->site,
                             .verdict = STR("fail"),
                             .text = detail,
                             .facts = r->transcript};
    digest report = sha256_of(t->note);
    char id[FINDING_ID_BYTES];
    uint64_t entry;
    bool gone;
    TRY(arena_format(&narrower.scratch, &f.source, e, "azekura landmark %.*s", STR_FMT(r->name)));
    if (r->figures.verdict == LOCPROOF_FAILED)
        return finding_stands(&narrower, &f, &report, &t->values, &entry, e);
    if (r->figures.verdict != LOCPROOF_WITHIN) return OK;
    finding_id(f.source, f.kind, f.subject, NULL, 0, id);
    return finding_ends(&narrower, str_of(id, sizeof id), &report, "right again:", &t->values,
                        &gone, e);
}

static enum error_code take_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct taking *t = self;
    struct gate_turn narrower = *turn;
    char text[LEDGER_RECEIPT_BYTES];
    struct gate_record record = {.type = EVIDENCE_LOCATION,
                                 .decided = &t->decided,
                                 .values = t->values,
                                 .other = t->report->transcript};
    str detail;
    TRY(detail_of(t->report, &narrower.scratch, &detail, e));
    TRY(arena_format(&narrower.scratch, &record.values.of[EVIDENCE_SUBJECT], e,
                     "%.*s landmark %.*s", STR_FMT(t->report->site), STR_FMT(t->report->name)));
    record.values.of[EVIDENCE_DETAIL] = detail;
    TRY(gate_record_append(&narrower, &record, &t->entry, e));
    size_t len = ledger_receipt_write(turn->gate->ledger, t->entry, t->entry, text);
    TRY(row_write(&narrower, t->report->name, str_of(text, len), t->note, e));
    turn->wrote = true;
    return finding_note(&narrower, t, detail, e);
}

static enum error_code report_check(const struct gate_visit *visit,
                                    const struct gate_location *location,
                                    const struct locproof_report *r, struct error *e) {
    const struct locproof_opening *opening = gate_location_opening(location);
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    int64_t off_ns = clock_wall_ns() - r->time_ns;
    TRY(tlog_note_parse(gate_location_note(location), &note, e));
    TRY(tlog_checkpoint_parse(note.text, &checkpoint, e));
    if (!str_equal(r->site, opening->site) || r->wanted != opening->wanted ||
        !str_equal(r->origin, checkpoint.origin) || r->figures.ledger_size != checkpoint.size ||
        !digest_equal(&r->figures.ledger_root, &checkpoint.root))
        return error_set(e, FAIL_PROOF, "the report is about another session with the landmark");
    if (off_ns > LIMIT_CLOCK_SKEW_S * NS_PER_S || off_ns < -LIMIT_CLOCK_SKEW_S * NS_PER_S)
        return error_set(e, FAIL_CLOCK_SKEW,
                         "the report's time is over %d s from this store's: set the clock",
                         LIMIT_CLOCK_SKEW_S);
    return OK;
}

/* A peer's word that does not hold under the key of the register is nobody's to keep. */
static enum error_code cosigned_check(const struct gate_visit *visit,
                                      const struct locproof_report *report, struct error *e) {
    const struct gate_rules *rules = visit->world->rules;
    int64_t now_ns = clock_wall_ns();
    const struct register_row *site =
        register_row_at(rules->snapshot, REGISTER_SITES, rules->site, now_ns);
    struct gate_landmarks landmarks = {.count = 0};
    struct locproof_report held = *report;
    unsigned bad;
    if (site != NULL) gate_landmarks_read(site, now_ns, &landmarks);
    gate_cosigned_hold(&landmarks, &held, &bad);
    if (bad == 0) return OK;
    return error_set(e, FAIL_PROOF, "%u cosignatures do not hold under the keys of the site's row",
                     bad);
}

enum error_code gate_location_take(struct gate_visit *visit, struct gate_location *location,
                                   str note, struct gate_answer *answer, struct error *e) {
    struct locproof_report report;
    struct taking t = {.visit = visit, .report = &report, .note = note};
    *answer = (struct gate_answer){0};
    if (note.len > LOCPROOF_REPORT_BYTES)
        return error_set(e, FAIL_LIMIT, "a report of %zu bytes; %d is the limit", note.len,
                         LOCPROOF_REPORT_BYTES);
    TRY(locproof_report_open(note, gate_location_key(location), &report, e));
    TRY(report_check(visit, location, &report, e));
    TRY(cosigned_check(visit, &report, e));
    TRY(gate_location_decide(visit, report.name, &t.decided, &t.values, answer, e));
    t.work = (struct gate_work){.apply = take_apply, .self = &t, .bytes = 3 * ROW_BYTES};
    TRY(gate_submit(visit->gate, &t.work, e));
    TRY(gate_receipt(visit, t.entry, t.entry, &answer->receipt, e));
    return gate_rules_change(visit->gate, NULL, false, STR("location proof"), e);
}

/* ---- reading them back, for the facts ---- */

struct reading_back {
    const struct gate_landmarks *landmarks;
    struct locproof_witness *witnesses;
    const geo_country *home; /* NULL: the row names none */
    int64_t at_ns, until_ns;
};

/* What the row says of the nearest country goes before outlines of the world, which give some away. */
static void surroundings_find(const geo_country *home, const struct gate_landmark *l,
                              struct locproof_witness *w) {
    if (home == NULL) return;
    w->home_km = locproof_home_km(*home, l->place.at);
    if (w->foreign_km < 0) w->foreign_km = locproof_foreign_km(*home, l->place.at);
}

static enum error_code witness_take(void *self, str name, str row, struct arena *arena,
                                    struct error *e) {
    struct reading_back *b = self;
    struct kept kept = {0};
    struct error why;
    TRY(arena_copy(arena, row, &row, e)); /* reports view it */
    TRY(row_read(row, &kept, e));
    for (size_t i = 0; i < b->landmarks->count; i++) {
        const struct gate_landmark *l = &b->landmarks->at[i];
        if (!l->has_key || !str_equal(l->name, name)) continue;
        int64_t end_ns = kept.taken_ns + LIMIT_LOCATION_FRESH_S * NS_PER_S;
        if (b->at_ns >= end_ns) return OK;
        surroundings_find(b->home, l, &b->witnesses[i]);
        struct locproof_report *report = arena_new(arena, struct locproof_report, 1);
        if (report == NULL) return error_set(e, FAIL_MEMORY, "no room for landmarks' reports");
        if (locproof_report_open(kept.note, &l->key, report, &why) != OK)
            return OK; /* another key */
        unsigned bad;
        gate_cosigned_hold(b->landmarks, report, &bad);
        b->witnesses[i].report = report;
        b->witnesses[i].receipt = kept.receipt;
        b->until_ns = i64_min(b->until_ns, end_ns);
        return OK;
    }
    return OK;
}

static bool site_point(const struct register_row *site, int64_t at_ns, struct geo_point *out) {
    const struct register_value *lat = member(&site->fields, "lat", at_ns),
                                *lon = member(&site->fields, "lon", at_ns);
    if (lat == NULL || lon == NULL) return false;
    *out = (struct geo_point){lat->number, lon->number};
    return geo_point_is_valid(*out);
}

enum error_code gate_located(struct gate *gate, const struct register_snapshot *snapshot, str site,
                             int64_t at_ns, struct arena *arena, const struct facts_location **out,
                             int64_t *until_ns, struct error *e) {
    const struct register_row *row = register_row_at(snapshot, REGISTER_SITES, site, at_ns);
    struct gate_landmarks landmarks = {.count = 0};
    struct facts_location *location = arena_new(arena, struct facts_location, 1);
    struct geo_point point;
    *out = NULL;
    *until_ns = INT64_MAX;
    if (location == NULL) return error_set(e, FAIL_MEMORY, "no room for landmarks");
    if (row != NULL) gate_landmarks_read(row, at_ns, &landmarks);
    if (landmarks.count == 0) return OK;
    struct locproof_witness *witnesses = arena_new(arena, struct locproof_witness, landmarks.count);
    if (witnesses == NULL) return error_set(e, FAIL_MEMORY, "no room for landmarks");
    for (size_t i = 0; i < landmarks.count; i++)
        witnesses[i] = (struct locproof_witness){.name = landmarks.at[i].name,
                                                 .place = landmarks.at[i].place,
                                                 .run_by = landmarks.at[i].run_by,
                                                 .foreign_km = landmarks.at[i].foreign_km,
                                                 .home_km = -1};
    const struct register_value *country = member(&row->fields, "country", at_ns);
    geo_country home;
    bool has_home = country != NULL && geo_country_read(country->text, &home);
    struct reading_back b = {&landmarks, witnesses, has_home ? &home : NULL, at_ns, INT64_MAX};
    TRY(loosen_walk(gate, STR("L/"), STR("L0"), arena, true, witness_take, &b, e));
    bool has_point = site_point(row, at_ns, &point);
    locproof_stand(witnesses, landmarks.count, has_point ? &point : NULL, &location->standing);
    location->witnesses = witnesses;
    location->count = landmarks.count;
    location->until_ns = b.until_ns;
    *out = location;
    *until_ns = b.until_ns;
    return OK;
}
