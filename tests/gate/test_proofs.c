/* What leaves the gate for others to check: why, proofs, exports, held by azekura-verify. */
#include "tests/gate/shown.h"

static void why_a_put_was_refused(void **state) {
    struct hall *hall = *state;
    hall_stop(hall);
    hall->options.site = "there";
    hall_start(hall);
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    struct guest *g = root_enters(hall);
    g->visit.request_id = STR("the-one");
    assert_int_equal(put(g, "critical-a", "k", STR("x")), FAIL_REFUSED);
    leaves(g);
    const char *told = why(hall, "the-one");
    says(told, "hall.example/log#");
    says(told, "(refuse)");
    says(told, "act put, sector tests, class critical");
    says(told, "clause    test-rules/keep.at-home refuses");
    says(told, "fact      place.country is US, declared");
    says(told, "fact      dataset.class is critical, declared");
    says(told, "bucket    critical-a");
    g = local_enters(hall);
    struct text text = text_into(shown_text, sizeof shown_text);
    assert_int_equal(gate_why(&g->visit, STR("another"), &text, &g->e), FAIL_NOT_FOUND);
    leaves(g);
    g = stranger_enters(hall);
    assert_int_equal(gate_why(&g->visit, STR("the-one"), &text, &g->e), FAIL_ACCESS_DENIED);
    leaves(g);
}

/* A copy is decided by two datasets: the facts of both. */
static void why_a_copy_was_made(void **state) {
    struct hall *hall = *state;
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    assert_int_equal(root_makes(hall, "mystery-a").code, OK);
    assert_int_equal(root_puts(hall, "critical-a", "k", "x").code, OK);
    struct guest *g = root_enters(hall);
    g->visit.request_id = STR("copying");
    g->visit.purpose = STR("duty");
    struct gate_copy copy = {.source = {.bucket = STR("critical-a"), .key = STR("k")},
                             .target = {.bucket = STR("mystery-a"), .key = STR("k")}};
    str version;
    assert_int_equal(gate_copy(&g->visit, &copy, &g->stored, &version, &g->answer, &g->e),
                     FAIL_REFUSED);
    leaves(g);
    const char *told = why(hall, "copying");
    says(told, "fact      place.country is JP, declared");
    says(told, "fact      place.region is unknown");
    says(told, "test-rules/where.unknown refuses (a fact is unknown)");
}

/* ---- a random workload, and a verifier who was given the exports ---- */

static uint64_t seed = 20261122;
static uint64_t dice(uint64_t sides) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 33) % sides;
}

static const char *const buckets[] = {"plain-a", "clear-a", "critical-a", "mystery-a"};
static const char *const keys[] = {"a", "a/b", "../c", "\xe6\x97\xa5\xe6\x9c\xac", "d e%f"};

static void random_upload(struct hall *hall, const char *bucket, const char *key) {
    struct gate_upload_new new = {.bucket = str_from_c(bucket), .key = str_from_c(key)};
    struct store_upload_id id;
    struct guest *g = root_enters(hall);
    enum error_code code = gate_upload_create(&g->visit, &new, &id, &g->answer, &g->e);
    leaves(g);
    if (code != OK) return;
    struct gate_put part = {
        .bucket = new.bucket, .key = new.key, .is_part = true, .upload = id, .part_number = 3};
    g = root_enters(hall);
    assert_ok(put_opened(g, &part, STR("a part")), &g->e);
    struct store_part_claim claim = {.number = 3};
    memcpy(claim.md5, g->stored.etag.md5, sizeof claim.md5);
    leaves(g);
    g = root_enters(hall);
    assert_ok(gate_upload_complete(&g->visit, new.bucket, new.key, id, &claim, 1, NULL, NULL,
                                   &g->stored, &g->answer, &g->e),
              &g->e);
    leaves(g);
}

