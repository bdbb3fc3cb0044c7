/* A line of logs, as the gate shows it: indexes begin anew with each log, and whoever is told of an
 * entry is told of which log it is. */
#include "gate/debt/debt.h"
#include "tests/gate/shown.h"

#include <jansson.h>

/* Buckets tested-* owe two copies of each object. */
static const char *const rules = "rulebook: debt-rules\n"
                                 "issuer: \"the tests\"\n"
                                 "title: {en: \"Debts\", ja: \"義務\"}\n"
                                 "in_force: {from: \"2020-01-01\"}\n"
                                 "clauses:\n"
                                 "  - id: it\n    about: copy\n"
                                 "    source: {basis: own, where: \"here\"}\n    strength: own\n"
                                 "    applies: {act: [put, copy], dataset.class: [tested]}\n"
                                 "    oblige:\n      copies: {value: 2, within: 24 h}\n";

static void debts_are_made(struct hall *hall) {
    char path[160];
    struct error e;
    snprintf(path, sizeof path, "%s/debts.yaml", hall->rulebooks);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(rules, f) >= 0);
    assert_int_equal(fclose(f), 0);
    hall_edit(hall, hall_register(hall), "adopts:\n",
              "  - {id: tested, operator: acme-op, sector: tests, class: tested, buckets: "
              "[\"tested-*\"]}\n"
              "adopts:\n  - rulebook: debt-rules\n    from: 2020-01-01\n    by: the tests\n");
    assert_ok(gate_reload(hall->gate, &e), &e);
    assert_int_equal(root_makes(hall, "tested-a").code, OK);
}

static void objects_put(struct hall *hall, const char *prefix, int count) {
    for (int i = 0; i < count; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s-%02d", prefix, i);
        assert_int_equal(root_puts(hall, "tested-a", key, "x").code, OK);
    }
}

static void history_is_lost(struct hall *hall, uint32_t number) {
    hall_stop(hall);
    says(hall_history_loses(hall, number), "A new log begins");
    hall_start(hall);
}

/* ---- debts ---- */

struct found {
    size_t count, of_log[4];
    char name_of_old_07[128];
};
static enum error_code found_add(void *self, const struct gate_debt *debt, struct error *e) {
    struct found *f = self;
    char origin[64];
    f->count++;
    assert_true(debt->log < COUNT_OF(f->of_log));
    f->of_log[debt->log]++;
    snprintf(origin, sizeof origin, "hall.example/log%s#%llu", debt->log == 1 ? "" : "/2",
             (unsigned long long)debt->index);
    assert_str(debt->name, str_from_c(origin));
    assert_true(str_starts(debt->key, debt->log == 1 ? STR("old-") : STR("new-")));
    if (str_equal(debt->key, STR("old-07")))
        snprintf(f->name_of_old_07, sizeof f->name_of_old_07, "%.*s", STR_FMT(debt->name));
    return OK;
}
static struct found debts_of(struct hall *hall) {
    struct found found = {0};
    struct guest *g = local_enters(hall);
    struct gate_debt_filter filter = {.max = 1000};
    assert_ok(gate_debt_list(&g->visit, &filter, found_add, &found, &g->e), &g->e);
    leaves(g);
    return found;
}

/* Rows of debts were keyed by an index alone: a debt of the new log overwrote the old log's debt that
 * had its index, and deleting an object of one log settled what the other owed. */
