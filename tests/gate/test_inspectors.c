/* Inspectors: who reads for a time, and whose every look is an entry. */
#include "tests/gate/hall.h"

#include <unistd.h>

#define HOUR_NS (3600 * NS_PER_S)

static struct seen seen;

static void says(str said, const char *part) {
    size_t at;
    if (!str_find(said, str_from_c(part), &at))
        fail_msg("\"%.*s\" has no \"%s\"", STR_FMT(said), part);
}

/* The key of a new inspector. */
static const char *inspector_comes(struct hall *hall, const char *name, int64_t for_ns) {
    static char ids[4][32];
    static unsigned next;
    char *id = ids[next++ % COUNT_OF(ids)];
    struct gate_new_key key;
    struct guest *g = root_enters(hall);
    assert_ok(gate_inspector_add(&g->visit, str_from_c(name), clock_wall_ns() + for_ns, &g->answer,
                                 &g->e),
              &g->e);
    assert_ok(gate_key_add(&g->visit, str_from_c(name), &key, &g->answer, &g->e), &g->e);
    snprintf(id, sizeof ids[0], "%.*s", STR_FMT(key.id));
    leaves(g);
    return id;
}

/* The newest entry of that type into `seen`. */
static uint64_t newest(struct hall *hall, enum evidence_type type) {
    for (uint64_t i = entries(hall); i-- > 0;) {
        entry_read(hall, i, &seen);
        if (seen.entry.type == type) return i;
    }
    fail_msg("no entry of type %s", evidence_type_name(type));
    return 0;
}

static uint64_t oldest(struct hall *hall, enum evidence_type type, uint64_t from) {
    for (uint64_t i = from; i < entries(hall); i++) {
        entry_read(hall, i, &seen);
        if (seen.entry.type == type) return i;
    }
    fail_msg("no entry of type %s", evidence_type_name(type));
    return 0;
}

static enum error_code file_of(struct guest *g, const char *path, str *bytes) {
    static char memory[1 << 20]; /* not the visit's own, where it keeps who came */
    struct arena arena = arena_over(memory, sizeof memory);
    bool immutable;
    return gate_ledger_file(&g->visit, str_from_c(path), &arena, bytes, &immutable, &g->e);
}

/* A path of the newest entry bundle. */
static const char *bundle_name(struct hall *hall) {
    static char name[TLOG_TILE_PATH_BYTES];
    struct ledger_state state;
    assert_int_equal(gate_publish_now(hall->gate, NULL), OK);
    ledger_state(hall->gate->ledger, &state);
    uint64_t at = (state.published_size - 1) / TLOG_TILE_WIDTH;
    struct tlog_tile tile = {
        .is_entries = true, .index = at, .width = tlog_tile_width(0, at, state.published_size)};
    tlog_tile_path_write(&tile, name);
    return name;
}

static void an_inspector_reads_what_is_shown_and_changes_nothing(void **state) {
    struct hall *hall = *state;
    char text[64];
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "body").code, OK);
    const char *key = inspector_comes(hall, "sato", HOUR_NS);
    struct guest *g = guest_enters(hall, str_from_c(key));
    str bytes, name = STR("plain-a");
    struct gate_debt_filter filter = {.max = 1};
    assert_ok(file_of(g, bundle_name(hall), &bytes), &g->e);
    assert_ok(file_of(g, "checkpoint", &bytes), &g->e);
    assert_ok(gate_debt_list(&g->visit, &filter, NULL, NULL, &g->e), &g->e);
    assert_int_equal(get_text(g, "plain-a", "k", text), FAIL_ACCESS_DENIED); /* no body */
    assert_int_equal(put(g, "plain-a", "k", STR("x")), FAIL_ACCESS_DENIED);
    assert_int_equal(gate_bucket_create(&g->visit, STR("plain-b"), &g->answer, &g->e),
                     FAIL_ACCESS_DENIED);
    struct gate_delete row = {.key = STR("k")};
    assert_int_equal(gate_delete(&g->visit, name, &row, 1, &g->answer, &g->e), FAIL_ACCESS_DENIED);
    assert_int_equal(gate_user_add(&g->visit, STR("another"), &g->answer, &g->e),
                     FAIL_ACCESS_DENIED);
    assert_int_equal(gate_export(&g->visit, hall->dir, false, NULL, NULL, &g->e),
                     FAIL_ACCESS_DENIED);
    leaves(g);
    /* What is granted of objects, and no more than that. */
    struct guest *root = root_enters(hall);
    assert_int_equal(
        gate_grant(&root->visit, STR("sato"), STR("*"), STR("write"), &root->answer, &root->e),
        FAIL_USAGE);
    assert_ok(gate_grant(&root->visit, STR("sato"), name, STR("read"), &root->answer, &root->e),
              &root->e);
    leaves(root);
    g = guest_enters(hall, str_from_c(key));
    assert_int_equal(get_text(g, "plain-a", "k", text), OK);
    leaves(g);
    newest(hall, EVIDENCE_READ); /* no rule wants it: it is because an inspector read */
    says(seen.opening.values.of[EVIDENCE_USER], "sato/");
    says(seen.opening.values.of[EVIDENCE_KEY], "k");
}

