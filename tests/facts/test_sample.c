/* The line, over the sample register: a critical medical object is kept at home, refused abroad,
 * refused to a reader on a foreign network, refused because unknown where the country is not known, and
 * allowed with a warning that names the reach at a foreign-owned site; by the shipped rulebooks and the
 * example company's own. */
#include <fcntl.h>
#include <unistd.h>

#include "base/disk.h"
#include "facts/facts.h"
#include "tests/geo/mmdb_make.h"

enum { MEMORY = 64 << 20 };
static struct arena_space spaces[2];
static struct arena arena, scratch;
static struct register_snapshot *snapshot;
static struct geo_data *geo;
static char geo_path[] = "/tmp/azekura-sample-XXXXXX";
static const struct rulebook_set *set;
static int64_t now;

static const struct rulebook *rulebooks[64];
static size_t rulebook_count;

static void rulebooks_read(const char *name) {
    char path[4096];
    struct rulebook_read read;
    struct error e;
    str bytes;
    snprintf(path, sizeof path, "%s/%s", getenv("AZEKURA_SOURCE"), name);
    assert_ok(disk_file_read(AT_FDCWD, path, LIMIT_DOC_BYTES, &arena, &bytes, &e), &e);
    assert_ok(rulebook_read(str_from_c(name), bytes, &arena, scratch, &read, &e), &e);
    for (size_t i = 0; i < read.count; i++) {
        assert_true(rulebook_count < COUNT_OF(rulebooks));
        rulebooks[rulebook_count++] = read.rulebooks[i];
    }
}

static int begin(void **state) {
    static const struct mmdb_row geo_rows[] = {{"8.8.8.0/24", "US", false},
                                               {"1.0.16.0/20", "JP", false}};
    char path[4096];
    struct error e;
    struct facts_binding binding;
    int fd = mkstemp(geo_path);
    assert_true(fd >= 0);
    close(fd);
    mmdb_make(geo_path, geo_rows, COUNT_OF(geo_rows), 1781725900);
    struct geo_data_options options = {geo_path, STR("made"), STR_EMPTY};
    assert_ok(geo_data_open(&options, &geo, &e), &e);
    assert_true(clock_iso_read(STR("2026-11-22T09:00:00Z"), &now));
    assert_ok(arena_space_open(&spaces[0], MEMORY, &arena, &e), &e);
    assert_ok(arena_space_open(&spaces[1], MEMORY, &scratch, &e), &e);
    snprintf(path, sizeof path, "%s/examples/register", getenv("AZEKURA_SOURCE"));
    str paths[] = {str_from_c(path)};
    assert_ok(register_load(paths, 1, &snapshot, NULL, &e), &e);
    rulebooks_read("rulebooks/jp-guideline.yaml");
    rulebooks_read("rulebooks/jp-medical-provider.yaml");
    rulebooks_read("examples/rulebooks/aoba-own.yaml");
    assert_ok(facts_binding_of(snapshot, &arena, scratch, &binding, &e), &e);
    struct rulebook_set_input input = {.rulebooks = rulebooks,
                                       .rulebook_count = rulebook_count,
                                       .adoptions = binding.adoptions,
                                       .adoption_count = binding.adoption_count};
    assert_ok(rulebook_set_compile(&input, &arena, scratch, &set, &e), &e);
    return 0;
}
static int end(void **state) {
    register_release(snapshot);
    geo_data_close(geo);
    arena_space_release(&spaces[0]);
    arena_space_release(&spaces[1]);
    return unlink(geo_path);
}

struct outcome {
    enum rulebook_effect effect;
    bool unknown;      /* a clause that refused did so because something is not known */
    char clauses[400]; /* those that warned or refused */
    char line[1000];   /* what the first of them says */
};

