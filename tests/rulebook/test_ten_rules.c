/* Ten real rules, each a hard case: they load, they are shown in two languages, and they decide
 * with a passing, a failing and an unknown subject and on both sides of every number.
 * The rules are tests/data/ten-rules.yaml. Source: facts of ten instruments, named in the file. */
#include "tests/rulebook/support.h"

#define SOURCE_FILE AZEKURA_SOURCE_ROOT "/tests/data/ten-rules.yaml"

enum outcome {
    SILENT, /* the clause does not apply */
    PASSES,
    FAILS,
    UNKNOWN,
    ATTESTED,
    LIFTED,
};

#define PAYMENT    "dataset.kinds: [payment-end-to-end]"
#define PROVIDER   "entity.roles: [cloud-provider]"
#define HOLDERS(x) "{" PROVIDER ", entity.holders: {complete: true, items: [" x "]}}"
#define BULK       "operator.person: us, dataset.kinds: [personal-health]"
#define COVERED    "\"derived.covered-person\": {complete: true, items: [entity-x]}"
#define ROUTER     "equipment.category: router, equipment.model: r1"
#define VIET                                                                                       \
    "operator.home: foreign, operator.services: [telecom], dataset.kinds: [vn-personal], "         \
    "dataset.id: d1"
#define ESPA "operator.designations: [espa], supply.role: supplier, plan.sales_as_of: 2026-06-30"
#define SALES(x)                                                                                   \
    "{" ESPA ", entity.foreign_government_sales: {complete: true, items: [" x "]}, plan.states: "  \
    "[]}"
#define Y(day, pct) "{year_end: " day ", percent: " pct "}"
#define CHANGED(f)  "operator.designations: [espa], change.field: " f
#define HOSPITAL    "dataset.kinds: [medical], keys.holder.countries: [JP]"
#define AIRPORT     "operator.sectors: [airports], dataset.placement_rule: r7, dataset.systems: [s1]"
#define ASSESSED(a) "documents: [{kind: risk-assessment, covers: [s1, s2], age: " a "}]"
#define CARRIER     "operator.designations: [telecom-carrier], incident.kind: suspension"
#define IMPACTS(x)  "{" CARRIER ", incident.impacts: {complete: true, items: [" x "]}}"