static void an_inspector_proves_without_reading(void **state) {
    struct hall *hall = *state;
    static char memory[TLOG_PROOF_BYTES_MAX];
    const str open[] = {{"size", 4}, {"digest", 6}};
    struct gate_get what = {.bucket = STR("plain-a"), .key = STR("k")};
    struct text proof = text_into(memory, sizeof memory);
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "body").code, OK);
    const char *other = user_makes(hall, "other", "*", "inspect");
    struct guest *g = guest_enters(hall, str_from_c(other));
    assert_int_equal(gate_prove(&g->visit, &what, open, 2, &proof, &g->answer, &g->e),
                     FAIL_ACCESS_DENIED);
    leaves(g);
    g = guest_enters(hall, str_from_c(inspector_comes(hall, "sato", HOUR_NS)));
    assert_ok(gate_prove(&g->visit, &what, open, 2, &proof, &g->answer, &g->e), &g->e);
    assert_true(proof.len > 0);
    leaves(g);
    newest(hall, EVIDENCE_LOOK);
    assert_str(seen.opening.values.of[EVIDENCE_SUBJECT], STR("proof:plain-a/k?size&digest"));
    says(seen.opening.values.of[EVIDENCE_USER], "sato/");
}

static void looks_alike_within_a_minute_are_counted(void **state) {
    struct hall *hall = *state;
    str bytes;
    char name[TLOG_TILE_PATH_BYTES];
    struct gate_debt_filter filter = {.max = 1};
    snprintf(name, sizeof name, "%s", bundle_name(hall));
    struct guest *g = guest_enters(hall, str_from_c(inspector_comes(hall, "sato", HOUR_NS)));
    uint64_t before = entries(hall);
    for (int i = 0; i < 10; i++) assert_ok(file_of(g, name, &bytes), &g->e);
    assert_ok(gate_debt_list(&g->visit, &filter, NULL, NULL, &g->e), &g->e);
    leaves(g);
    assert_int_equal(entries_of(hall, EVIDENCE_LOOK, before), 2); /* of each kind of thing one */
    uint64_t first =
        oldest(hall, EVIDENCE_LOOK, before); /* the keeper's entries may stand between */
    hall_clock_ahead(61 * NS_PER_S);
    for (int i = 0; i < 200 && entries_of(hall, EVIDENCE_FOLD, before) == 0; i++) usleep(20000);
    newest(hall, EVIDENCE_FOLD);
    assert_int_equal(seen.entry.span_first, first);
    assert_int_equal(seen.entry.span_count, 9);
    says(seen.opening.values.of[EVIDENCE_REQUEST], name); /* at what */
    /* Another inspector's looks are their own. */
    before = entries(hall);
    g = guest_enters(hall, str_from_c(inspector_comes(hall, "kato", HOUR_NS)));
    assert_ok(file_of(g, name, &bytes), &g->e);
    leaves(g);
    assert_int_equal(entries_of(hall, EVIDENCE_LOOK, before), 1);
}

static void after_the_end_nothing_more_is_shown(void **state) {
    struct hall *hall = *state;
    str bytes, secret;
    const char *key = inspector_comes(hall, "sato", HOUR_NS), *name = bundle_name(hall);
    struct guest *early = guest_enters(hall, str_from_c(key)); /* a visit that goes on over it */
    hall_clock_ahead(HOUR_NS);
    assert_int_equal(file_of(early, name, &bytes), FAIL_ACCESS_DENIED);
    leaves(early);
    struct guest *g = stranger_enters(hall);
    assert_ok(gate_visit_key(&g->visit, str_from_c(key), &secret, &g->e), &g->e);
    assert_int_equal(gate_visit_admit(&g->visit, &g->e), FAIL_ACCESS_DENIED);
    says(str_from_c(g->e.message), "the time of the inspector sato ended at 20");
    says(str_from_c(g->e.message), "whoever administers this store can extend it");
    assert_int_equal(file_of(g, name, &bytes), FAIL_ACCESS_DENIED);
    says(str_from_c(g->e.message), "the time of the inspector sato ended at 20");
    assert_ok(file_of(g, "checkpoint", &bytes), &g->e); /* that is for anyone */
    leaves(g);
    g = root_enters(hall);
    int64_t now = clock_wall_ns();
    assert_int_equal(gate_inspector_until(&g->visit, STR("sato"), now, &g->answer, &g->e),
                     FAIL_USAGE);
    assert_ok(gate_inspector_until(&g->visit, STR("sato"), now + 2 * HOUR_NS, &g->answer, &g->e),
              &g->e);
    leaves(g);
    g = guest_enters(hall, str_from_c(key));
    assert_ok(file_of(g, name, &bytes), &g->e);
    leaves(g);
}