static void a_debt_meets_none_of_the_log_before(void **state) {
    struct hall *hall = *state;
    debts_are_made(hall);
    objects_put(hall, "old", 10);
    hall_copy_takes(hall);
    assert_int_equal(root_puts(hall, "tested-a", "lost", "x").code, OK);
    history_is_lost(hall, 1);
    objects_put(hall, "new", 12);
    assert_int_equal(root_makes(hall, "plain-b").code, OK); /* now at indexes of the other parity */
    objects_put(hall, "new-too", 12);
    struct found f = debts_of(hall);
    assert_int_equal(f.of_log[1], 10);
    assert_int_equal(f.of_log[2], 24);
    assert_int_equal(root_deletes(hall, "tested-a", "old-03").code, OK);
    f = debts_of(hall);
    assert_int_equal(f.of_log[1], 9);
    assert_int_equal(f.of_log[2], 24);
    assert_int_equal(root_deletes(hall, "tested-a", "new-03").code, OK);
    f = debts_of(hall);
    assert_int_equal(f.of_log[1], 9);
    assert_int_equal(f.of_log[2], 23);

    /* shown by its name; and the entry that meets it speaks of no entry of its own log */
    struct guest *g = local_enters(hall);
    struct gate_debt debt;
    assert_ok(gate_debt_show(&g->visit, str_from_c(f.name_of_old_07), &debt, &g->e), &g->e);
    assert_str(debt.key, STR("old-07"));
    assert_true(str_starts(debt.act_name, STR("hall.example/log#")));
    leaves(g);
    struct seen *seen = calloc(1, sizeof *seen);
    for (uint64_t i = entries(hall); i-- > 0 && seen->entry.type != EVIDENCE_DEBT_MET;)
        entry_read(hall, i, seen);
    assert_int_equal(seen->entry.span_count, 1); /* new-03: of this log */
    for (uint64_t i = entries(hall); i-- > 0;) {
        entry_read(hall, i, seen);
        if (seen->entry.type == EVIDENCE_DEBT_MET && seen->entry.span_count == 0) break;
        assert_true(i > 0); /* old-03 is somewhere */
    }
    char detail[512];
    snprintf(detail, sizeof detail, "%.*s", STR_FMT(seen->opening.values.of[EVIDENCE_DETAIL]));
    says(detail, "owed by entry hall.example/log#");
    free(seen);
    says(verified(hall, 0), "1 succession");
    store_is_sound(hall);
}

