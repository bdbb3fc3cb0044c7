#include "tests/gate/hall.h"

#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- the clock ---- */

static _Atomic(int64_t) ahead_ns;

static int64_t wall(void *self) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec + atomic_load(&ahead_ns);
}
static int64_t steady(void *self) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * NS_PER_S + now.tv_nsec;
}
static const struct clock_source source = {wall, steady, NULL};

void hall_clock_ahead(int64_t ns) {
    atomic_fetch_add(&ahead_ns, ns);
}

/* ---- files ---- */

static void file_write(const char *path, str bytes) {
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, f), bytes.len);
    assert_int_equal(fclose(f), 0);
}

static str file_read(const char *path, char *memory, size_t cap) {
    FILE *f = fopen(path, "r");
    if (f == NULL) fail_msg("cannot read %s", path);
    size_t len = fread(memory, 1, cap, f);
    fclose(f);
    return str_of(memory, len);
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    return remove(path);
}

const char *hall_rules(struct hall *hall) {
    static char path[128];
    snprintf(path, sizeof path, "%s/test.yaml", hall->rulebooks);
    return path;
}
const char *hall_register(struct hall *hall) {
    return hall->registers;
}

void hall_edit(struct hall *hall, const char *path, const char *from, const char *to) {
    char in[65536], out[65536];
    str rest = file_read(path, in, sizeof in);
    struct text text = text_into(out, sizeof out);
    size_t at;
    bool any = false;
    while (str_find(rest, str_from_c(from), &at)) {
        text_add(&text, str_slice(rest, 0, at));
        text_add_c(&text, to);
        rest = str_skip(rest, at + strlen(from));
        any = true;
    }
    if (!any) fail_msg("%s has no \"%s\"", path, from);
    text_add(&text, rest);
    file_write(path, text_str(&text));
}

static void fixtures_copy(struct hall *hall) {
    char memory[65536];
    assert_int_equal(mkdir(hall->rulebooks, 0700), 0);
    assert_int_equal(mkdir(hall->dmi, 0700), 0);
    file_write(hall->registers, file_read(TEST_DATA "/register.yaml", memory, sizeof memory));
    file_write(hall_rules(hall),
               file_read(TEST_DATA "/rulebooks/test.yaml", memory, sizeof memory));
}

/* ---- opening and closing ---- */

static void root_key_find(struct hall *hall) {
    char memory[512];
    struct arena arena = arena_over(memory, sizeof memory);
    struct error e;
    str key, secret;
    assert_ok(gate_root_key(hall->gate, &arena, &key, &secret, &e), &e);
    snprintf(hall->root_key, sizeof hall->root_key, "%.*s", STR_FMT(key));
    snprintf(hall->root_secret, sizeof hall->root_secret, "%.*s", STR_FMT(secret));
}

void hall_start(struct hall *hall) {
    struct engine *engine = NULL;
    struct engine_lab_options lab = {0};
    struct error e;
    if (hall->lab) assert_ok(engine_open_lab(&lab, &engine, &e), &e);
    assert_ok(gate_open_over(&hall->options, engine, &hall->gate, &e), &e);
    root_key_find(hall);
}

void hall_stop(struct hall *hall) {
    gate_close(hall->gate);
    hall->gate = NULL;
}

static int open_as(void **state, bool lab) {
    struct hall *hall = calloc(1, sizeof *hall);
    clock_use(&source);
    strcpy(hall->dir, "/tmp/azekura-gate-XXXXXX");
    assert_non_null(mkdtemp(hall->dir));
    snprintf(hall->data, sizeof hall->data, "%s/data", hall->dir);
    snprintf(hall->registers, sizeof hall->registers, "%s/register.yaml", hall->dir);
    snprintf(hall->rulebooks, sizeof hall->rulebooks, "%s/rulebooks", hall->dir);
    snprintf(hall->dmi, sizeof hall->dmi, "%s/dmi", hall->dir);
    hall->lab = lab;
    fixtures_copy(hall);
    hall->register_paths[0] = hall->registers;
    hall->rulebook_paths[0] = hall->rulebooks;
    hall->options = (struct gate_options){.data_dir = hall->data,
                                          .site = "here",
                                          .register_paths = hall->register_paths,
                                          .register_count = 1,
                                          .rulebook_paths = hall->rulebook_paths,
                                          .rulebook_count = 1,
                                          .dmi_dir = "off",
                                          .metadata_url = "off",
                                          .origin = "hall.example/log",
                                          .cache_bytes = 8 << 20,
                                          .write_buffer_bytes = 4 << 20};
    *state = hall;
    if (lab) assert_int_equal(mkdir(hall->data, 0700), 0);
    hall_start(hall);
    return 0;
}