/* ---- countersigning ---- */

static struct once confirms(struct hall *hall, const char *key, const char *subject,
                            const char *fact, const char *value, int64_t until_ns, char id[64]) {
    struct guest *g = guest_enters(hall, str_from_c(key));
    struct gate_inspection x = {.subject = str_from_c(subject),
                                .field = str_from_c(fact),
                                .found = str_from_c(value),
                                .reason = STR("was there"),
                                .until_ns = until_ns};
    enum error_code code = gate_inspect_confirm(&g->visit, &x, &g->answer, &g->e);
    if (id != NULL) snprintf(id, 64, "%.*s", STR_FMT(x.id));
    return once_of(g, code);
}
static struct once withdraws(struct hall *hall, const char *key, const char *id) {
    struct guest *g = guest_enters(hall, str_from_c(key));
    return once_of(
        g, gate_inspect_withdraw(&g->visit, str_from_c(id), STR("mistaken"), &g->answer, &g->e));
}

/* Rules that let critical data in only where the country was inspected. */
static void inspected_only(struct hall *hall) {
    struct error e;
    hall_edit(hall, hall_rules(hall), "applies: {act: [put, copy], dataset.class: [critical]}",
              "applies: {act: [put, copy], dataset.class: [critical]}\n"
              "    reads: {place.country: [inspected, measured]}");
    assert_ok(gate_reload(hall->gate, &e), &e);
}
static enum error_code critical_put(struct hall *hall) {
    struct guest *g = root_enters(hall);
    g->visit.purpose = STR("duty");
    return once_of(g, put(g, "critical-a", "k", STR("x"))).code;
}

static void a_countersigned_fact_is_inspected_until_it_is_not(void **state) {
    struct hall *hall = *state;
    char id[64];
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    inspected_only(hall);
    assert_int_equal(critical_put(hall), FAIL_REFUSED); /* declared is not inspected */
    const char *sato = inspector_comes(hall, "sato", 24 * HOUR_NS),
               *kato = inspector_comes(hall, "kato", 24 * HOUR_NS);
    struct once o =
        confirms(hall, sato, "site/here", "place.country", "JP", clock_wall_ns() + HOUR_NS, id);
    assert_int_equal(o.code, OK);
    entry_read(hall, receipt_index(o.receipt), &seen);
    assert_int_equal(seen.entry.type, EVIDENCE_INSPECTION);
    assert_int_equal(seen.entry.decision, EVIDENCE_ALLOW);
    assert_str(seen.opening.values.of[EVIDENCE_SUBJECT], STR("sites/here country"));
    says(seen.opening.values.of[EVIDENCE_USER], "sato/");
    assert_int_equal(critical_put(hall), OK);
    newest(hall, EVIDENCE_PUT);
    says(seen.opening.values.of[EVIDENCE_FACTS], "inspected by sato at 20");
    says(seen.opening.values.of[EVIDENCE_FACTS], "entry hall.example/log#");
    assert_int_equal(withdraws(hall, kato, id).code, FAIL_ACCESS_DENIED);
    assert_int_equal(withdraws(hall, sato, id).code, OK);
    assert_int_equal(withdraws(hall, sato, id).code, FAIL_EXISTS);
    assert_int_equal(critical_put(hall), FAIL_REFUSED);
    /* It survives a start, and ends by itself with an entry. */
    assert_int_equal(
        confirms(hall, kato, "sites/here", "country", "JP", clock_wall_ns() + HOUR_NS, id).code,
        OK);
    hall_stop(hall);
    hall_start(hall);
    assert_int_equal(critical_put(hall), OK);
    unsigned before = entries_of(hall, EVIDENCE_INSPECTION, 0);
    hall_clock_ahead(HOUR_NS + NS_PER_S);
    for (int i = 0; i < 200 && entries_of(hall, EVIDENCE_INSPECTION, 0) == before; i++)
        usleep(50000);
    assert_int_equal(entries_of(hall, EVIDENCE_INSPECTION, 0), before + 1);
    for (int i = 0; i < 100 && critical_put(hall) == OK; i++) usleep(50000);
    assert_int_equal(critical_put(hall), FAIL_REFUSED);
}

