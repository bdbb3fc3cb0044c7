/* The witness over a real socket: every status of the specification, restarts, and many at once.
 * Attack row 26: a witness's 409 mishandled, two checkpoints of one size. */
#include "base/disk.h"
#include "http/http.h"
#include "tests/test.h"
#include "witness/witness.h"

#include <errno.h>
#include <ftw.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOG_SIZE = 200, CLIENTS = 8, ROUNDS = 24 };

static struct tlog_signer log_signer, log_next_key, stranger;
static digest leaves[LOG_SIZE], forked[LOG_SIZE];
static char dir[64], key_path[96], state_dir[96];
static char vkeys[2][TLOG_VKEY_TEXT_BYTES + 1];
static struct tlog_vkey witness_key;

static struct runtime *runtime;
static struct witness *witness;
static struct witness_server *server;
static struct http_client *client;
static char address[NET_TEXT_BYTES];

static struct tlog_signer signer_make(const char *name, const char *seed_text) {
    struct tlog_signer signer;
    struct secret seed;
    struct error e;
    digest hash = sha256_of(str_from_c(seed_text));
    memcpy(seed.at, hash.at, sizeof seed.at);
    assert_ok(tlog_signer_make(str_from_c(name), TLOG_KEY_ED25519, &seed, &signer, &e), &e);
    return signer;
}

/* ---- the server under test */

static enum error_code start(struct error *e) {
    const char *logs[] = {vkeys[0], vkeys[1]};
    struct witness_options options = {
        .key_path = key_path, .logs = logs, .log_count = 2, .state_dir = state_dir};
    TRY(witness_open(&options, &witness, e));
    struct runtime_options runtime_options = {.reactors = 1};
    struct net_address listen;
    TRY(runtime_open(&runtime_options, &runtime, e));
    TRY(net_address_read(STR("127.0.0.1:0"), &listen, e));
    TRY(witness_server_open(witness, runtime, &listen, &server, e));
    listen = witness_server_address(server);
    net_address_write(&listen, address);
    return OK;
}

static void stop(void) {
    witness_server_close(server);
    runtime_close(runtime);
    witness_close(witness);
    witness = NULL;
}

static int setup(void **state) {
    struct error e;
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(dir, sizeof dir, "%s/azekura-witness-XXXXXX", memory);
    assert_non_null(mkdtemp(dir));
    snprintf(key_path, sizeof key_path, "%s/key", dir);
    snprintf(state_dir, sizeof state_dir, "%s/state/deep", dir);
    log_signer = signer_make("ledger.example.jp/sendai", "log");
    log_next_key = signer_make("ledger.example.jp/sendai", "next");
    stranger = signer_make("ledger.example.jp/other", "other");
    vkeys[0][tlog_vkey_write(&log_signer.vkey, vkeys[0])] = 0;
    vkeys[1][tlog_vkey_write(&log_next_key.vkey, vkeys[1])] = 0;
    for (unsigned i = 0; i < LOG_SIZE; i++) {
        unsigned char byte = (unsigned char)i;
        leaves[i] = tlog_leaf_hash(str_of(&byte, 1));
        forked[i] = i < 5 ? leaves[i] : tlog_leaf_hash(STR("another history"));
    }
    assert_ok(witness_key_generate(key_path, STR("witness.example.jp"), &witness_key, &e), &e);
    assert_ok(http_client_open(&(struct http_client_options){.without_tls = true}, &client, &e),
              &e);
    assert_ok(start(&e), &e);
    return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
    return remove(path);
}

static int teardown(void **state) {
    stop();
    http_client_close(client);
    nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return 0;
}