static struct outcome decide(const char *site, const struct facts_evidence *evidence,
                             const char *act, const char *bucket, const char *reader) {
    struct facts_world_options options = {.snapshot = snapshot,
                                          .geo = geo,
                                          .site = str_from_c(site),
                                          .evidence = evidence,
                                          .at_ns = now};
    struct arena mine = arena;
    struct facts_world *world;
    struct rulebook_facts facts;
    struct rulebook_fact request[FACTS_REQUEST_COUNT];
    struct facts_reader who;
    struct geo_address peer;
    const struct rulebook_table *table;
    struct rulebook_decision decision, slow;
    struct error e;
    struct outcome out = {0};
    assert_ok(facts_world_open(&options, &world, &e), &e);
    const struct register_row *dataset = register_bucket_dataset(snapshot, str_from_c(bucket), now);
    assert_non_null(dataset);
    assert_ok(facts_static(world, dataset->id, options.site, &mine, scratch, &facts, &e), &e);
    struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION,
                                       .act = str_from_c(act),
                                       .operator_id = facts_operator_of(world, dataset->id),
                                       .dataset_id = dataset->id,
                                       .site_id = options.site};
    assert_true(geo_address_read(str_from_c(reader), &peer));
    facts_reader_find(world, &peer, STR_EMPTY, &who);
    struct rulebook_facts layer = facts_request(&who, STR_EMPTY, request);
    assert_ok(rulebook_table_build(set, &subject, &facts, facts_request_paths,
                                   facts_request_path_count, now, &mine, scratch, &table, &e),
              &e);
    assert_ok(rulebook_decide(table, &layer, now, &mine, scratch, &decision, &e), &e);
    layer.next = &facts;
    assert_ok(rulebook_evaluate_slow(set, &subject, &layer, now, &mine, scratch, &slow, &e), &e);
    assert_int_equal(decision.effect, slow.effect);
    out.effect = decision.effect;
    for (size_t i = 0; i < decision.fixed_count + decision.spoke_count; i++) {
        const struct rulebook_spoke *spoke = rulebook_decision_spoke(&decision, i);
        if (spoke->effect == RULEBOOK_ALLOW) continue;
        size_t used = strlen(out.clauses);
        snprintf(out.clauses + used, sizeof out.clauses - used, " %.*s/%.*s",
                 STR_FMT(spoke->clause->rulebook->name), STR_FMT(spoke->clause->id));
        out.unknown = out.unknown || spoke->verdict == RULEBOOK_VERDICT_UNKNOWN;
        if (out.line[0] != 0) continue;
        struct text t = text_into(out.line, sizeof out.line - 1);
        assert_ok(rulebook_explain_line(&decision, spoke, RULEBOOK_ENGLISH, scratch, &t, &e), &e);
    }
    facts_world_close(world);
    return out;
}

static void a_critical_record_is_kept_and_read_at_home(void **state) {
    struct outcome o = decide("sendai", NULL, "put", "medical-records", "127.0.0.1");
    if (o.effect != RULEBOOK_ALLOW) fail_msg("%s:%s", o.clauses, o.line);
    assert_int_equal(decide("sendai", NULL, "get", "medical-records", "127.0.0.1").effect,
                     RULEBOOK_ALLOW);
    assert_int_equal(decide("sendai", NULL, "get", "medical-records", "10.200.0.2").effect,
                     RULEBOOK_ALLOW);
    assert_int_equal(decide("sendai", NULL, "get", "medical-records", "1.0.16.9").effect,
                     RULEBOOK_ALLOW);
    assert_int_equal(decide("sendai", NULL, "put", "grid-readings", "127.0.0.1").effect,
                     RULEBOOK_ALLOW);
    assert_int_equal(decide("sendai", NULL, "put", "test", "127.0.0.1").effect, RULEBOOK_ALLOW);
}

static void abroad_it_is_refused_and_other_data_warned(void **state) {
    struct outcome o = decide("oregon", NULL, "put", "medical-records", "127.0.0.1");
    assert_int_equal(o.effect, RULEBOOK_REFUSE);
    assert_non_null(strstr(o.clauses, "aoba-own/keep.at-home"));
    assert_non_null(strstr(o.clauses, "jp-medical-provider/6.1"));
    assert_false(o.unknown);
    o = decide("oregon", NULL, "put", "grid-readings", "127.0.0.1");
    assert_int_equal(o.effect, RULEBOOK_WARN);
    assert_non_null(strstr(o.clauses, "aoba-own/reach.foreign"));
    assert_int_equal(decide("oregon", NULL, "put", "test", "127.0.0.1").effect, RULEBOOK_ALLOW);
}