static void random_step(struct hall *hall) {
    static char body[70000];
    const char *bucket = buckets[dice(COUNT_OF(buckets))], *key = keys[dice(COUNT_OF(keys))];
    struct guest *g = root_enters(hall);
    g->visit.purpose = dice(4) == 0 ? STR_EMPTY : STR("duty");
    struct gate_delete row = {.key = str_from_c(key)};
    struct gate_copy copy = {
        .source = {.bucket = str_from_c(buckets[dice(4)]), .key = str_from_c(keys[dice(5)])},
        .target = {.bucket = str_from_c(bucket), .key = str_from_c(key)}};
    str version;
    switch (dice(8)) {
    case 0:
        error_ignore(gate_delete(&g->visit, str_from_c(bucket), &row, 1, &g->answer, &g->e));
        break;
    case 1: /* a version that may be there or not */
        row.with_version = true;
        row.version = dice(2) == 0 ? STR("null") : STR("0000000000000001");
        error_ignore(gate_delete(&g->visit, str_from_c(bucket), &row, 1, &g->answer, &g->e));
        break;
    case 2:
        error_ignore(gate_copy(&g->visit, &copy, &g->stored, &version, &g->answer, &g->e));
        break;
    case 3:
        if (dice(4) == 0)
            error_ignore(gate_bucket_versioning(&g->visit, str_from_c(bucket),
                                                dice(2) == 0 ? STORE_ENABLED : STORE_SUSPENDED,
                                                &g->answer, &g->e));
        break;
    case 4: random_upload(hall, bucket, key); break;
    default: error_ignore(put(g, bucket, key, str_of(body, dice(sizeof body))));
    }
    leaves(g);
}

static void what_was_done_verifies(void **state) {
    struct hall *hall = *state;
    char ledger[128], store[128], arguments[1024];
    for (size_t i = 0; i < COUNT_OF(buckets); i++)
        assert_int_equal(root_makes(hall, buckets[i]).code, OK);
    for (int i = 0; i < 250; i++) random_step(hall);
    exported(hall, ledger, store);
    snprintf(arguments, sizeof arguments, "--ledger %s --key '%.*s' --store %s", ledger,
             STR_FMT(gate_ledger_vkey(hall->gate)), store);
    int code = verify(arguments);
    if (code != 0) fail_msg("azekura-verify says %d:\n%s", code, shown_text);
    /* An object slipped in without an entry, and an entry whose object is gone. Attack row 26. */
    struct store_bucket bucket = {.name = STR("plain-a"), .id = 1};
    struct store_version v = {.key = STR("slipped in"), .sequence = 7, .modified_ns = 7};
    struct engine_turn *turn;
    struct arena_space space;
    struct arena arena;
    struct error e;
    gate_keeper_close(hall->gate);
    assert_ok(arena_space_open(&space, 1 << 20, &arena, &e), &e);
    assert_ok(engine_turn_begin(hall->gate->engine, &turn, &e), &e);
    assert_ok(store_bucket_get(turn, STR("plain-a"), &arena, &bucket, &e), &e);
    assert_ok(store_put(turn, &bucket, &v, NULL, arena, &e), &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
    arena_space_release(&space);
    exported(hall, ledger, store);
    assert_int_not_equal(verify(arguments), 0);
    says(shown_text, "slipped");
}

static void a_proof_opens_what_was_chosen(void **state) {
    struct hall *hall = *state;
    static char proof[1 << 18];
    char path[128], arguments[1024];
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "hello").code, OK);
    struct guest *g = root_enters(hall);
    struct gate_get which = {.bucket = STR("plain-a"), .key = STR("k")};
    const str fields[] = {STR("bucket"), STR("size")}, wrong[] = {STR("colour")};
    struct text text = text_into(proof, sizeof proof);
    assert_int_equal(gate_prove(&g->visit, &which, wrong, 1, &text, &g->answer, &g->e), FAIL_USAGE);
    text = text_into(proof, sizeof proof);
    assert_ok(gate_prove(&g->visit, &which, fields, 2, &text, &g->answer, &g->e), &g->e);
    leaves(g);
    snprintf(path, sizeof path, "%s/p.tlog-proof", hall->dir);
    FILE *f = fopen(path, "w");
    fwrite(proof, 1, text.len, f);
    fclose(f);
    snprintf(arguments, sizeof arguments, "--key '%.*s' %s", STR_FMT(gate_ledger_vkey(hall->gate)),
             path);
    int code = verify(arguments);
    if (code != 0) fail_msg("azekura-verify says %d:\n%s", code, shown_text);
    says(shown_text, "plain-a");
    /* One letter turned in the opened part. */
    f = fopen(path, "r+");
    fseek(f, 60, SEEK_SET);
    int c = fgetc(f);
    fseek(f, 60, SEEK_SET);
    fputc(c == 'A' ? 'B' : 'A', f);
    fclose(f);
    assert_int_not_equal(verify(arguments), 0);
}