static void start_afresh(void) {
    struct error e;
    stop();
    nftw(state_dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    assert_ok(start(&e), &e);
}

/* ---- requests */

struct reply {
    int status;
    str body, type;
    char memory[96 * 1024];
};

static void call(enum http_method method, const char *path, str body, struct reply *out) {
    struct arena arena = arena_over(out->memory, sizeof out->memory);
    struct http_response_head head;
    struct error e;
    char url[256];
    snprintf(url, sizeof url, "http://%s%s", address, path);
    struct http_client_request request = {.method = method,
                                          .url = str_from_c(url),
                                          .body = body,
                                          .deadline_ns = clock_steady_ns() + 20 * NS_PER_S};
    assert_ok(http_client_fetch(client, &request, 32768, &arena, &head, &out->body, &e), &e);
    out->status = head.status;
    if (!http_headers_find(&head.headers, STR("content-type"), &out->type)) out->type = STR_EMPTY;
}

static enum error_code node_read(void *self, unsigned level, uint64_t index, digest *out,
                                 struct error *e) {
    const digest *hashes = self;
    *out = tlog_root_of(hashes + (index << level), (size_t)1 << level);
    return OK;
}

/* A request from `old_size` to `size` of the history `hashes`. */
static str request_make(digest *hashes, uint64_t old_size, uint64_t size,
                        const struct tlog_signer *signer, char *memory, size_t cap) {
    char note_memory[1024];
    struct text note = text_into(note_memory, sizeof note_memory), out = text_into(memory, cap);
    struct tlog_nodes nodes = {.read = node_read, .self = hashes};
    struct tlog_checkpoint checkpoint = {
        .origin = tlog_vkey_name(&signer->vkey), .size = size, .root = tlog_root_of(hashes, size)};
    struct tlog_add_checkpoint request = {.old_size = old_size};
    struct error e;
    assert_ok(tlog_checkpoint_sign(&note, &checkpoint, signer, &e), &e);
    if (old_size <= size)
        assert_ok(tlog_consistency_make(&nodes, old_size, size, &request.path, &e), &e);
    request.checkpoint = text_str(&note);
    assert_ok(tlog_add_checkpoint_write(&out, &request, &e), &e);
    return text_str(&out);
}

static void add_from(digest *hashes, uint64_t old_size, uint64_t size,
                     const struct tlog_signer *signer, struct reply *reply) {
    char memory[8192];
    call(HTTP_POST, "/add-checkpoint",
         request_make(hashes, old_size, size, signer, memory, sizeof memory), reply);
}

static int add(uint64_t old_size, uint64_t size) {
    struct reply reply;
    add_from(leaves, old_size, size, &log_signer, &reply);
    return reply.status;
}

/* The answer's line, appended to the checkpoint, is a cosignature of the witness. */
static void cosignature_holds(uint64_t size, const struct reply *reply) {
    char memory[2048];
    struct text note = text_into(memory, sizeof memory);
    struct tlog_checkpoint checkpoint = {.origin = tlog_vkey_name(&log_signer.vkey),
                                         .size = size,
                                         .root = tlog_root_of(leaves, size)};
    struct tlog_note parsed;
    struct tlog_signed by;
    struct error e;
    assert_ok(tlog_checkpoint_sign(&note, &checkpoint, &log_signer, &e), &e);
    text_add(&note, reply->body);
    assert_ok(tlog_note_parse(text_str(&note), &parsed, &e), &e);
    assert_ok(tlog_note_verify(&parsed, &witness_key, 1, &by, &e), &e);
    assert_true(by.valid);
    int64_t now_s = clock_wall_ns() / NS_PER_S;
    assert_true((int64_t)by.time_s <= now_s && (int64_t)by.time_s >= now_s - 60);
}

static void monitor_path(char out[128], str origin) {
    digest hash = sha256_of(origin);
    char hex[2 * DIGEST_BYTES];
    hex_write(hash.at, DIGEST_BYTES, hex);
    snprintf(out, 128, "/%.*s/checkpoint", (int)sizeof hex, hex);
}

/* ---- the story of a log */

static void a_log_that_grows(void **state) {
    struct reply reply;
    char path[128];
    start_afresh();
    monitor_path(path, tlog_vkey_name(&log_signer.vkey));
    call(HTTP_GET, path, STR_EMPTY, &reply);
    assert_int_equal(reply.status, 404); /* never cosigned */
    static const uint64_t sizes[] = {0, 0, 1, 1, 2, 7, 8, 64, 64, 65, 150, 199};
    uint64_t old_size = 0;
    for (size_t i = 0; i < COUNT_OF(sizes); i++) {
        add_from(leaves, old_size, sizes[i], &log_signer, &reply);
        if (reply.status != 200) fail_msg("size %zu: %.*s", i, STR_FMT(reply.body));
        cosignature_holds(sizes[i], &reply);
        old_size = sizes[i];
    }
    /* the monitor sees log's line and ours, and nothing else */
    call(HTTP_GET, path, STR_EMPTY, &reply);
    assert_int_equal(reply.status, 200);
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    struct tlog_signed by;
    struct error e;
    assert_ok(tlog_checkpoint_open(reply.body, &log_signer.vkey, &note, &checkpoint, &e), &e);
    assert_int_equal(checkpoint.size, 199);
    assert_int_equal(note.count, 2);
    assert_ok(tlog_note_verify(&note, &witness_key, 1, &by, &e), &e);
    assert_true(by.valid);
}

static void a_log_that_asks_first(void **state) {
    struct reply reply;
    start_afresh();
    assert_int_equal(add(0, 77), 200);
    add_from(leaves, 0, 80, &log_signer, &reply);
    assert_int_equal(reply.status, 409);
    assert_str(reply.body, STR("77\n"));
    assert_str(reply.type, STR("text/x.tlog.size"));
    add_from(leaves, 50, 80, &log_signer, &reply);
    assert_int_equal(reply.status, 409);
    add_from(leaves, 78, 80, &log_signer, &reply); /* newer than what the witness knows */
    assert_int_equal(reply.status, 409);
    assert_str(reply.body, STR("77\n"));
    assert_int_equal(add(77, 80), 200);
}

/* Going back, and going elsewhere: never signed, and forgotten nothing by it. */
static void a_log_that_forks(void **state) {
    struct reply reply;
    start_afresh();
    assert_int_equal(add(0, 10), 200);
    add_from(forked, 10, 10, &log_signer, &reply); /* the same size, another root */
    assert_int_equal(reply.status, 422);
    add_from(forked, 10, 20, &log_signer, &reply);
    assert_int_equal(reply.status, 422);
    add_from(forked, 0, 20, &log_signer, &reply); /* "I know nothing of you" */
    assert_int_equal(reply.status, 409);
    add_from(leaves, 0, 9, &log_signer, &reply); /* back */
    assert_int_equal(reply.status, 409);
    add_from(leaves, 10, 9, &log_signer, &reply);
    assert_int_equal(reply.status, 400);
    add_from(forked, 5, 20, &log_signer, &reply); /* consistent with 5, but 10 was cosigned */
    assert_int_equal(reply.status, 409);
    assert_int_equal(add(10, 10), 200);
    assert_int_equal(add(10, 20), 200);
    /* what was signed and does not follow is kept: it proves the fork */
    char path[256];
    digest hash = sha256_of(tlog_vkey_name(&log_signer.vkey));
    char hex[2 * DIGEST_BYTES + 1] = "";
    hex_write(hash.at, DIGEST_BYTES, hex);
    snprintf(path, sizeof path, "%s/%s.refused", state_dir, hex);
    assert_int_equal(access(path, R_OK), 0);
}

static void empty_logs(void **state) {
    struct reply reply;
    char memory[2048], note_memory[1024];
    start_afresh();
    struct tlog_checkpoint checkpoint = {.origin = tlog_vkey_name(&log_signer.vkey), .size = 0};
    struct text note = text_into(note_memory, sizeof note_memory);
    struct text out = text_into(memory, sizeof memory);
    struct error e;
    assert_ok(tlog_checkpoint_sign(&note, &checkpoint, &log_signer, &e), &e); /* root of zeros */
    struct tlog_add_checkpoint request = {.old_size = 0, .checkpoint = text_str(&note)};
    assert_ok(tlog_add_checkpoint_write(&out, &request, &e), &e);
    call(HTTP_POST, "/add-checkpoint", text_str(&out), &reply);
    assert_int_equal(reply.status, 422);
    out = text_into(memory, sizeof memory); /* hashes where none belong */
    str sound = request_make(leaves, 0, 3, &log_signer, memory, sizeof memory);
    char with_hash[4096];
    snprintf(with_hash, sizeof with_hash, "old 0\n%044d\n%.*s", 0, STR_FMT(str_skip(sound, 6)));
    memcpy(with_hash + 6, "PyRlJHNNTThWh1rCFkBE4adafIct52rP1LJtrAm1vcA=", 44);
    call(HTTP_POST, "/add-checkpoint", str_from_c(with_hash), &reply);
    assert_int_equal(reply.status, 422);
    assert_int_equal(add(0, 3), 200);
}

static void who_may_ask(void **state) {
    struct reply reply;
    char memory[8192];
    start_afresh();
    add_from(leaves, 0, 3, &stranger, &reply);
    assert_int_equal(reply.status, 404);
    struct tlog_signer liar = signer_make("ledger.example.jp/sendai", "liar");
    add_from(leaves, 0, 3, &liar, &reply);
    assert_int_equal(reply.status, 403);
    /* a failing line of the log's own key, beside one that holds */
    str sound = request_make(leaves, 0, 3, &log_signer, memory, sizeof memory);
    memory[sound.len - 8] = memory[sound.len - 8] == 'A' ? 'B' : 'A';
    call(HTTP_POST, "/add-checkpoint", sound, &reply);
    assert_int_equal(reply.status, 403);
    /* the log's next key may sign as well */
    add_from(leaves, 0, 3, &log_next_key, &reply);
    assert_int_equal(reply.status, 200);
    assert_int_equal(add(3, 4), 200);
}

static void what_is_no_request(void **state) {
    static const struct {
        enum http_method method;
        const char *path, *body;
        int status;
    } cases[] = {
        {HTTP_POST, "/add-checkpoint", "", 400},
        {HTTP_POST, "/add-checkpoint", "old 0\n", 400},
        {HTTP_POST, "/add-checkpoint", "old 01\n\nx", 400},
        {HTTP_POST, "/add-checkpoint", "old 0\n\nnot a note\n", 400},
        {HTTP_POST, "/add-checkpoint", "old 0\n\na\nb\nc\n\n\xe2\x80\x94 n AAAAAAA=\n", 400},
        {HTTP_GET, "/add-checkpoint", "", 405},
        {HTTP_POST, "/", "old 0\n", 404},
        {HTTP_GET, "/", "", 404},
        {HTTP_GET, "/0000/checkpoint", "", 404},
        {HTTP_GET, "/../state/checkpoint", "", 404},
        {HTTP_GET, "/00000000000000000000000000000000000000000000000000000000000000ff/checkpoint",
         "", 404},
    };
    struct reply reply;
    start_afresh();
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        call(cases[i].method, cases[i].path, str_from_c(cases[i].body), &reply);
        if (reply.status != cases[i].status)
            fail_msg("%s \"%s\": %d", cases[i].path, cases[i].body, reply.status);
    }
    static char large[TLOG_ADD_CHECKPOINT_BYTES_MAX + 10];
    memset(large, 'a', sizeof large);
    call(HTTP_POST, "/add-checkpoint", str_of(large, sizeof large), &reply);
    assert_int_equal(reply.status, 413);
    call(HTTP_POST, "/add-checkpoint", str_of(large, 100 * 1024), &reply); /* a large one, read */
    assert_int_equal(reply.status, 400);
}