static enum error_code finding_take(void *self, const struct gate_finding *f, struct error *e) {
    char *told = self;
    size_t used = strlen(told);
    snprintf(told + used, 1024 - used, "%.*s %.*s %.*s %s; ", STR_FMT(f->kind), STR_FMT(f->subject),
             STR_FMT(f->verdict), f->stands ? "stands" : "gone");
    return OK;
}
static const char *findings(struct hall *hall, bool gone_too) {
    static char told[1024];
    struct gate_finding_filter filter = {.gone_too = gone_too, .max = 100};
    struct guest *g = root_enters(hall);
    told[0] = 0;
    assert_ok(gate_finding_list(&g->visit, &filter, finding_take, told, &g->e), &g->e);
    leaves(g);
    return told;
}

static void a_contradiction_is_a_finding_and_stops_no_write(void **state) {
    struct hall *hall = *state;
    char id[64];
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    const char *sato = inspector_comes(hall, "sato", 24 * HOUR_NS);
    struct once o = confirms(hall, sato, "sites/here", "country", "US", INT64_MAX, id);
    assert_int_equal(o.code, OK);
    entry_read(hall, receipt_index(o.receipt), &seen);
    assert_int_equal(seen.entry.decision, EVIDENCE_WARN);
    assert_string_equal(findings(hall, false), "inspection sites/here country fail stands; ");
    newest(hall, EVIDENCE_FINDING);
    says(seen.opening.values.of[EVIDENCE_DETAIL], "the register says JP; an inspector found US");
    assert_int_equal(critical_put(hall), OK); /* a role that changes nothing stops nothing */
    newest(hall, EVIDENCE_PUT);
    says(seen.opening.values.of[EVIDENCE_FACTS], "contradicted: sato found US at 20");
    assert_int_equal(withdraws(hall, sato, id).code, OK);
    assert_string_equal(findings(hall, false), "");
    assert_string_equal(findings(hall, true), "inspection sites/here country fail gone; ");
}

static void who_and_what_cannot_be_countersigned(void **state) {
    struct hall *hall = *state;
    const char *sato = inspector_comes(hall, "sato", HOUR_NS);
    uint64_t before = entries(hall);
    assert_int_equal(
        confirms(hall, hall->root_key, "sites/here", "country", "JP", INT64_MAX, NULL).code,
        FAIL_ACCESS_DENIED);
    static const struct {
        const char *subject, *fact, *value;
        enum error_code code;
    } rows[] = {{"here", "country", "JP", FAIL_USAGE},
                {"houses/here", "country", "JP", FAIL_USAGE},
                {"sites/nowhere", "country", "JP", FAIL_NOT_FOUND},
                {"sites/here", "region", "JP-04", FAIL_NOT_FOUND},
                {"sites/here", "country", "Japan", FAIL_SYNTAX},
                {"sites/aws.us-east-1", "cloud", "aws", FAIL_USAGE},
                {"sites/here", "country", "", FAIL_USAGE}};
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_int_equal(
            confirms(hall, sato, rows[i].subject, rows[i].fact, rows[i].value, INT64_MAX, NULL)
                .code,
            rows[i].code);
    assert_int_equal(
        confirms(hall, sato, "sites/here", "country", "JP", clock_wall_ns(), NULL).code,
        FAIL_USAGE);
    struct guest *g = guest_enters(hall, str_from_c(sato));
    struct gate_inspection x = {.subject = STR("sites/here"),
                                .field = STR("country"),
                                .found = STR("JP"),
                                .requester = STR("sato"),
                                .reason = STR("asked myself"),
                                .until_ns = INT64_MAX};
    assert_int_equal(gate_inspect_confirm(&g->visit, &x, &g->answer, &g->e), FAIL_ACCESS_DENIED);
    x.requester = x.reason = STR_EMPTY;
    assert_int_equal(gate_inspect_confirm(&g->visit, &x, &g->answer, &g->e), FAIL_USAGE);
    leaves(g);
    assert_int_equal(entries(hall), before);
    assert_int_equal(
        confirms(hall, sato, "sites/aws.us-east-1", "cloud.provider", "aws", INT64_MAX, NULL).code,
        OK);
    assert_int_equal(confirms(hall, sato, "entities/acme", "seats", "JP", INT64_MAX, NULL).code,
                     OK);
}

/* ---- reports of findings ---- */

