/* Instead of the gate: what a test put there, and what the console asked of it. */
#include "tests/console/fake_gate.h"

struct fake_gate fake;

void gate_visit_begin(struct gate *gate, struct gate_visit *visit, struct arena *arena) {
    visit->gate = gate;
    visit->arena = arena;
    visit->user = NULL;
    fake.visits_open++;
}

void gate_visit_end(struct gate_visit *visit) {
    fake.visits_open--;
}

enum error_code gate_visit_key(struct gate_visit *visit, str access_key, str *secret,
                               struct error *e) {
    if (fake.key_disabled || !str_equal(access_key, STR(FAKE_KEY)))
        return error_set(e, FAIL_ACCESS_KEY, "the access key is not known here");
    *secret = STR(FAKE_SECRET);
    return OK;
}

void gate_visit_vouch(struct gate_visit *visit) {
    visit->user = &fake;
}

enum error_code gate_visit_admit(struct gate_visit *visit, struct error *e) {
    gate_visit_vouch(visit);
    return fake.over ? error_set(e, FAIL_ACCESS_DENIED, "the time of the inspector ended") : OK;
}

str gate_visit_user(const struct gate_visit *visit) {
    return visit->user != NULL ? STR("inspector<1>") : STR_EMPTY;
}

enum error_code gate_named_list(struct gate_visit *visit,
                                enum error_code (*each)(void *self, const struct gate_named *,
                                                        struct error *e),
                                void *self, struct error *e) {
    fake.lists++;
    assert_non_null(visit->user); /* names are asked for only by who signed in */
    const struct gate_named row = {.index = 1234567,
                                   .time_ns = 1795310000 * NS_PER_S,
                                   .type = "put",
                                   .bucket = STR("secret-bucket"),
                                   .key = STR("a<script>alert(1)</script>\"&'"),
                                   .user = STR("someone")};
    return each(self, &row, e);
}

enum error_code gate_state_read(struct gate *gate, struct arena *arena, struct gate_state *out,
                                struct error *e) {
    *out = fake.state;
    return OK;
}

enum ledger_rollback gate_rollback(const struct gate *gate) {
    return LEDGER_UNGUARDED;
}
bool gate_is_healthy(const struct gate *gate) {
    return !fake.sick;
}

str gate_ledger_vkey(const struct gate *gate) {
    return STR("azekura.test/site+01234567+AQ");
}

enum error_code gate_ledger_file(struct gate_visit *visit, str path, struct arena *arena,
                                 str *bytes, bool *immutable, struct error *e) {
    if (str_equal(path, STR("tile/0/000"))) {
        *immutable = true;
        *bytes = STR("hashes");
        return OK;
    }
    if (str_equal(path, STR("checkpoint"))) {
        *immutable = false;
        *bytes = STR("note");
        return OK;
    }
    if (str_equal(path, STR("tile/entries/000")))
        return error_set(e, FAIL_ACCESS_DENIED, "entry bundles need the right inspect");
    return error_set(e, FAIL_NOT_FOUND, "the ledger has no file of that name");
}

enum error_code gate_prove(struct gate_visit *visit, const struct gate_get *which,
                           const str *fields, size_t count, struct text *out,
                           struct gate_answer *answer, struct error *e) {
    return error_set(e, FAIL_ACCESS_DENIED, "no grant to read there");
}

const char *ledger_rollback_name(enum ledger_rollback rollback) {
    return rollback == LEDGER_GUARDED ? "guarded" : "unguarded";
}