static const struct {
    const char *clause, *word, *facts, *at;
    enum outcome outcome;
    enum rulebook_effect effect; /* of this clause */
} rows[] = {
    /* (i) payments */
    {"stored-only-in-india", "put", "{" PAYMENT ", place.country: IN}", "2026-11-21", PASSES,
     RULEBOOK_ALLOW},
    {"stored-only-in-india", "put", "{" PAYMENT ", place.country: SG, act.purpose: backup}",
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"stored-only-in-india", "put", "{" PAYMENT ", place.country: SG, act.purpose: processing}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"stored-only-in-india", "put", "{" PAYMENT ", act.purpose: backup}", "2026-11-21", UNKNOWN,
     RULEBOOK_REFUSE},
    {"stored-only-in-india", "put",
     "{dataset.kinds: [payment-end-to-end, cross-border-transaction], place.country: SG, "
     "act.purpose: backup, copies.countries: [IN, SG]}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"stored-only-in-india", "put",
     "{dataset.kinds: [payment-end-to-end, cross-border-transaction], place.country: SG, "
     "act.purpose: backup, copies.countries: [SG]}",
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"stored-only-in-india", "put", "{dataset.kinds: [telemetry], place.country: SG}", "2026-11-21",
     SILENT, RULEBOOK_ALLOW},
    {"stored-only-in-india", "get", "{" PAYMENT ", place.country: SG}", "2026-11-21", SILENT,
     RULEBOOK_ALLOW},
    {"stored-only-in-india", "put", "{" PAYMENT ", place.country: SG, act.purpose: backup}",
     "2018-10-14", SILENT, RULEBOOK_ALLOW},
    {"stored-only-in-india", "put", "{" PAYMENT ", place.country: SG, act.purpose: backup}",
     "2018-10-15", FAILS, RULEBOOK_REFUSE},
    {"processed-abroad-comes-home", "put",
     "{" PAYMENT ", place.country: SG, act.purpose: processing}", "2026-11-21", PASSES,
     RULEBOOK_ALLOW},
    {"processed-abroad-comes-home", "put",
     "{" PAYMENT ", place.country: IN, act.purpose: processing}", "2026-11-21", SILENT,
     RULEBOOK_ALLOW},
    /* (ii) owners: 24 % alone, 39 % together */
    {"19.6.a", "entity", "{" PROVIDER ", entity.seats: [FR, DE]}", "2026-11-21", PASSES,
     RULEBOOK_ALLOW},
    {"19.6.a", "entity", "{" PROVIDER ", entity.seats: [FR, US]}", "2026-11-21", FAILS,
     RULEBOOK_REFUSE},
    {"19.6.a", "entity", "{" PROVIDER "}", "2026-11-21", FAILS,
     RULEBOOK_REFUSE}, /* `known` is never unknown */
    {"19.6.b.holdings", "entity", HOLDERS("{seats: [US], capital: 24 %, votes: 24 %}"),
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"19.6.b.holdings", "entity", HOLDERS("{seats: [US], capital: 24.001 %, votes: 1 %}"),
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"19.6.b.holdings", "entity", HOLDERS("{seats: [US], capital: 1 %, votes: 24.001 %}"),
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"19.6.b.holdings", "entity",
     HOLDERS("{seats: [US], capital: 20 %, votes: 0 %}, {seats: [JP], capital: 19 %, votes: 0 %}, "
             "{seats: [FR], capital: 61 %, votes: 100 %}"),
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"19.6.b.holdings", "entity",
     HOLDERS(
         "{seats: [US], capital: 20 %, votes: 0 %}, {seats: [JP], capital: 19.001 %, votes: 0 %}"),
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"19.6.b.holdings", "entity",
     HOLDERS(
         "{seats: [US], capital: 0 %, votes: 20 %}, {seats: [JP], capital: 0 %, votes: 19.001 %}"),
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"19.6.b.holdings", "entity",
     "{" PROVIDER ", entity.holders: [{seats: [US], capital: 5 %, votes: 5 %}]}", "2026-11-21",
     UNKNOWN, RULEBOOK_REFUSE}, /* an open list */
    {"19.6.b.holdings", "entity", HOLDERS("{seats: [US], capital: 5 %}"), "2026-11-21", UNKNOWN,
     RULEBOOK_REFUSE},
    {"19.6.b.power", "entity", HOLDERS("{seats: [US], rights: []}"), "2026-11-21", UNKNOWN,
     RULEBOOK_REFUSE}, /* rights not said to be all */
    {"19.6.b.power", "entity", HOLDERS("{seats: [US], rights: {complete: true, items: []}}"),
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"19.6.b.power", "entity", HOLDERS("{seats: [US], rights: [veto]}"), "2026-11-21", FAILS,
     RULEBOOK_REFUSE},
    {"19.6.b.power", "entity", HOLDERS("{seats: [FR], rights: [veto]}"), "2026-11-21", PASSES,
     RULEBOOK_ALLOW},
    /* (iii) bulk data to covered persons */
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10001, far.entity: entity-y, " COVERED "}", "2026-11-21",
     PASSES, RULEBOOK_ALLOW},
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10001, far.entity: entity-x, " COVERED "}", "2026-11-21",
     FAILS, RULEBOOK_REFUSE},
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10000, far.entity: entity-x, " COVERED "}", "2026-11-21",
     SILENT, RULEBOOK_ALLOW},
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10001, far.entity: entity-y}", "2026-11-21", UNKNOWN,
     RULEBOOK_REFUSE},
    {"bulk.personal-health", "transfer", "{" BULK ", far.entity: entity-x, " COVERED "}",
     "2026-11-21", FAILS, RULEBOOK_REFUSE}, /* an unknown count counts as over */
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10001, far.entity: entity-y, \"derived.covered-person\": "
     "{complete: false, items: [entity-x]}}",
     "2026-11-21", UNKNOWN, RULEBOOK_REFUSE},
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10001, far.entity: entity-y, \"derived.covered-person\": "
     "{complete: false, items: [entity-x]}, \"derived.covered-person.not\": [entity-y]}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10001, far.entity: entity-x, transfer.basis: licence, " COVERED
     "}",
     "2026-11-21", LIFTED, RULEBOOK_WARN},
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10001, far.entity: entity-x, transfer.id: t1, transfer.basis: "
     "vendor, documents: [{kind: cisa-requirements, covers: [t1], valid: true}], " COVERED "}",
     "2026-11-21", LIFTED, RULEBOOK_WARN},
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10001, far.entity: entity-x, transfer.id: t1, transfer.basis: "
     "vendor, documents: [{kind: cisa-requirements, covers: [t2], valid: true}], " COVERED "}",
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"bulk.personal-health", "transfer",
     "{" BULK ", measure.health-12m: 10001, far.entity: entity-x, " COVERED "}", "2025-04-07",
     SILENT, RULEBOOK_ALLOW},
    /* (iv) routers produced abroad: only counted */
    {"routers.2026-03-23", "purchase",
     "{" ROUTER ", equipment.origins: {complete: true, items: [{stage: assembled, country: US}, "
     "{stage: fabricated, country: US}]}}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"routers.2026-03-23", "purchase",
     "{" ROUTER ", equipment.origins: {complete: true, items: [{stage: assembled, country: JP}]}, "
     "equipment.approvals: {complete: true, items: []}}",
     "2026-11-21", FAILS, RULEBOOK_ALLOW},
    {"routers.2026-03-23", "purchase",
     "{" ROUTER ", equipment.origins: {complete: true, items: [{stage: designed, country: JP}]}}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW}, /* design is not production here */
    {"routers.2026-03-23", "purchase",
     "{" ROUTER ", equipment.origins: [{stage: assembled, country: JP}], equipment.approvals: "
     "[{scheme: fcc-conditional, covers: [r1], valid: true}]}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"routers.2026-03-23", "purchase", "{" ROUTER "}", "2026-11-21", UNKNOWN, RULEBOOK_ALLOW},
    {"routers.2026-03-23", "purchase", "{" ROUTER "}", "2026-03-22", SILENT, RULEBOOK_ALLOW},
    {"routers.2026-03-23", "purchase", "{equipment.category: switch}", "2026-11-21", SILENT,
     RULEBOOK_ALLOW},
    /* (v) the agreed region */
    {"PSS-12.01B", "put",
     "{dataset.kinds: [customer], place.region: eu-1, contract.regions: [eu-1]}", "2026-11-21",
     PASSES, RULEBOOK_ALLOW},
    {"PSS-12.01B", "put",
     "{dataset.kinds: [customer, backup], place.region: us-1, contract.regions: [eu-1]}",
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"PSS-12.01B", "put", "{dataset.kinds: [customer], contract.regions: [eu-1]}", "2026-11-21",
     UNKNOWN, RULEBOOK_REFUSE},
    {"PSS-12.01B", "get",
     "{dataset.kinds: [customer], place.region: us-1, contract.regions: [eu-1]}", "2026-11-21",
     SILENT, RULEBOOK_ALLOW}, /* no act named: about making copies */
    {"PSS-12.01AS", "put",
     "{dataset.kinds: [derived], place.region: us-1, contract.regions: [eu-1]}", "2026-11-21",
     FAILS, RULEBOOK_REFUSE},
    {"PSS-12.01AS", "put",
     "{dataset.kinds: [derived, routing-address], place.region: us-1, contract.regions: [eu-1]}",
     "2026-11-21", SILENT, RULEBOOK_ALLOW},
    {"PSS-12.03B", "contract",
     "{contract.regions.customer: eu-1, contract.regions.derived: eu-1, contract.regions.account: "
     "eu-1}",
     "2026-11-21", ATTESTED, RULEBOOK_ALLOW},
    {"PSS-12.03B", "contract", "{contract.regions.customer: eu-1, contract.regions.derived: eu-1}",
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    /* (vi) 24 months, on request */
    {"foreign-on-request", "dataset",
     "{" VIET ", requests: [{from: vn-mps, kind: store-in-country, covers: [d1]}]}", "2026-11-21",
     PASSES, RULEBOOK_ALLOW},
    {"foreign-on-request", "dataset", "{" VIET ", requests: {complete: true, items: []}}",
     "2026-11-21", SILENT, RULEBOOK_ALLOW},
    {"foreign-on-request", "dataset", "{" VIET "}", "2026-11-21", PASSES,
     RULEBOOK_ALLOW}, /* unknown requests count as one */
    {"foreign-on-request", "dataset",
     "{operator.home: domestic, "
     "operator.services: [telecom], dataset.kinds: [vn-personal]}",
     "2026-11-21", SILENT, RULEBOOK_ALLOW},
    /* (vii) disclose, and file first */
    {"supplier.foreign-government-sales", "supply",
     SALES(Y("2026-03-31", "24.999 %") "," Y("2025-03-31", "1 %") "," Y("2024-03-31", "2 %")),
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"supplier.foreign-government-sales", "supply",
     SALES(Y("2026-03-31", "25 %") "," Y("2025-03-31", "1 %") "," Y("2024-03-31", "2 %")),
     "2026-11-21", UNKNOWN, RULEBOOK_REFUSE}, /* plan.states is an open list */
    {"supplier.foreign-government-sales", "supply",
     "{" ESPA ", entity.foreign_government_sales: {complete: true, items: [" Y(
         "2026-03-31", "25 %") "]}, plan.states: [other]}",
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"supplier.foreign-government-sales", "supply",
     "{" ESPA ", entity.foreign_government_sales: {complete: true, items: [" Y(
         "2026-03-31", "25 %") "]}, plan.states: [foreign-government-sales]}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"supplier.foreign-government-sales", "supply",
     "{" ESPA
     ", entity.foreign_government_sales: {complete: true, items: [" Y("2026-03-31", "1 %") "," Y(
         "2025-03-31", "1 %") "," Y("2024-03-31", "2 %") "," Y("2023-03-31",
                                                               "90 %") "]}, plan.states: [other]}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW}, /* the fourth year back */
    {"supplier.foreign-government-sales", "supply",
     "{" ESPA ", entity.foreign_government_sales: {complete: true, items: [" Y(
         "2027-03-31", "90 %") "," Y("2026-03-31", "1 %") "]}, plan.states: [other]}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW}, /* after the plan's day */
    {"supplier.foreign-government-sales", "supply",
     "{" ESPA ", entity.foreign_government_sales: withheld, plan.states: [other]}", "2026-11-21",
     PASSES, RULEBOOK_ALLOW}, /* sent straight to the minister */
    {"supplier.foreign-government-sales", "supply", "{" ESPA ", plan.states: [other]}",
     "2026-11-21", UNKNOWN, RULEBOOK_REFUSE},
    {"change.material", "change",
     "{" CHANGED("facility.place") ", plan.screening_ended: 2026-11-21}", "2026-11-21", PASSES,
     RULEBOOK_ALLOW},
    {"change.material", "change",
     "{" CHANGED("facility.place") ", plan.screening_ended: 2026-11-22}", "2026-11-21", FAILS,
     RULEBOOK_REFUSE},
    {"change.material", "change", "{" CHANGED("supplier.country") "}", "2026-11-21", UNKNOWN,
     RULEBOOK_REFUSE},
    {"change.material", "change", "{" CHANGED("supplier.officers") "}", "2026-11-21", SILENT,
     RULEBOOK_ALLOW},
    {"change.after-the-fact", "change", "{" CHANGED("supplier.officers") "}", "2026-11-21", PASSES,
     RULEBOOK_ALLOW},
    {"change.after-the-fact", "change",
     "{" CHANGED("supplier.holder") ", change.tier_after: from-5}", "2026-11-21", SILENT,
     RULEBOOK_ALLOW},
    {"change.after-the-fact", "change",
     "{" CHANGED("supplier.holder") ", change.tier_after: from-25}", "2026-11-21", PASSES,
     RULEBOOK_ALLOW},
    /* (viii) within reach of domestic enforcement */
    {"6.1", "put", "{" HOSPITAL ", place.country: JP, system.country: JP, contract.requires: []}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"6.1", "put",
     "{" HOSPITAL
     ", place.country: US, system.country: JP, contract.requires: [jp-medical-provider]}",
     "2026-11-21", FAILS, RULEBOOK_REFUSE}, /* by the contract */
    {"6.1", "put",
     "{" HOSPITAL ", place.country: US, system.country: JP, contract.requires: [other]}",
     "2026-11-21", FAILS, RULEBOOK_WARN},
    {"6.1", "put", "{" HOSPITAL ", place.country: US, system.country: JP}", "2026-11-21", FAILS,
     RULEBOOK_REFUSE}, /* unknown counts as compelled */
    {"6.1", "put", "{" HOSPITAL ", system.country: JP, contract.requires: [jp-medical-provider]}",
     "2026-11-21", UNKNOWN, RULEBOOK_REFUSE},
    {"6.1", "put",
     "{dataset.kinds: [medical], place.country: JP, system.country: JP, keys.holder: aoba, "
     "operator.id: aoba}",
     "2026-11-21", PASSES, RULEBOOK_ALLOW},
    {"6.1", "put",
     "{dataset.kinds: [medical], place.country: JP, system.country: JP, keys.holder: cloud, "
     "keys.holder.countries: [US], operator.id: aoba}",
     "2026-11-21", FAILS, RULEBOOK_REFUSE},
    {"table-4-1", "contract",
     "{contract.equipment_under_law: [JP], contract.storage_places: [sendai], "
     "contract.foreign_law_disclosed: true}",
     "2026-11-21", ATTESTED, RULEBOOK_ALLOW},
    {"table-4-1", "contract",
     "{contract.equipment_under_law: [US], contract.storage_places: [oregon], "
     "contract.foreign_law_disclosed: true}",
     "2026-11-21", FAILS, RULEBOOK_WARN},
    /* (ix) desirable, no period in the text */
    {"5.1.1.3", "dataset",
     "{" AIRPORT ", " ASSESSED("11 months") ", param.review_every: 12 months}", "2026-08-01",
     ATTESTED, RULEBOOK_ALLOW},
    {"5.1.1.3", "dataset", "{" AIRPORT ", " ASSESSED("334 d") ", param.review_every: 12}",
     "2026-08-01", ATTESTED, RULEBOOK_ALLOW}, /* in its unit */
    {"5.1.1.3", "dataset",
     "{" AIRPORT ", documents: {complete: true, items: [{kind: risk-assessment, covers: [s1], age: "
     "400 d}]}, param.review_every: 12 months}",
     "2026-08-01", FAILS, RULEBOOK_WARN},
    {"5.1.1.3", "dataset", "{" AIRPORT ", " ASSESSED("1 month") "}", "2026-08-01", UNKNOWN,
     RULEBOOK_WARN}, /* nobody set the period */
    {"5.1.1.3", "dataset", "{operator.sectors: [rail], dataset.systems: [s1]}", "2026-08-01", FAILS,
     RULEBOOK_WARN},
    {"5.1.1.3", "dataset", "{" AIRPORT "}", "2026-09-11", SILENT,
     RULEBOOK_ALLOW}, /* the first day not in force */
    {"5.1.1.3", "dataset", "{" AIRPORT "}", "2026-09-10", UNKNOWN, RULEBOOK_WARN},
    {"5.1.1.3", "dataset", "{" AIRPORT "}", "2025-06-26", SILENT, RULEBOOK_ALLOW},
    /* (x) an outage to report */
    {"art28.serious", "incident", IMPACTS("{users: 30000, duration: 2 h}"), "2018-12-06", PASSES,
     RULEBOOK_ALLOW},
    {"art28.serious", "incident", IMPACTS("{users: 29999, duration: 2 h}"), "2018-12-06", SILENT,
     RULEBOOK_ALLOW},
    {"art28.serious", "incident", IMPACTS("{users: 30000, duration: 7199 s}"), "2018-12-06", SILENT,
     RULEBOOK_ALLOW},
    {"art28.serious", "incident",
     IMPACTS(
         "{users: 20000, duration: 3 h}, {users: 10000, duration: 2 h}, {users: 5, duration: 1 h}"),
     "2018-12-06", PASSES, RULEBOOK_ALLOW},
    {"art28.serious", "incident", "{" CARRIER ", incident.impacts: [{users: 1, duration: 2 h}]}",
     "2018-12-06", PASSES, RULEBOOK_ALLOW}, /* more may have been hit */
    {"art28.serious", "incident", "{" CARRIER "}", "2015-03-31", SILENT, RULEBOOK_ALLOW},
};

static enum outcome outcome_of(const struct rulebook_spoke *s) {
    if (s == NULL) return SILENT;
    switch (s->verdict) {
    case RULEBOOK_PASS: return PASSES;
    case RULEBOOK_FAIL: return FAILS;
    case RULEBOOK_VERDICT_UNKNOWN: return UNKNOWN;
    case RULEBOOK_ATTESTED: return ATTESTED;
    case RULEBOOK_LIFTED: return LIFTED;
    case RULEBOOK_EXCEPTED: break;
    }
    return SILENT;
}

static void each_decides_as_the_table_says(void **state) {
    static const char *const names[] = {"silent",  "passes",   "fails",
                                        "unknown", "attested", "lifted"};
    str yaml = support_file(SOURCE_FILE);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        support_begin();
        struct rulebook_read read = support_rulebooks(rows[i].clause, yaml);
        const struct rulebook_set *set = support_what_if(&read);
        struct rulebook_facts facts = support_facts(rows[i].facts, rows[i].facts);
        struct rulebook_subject subject;
        assert_row(rows[i].word, rulebook_subject_of_word(str_from_c(rows[i].word), &subject));
        struct rulebook_decision d =
            support_decide(set, &subject, &facts, support_time(rows[i].at));
        const struct rulebook_spoke *s = support_spoke(&d, rows[i].clause);
        if (outcome_of(s) != rows[i].outcome)
            fail_msg("row %zu %s over %s: %s, expected %s", i, rows[i].clause, rows[i].facts,
                     names[outcome_of(s)], names[rows[i].outcome]);
        if (s != NULL && s->effect != rows[i].effect)
            fail_msg("row %zu %s over %s: %s, expected %s", i, rows[i].clause, rows[i].facts,
                     rulebook_effect_name(s->effect), rulebook_effect_name(rows[i].effect));
    }
}

static void every_clause_is_tried_and_shown(void **state) {
    support_begin();
    struct rulebook_read read = support_rulebooks("ten", support_file(SOURCE_FILE));
    assert_int_equal(read.count, 10);
    assert_int_equal(read.warning_count, 0);
    for (size_t i = 0; i < read.count; i++)
        for (size_t k = 0; k < read.rulebooks[i]->clause_count; k++) {
            const struct rulebook_clause *c = &read.rulebooks[i]->clauses[k];
            bool tried = false;
            for (size_t r = 0; r < COUNT_OF(rows); r++)
                tried |= str_equal(c->id, str_from_c(rows[r].clause));
            if (!tried) fail_msg("no row tries %.*s", STR_FMT(c->id));
            for (int l = RULEBOOK_ENGLISH; l <= RULEBOOK_JAPANESE; l++) {
                char buffer[8192];
                size_t at;
                struct text t = text_into(buffer, sizeof buffer);
                rulebook_clause_text(c, (enum rulebook_language)l, &t);
                assert_false(t.overflow);
                assert_true(str_find(text_str(&t), c->id, &at));
                assert_true(str_find(text_str(&t), c->where, &at));
                bool unseen = c->basis == RULEBOOK_TRACKER || c->basis == RULEBOOK_PRESS;
                str mark = l == RULEBOOK_ENGLISH ? STR("text not seen") : STR("本文未見");
                assert_true(str_find(text_str(&t), mark, &at) == unseen);
            }
        }
}

static struct rulebook_decision ask(const char *word, const char *facts, const char *at) {
    support_begin();
    struct rulebook_read read = support_rulebooks(word, support_file(SOURCE_FILE));
    const struct rulebook_set *set = support_what_if(&read);
    struct rulebook_facts *given = arena_new(&support_arena, struct rulebook_facts, 1);
    *given = support_facts(facts, facts);
    struct rulebook_subject subject;
    assert_true(rulebook_subject_of_word(str_from_c(word), &subject));
    return support_decide(set, &subject, given, support_time(at));
}

static void obligations_and_duties_come_along(void **state) {
    struct rulebook_decision d =
        ask("put", "{" PAYMENT ", place.country: SG, act.purpose: processing}", "2026-11-21");
    assert_int_equal(d.obligation_count, 1);
    const struct rulebook_obligation *o = &d.obligations[0];
    assert_int_equal(o->kind, RULEBOOK_OBLIGE_RETURN);
    assert_str(o->start, STR("act.processed_at"));
    assert_str(o->words[0], STR("IN"));
    assert_true(o->delete_here);
    assert_false(o->by_ack);
    int64_t end; /* one business day may end sooner, never later than the 24 hours */
    assert_true(rulebook_periods_latest(&o->periods, support_time("2026-11-21"), &end));
    assert_true(end == support_time("2026-11-22"));

    d = ask("dataset",
            "{" VIET ", requests: [{from: vn-mps, kind: store-in-country, covers: [d1]}]}",
            "2026-11-21");
    assert_int_equal(d.obligation_count, 2);
    assert_int_equal(d.obligations[0].kind, RULEBOOK_OBLIGE_KEEP_AT_LEAST);
    assert_int_equal(d.obligations[0].periods.at[0].length.months, 24);
    assert_true(d.obligations[0].other_copies);
    assert_int_equal(d.obligations[1].kind, RULEBOOK_OBLIGE_BEGIN);
    assert_int_equal(d.obligations[1].periods.at[0].length.months, 12);

    d = ask("incident", IMPACTS("{users: 30600000, duration: 4 h}"), "2018-12-06");
    const struct rulebook_spoke *s = support_spoke(&d, "art28.serious");
    assert_non_null(s);
    assert_int_equal(s->clause->duty_count, 2);
    assert_int_equal(s->clause->duties[0].within.at[0].kind, RULEBOOK_PERIOD_PROMPTLY);
    assert_true(
        rulebook_periods_latest(&s->clause->duties[1].within, support_time("2018-12-06"), &end));
    assert_true(end == support_time("2019-01-05"));
    assert_false(rulebook_periods_latest(&s->clause->duties[0].within, 0, &end));
}

static void a_weak_clause_says_through_what_it_binds(void **state) {
    struct rulebook_decision d =
        ask("put",
            "{" HOSPITAL
            ", place.country: US, system.country: JP, contract.requires: [jp-medical-provider]}",
            "2026-11-21");
    const struct rulebook_spoke *s = support_spoke(&d, "6.1");
    assert_int_equal(s->clause->strength, RULEBOOK_SHOULD);
    assert_int_equal(s->strength, RULEBOOK_CONTRACT);
    assert_str(s->compelled->by, STR("the hospital's contract"));
    d = ask("dataset", "{" AIRPORT "}", "2026-04-29");
    assert_int_equal(support_spoke(&d, "5.1.1.3")->strength, RULEBOOK_DESIRABLE);
    d = ask("dataset", "{" AIRPORT "}", "2026-04-30");
    assert_int_equal(support_spoke(&d, "5.1.1.3")->strength, RULEBOOK_SHOULD);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_decides_as_the_table_says),
        cmocka_unit_test(every_clause_is_tried_and_shown),
        cmocka_unit_test(obligations_and_duties_come_along),
        cmocka_unit_test(a_weak_clause_says_through_what_it_binds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