static struct once reports(struct hall *hall, const char *key, struct gate_finding *list,
                           size_t count, unsigned char number, struct gate_report_taken *taken) {
    struct guest *g = guest_enters(hall, str_from_c(key));
    struct gate_report report = {.source = STR("azekura assess"),
                                 .digest = {{number}},
                                 .detail = STR("fail 1"),
                                 .findings = list,
                                 .count = count,
                                 .is_last = true};
    return once_of(g, gate_report_take(&g->visit, &report, taken, &g->answer, &g->e));
}

static void findings_are_entries_where_they_are_news(void **state) {
    struct hall *hall = *state;
    const str clauses[] = {{"test-rules/advice", 17}};
    struct gate_finding list[150];
    struct gate_report_taken taken;
    char names[COUNT_OF(list)][16];
    for (size_t i = 0; i < COUNT_OF(list); i++) {
        snprintf(names[i], sizeof names[i], "site-%03zu", i);
        list[i] = (struct gate_finding){.kind = STR("assessment"),
                                        .subject = str_from_c(names[i]),
                                        .clauses = clauses,
                                        .clause_count = 1,
                                        .verdict = STR("fail"),
                                        .text = STR("move it")};
    }
    uint64_t before = entries(hall);
    struct once o = reports(hall, hall->root_key, list, COUNT_OF(list), 1, &taken);
    assert_int_equal(o.code, OK);
    assert_int_equal(taken.standing, 150);
    assert_int_equal(taken.entered, 150);
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, before), 150);
    entry_read(hall, receipt_index(o.receipt), &seen);
    assert_int_equal(seen.entry.type, EVIDENCE_REPORT);
    assert_int_equal(seen.entry.other.at[0], 1);
    newest(hall, EVIDENCE_FINDING);
    assert_int_equal(seen.entry.decision, EVIDENCE_WARN);
    assert_int_equal(seen.entry.clause_count, 1);
    assert_int_equal(seen.entry.clauses[0].effect, EVIDENCE_EFFECT_WARN);
    /* The same again: an entry for the report alone. One that says something else, one that is gone. */
    before = entries(hall);
    assert_int_equal(reports(hall, hall->root_key, list, COUNT_OF(list), 2, &taken).code, OK);
    assert_int_equal(taken.entered + taken.gone, 0);
    assert_int_equal(entries(hall), before + 1);
    list[0].facts.at[5] = 1;
    assert_int_equal(reports(hall, hall->root_key, list, COUNT_OF(list) - 1, 3, &taken).code, OK);
    assert_int_equal(taken.entered, 1);
    assert_int_equal(taken.gone, 1);
    assert_int_equal(entries_of(hall, EVIDENCE_FINDING, before), 2);
    newest(hall, EVIDENCE_FINDING);
    assert_str(seen.opening.values.of[EVIDENCE_SUBJECT], STR("site-149"));
    assert_int_equal(seen.entry.decision, EVIDENCE_ALLOW);
    static char memory[1 << 20];
    struct arena arena = arena_over(memory, sizeof memory);
    struct gate_state state_now;
    struct error e;
    assert_ok(gate_state_read(hall->gate, &arena, &state_now, &e), &e);
    assert_int_equal(state_now.findings, 149);
    assert_int_equal(state_now.finding_kind_count, 1);
    assert_str(state_now.finding_kinds[0].name, STR("assessment"));
    /* Not for everybody, and not anything. */
    const char *sato = inspector_comes(hall, "sato", HOUR_NS);
    assert_int_equal(reports(hall, sato, list, 1, 4, &taken).code, FAIL_ACCESS_DENIED);
    list[0].verdict = STR_EMPTY;
    assert_int_equal(reports(hall, hall->root_key, list, 1, 5, &taken).code, FAIL_USAGE);
    list[0].verdict = STR("fail\n");
    assert_int_equal(reports(hall, hall->root_key, list, 1, 5, &taken).code, FAIL_USAGE);
}

#define IN_A_HALL(f) cmocka_unit_test_setup_teardown(f, hall_open, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_HALL(an_inspector_reads_what_is_shown_and_changes_nothing),
        IN_A_HALL(an_inspector_proves_without_reading),
        IN_A_HALL(looks_alike_within_a_minute_are_counted),
        IN_A_HALL(after_the_end_nothing_more_is_shown),
        IN_A_HALL(a_countersigned_fact_is_inspected_until_it_is_not),
        IN_A_HALL(a_contradiction_is_a_finding_and_stops_no_write),
        IN_A_HALL(who_and_what_cannot_be_countersigned),
        IN_A_HALL(findings_are_entries_where_they_are_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