/* ---- after a succession */

static void history_is_lost(struct hall *hall, uint32_t number, const char *said_part) {
    says(hall_history_loses(hall, number), said_part);
}

static void steps(struct hall *hall, int count) {
    for (int i = 0; i < count; i++) random_step(hall);
}

/* Objects from before a succession had no entry for a verifier, and their proofs no signature. */
static void what_was_done_before_a_succession_verifies(void **state) {
    struct hall *hall = *state;
    for (size_t i = 0; i < COUNT_OF(buckets); i++)
        assert_int_equal(root_makes(hall, buckets[i]).code, OK);
    steps(hall, 150);
    assert_int_equal(root_puts(hall, "plain-a", "of log 1", "first").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "of log 1, deleted in 2", "first").code, OK);
    hall_copy_takes(hall);
    steps(hall, 40);
    assert_int_equal(root_puts(hall, "plain-a", "lost", "lost").code, OK);
    hall_stop(hall);
    history_is_lost(hall, 1, "A new log begins: hall.example/log/2");
    hall_start(hall);
    says(verified(hall, 0), "left of it: ");
    steps(hall, 80);
    assert_int_equal(root_puts(hall, "plain-a", "of log 2", "second").code, OK);
    assert_int_equal(root_deletes(hall, "plain-a", "of log 1, deleted in 2").code, OK);
    const char *told = verified(hall, 0);
    says(told, "earlier log: hall.example/log, as entry 0 of hall.example/log/2 names it");
    says(told, "lost of it: entries ");
    says(told, "last checkpoint of it: of ");
    says(told, "signed with the newest log's key, under its own name");
    says(told, "plain-a/of log 1 version ");
    says(told, "by class\n");
    says(told, "\n  critical: ");
    says(told, "test-rules/keep.at-home: ");
    says(told, " of hall.example/log at ");
    says(told, "that they were lost by accident");
    assert_null(strstr(told, "plain-a/lost"));

    told = proved(hall, "of log 1");
    says(told, "log: hall.example/log/2\n");
    says(told, "earlier log: hall.example/log, named by that entry");
    says(told, "is in what is left of it");
    says(told, "key: of log 1");
    says(told, "class: ordinary\n"); /* a word of the old log's table, with its path there */
    told = proved(hall, "of log 2");
    says(told, "key: of log 2");
    assert_null(strstr(told, "earlier log"));

    /* once more: a line of three */
    hall_copy_takes(hall);
    steps(hall, 30);
    hall_stop(hall);
    history_is_lost(hall, 2, "A new log begins: hall.example/log/3");
    hall_start(hall);
    steps(hall, 30);
    assert_int_equal(root_puts(hall, "plain-a", "of log 3", "third").code, OK);
    told = verified(hall, 0);
    says(told, "earlier log: hall.example/log, as entry 0 of hall.example/log/2 names it");
    says(told, "earlier log: hall.example/log/2, as entry 0 of hall.example/log/3 names it");
    says(told, "2 succession");
    static const char *const keys_of_each[] = {"of log 1", "of log 2", "of log 3"};
    for (size_t i = 0; i < COUNT_OF(keys_of_each); i++)
        says(proved(hall, keys_of_each[i]), keys_of_each[i]);
}