int hall_open(void **state) {
    return open_as(state, false);
}
int hall_open_lab(void **state) {
    return open_as(state, true);
}

int hall_close(void **state) {
    struct hall *hall = *state;
    while (hall->guests != NULL) leaves(hall->guests);
    if (hall->gate != NULL) {
        store_is_sound(hall);
        hall_stop(hall);
    }
    nftw(hall->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(hall);
    return 0;
}

/* ---- guests ---- */

static pthread_mutex_t guests_lock = PTHREAD_MUTEX_INITIALIZER;

struct guest *stranger_enters(struct hall *hall) {
    struct guest *g = calloc(1, sizeof *g);
    g->hall = hall;
    pthread_mutex_lock(&guests_lock);
    g->next = hall->guests;
    hall->guests = g;
    pthread_mutex_unlock(&guests_lock);
    g->arena = arena_over(g->memory, sizeof g->memory);
    g->visit.request_id = STR("request-1");
    gate_visit_begin(hall->gate, &g->visit, &g->arena);
    assert_ok(net_address_read(STR("192.0.2.7:5555"), &g->visit.peer, &g->e), &g->e);
    return g;
}

struct guest *guest_enters(struct hall *hall, str access_key) {
    struct guest *g = stranger_enters(hall);
    str secret;
    assert_ok(gate_visit_key(&g->visit, access_key, &secret, &g->e), &g->e);
    gate_visit_vouch(&g->visit);
    return g;
}

struct guest *root_enters(struct hall *hall) {
    return guest_enters(hall, str_from_c(hall->root_key));
}

struct guest *local_enters(struct hall *hall) {
    struct guest *g = stranger_enters(hall);
    gate_visit_local(&g->visit);
    return g;
}

void leaves(struct guest *g) {
    pthread_mutex_lock(&guests_lock);
    struct guest **link = &g->hall->guests;
    while (*link != g) link = &(*link)->next;
    *link = g->next;
    pthread_mutex_unlock(&guests_lock);
    gate_visit_end(&g->visit);
    free(g);
}

enum error_code put_opened(struct guest *g, const struct gate_put *put, str body) {
    struct gate_writing *w;
    struct gate_digests digests;
    TRY(gate_put_open(&g->visit, put, &w, &g->answer, &g->e));
    enum error_code code = OK;
    /* In pieces of an odd length, so that no frame boundary is met by luck. */
    while (code == OK && body.len > 0) {
        size_t step = size_min(body.len, 40009);
        code = gate_put_write(w, str_slice(body, 0, step), &g->e);
        body = str_skip(body, step);
    }
    if (code == OK) code = gate_put_finish(w, &digests, &g->e);
    if (code != OK) {
        gate_put_abandon(w);
        return code;
    }
    return gate_put_commit(w, NULL, &g->stored, &g->answer, &g->e);
}

enum error_code put(struct guest *g, const char *bucket, const char *key, str body) {
    struct gate_put put = {
        .bucket = str_from_c(bucket), .key = str_from_c(key), .expected_bytes = body.len};
    return put_opened(g, &put, body);
}

unsigned hall_runs;

enum error_code get(struct guest *g, const struct gate_get *what, uint64_t first, uint64_t count,
                    char **out, size_t *len) {
    struct gate_reading reading;
    *out = NULL;
    *len = 0;
    TRY(gate_read_open(&g->visit, what, &reading, &g->answer, &g->e));
    uint64_t bytes = reading.version.body.bytes;
    enum error_code code = OK;
    if (first != 0 || count != UINT64_MAX) code = gate_read_range(&reading, first, count, &g->e);
    *out = malloc(size_max((size_t)bytes, 1));
    while (code == OK) {
        str piece;
        struct gate_run run;
        code = gate_read_run(&reading, &run, &g->e); /* what may be sent as it lies there */
        if (code != OK) break;
        if (run.bytes > 0) {
            assert_false(reading.version.body.encrypted);
            assert_true(run.bytes <= bytes - *len);
            assert_int_equal(pread(run.file, *out + *len, run.bytes, (off_t)run.offset), run.bytes);
            *len += run.bytes;
            hall_runs++;
            continue;
        }
        code = gate_read_next(&reading, &piece, &g->e);
        if (code != OK || piece.len == 0) break;
        assert_true(*len + piece.len <= bytes);
        memcpy(*out + *len, piece.at, piece.len);
        *len += piece.len;
    }
    gate_read_close(&reading);
    gate_read_close(&reading); /* twice is fine */
    return code;
}

enum error_code get_text(struct guest *g, const char *bucket, const char *key, char out[64]) {
    struct gate_get what = {.bucket = str_from_c(bucket), .key = str_from_c(key)};
    char *body;
    size_t len;
    enum error_code code = get(g, &what, 0, UINT64_MAX, &body, &len);
    snprintf(out, 64, "%.*s", code == OK ? (int)len : 0, body != NULL ? body : "");
    free(body);
    return code;
}

struct once once_of(struct guest *g, enum error_code code) {
    struct once o = {.code = code, .answer = g->answer};
    snprintf(o.message, sizeof o.message, "%s", code == OK ? "" : g->e.message);
    snprintf(o.receipt, sizeof o.receipt, "%.*s", STR_FMT(g->answer.receipt));
    snprintf(o.clauses, sizeof o.clauses, "%.*s", STR_FMT(g->answer.clauses));
    snprintf(o.version, sizeof o.version, "%.*s", STR_FMT(g->stored.version));
    leaves(g);
    return o;
}

struct once root_makes(struct hall *hall, const char *bucket) {
    struct guest *g = root_enters(hall);
    return once_of(g, gate_bucket_create(&g->visit, str_from_c(bucket), &g->answer, &g->e));
}
struct once root_puts(struct hall *hall, const char *bucket, const char *key, const char *body) {
    struct guest *g = root_enters(hall);
    return once_of(g, put(g, bucket, key, str_from_c(body)));
}
struct once root_gets(struct hall *hall, const char *bucket, const char *key, char out[64]) {
    struct guest *g = root_enters(hall);
    return once_of(g, get_text(g, bucket, key, out));
}
struct once root_deletes(struct hall *hall, const char *bucket, const char *key) {
    struct guest *g = root_enters(hall);
    struct gate_delete row = {.key = str_from_c(key)};
    enum error_code code = gate_delete(&g->visit, str_from_c(bucket), &row, 1, &g->answer, &g->e);
    return once_of(g, code == OK ? row.code : code);
}

const char *user_makes(struct hall *hall, const char *user, const char *pattern,
                       const char *rights) {
    static char ids[8][32];
    static unsigned next;
    struct gate_new_key key;
    struct guest *g = root_enters(hall);
    char *id = ids[next++ % COUNT_OF(ids)];
    assert_ok(gate_user_add(&g->visit, str_from_c(user), &g->answer, &g->e), &g->e);
    assert_ok(gate_grant(&g->visit, str_from_c(user), str_from_c(pattern), str_from_c(rights),
                         &g->answer, &g->e),
              &g->e);
    assert_ok(gate_key_add(&g->visit, str_from_c(user), &key, &g->answer, &g->e), &g->e);
    snprintf(id, sizeof ids[0], "%.*s", STR_FMT(key.id));
    leaves(g);
    return id;
}

/* ---- the ledger ---- */

uint64_t entries(struct hall *hall) {
    struct ledger_state state;
    ledger_state(hall->gate->ledger, &state);
    return state.committed_size;
}

void entry_read(struct hall *hall, uint64_t index, struct seen *out) {
    struct ledger *ledger = hall->gate->ledger;
    struct arena arena = arena_over(out->memory, sizeof out->memory), scratch;
    struct arena_space space;
    struct engine_view *view;
    struct error e;
    str bytes;
    assert_ok(arena_space_open(&space, 4 << 20, &scratch, &e), &e);
    assert_ok(engine_view_open(hall->gate->engine, &view, &e), &e);
    assert_ok(
        ledger_entry_read(ledger, ledger_number(ledger), index, view, &arena, scratch, &bytes, &e),
        &e);
    assert_ok(evidence_entry_decode(bytes, &arena, &out->entry, &e), &e);
    enum error_code code = gate_opening_read(hall->gate, view, ledger_number(ledger), index, &arena,
                                             &out->opening, &e);
    out->opened = code == OK;
    if (code == OK) assert_ok(evidence_opening_check(&out->entry, &out->opening, &e), &e);
    engine_view_close(view);
    arena_space_release(&space);
}

uint64_t receipt_index(const char *receipt) {
    const char *at = strchr(receipt, '#');
    if (at == NULL) fail_msg("\"%s\" is no receipt", receipt);
    return strtoull(at + 1, NULL, 10);
}

unsigned entries_of(struct hall *hall, enum evidence_type type, uint64_t first) {
    struct seen *seen = malloc(sizeof *seen);
    unsigned count = 0;
    for (uint64_t i = first; i < entries(hall); i++) {
        entry_read(hall, i, seen);
        count += seen->entry.type == type;
    }
    free(seen);
    return count;
}

void store_is_sound(struct hall *hall) {
    struct engine_view *view;
    struct arena_space space;
    struct arena arena;
    struct error e;
    assert_ok(arena_space_open(&space, 16 << 20, &arena, &e), &e);
    assert_ok(engine_view_open(hall->gate->engine, &view, &e), &e);
    assert_ok(store_check(view, arena, &e), &e);
    engine_view_close(view);
    arena_space_release(&space);
}

/* ---- losing history ---- */

void hall_shell(const char *format, ...) {
    char command[1024];
    va_list values;
    va_start(values, format);
    vsnprintf(command, sizeof command, format, values);
    va_end(values);
    if (system(command) != 0) fail_msg("%s", command);
}

void hall_copy_takes(struct hall *hall) {
    hall_stop(hall);
    hall_shell("rm -rf '%s/copy' && cp -r '%s' '%s/copy'", hall->dir, hall->data, hall->dir);
    hall_start(hall);
}

const char *hall_history_loses(struct hall *hall, uint32_t number) {
    static char said_memory[2048];
    char watermark[160];
    struct error e;
    struct gate *gate;
    struct text said = text_into(said_memory, sizeof said_memory - 1), none = said;
    if (number == 1)
        snprintf(watermark, sizeof watermark, "%s/ledger/signed", hall->data);
    else
        snprintf(watermark, sizeof watermark, "%s/ledger/log-%u/signed", hall->data, number);
    hall_shell("cp '%s' '%s/newest-signed' && rm -r '%s' && cp -r '%s/copy' '%s' && "
               "mkdir -p \"$(dirname '%s')\" && cp '%s/newest-signed' '%s'",
               watermark, hall->dir, hall->data, hall->dir, hall->data, watermark, hall->dir,
               watermark);
    assert_int_equal(gate_open(&hall->options, &gate, &e), FAIL_ROLLED_BACK);
    assert_ok(gate_succeed(&hall->options, STR("a copy was put back"), &said, &e), &e);
    none.len = said.len;
    assert_int_equal(gate_succeed(&hall->options, STR("again"), &none, &e), FAIL_USAGE);
    said_memory[said.len] = 0;
    return said_memory;
}