/* As a program before this format wrote it. */
static void old_rows_write(struct hall *hall, const struct debt *debts, size_t count) {
    struct engine_turn *turn;
    struct error e;
    assert_ok(engine_turn_begin(hall->gate->engine, &turn, &e), &e);
    for (size_t i = 0; i < count; i++) {
        const struct debt *d = &debts[i];
        unsigned char id[DEBT_ID_KEY_BYTES], place[DEBT_KEY_BYTES], old[DEBT_KEY_BYTES];
        char memory[64];
        struct pack p = pack_into(memory, sizeof memory);
        str row;
        assert_ok(engine_turn_delete(turn, ENGINE_META, debt_id_key(d->id, id), &e), &e);
        str key = debt_key(d->account, d->state, d->due_ns, d->id, place);
        assert_ok(engine_turn_delete(turn, ENGINE_META, key, &e), &e);
        pack_u8(&p, 1);
        pack_u64(&p, d->account);
        pack_u8(&p, (uint8_t)d->state);
        pack_i64(&p, d->due_ns);
        pack_i64(&p, d->since_ns);
        pack_u64(&p, d->act);
        pack_u64(&p, d->settled);
        pack_u8(&p, d->object_gone);
        assert_ok(pack_done(&p, "a debt", &row, &e), &e);
        memcpy(old, "j/", 2);
        write_be64(old + 2, d->id.index);
        assert_ok(engine_turn_put(turn, ENGINE_META, str_of(old, 10), row, &e), &e);
        if (d->state == DEBT_MET) continue;
        memcpy(old, place, 19);
        write_be64(old + 19, d->id.index);
        assert_ok(engine_turn_put(turn, ENGINE_META, str_of(old, 27), STR("1"), &e), &e);
    }
    assert_ok(engine_turn_delete(turn, ENGINE_META, STR("t/debts"), &e), &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
}

static size_t debts_read(struct hall *hall, struct debt *out, size_t most) {
    struct engine_view *view;
    struct engine_scan *scan;
    struct error e;
    str key, row;
    size_t count = 0;
    bool more = true;
    assert_ok(engine_view_open(hall->gate->engine, &view, &e), &e);
    assert_ok(engine_view_scan(view, ENGINE_META, STR("j/"), STR("j0"), &scan, &e), &e);
    for (;;) {
        assert_ok(engine_scan_next(scan, &more, &key, &row, &e), &e);
        if (!more) break;
        assert_true(count < most);
        assert_ok(debt_decode(key, row, &out[count++], &e), &e);
    }
    engine_scan_close(scan);
    engine_view_close(view);
    return count;
}

/* Any fourteen bytes were taken for the key of a debt. */
static void a_debt_is_read_from_its_own_kind_of_row_only(void **state) {
    struct debt debt = {.id = {1, 7}, .account = 3}, again;
    unsigned char key[DEBT_ID_KEY_BYTES];
    char row[DEBT_ROW_BYTES];
    struct error e;
    debt_encode(&debt, row);
    str right = debt_id_key(debt.id, key);
    assert_ok(debt_decode(right, str_of(row, sizeof row), &again, &e), &e);
    assert_int_equal(again.account, 3);
    key[0] ^= 1;
    assert_int_equal(debt_decode(right, str_of(row, sizeof row), &again, &e), FAIL_CORRUPT);
}

/* A store whose debts were keyed by an index alone would have shown none of them. */
static void debts_of_format_1_are_taken_over(void **state) {
    enum { MOST = 1000, MANY = 300 }; /* over one turn's */
    struct hall *hall = *state;
    static struct debt before[MOST], after[MOST];
    debts_are_made(hall);
    objects_put(hall, "old", 10);
    hall_copy_takes(hall);
    assert_int_equal(root_puts(hall, "tested-a", "lost", "x").code, OK);
    history_is_lost(hall, 1);
    objects_put(hall, "new", 1);
    assert_int_equal(root_deletes(hall, "tested-a", "old-02").code, OK);
    size_t count = debts_read(hall, before, MOST);
    assert_int_equal(count, 11);
    old_rows_write(hall, before, count);
    hall_stop(hall);
    hall_start(hall);
    assert_int_equal(debts_read(hall, after, MOST), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(after[i].id.log, before[i].id.log);
        assert_int_equal(after[i].id.index, before[i].id.index);
        assert_int_equal(after[i].state, before[i].state);
        assert_int_equal(after[i].settled, before[i].settled);
        assert_int_equal(after[i].settled_log, 0); /* nobody kept it */
    }
    struct found f = debts_of(hall);
    assert_int_equal(f.of_log[1], 9);
    assert_int_equal(f.of_log[2], 1);

    /* many, and a program of another format after this one */
    objects_put(hall, "new-more", MANY);
    count = debts_read(hall, before, MOST);
    assert_int_equal(before[10].id.log, 2); /* rows of both logs could not stand side by side */
    old_rows_write(hall, before + 10, count - 10);
    hall_stop(hall);
    hall_start(hall);
    assert_int_equal(debts_read(hall, after, MOST), count);
    f = debts_of(hall);
    assert_int_equal(f.of_log[2], 1 + MANY);
    struct engine_turn *turn;
    struct error e;
    assert_ok(engine_turn_begin(hall->gate->engine, &turn, &e), &e);
    assert_ok(engine_turn_put(turn, ENGINE_META, STR("t/debts"), STR("\3"), &e), &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
    hall_stop(hall);
    assert_int_equal(gate_open(&hall->options, &hall->gate, &e), FAIL_VERSION);
    says(e.message, "the rows of debts are of format 3; this program knows 2");
    hall->gate = NULL;
}

/* ---- receipts ---- */

static struct store_upload_id upload_begins(struct hall *hall, struct store_part_claim *claim) {
    struct gate_upload_new new = {.bucket = STR("plain-a"), .key = STR("in parts")};
    struct store_upload_id id;
    struct guest *g = root_enters(hall);
    assert_ok(gate_upload_create(&g->visit, &new, &id, &g->answer, &g->e), &g->e);
    leaves(g);
    struct gate_put part = {
        .bucket = new.bucket, .key = new.key, .is_part = true, .upload = id, .part_number = 1};
    g = root_enters(hall);
    assert_ok(put_opened(g, &part, STR("a part")), &g->e);
    *claim = (struct store_part_claim){.number = 1};
    memcpy(claim->md5, g->stored.etag.md5, sizeof claim->md5);
    leaves(g);
    return id;
}

static struct once upload_completes(struct hall *hall, struct store_upload_id id,
                                    const struct store_part_claim *claim) {
    struct guest *g = root_enters(hall);
    return once_of(g, gate_upload_complete(&g->visit, STR("plain-a"), STR("in parts"), id, claim, 1,
                                           NULL, NULL, &g->stored, &g->answer, &g->e));
}

/* The receipt of a Complete repeated after a succession named the new log with the old one's index. */
static void a_repeated_complete_names_the_log_it_was_done_in(void **state) {
    struct hall *hall = *state;
    struct store_part_claim claim;
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    struct store_upload_id id = upload_begins(hall, &claim);
    struct once first = upload_completes(hall, id, &claim);
    assert_int_equal(first.code, OK);
    assert_true(str_starts(str_from_c(first.receipt), STR("hall.example/log#")));
    hall_copy_takes(hall);
    assert_int_equal(root_puts(hall, "plain-a", "lost", "x").code, OK);
    history_is_lost(hall, 1);
    struct once again = upload_completes(hall, id, &claim);
    assert_int_equal(again.code, OK);
    assert_string_equal(again.receipt, first.receipt);
    id = upload_begins(hall, &claim); /* one of the new log names that, both times */
    first = upload_completes(hall, id, &claim);
    assert_true(str_starts(str_from_c(first.receipt), STR("hall.example/log/2#")));
    again = upload_completes(hall, id, &claim);
    assert_string_equal(again.receipt, first.receipt);
}

/* ---- looking back ---- */

struct told {
    size_t of_log[3];
};
static enum error_code act_note(void *self, const struct gate_act *act, struct error *e) {
    struct told *told = self;
    bool is_new = str_starts(act->name, STR("hall.example/log/2#"));
    assert_true(is_new || str_starts(act->name, STR("hall.example/log#")));
    assert_true(act->decision.len > 0);
    if (!is_new) assert_int_equal(told->of_log[2], 0); /* in order */
    told->of_log[is_new ? 2 : 1]++;
    return OK;
}

/* `azekura why` and `rulebook try --against ledger` saw the newest log alone: what was decided before a
 * succession was not found, and passed over in what new rules would have refused. */
static void what_was_decided_before_a_succession_is_told(void **state) {
    struct hall *hall = *state;
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    struct guest *g = root_enters(hall);
    g->visit.request_id = STR("of the first log");
    assert_int_equal(put(g, "critical-a", "k", STR("x")), OK);
    leaves(g);
    hall_copy_takes(hall);
    assert_int_equal(root_puts(hall, "critical-a", "lost", "x").code, OK);
    history_is_lost(hall, 1);
    g = root_enters(hall);
    g->visit.request_id = STR("of the second log");
    assert_int_equal(put(g, "critical-a", "k", STR("y")), OK);
    leaves(g);
    const char *told = why(hall, "of the first log");
    says(told, "entry     hall.example/log#");
    says(told, "act put, sector tests, class critical"); /* by that log's own codes */
    says(why(hall, "of the second log"), "entry     hall.example/log/2#");

    struct told acts = {{0}};
    struct gate_act_page page = {
        .from_ns = INT64_MIN, .until_ns = INT64_MAX, .bytes_most = 1 << 10};
    struct gate_act_next next = {0};
    g = local_enters(hall);
    for (int pages = 0; !next.is_end; pages++) {
        assert_true(pages < 100);
        page.log = next.log;
        page.first = next.first;
        assert_ok(gate_act_list(&g->visit, &page, act_note, &acts, &next, &g->e), &g->e);
    }
    assert_int_equal(next.log, 2);
    page.log = 3;
    page.first = 0;
    assert_int_equal(gate_act_list(&g->visit, &page, act_note, &acts, &next, &g->e),
                     FAIL_NOT_FOUND);
    leaves(g);
    assert_true(acts.of_log[1] >= 2); /* the bucket, the put */
    assert_true(acts.of_log[2] >= 1);
}

/* ---- lost whole ---- */

static const char *lost(struct hall *hall, bool *incomplete) {
    static char memory[4096];
    struct text text = text_into(memory, sizeof memory - 1);
    struct guest *g = local_enters(hall);
    assert_ok(gate_lost_tell(&g->visit, &text, incomplete, &g->e), &g->e);
    leaves(g);
    memory[text.len] = 0;
    return memory;
}

/* Nothing said that a log had been there of which nothing is left. */
static void a_log_lost_whole_is_told_of(void **state) {
    struct hall *hall = *state;
    bool incomplete = true;
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "of log 1", "first").code, OK);
    assert_string_equal(lost(hall, &incomplete), "");
    assert_false(incomplete);
    hall_copy_takes(hall);
    assert_int_equal(root_puts(hall, "plain-a", "lost", "x").code, OK);
    history_is_lost(hall, 1);
    assert_string_equal(lost(hall, &incomplete), "");
    assert_int_equal(root_puts(hall, "plain-a", "of log 2", "second").code, OK);
    uint64_t known = entries(hall);
    history_is_lost(hall, 2); /* back to the copy from before log 2 */
    char expected[512];
    snprintf(
        expected, sizeof expected,
        "log hall.example/log/2 was lost whole: nothing is left of it, and %llu were known, as "
        "entry hall.example/log/3#0 says; no checkpoint of it survives\n",
        (unsigned long long)known);
    assert_string_equal(lost(hall, &incomplete), expected);
    assert_false(incomplete);
    const char *told = verified(hall, 0);
    says(told, "left of it: 0 entries: it was lost whole");
    says(told, "last checkpoint of it: did not survive");
}