/* What was cosigned is known after a restart, and so are its consequences. */
static void a_restart_forgets_nothing(void **state) {
    struct reply reply;
    struct error e;
    start_afresh();
    assert_int_equal(add(0, 30), 200);
    stop();
    assert_ok(start(&e), &e);
    add_from(leaves, 0, 40, &log_signer, &reply);
    assert_int_equal(reply.status, 409);
    assert_str(reply.body, STR("30\n"));
    add_from(forked, 30, 40, &log_signer, &reply);
    assert_int_equal(reply.status, 422);
    assert_int_equal(add(30, 40), 200);
}

static void a_state_that_was_touched(void **state) {
    struct error e;
    char path[256];
    digest hash = sha256_of(tlog_vkey_name(&log_signer.vkey));
    char hex[2 * DIGEST_BYTES + 1] = "";
    hex_write(hash.at, DIGEST_BYTES, hex);
    snprintf(path, sizeof path, "%s/%s", state_dir, hex);
    start_afresh();
    assert_int_equal(add(0, 30), 200);
    stop();
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, 26, SEEK_SET); /* the size, after the origin */
    fputc('2', file);
    fclose(file);
    const char *logs[] = {vkeys[0]};
    struct witness_options options = {
        .key_path = key_path, .logs = logs, .log_count = 1, .state_dir = state_dir};
    assert_int_equal(witness_open(&options, &witness, &e), FAIL_CORRUPT);
    assert_int_equal(remove(path), 0);
    assert_ok(start(&e), &e);
    struct witness *second;
    assert_int_equal(witness_open(&options, &second, &e), FAIL_LOCKED);
}

