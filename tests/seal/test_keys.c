/* The key store: keys come back after a restart, only with their master key; months are forgotten
 * for good; a failing disk leaves each key there or not there. */
#include "seal/inner.h"
#include "tests/seal/failing_disk.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

static struct temporary dir;

static int setup(void **state) {
    temporary_make(&dir);
    return 0;
}
static int teardown(void **state) {
    disk_use(NULL);
    temporary_remove(&dir);
    return 0;
}

static struct seal_keys *keys_open(void) {
    struct error e;
    struct seal_keys *keys;
    assert_ok(seal_keys_open(temporary_path(&dir, "keys"), NULL, &keys, &e), &e);
    return keys;
}

static enum error_code keys_try(struct error *e) {
    struct seal_keys *keys = NULL;
    enum error_code code = seal_keys_open(temporary_path(&dir, "keys"), NULL, &keys, e);
    seal_keys_close(keys);
    return code;
}

static size_t file_read(const char *path, char *out, size_t cap) {
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t count = fread(out, 1, cap, file);
    fclose(file);
    return count;
}
static void file_write(const char *path, str bytes) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes.at, 1, bytes.len, file), bytes.len);
    fclose(file);
}

static void keys_come_back(void **state) {
    struct error e;
    struct seal_keys *keys = keys_open();
    struct secret grid, medical, october, november, again, seed, seed_again;
    uint32_t grid_n, medical_n, october_n, november_n, n;
    assert_ok(seal_key_current(keys, SEAL_KEY_DATASET, STR("grid"), 0, &grid_n, &grid, &e), &e);
    assert_ok(seal_key_current(keys, SEAL_KEY_DATASET, STR("medical"), 0, &medical_n, &medical, &e),
              &e);
    assert_ok(seal_key_current(keys, SEAL_KEY_OPENING, STR("grid"), 681, &october_n, &october, &e),
              &e);
    assert_ok(
        seal_key_current(keys, SEAL_KEY_OPENING, STR("grid"), 682, &november_n, &november, &e), &e);
    assert_int_equal(grid_n, 3); /* 1 and 2 are the store's own */
    assert_int_equal(november_n, 6);
    assert_memory_not_equal(grid.at, medical.at, SECRET_BYTES);
    assert_memory_not_equal(october.at, november.at, SECRET_BYTES);
    assert_ok(seal_key_current(keys, SEAL_KEY_DATASET, STR("grid"), 0, &n, &again, &e), &e);
    assert_int_equal(n, grid_n);
    assert_memory_equal(again.at, grid.at, SECRET_BYTES);
    seal_ledger_seed(keys, &seed);
    seal_keys_close(keys);

    keys = keys_open();
    assert_ok(seal_key_get(keys, november_n, &again, &e), &e);
    assert_memory_equal(again.at, november.at, SECRET_BYTES);
    seal_ledger_seed(keys, &seed_again);
    assert_memory_equal(seed.at, seed_again.at, SECRET_BYTES);
    struct seal_key_info info;
    assert_true(seal_key_info(keys, october_n, &info));
    assert_str(info.name, STR("grid"));
    assert_int_equal(info.month, 681);
    assert_false(seal_key_info(keys, 7, &info));
    assert_false(seal_key_info(keys, 0, &info));
    assert_int_equal(seal_key_get(keys, 7, &again, &e), FAIL_NOT_FOUND);

    /* a renewed dataset: the new key is current, the old one still opens */
    assert_ok(seal_key_renew(keys, STR("grid"), &n, &e), &e);
    assert_int_equal(n, 7);
    assert_ok(seal_key_current(keys, SEAL_KEY_DATASET, STR("grid"), 0, &n, &again, &e), &e);
    assert_int_equal(n, 7);
    assert_memory_not_equal(again.at, grid.at, SECRET_BYTES);
    assert_ok(seal_key_get(keys, grid_n, &again, &e), &e);
    assert_memory_equal(again.at, grid.at, SECRET_BYTES);
    seal_keys_close(keys);
    keys = keys_open();
    assert_ok(seal_key_current(keys, SEAL_KEY_DATASET, STR("grid"), 0, &n, &again, &e), &e);
    assert_int_equal(n, 7); /* after a restart too */
    assert_int_equal(seal_key_current(keys, SEAL_KEY_DATASET, STR("two\nlines"), 0, &n, &again, &e),
                     FAIL_USAGE);
    assert_int_equal(seal_key_current(keys, SEAL_KEY_DATASET, STR(""), 0, &n, &again, &e),
                     FAIL_USAGE);
    seal_keys_close(keys);
}