/* Exports of a store failed where the files of an old log were gone. Now all else is exported, and what is
 * not there is said, by the store and by who verifies it. */
static void files_of_an_old_log_that_are_gone_are_told_of(void **state) {
    struct hall *hall = *state;
    bool incomplete = false;
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "of log 1", "first").code, OK);
    uint64_t left = entries(hall);
    hall_copy_takes(hall);
    assert_int_equal(root_puts(hall, "plain-a", "lost", "x").code, OK);
    history_is_lost(hall, 1);
    assert_int_equal(root_puts(hall, "plain-a", "of log 2", "second").code, OK);
    hall_stop(hall);
    hall_shell("rm -r '%s/ledger/tile' '%s/ledger/left'", hall->data, hall->data);
    hall_start(hall);
    char expected[128];
    snprintf(expected, sizeof expected,
             "log hall.example/log is not there: %llu entries were left of it",
             (unsigned long long)left);
    says(lost(hall, &incomplete), expected);
    says(lost(hall, &incomplete), "its last checkpoint that survives is of ");
    assert_true(incomplete);
    const char *told = verified(hall, 1);
    says(told, "NOT VERIFIED");
    says(told, "what is left of the log hall.example/log, ");
    hall_shell("grep -q 'log hall.example/log %llu$' '%s/store-export/listing'",
               (unsigned long long)left, hall->dir);
}