static void bad_options(void **state) {
    struct error e;
    struct witness *other;
    struct tlog_vkey key;
    char other_state[128];
    snprintf(other_state, sizeof other_state, "%s/other", dir);
    const char *twice[] = {vkeys[0], vkeys[0]};
    struct witness_options options = {
        .key_path = key_path, .logs = twice, .state_dir = other_state};
    assert_int_equal(witness_open(&options, &other, &e), FAIL_USAGE);
    options.log_count = 2;
    assert_int_equal(witness_open(&options, &other, &e), FAIL_SYNTAX);
    options.log_count = 1;
    options.key_path = "/nowhere/key";
    assert_int_equal(witness_open(&options, &other, &e), FAIL_NOT_FOUND);
    assert_int_equal(witness_key_generate(key_path, STR("n"), &key, &e), FAIL_EXISTS);
    snprintf(other_state, sizeof other_state, "%s/key2", dir);
    assert_int_equal(witness_key_generate(other_state, STR("a name"), &key, &e), FAIL_SYNTAX);
    assert_int_equal(access(other_state, F_OK), -1);
    struct stat status;
    assert_int_equal(stat(key_path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
}

/* ---- a disk that fails at its n-th use: then nothing is cosigned, and nothing is forgotten */

static _Atomic int fail_at, uses; /* fail_at 0: never */

static bool fails_now(void) {
    return ++uses == fail_at;
}
static int failing_open(void *self, int dir_fd, const char *path, int flags, mode_t mode) {
    const struct disk *real = disk_real();
    return fails_now() ? -EIO : real->open(real->self, dir_fd, path, flags, mode);
}
static ssize_t failing_write(void *self, int fd, const void *bytes, size_t count, uint64_t offset) {
    const struct disk *real = disk_real();
    return fails_now() ? -ENOSPC : real->write(real->self, fd, bytes, count, offset);
}
static int failing_sync(void *self, int fd) {
    const struct disk *real = disk_real();
    return fails_now() ? -EIO : real->sync(real->self, fd);
}
static int failing_data_sync(void *self, int fd) {
    const struct disk *real = disk_real();
    return fails_now() ? -EIO : real->data_sync(real->self, fd);
}
static int failing_rename(void *self, int dir_fd, const char *from, const char *to) {
    const struct disk *real = disk_real();
    return fails_now() ? -EIO : real->rename(real->self, dir_fd, from, to);
}

static void a_disk_that_fails(void **state) {
    struct disk failing = *disk_real();
    struct error e;
    uint64_t size = 10;
    int failed = 0, status;
    failing.open = failing_open;
    failing.write = failing_write;
    failing.sync = failing_sync;
    failing.data_sync = failing_data_sync;
    failing.rename = failing_rename;
    start_afresh();
    assert_int_equal(add(0, size), 200);
    disk_use(&failing);
    for (int n = 1;; n++) {
        uses = 0;
        fail_at = n;
        status = add(size, size + 3);
        fail_at = 0;
        if (status == 200) break; /* it has fewer than n uses */
        assert_true(status == 500 || status == 507);
        failed++;
        assert_int_equal(add(size, size + 2), 200); /* no more was promised than before */
        size += 2;
    }
    disk_use(NULL);
    assert_true(failed >= 4); /* open, write, sync, rename, sync of the folder */
    stop();
    assert_ok(start(&e), &e);
    assert_int_equal(add(size + 3, size + 4), 200);
}

/* ---- many at once: sizes only grow, one history, and each 200 was true when it was given */

struct crowd_member {
    pthread_t thread;
    unsigned number;
    unsigned cosigned, conflicts, others;
};

static void *crowd_run(void *argument) {
    struct crowd_member *m = argument;
    struct reply *reply = malloc(sizeof *reply);
    uint64_t known = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t size = u64_min(known + 1 + (m->number + round) % 5, LOG_SIZE);
        add_from(leaves, known, size, &log_signer, reply);
        if (reply->status == 200) {
            cosignature_holds(size, reply);
            m->cosigned++;
            known = size;
        } else if (reply->status == 409) {
            uint64_t told;
            assert_true(str_u64(str_slice(reply->body, 0, reply->body.len - 1), &told));
            assert_true(told > known); /* somebody else was faster */
            m->conflicts++;
            known = told;
        } else {
            m->others++;
        }
    }
    free(reply);
    return NULL;
}

static void many_at_once(void **state) {
    static struct crowd_member crowd[CLIENTS];
    start_afresh();
    unsigned cosigned = 0;
    for (unsigned i = 0; i < CLIENTS; i++) {
        crowd[i] = (struct crowd_member){.number = i};
        assert_int_equal(pthread_create(&crowd[i].thread, NULL, crowd_run, &crowd[i]), 0);
    }
    for (unsigned i = 0; i < CLIENTS; i++) {
        pthread_join(crowd[i].thread, NULL);
        assert_int_equal(crowd[i].others, 0);
        cosigned += crowd[i].cosigned;
    }
    assert_true(cosigned > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_log_that_grows),
        cmocka_unit_test(a_log_that_asks_first),
        cmocka_unit_test(a_log_that_forks),
        cmocka_unit_test(empty_logs),
        cmocka_unit_test(who_may_ask),
        cmocka_unit_test(what_is_no_request),
        cmocka_unit_test(a_restart_forgets_nothing),
        cmocka_unit_test(a_state_that_was_touched),
        cmocka_unit_test(bad_options),
        cmocka_unit_test(a_disk_that_fails),
        cmocka_unit_test(many_at_once),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