/* Attack row 23: no key lies on the disk as it is, but the master key in its own file. */
static void no_key_lies_in_the_clear(void **state) {
    struct error e;
    struct secret key;
    uint32_t number;
    struct stat status;
    char bytes[4096], hex[2 * SECRET_BYTES], base64[44];
    struct seal_keys *keys = keys_open();
    assert_ok(seal_key_current(keys, SEAL_KEY_DATASET, STR("grid"), 0, &number, &key, &e), &e);
    hex_write(key.at, SECRET_BYTES, hex);
    base64_write(key.at, SECRET_BYTES, base64);
    static const char *const names[] = {"keys/0000000001", "keys/0000000002", "keys/0000000003",
                                        "keys/master"};
    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *path = temporary_path(&dir, names[i]);
        size_t count = file_read(path, bytes, sizeof bytes);
        assert_null(memmem(bytes, count, key.at, SECRET_BYTES));
        assert_null(memmem(bytes, count, hex, 16));
        assert_null(memmem(bytes, count, base64, 16));
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
    }
    assert_int_equal(stat(temporary_path(&dir, "keys"), &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
    seal_keys_close(keys);
}

static void the_master_key_may_lie_elsewhere(void **state) {
    struct error e;
    struct seal_keys *keys;
    struct seal_keys_options elsewhere = {.master_path = temporary_path(&dir, "other-disk")};
    assert_ok(seal_keys_open(temporary_path(&dir, "keys"), &elsewhere, &keys, &e), &e);
    seal_keys_close(keys);
    assert_int_not_equal(access(temporary_path(&dir, "keys/master"), F_OK), 0);
    assert_ok(seal_keys_open(temporary_path(&dir, "keys"), &elsewhere, &keys, &e), &e);
    seal_keys_close(keys);

    /* without it no new one is made over keys that are there */
    assert_int_equal(keys_try(&e), FAIL_NOT_FOUND);
    assert_int_not_equal(access(temporary_path(&dir, "keys/master"), F_OK), 0);
    char other[23 + 64];
    memcpy(other, "azekura-master-key-v1\n", 22);
    memset(other + 22, '7', 64);
    other[86] = '\n';
    file_write(temporary_path(&dir, "keys/master"), str_of(other, sizeof other));
    assert_int_equal(keys_try(&e), FAIL_CRYPTO); /* another one opens nothing */
}

static void files_are_refused_by_name(void **state) {
    struct error e;
    uint32_t n;
    struct secret key;
    struct seal_keys *keys = keys_open();
    assert_ok(seal_key_current(keys, SEAL_KEY_DATASET, STR("grid"), 0, &n, &key, &e), &e);
    assert_ok(seal_key_current(keys, SEAL_KEY_DATASET, STR("medical"), 0, &n, &key, &e), &e);
    seal_keys_close(keys);
    static char good[4096], bad[4096];
    char path[256];
    snprintf(path, sizeof path, "%s", temporary_path(&dir, "keys/0000000003"));
    size_t count = file_read(path, good, sizeof good);

    /* every changed character: refused, and the file is named */
    for (size_t at = 0; at < count; at++) {
        memcpy(bad, good, count);
        bad[at] = (char)(bad[at] ^ 1);
        file_write(path, str_of(bad, count));
        enum error_code code = keys_try(&e);
        assert_true(code == FAIL_CORRUPT || code == FAIL_CRYPTO || code == FAIL_VERSION);
        assert_non_null(strstr(e.message, "0000000003"));
    }
    memcpy(bad, good, count);
    bad[13] = '2';
    file_write(path, str_of(bad, count));
    assert_int_equal(keys_try(&e), FAIL_VERSION);
    assert_non_null(strstr(e.message, "azekura-key-v2"));

    /* one key passed off as another */
    size_t other = file_read(temporary_path(&dir, "keys/0000000004"), bad, sizeof bad);
    file_write(path, str_of(bad, other));
    assert_int_equal(keys_try(&e), FAIL_CORRUPT);
    char *number = memmem(bad, other, "number 4", 8);
    assert_non_null(number);
    number[7] = '3';
    file_write(path, str_of(bad, other));
    assert_int_equal(keys_try(&e), FAIL_CRYPTO);

    /* a gap */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(keys_try(&e), FAIL_CORRUPT);
    assert_non_null(strstr(e.message, "missing"));
    file_write(path, str_of(good, count));
    assert_int_equal(keys_try(&e), OK);

    snprintf(path, sizeof path, "%s", temporary_path(&dir, "keys/master"));
    count = file_read(path, good, sizeof good);
    memcpy(bad, good, count);
    bad[20] = '2';
    file_write(path, str_of(bad, count));
    assert_int_equal(keys_try(&e), FAIL_VERSION);
    file_write(path, str_of(good, count - 1));
    assert_int_equal(keys_try(&e), FAIL_CORRUPT);
    file_write(path, str_of(good, count));
    assert_int_equal(keys_try(&e), OK);
}

static void records_are_about_something(void **state) {
    struct error e;
    uint32_t number;
    struct secret key;
    struct seal_keys *keys = keys_open();
    assert_ok(seal_key_current(keys, SEAL_KEY_OPENING, STR("grid"), 682, &number, &key, &e), &e);
    char sealed[128], twice[128], memory[256];
    str text = STR("who wrote feeder-7.json"), plain;
    size_t bytes = text.len + SEAL_RECORD_EXTRA_BYTES;
    assert_ok(seal_record_seal(keys, number, STR("entry 17"), text, sealed, &e), &e);
    assert_ok(seal_record_seal(keys, number, STR("entry 17"), text, twice, &e), &e);
    assert_memory_not_equal(sealed, twice, bytes); /* fresh nonces: equal values do not show */
    assert_null(memmem(sealed, bytes, "feeder", 6));
    struct arena arena = arena_over(memory, sizeof memory);
    assert_ok(seal_record_open(keys, STR("entry 17"), str_of(sealed, bytes), &arena, &plain, &e),
              &e);
    assert_str(plain, text);
    arena = arena_over(memory, sizeof memory);
    assert_int_equal(
        seal_record_open(keys, STR("entry 18"), str_of(sealed, bytes), &arena, &plain, &e),
        FAIL_CORRUPT);
    for (size_t at = 0; at < bytes; at++) {
        sealed[at] = (char)(sealed[at] ^ 2);
        arena = arena_over(memory, sizeof memory);
        enum error_code code =
            seal_record_open(keys, STR("entry 17"), str_of(sealed, bytes), &arena, &plain, &e);
        assert_true(code == FAIL_CORRUPT || (at < 4 && code == FAIL_NOT_FOUND));
        sealed[at] = (char)(sealed[at] ^ 2);
    }
    for (size_t cut = 0; cut < bytes; cut++) {
        arena = arena_over(memory, sizeof memory);
        assert_int_equal(
            seal_record_open(keys, STR("entry 17"), str_of(sealed, cut), &arena, &plain, &e),
            FAIL_CORRUPT);
    }
    seal_keys_close(keys);
}

static void a_month_is_forgotten_for_good(void **state) {
    struct error e;
    uint32_t october, november, fresh, count;
    struct secret key, gone;
    char sealed[64], memory[256], bytes[4096];
    str plain;
    struct seal_keys *keys = keys_open();
    assert_ok(seal_key_current(keys, SEAL_KEY_OPENING, STR("grid"), 681, &october, &gone, &e), &e);
    assert_ok(seal_key_current(keys, SEAL_KEY_OPENING, STR("grid"), 682, &november, &key, &e), &e);
    assert_ok(seal_record_seal(keys, october, STR("a"), STR("text"), sealed, &e), &e);

    /* what the old file held is gone from its blocks, not only from its name */
    int held = open(temporary_path(&dir, "keys/0000000003"), O_RDONLY | O_CLOEXEC);
    assert_true(held >= 0);
    assert_ok(seal_month_destroy(keys, STR("grid"), 681, &count, &e), &e);
    assert_int_equal(count, 1);
    ssize_t got = read(held, bytes, sizeof bytes);
    assert_true(got > 0);
    for (ssize_t i = 0; i < got; i++) assert_int_equal(bytes[i], 0);
    close(held);

    struct arena arena = arena_over(memory, sizeof memory);
    str record = str_of(sealed, 4 + SEAL_RECORD_EXTRA_BYTES);
    assert_int_equal(seal_record_open(keys, STR("a"), record, &arena, &plain, &e), FAIL_NOT_FOUND);
    assert_non_null(strstr(e.message, "destroyed"));
    assert_int_equal(seal_key_get(keys, october, &key, &e), FAIL_NOT_FOUND);
    assert_ok(seal_key_get(keys, november, &key, &e), &e);
    assert_ok(seal_month_destroy(keys, STR("grid"), 681, &count, &e), &e);
    assert_int_equal(count, 0);
    seal_keys_close(keys);

    keys = keys_open();
    assert_int_equal(seal_key_get(keys, october, &key, &e), FAIL_NOT_FOUND);
    /* a month that goes on gets another key, under another number */
    assert_ok(seal_key_current(keys, SEAL_KEY_OPENING, STR("grid"), 681, &fresh, &key, &e), &e);
    assert_int_not_equal(fresh, october);
    assert_memory_not_equal(key.at, gone.at, SECRET_BYTES);
    seal_keys_close(keys);
}

/* Every changing call fails once, and everything after a call fails: opening again always works,
 * and what was acknowledged is there. */
static void failing_disks(void **state) {
    struct failing_disk disk;
    for (int kind = 0; kind < 2; kind++) {
        bool passed = false;
        for (uint64_t n = 1; !passed; n++) {
            assert_true(n < 500);
            struct temporary own = dir;
            temporary_make(&dir);
            struct error e;
            struct seal_keys *keys = NULL;
            struct secret grid = {0}, october = {0}, again;
            uint32_t grid_n = 0, october_n = 0, count = 0;
            failing_disk_use(&disk, n, kind == 1);
            enum error_code code = seal_keys_open(temporary_path(&dir, "keys"), NULL, &keys, &e);
            if (code == OK)
                code = seal_key_current(keys, SEAL_KEY_DATASET, STR("grid"), 0, &grid_n, &grid, &e);
            if (code == OK)
                code = seal_key_current(keys, SEAL_KEY_OPENING, STR("grid"), 681, &october_n,
                                        &october, &e);
            bool has_month = code == OK;
            if (code == OK) code = seal_month_destroy(keys, STR("grid"), 681, &count, &e);
            passed = code == OK;
            seal_keys_close(keys);
            disk_use(NULL);

            keys = keys_open();
            if (grid_n != 0) {
                assert_ok(seal_key_get(keys, grid_n, &again, &e), &e);
                assert_memory_equal(again.at, grid.at, SECRET_BYTES);
            }
            if (passed) assert_int_equal(seal_key_get(keys, october_n, &again, &e), FAIL_NOT_FOUND);
            if (has_month && !passed && seal_key_get(keys, october_n, &again, &e) == OK)
                assert_memory_equal(again.at, october.at, SECRET_BYTES);
            seal_keys_close(keys);
            temporary_remove(&dir);
            dir = own;
        }
    }
}

/* Many threads ask for the same new keys at once: each key is made once. */
static struct seal_keys *shared;
static void *ask(void *argument) {
    struct error e;
    uint32_t *numbers = argument;
    for (unsigned i = 0; i < 50; i++) {
        char name[8];
        struct secret key;
        snprintf(name, sizeof name, "d%u", i % 10);
        assert_ok(
            seal_key_current(shared, SEAL_KEY_DATASET, str_from_c(name), 0, &numbers[i], &key, &e),
            &e);
    }
    return NULL;
}
static void threads_make_a_key_once(void **state) {
    pthread_t threads[4];
    static uint32_t numbers[4][50];
    shared = keys_open();
    for (size_t t = 0; t < 4; t++)
        assert_int_equal(pthread_create(&threads[t], NULL, ask, numbers[t]), 0);
    for (size_t t = 0; t < 4; t++) assert_int_equal(pthread_join(threads[t], NULL), 0);
    for (size_t t = 1; t < 4; t++) assert_memory_equal(numbers[t], numbers[0], sizeof numbers[0]);
    struct seal_key_info info;
    assert_true(seal_key_info(shared, 12, &info));
    assert_false(seal_key_info(shared, 13, &info));
    seal_keys_close(shared);
}

static void months(void **state) {
    static const struct {
        const char *when;
        uint32_t month;
    } rows[] = {
        {"1970-01-01", 0},
        {"1970-02-01", 1},
        {"2026-11-30T23:59:59Z", 682},
        {"2026-12-01", 683},
        {"2026-12-01T08:59:59+09:00", 682},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        int64_t ns;
        assert_true(clock_iso_read(str_from_c(rows[i].when), &ns));
        assert_row(rows[i].when, seal_month_of(ns) == rows[i].month);
    }
    assert_int_equal(seal_month_of(-1), 0);
}

#define IN_A_DIRECTORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_DIRECTORY(keys_come_back),
        IN_A_DIRECTORY(no_key_lies_in_the_clear),
        IN_A_DIRECTORY(the_master_key_may_lie_elsewhere),
        IN_A_DIRECTORY(files_are_refused_by_name),
        IN_A_DIRECTORY(records_are_about_something),
        IN_A_DIRECTORY(a_month_is_forgotten_for_good),
        IN_A_DIRECTORY(failing_disks),
        IN_A_DIRECTORY(threads_make_a_key_once),
        cmocka_unit_test(months),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