static void a_reader_on_a_foreign_network_is_refused(void **state) {
    struct outcome o = decide("sendai", NULL, "get", "medical-records", "8.8.8.8");
    assert_int_equal(o.effect, RULEBOOK_REFUSE);
    assert_non_null(strstr(o.clauses, "aoba-own/read.at-home"));
    assert_false(o.unknown);
    o = decide("sendai", NULL, "get", "medical-records", "9.9.9.9"); /* listed nowhere */
    assert_int_equal(o.effect, RULEBOOK_REFUSE);
    assert_true(o.unknown);
    assert_int_equal(decide("sendai", NULL, "get", "grid-readings", "8.8.8.8").effect,
                     RULEBOOK_ALLOW);
}

static void without_a_country_it_is_refused_because_unknown(void **state) {
    struct facts_evidence evidence = {.site = STR("sendai"),
                                      .contradicted = true,
                                      .finding = STR("the metadata service says aws us-east-1")};
    struct outcome o = decide("sendai", &evidence, "put", "medical-records", "127.0.0.1");
    assert_int_equal(o.effect, RULEBOOK_REFUSE);
    assert_true(o.unknown);
    assert_non_null(strstr(o.line, "unknown"));
}

static void a_foreign_owned_site_is_warned_of_with_its_reach(void **state) {
    struct outcome o = decide("tokyo-foreign", NULL, "put", "medical-records", "127.0.0.1");
    assert_int_equal(o.effect, RULEBOOK_WARN);
    assert_string_equal(o.clauses, " aoba-own/reach.foreign");
    assert_non_null(strstr(o.line, "US"));
}

/* Every dataset of the sample, at every site: decided without an error, and at home allowed. */
static void every_dataset_is_at_home_in_sendai(void **state) {
    static const char *const buckets[] = {"medical-x",
                                          "grid-x",
                                          "aoba-sample-plant-x",
                                          "aoba-sample-gas-x",
                                          "aoba-sample-water-x",
                                          "aoba-sample-finance-x",
                                          "aoba-sample-aviation-x",
                                          "aoba-sample-airports-x",
                                          "aoba-sample-railways-x",
                                          "aoba-sample-logistics-x",
                                          "aoba-sample-government-x",
                                          "aoba-sample-telecom-x",
                                          "aoba-sample-chemicals-x",
                                          "aoba-sample-credit-cards-x",
                                          "aoba-sample-petroleum-x",
                                          "aoba-sample-ports-x",
                                          "photos"};
    for (size_t i = 0; i < COUNT_OF(buckets); i++) {
        struct outcome o = decide("sendai", NULL, "put", buckets[i], "127.0.0.1");
        if (o.effect != RULEBOOK_ALLOW) fail_msg("%s:%s: %s", buckets[i], o.clauses, o.line);
    }
}

/* Of names that anybody might pick only two families mean something; the rest is unclassified. */
static void a_strangers_bucket_is_unclassified(void **state) {
    static const char *const strays[] = {
        "test",      "plant-photos", "gas-bills", "water-colours", "bank-statements",
        "port-wine", "backup",       "aoba"};
    for (size_t i = 0; i < COUNT_OF(strays); i++) {
        const struct register_row *dataset =
            register_bucket_dataset(snapshot, str_from_c(strays[i]), now);
        assert_non_null(dataset);
        assert_str(dataset->id, STR("unclassified"));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_critical_record_is_kept_and_read_at_home),
        cmocka_unit_test(abroad_it_is_refused_and_other_data_warned),
        cmocka_unit_test(a_reader_on_a_foreign_network_is_refused),
        cmocka_unit_test(without_a_country_it_is_refused_because_unknown),
        cmocka_unit_test(a_foreign_owned_site_is_warned_of_with_its_reach),
        cmocka_unit_test(every_dataset_is_at_home_in_sendai),
        cmocka_unit_test(a_strangers_bucket_is_unclassified),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