/* The copy that comes back is from before the first succession: both logs after it are lost. */
static void a_copy_from_before_two_successions(void **state) {
    struct hall *hall = *state;
    for (size_t i = 0; i < COUNT_OF(buckets); i++)
        assert_int_equal(root_makes(hall, buckets[i]).code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "of log 1", "first").code, OK);
    hall_copy_takes(hall);
    steps(hall, 40);
    hall_stop(hall);
    history_is_lost(hall, 1, "A new log begins: hall.example/log/2");
    hall_start(hall);
    assert_int_equal(root_puts(hall, "plain-a", "of log 2", "second").code, OK);
    hall_stop(hall);
    history_is_lost(hall, 2, "the log hall.example/log/2 was known up to");
    hall_start(hall);
    assert_int_equal(root_puts(hall, "plain-a", "of log 3", "third").code, OK);
    const char *told = verified(hall, 0);
    says(told, "earlier log: hall.example/log/2, as entry 0 of hall.example/log/3 names it");
    says(told, "left of it: 0 entries: it was lost whole");
    says(told, "earlier log: hall.example/log, as entry 1 of hall.example/log/3 names it");
    says(proved(hall, "of log 1"), "key: of log 1");
    says(proved(hall, "of log 3"), "key: of log 3");
}

/* A refusal by fifty clauses fits a visit, its message and its entry. */
static void fifty_clauses_refuse_in_one_visit(void **state) {
    struct hall *hall = *state;
    struct error e;
    FILE *f = fopen(hall_rules(hall), "a");
    for (int i = 0; i < 50; i++)
        fprintf(f,
                "  - id: one-of-many.%02d\n    about: copy\n"
                "    title: {en: \"One of many rules that all want the same\"}\n"
                "    source: {basis: own, where: \"tests, %d\"}\n    strength: own\n"
                "    applies: {act: [put], dataset.class: [ordinary]}\n"
                "    require:\n      - place.country in [\"NZ\"]\n      - place.region known\n",
                i, i);
    fclose(f);
    assert_ok(gate_reload(hall->gate, &e), &e);
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    struct guest *g = root_enters(hall);
    size_t before = arena_left(&g->arena);
    assert_int_equal(put(g, "plain-a", "k", STR("x")), FAIL_REFUSED);
    size_t used = before - arena_left(&g->arena);
    print_message("a refusal by 50 clauses took %zu bytes of %zu\n", used, before);
    assert_true(used < before / 2);
    assert_true(str_starts(g->answer.clauses, STR("test-rules/one-of-many.00")));
    char receipt[128];
    snprintf(receipt, sizeof receipt, "%.*s", STR_FMT(g->answer.receipt));
    leaves(g);
    struct seen *seen = calloc(1, sizeof *seen);
    entry_read(hall, receipt_index(receipt), seen);
    assert_int_equal(seen->entry.clause_count, 50);
    print_message("its facts: %zu bytes\n", seen->opening.values.of[EVIDENCE_FACTS].len);
    free(seen);
}

#define IN_A_HALL(f) cmocka_unit_test_setup_teardown(f, hall_open, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_HALL(why_a_put_was_refused),
        IN_A_HALL(why_a_copy_was_made),
        cmocka_unit_test_setup_teardown(what_was_done_verifies, hall_open, hall_close),
        IN_A_HALL(a_proof_opens_what_was_chosen),
        IN_A_HALL(what_was_done_before_a_succession_verifies),
        IN_A_HALL(a_copy_from_before_two_successions),
        IN_A_HALL(fifty_clauses_refuse_in_one_visit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
