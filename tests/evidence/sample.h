/* One act with every kind of hidden value, as the tests of this folder use it. */
#ifndef AZEKURA_TESTS_EVIDENCE_SAMPLE_H
#define AZEKURA_TESTS_EVIDENCE_SAMPLE_H

#include "evidence/evidence.h"
#include "tests/test.h"

#define SAMPLE_TIME_NS ((int64_t)1792000000123456789)

static inline struct evidence_salt sample_osalt(void) {
    struct evidence_salt osalt;
    for (unsigned i = 0; i < sizeof osalt.at; i++) osalt.at[i] = (unsigned char)i;
    return osalt;
}

static inline struct evidence_values sample_values(void) {
    static unsigned char size[8], time[8];
    static digest content;
    content = sha256_of(STR("reading"));
    struct evidence_values values = {0};
    values.of[EVIDENCE_BUCKET] = STR("grid-telemetry");
    values.of[EVIDENCE_KEY] = STR("2026/11/21/フィーダ-7.json");
    values.of[EVIDENCE_VERSION] = STR("v-000017");
    values.of[EVIDENCE_SIZE] = evidence_value_number(size, 4096);
    values.of[EVIDENCE_CONTENT] = digest_str(&content);
    values.of[EVIDENCE_TIME] = evidence_value_time(time, SAMPLE_TIME_NS);
    values.of[EVIDENCE_USER] = STR("aoba/AKIAEXAMPLEEXAMPLE1");
    values.of[EVIDENCE_ADDRESS] = STR("\xc0\x00\x02\x07");
    values.of[EVIDENCE_FACTS] = STR("{\"dataset.class\":\"important\"}");
    values.of[EVIDENCE_REQUEST] = STR("r-1f");
    values.of[EVIDENCE_DATASET] = STR("grid");
    return values;
}

static inline struct evidence_entry sample_entry(void) {
    static const struct evidence_clause clauses[] = {
        {7, EVIDENCE_EFFECT_ALLOW},
        {70000, EVIDENCE_EFFECT_WARN | EVIDENCE_EFFECT_UNKNOWN},
    };
    static const uint16_t sites[] = {1, 258};
    struct evidence_salt osalt = sample_osalt();
    struct evidence_values values = sample_values();
    return (struct evidence_entry){
        .type = EVIDENCE_PUT,
        .minute = evidence_minute(SAMPLE_TIME_NS),
        .rules = sha256_of(STR("rules")),
        .act = 1,
        .decision = EVIDENCE_WARN,
        .sector = 3,
        .data_class = 2,
        .clauses = clauses,
        .clause_count = COUNT_OF(clauses),
        .sites = sites,
        .site_count = COUNT_OF(sites),
        .stored_root = sha256_of(STR("stored")),
        .fields_root = evidence_fields_root(EVIDENCE_PUT, &osalt, &values),
    };
}

#endif