/* A bundle spoke of the newest log alone: who read its cover took that for the whole period. */
static void a_bundle_tells_of_entries_in_earlier_logs(void **state) {
    struct hall *hall = *state;
    static char roomy[8 << 20]; /* as much as the door has */
    struct arena arena = arena_over(roomy, sizeof roomy);
    char where[128];
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "x").code, OK);
    uint64_t left = entries(hall);
    hall_copy_takes(hall);
    assert_int_equal(root_puts(hall, "plain-a", "lost", "x").code, OK);
    history_is_lost(hall, 1);
    const str field = STR("key");
    snprintf(where, sizeof where, "%s/bundle", hall->dir);
    struct gate_bundle_ask ask = {.dir = where,
                                  .from = 0,
                                  .until = evidence_minute(clock_wall_ns()) + 2,
                                  .fields = &field,
                                  .field_count = 1};
    json_t *cover = json_object();
    struct guest *g = local_enters(hall);
    g->visit.arena = &arena;
    assert_ok(gate_bundle_write(&g->visit, &ask, cover, &g->e), &g->e);
    leaves(g);
    const json_t *log = json_array_get(json_object_get(cover, "earlier"), 0);
    assert_int_equal(json_array_size(json_object_get(cover, "earlier")), 1);
    assert_true(json_is_true(json_object_get(log, "is_there")));
    assert_int_equal(json_integer_value(json_object_get(log, "entries")), left);
    assert_string_equal(json_string_value(json_object_get(log, "first")), "hall.example/log#0");
    char last[64];
    snprintf(last, sizeof last, "hall.example/log#%llu", (unsigned long long)left - 1);
    assert_string_equal(json_string_value(json_object_get(log, "last")), last);
    assert_null(json_object_get(cover, "cut_short"));
    json_decref(cover);

    hall_stop(hall); /* nothing of it is there any more */
    hall_shell("rm -r '%s/ledger/tile' '%s/ledger/left' '%s/bundle'", hall->data, hall->data,
               hall->dir);
    hall_start(hall);
    cover = json_object();
    g = local_enters(hall);
    arena = arena_over(roomy, sizeof roomy);
    g->visit.arena = &arena;
    assert_ok(gate_bundle_write(&g->visit, &ask, cover, &g->e), &g->e);
    leaves(g);
    log = json_array_get(json_object_get(cover, "earlier"), 0);
    assert_true(json_is_false(json_object_get(log, "is_there")));
    assert_int_equal(json_integer_value(json_object_get(log, "left")), left);
    assert_ptr_equal(json_object_get(cover, "cut_short"), log);
    json_decref(cover);
}

#define IN_A_HALL(f) cmocka_unit_test_setup_teardown(f, hall_open, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_debt_is_read_from_its_own_kind_of_row_only),
        IN_A_HALL(a_debt_meets_none_of_the_log_before),
        IN_A_HALL(debts_of_format_1_are_taken_over),
        IN_A_HALL(a_bundle_tells_of_entries_in_earlier_logs),
        IN_A_HALL(a_log_lost_whole_is_told_of),
        IN_A_HALL(files_of_an_old_log_that_are_gone_are_told_of),
        IN_A_HALL(what_was_decided_before_a_succession_is_told),
        IN_A_HALL(a_repeated_complete_names_the_log_it_was_done_in),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
