/* Bodies of every awkward length, versions, many deletes, uploads, copies, a full disk, a turned byte. */
#include "tests/gate/hall.h"

#include <ftw.h>
#include <unistd.h>

static char *body_of(size_t len, unsigned seed) {
    char *body = malloc(len > 0 ? len : 1);
    uint64_t x = seed + 1;
    for (size_t i = 0; i < len; i++) {
        x = x * 6364136223846793005u + 1442695040888963407u;
        body[i] = (char)(x >> 56);
    }
    return body;
}

static void bodies_and_ranges(void **state) {
    struct hall *hall = *state;
    static const size_t sizes[] = {0,     1,      16383,  16384,  16385,   65535,   65536,
                                   65537, 131071, 131072, 131073, 8388607, 8388608, 8388609};
    static const char *const buckets[] = {"plain-a", "clear-a"}; /* sealed, and in clear */
    for (size_t b = 0; b < 2; b++) {
        assert_int_equal(root_makes(hall, buckets[b]).code, OK);
        for (size_t i = 0; i < COUNT_OF(sizes); i++) {
            size_t n = sizes[i], len;
            char *body = body_of(n, (unsigned)i), *out;
            struct guest *g = root_enters(hall);
            assert_ok(put(g, buckets[b], "k", str_of(body, n)), &g->e);
            assert_int_equal(g->stored.bytes, n);
            assert_int_equal(g->stored.encrypted, b == 0 && n > 0);
            leaves(g);
            const uint64_t starts[] = {0, 1, 4095, 65535, 65536, n / 2, n > 0 ? n - 1 : 0, n};
            const uint64_t counts[] = {UINT64_MAX, 0, 1, 2, 65536, 65537, n};
            for (size_t s = 0; s < COUNT_OF(starts); s++)
                for (size_t c = 0; c < COUNT_OF(counts); c++) {
                    uint64_t first = starts[s], count = counts[c];
                    if (n > 131073 && (s + c) % 3 != 0)
                        continue; /* the long ones take their time */
                    if (first > n) continue;
                    if (count == UINT64_MAX && first != 0) count = n - first;
                    g = root_enters(hall);
                    struct gate_get what = {.bucket = str_from_c(buckets[b]), .key = STR("k")};
                    enum error_code code = get(g, &what, first, count, &out, &len);
                    if (count != UINT64_MAX && count > n - first) {
                        assert_int_equal(code, FAIL_RANGE_OUTSIDE);
                    } else {
                        assert_ok(code, &g->e);
                        assert_int_equal(len, count == UINT64_MAX ? n : count);
                        assert_memory_equal(out, body + first, len);
                    }
                    free(out);
                    leaves(g);
                }
            free(body);
        }
    }
    store_is_sound(hall);
}

/* ---- a turned byte ---- */

static long turn_at;
static int turn_one(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    if (kind != FTW_F || info->st_size <= turn_at) return 0;
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    fseek(f, turn_at, SEEK_SET);
    int c = fgetc(f);
    fseek(f, turn_at, SEEK_SET);
    fputc(c ^ 1, f);
    fclose(f);
    return 0;
}

static void a_turned_byte_gives_nothing_of_its_frame(void **state) {
    struct hall *hall = *state;
    enum { SIZE = 3 * 65536 + 100 };
    char *body = body_of(SIZE, 7), *out, blobs[160];
    size_t len;
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    struct guest *g = root_enters(hall);
    assert_ok(put(g, "plain-a", "k", str_of(body, SIZE)), &g->e);
    leaves(g);
    snprintf(blobs, sizeof blobs, "%s/blobs", hall->data);
    turn_at = 65552 + 10; /* in the second frame as stored */
    nftw(blobs, turn_one, 16, FTW_PHYS);
    struct gate_get what = {.bucket = STR("plain-a"), .key = STR("k")};
    g = root_enters(hall);
    assert_int_equal(get(g, &what, 0, UINT64_MAX, &out, &len), FAIL_CORRUPT);
    assert_int_equal(len, 65536); /* the first frame was whole */
    assert_memory_equal(out, body, len);
    free(out);
    leaves(g);
    g = root_enters(hall);
    assert_ok(get(g, &what, 2 * 65536, 70, &out, &len), &g->e); /* others are as they were */
    assert_memory_equal(out, body + 2 * 65536, 70);
    free(out);
    leaves(g);
    free(body);
}

static void a_file_that_is_gone_or_short(void **state) {
    struct hall *hall = *state;
    char *body = body_of(100000, 3), *out, command[256];
    size_t len;
    struct gate_get what = {.bucket = STR("plain-a"), .key = STR("k")};
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    struct guest *g = root_enters(hall);
    assert_ok(put(g, "plain-a", "k", str_of(body, 100000)), &g->e);
    leaves(g);
    snprintf(command, sizeof command, "find %s/blobs -type f -exec truncate -s 70000 {} +",
             hall->data);
    assert_int_equal(system(command), 0);
    g = root_enters(hall);
    assert_int_equal(get(g, &what, 0, UINT64_MAX, &out, &len), FAIL_CORRUPT);
    free(out);
    leaves(g);
    snprintf(command, sizeof command, "find %s/blobs -type f -delete", hall->data);
    assert_int_equal(system(command), 0);
    g = root_enters(hall);
    assert_int_equal(get(g, &what, 0, UINT64_MAX, &out, &len), FAIL_CORRUPT);
    free(out);
    leaves(g);
    free(body);
}

/* ---- versions ---- */

static void versions_and_markers(void **state) {
    struct hall *hall = *state;
    char text[64];
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    struct guest *g = root_enters(hall);
    assert_int_equal(
        gate_bucket_versioning(&g->visit, STR("plain-a"), STORE_UNVERSIONED, &g->answer, &g->e),
        FAIL_INVALID_ARGUMENT);
    assert_ok(gate_bucket_versioning(&g->visit, STR("plain-a"), STORE_ENABLED, &g->answer, &g->e),
              &g->e);
    leaves(g);
    struct once one = root_puts(hall, "plain-a", "k", "one");
    struct once two = root_puts(hall, "plain-a", "k", "two");
    assert_int_equal(strlen(one.version), 16);
    assert_true(strcmp(one.version, two.version) < 0);
    struct guest *d = root_enters(hall);
    struct gate_delete row = {.key = STR("k")};
    assert_ok(gate_delete(&d->visit, STR("plain-a"), &row, 1, &d->answer, &d->e), &d->e);
    assert_true(row.deleted.marker_made);
    char marker[32];
    snprintf(marker, sizeof marker, "%.*s", STR_FMT(row.deleted_version));
    leaves(d);
    assert_int_equal(root_gets(hall, "plain-a", "k", text).code, FAIL_NO_SUCH_KEY);
    const struct {
        const char *version;
        enum error_code code;
        const char *text;
    } cases[] = {{one.version, OK, "one"},
                 {two.version, OK, "two"},
                 {marker, FAIL_METHOD_NOT_ALLOWED, ""},
                 {"null", FAIL_NO_SUCH_VERSION, ""},
                 {"0000000000000001", FAIL_NO_SUCH_VERSION, ""},
                 {"nonsense", FAIL_INVALID_ARGUMENT, ""}};
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct gate_get what = {.bucket = STR("plain-a"),
                                .key = STR("k"),
                                .with_version = true,
                                .version = str_from_c(cases[i].version)};
        char *out;
        size_t len;
        g = root_enters(hall);
        assert_int_equal(get(g, &what, 0, UINT64_MAX, &out, &len), cases[i].code);
        assert_int_equal(len, strlen(cases[i].text));
        if (len > 0) assert_memory_equal(out, cases[i].text, len);
        free(out);
        leaves(g);
    }
    /* A current delete marker says so beside the 404. */
    struct gate_reading reading;
    struct gate_get plain = {.bucket = STR("plain-a"), .key = STR("k")};
    g = root_enters(hall);
    assert_int_equal(gate_read_open(&g->visit, &plain, &reading, &g->answer, &g->e),
                     FAIL_NO_SUCH_KEY);
    assert_true(reading.version.is_delete_marker);
    assert_str(reading.version_text, str_from_c(marker));
    leaves(g);
    /* Tags of an old version leave the newer one. */
    struct store_pair tag = {STR("a"), STR("b")};
    str version;
    struct gate_get old = {.bucket = STR("plain-a"),
                           .key = STR("k"),
                           .with_version = true,
                           .version = str_from_c(one.version)};
    g = root_enters(hall);
    assert_ok(
        gate_tags_set(&g->visit, &old, (struct store_pairs){&tag, 1}, &version, &g->answer, &g->e),
        &g->e);
    assert_str(version, str_from_c(one.version));
    leaves(g);
    g = root_enters(hall);
    assert_ok(gate_read_open(&g->visit, &old, &reading, &g->answer, &g->e), &g->e);
    assert_int_equal(reading.version.tags.count, 1);
    gate_read_close(&reading);
    leaves(g);
}

/* ---- deleting many ---- */

static void a_thousand_keys_in_one_call(void **state) {
    struct hall *hall = *state;
    enum { KEYS = 1000 };
    static struct gate_delete rows[KEYS];
    static char names[KEYS][8];
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    for (int i = 0; i < KEYS; i++) {
        snprintf(names[i], sizeof names[i], "k%d", i);
        rows[i] = (struct gate_delete){.key = str_from_c(names[i])};
        if (i % 100 == 0) assert_int_equal(root_puts(hall, "plain-a", names[i], "x").code, OK);
    }
    rows[500].condition = (struct store_condition){.if_match = true}; /* another ETag */
    rows[600].with_version = true;
    rows[600].version = STR("nonsense");
    rows[601].key = STR_EMPTY;
    rows[602].with_version = true;
    rows[602].version = STR("0000000000000001");
    uint64_t before = entries(hall);
    struct guest *g = root_enters(hall);
    assert_ok(gate_delete(&g->visit, STR("plain-a"), rows, KEYS, &g->answer, &g->e), &g->e);
    unsigned done = 0;
    for (int i = 0; i < KEYS; i++) {
        done += rows[i].code == OK;
        if (rows[i].code == OK) {
            assert_true(rows[i].answer.receipt.len > 0);
            assert_int_equal(rows[i].deleted.found, i % 100 == 0 && i != 600);
        } else {
            assert_true(rows[i].message.len > 0);
        }
    }
    assert_int_equal(rows[500].code, FAIL_PRECONDITION);
    assert_int_equal(rows[600].code, FAIL_INVALID_ARGUMENT);
    assert_int_equal(rows[601].code, FAIL_INVALID_ARGUMENT);
    assert_int_equal(done, KEYS - 3);
    /* One entry a key that was dealt with, and the receipt covers them. */
    assert_int_equal(entries_of(hall, EVIDENCE_DELETE, before), KEYS - 3);
    char receipt[128];
    snprintf(receipt, sizeof receipt, "%.*s", STR_FMT(g->answer.receipt));
    uint64_t first = receipt_index(receipt), last = strtoull(strchr(receipt, '-') + 1, NULL, 10);
    assert_true(first >= before && last < entries(hall) && last - first + 1 >= KEYS - 3);
    leaves(g);
    char text[64];
    assert_int_equal(root_gets(hall, "plain-a", "k500", text).code, OK);
    assert_int_equal(root_gets(hall, "plain-a", "k0", text).code, FAIL_NO_SUCH_KEY);
    /* A refused delete deletes nothing. */
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    assert_int_equal(root_puts(hall, "critical-a", "k", "x").code, OK);
    assert_int_equal(root_deletes(hall, "critical-a", "k").code, FAIL_REFUSED);
    g = root_enters(hall);
    g->visit.purpose = STR("duty");
    assert_ok(get_text(g, "critical-a", "k", text), &g->e);
    leaves(g);
}

/* ---- uploads ---- */

static enum error_code part_put(struct hall *hall, const char *bucket, struct store_upload_id id,
                                uint16_t number, str body, struct store_part_claim *claim) {
    struct gate_put put = {.bucket = str_from_c(bucket),
                           .key = STR("big"),
                           .is_part = true,
                           .upload = id,
                           .part_number = number};
    struct guest *g = root_enters(hall);
    enum error_code code = put_opened(g, &put, body);
    claim->number = number;
    memcpy(claim->md5, g->stored.etag.md5, sizeof claim->md5);
    leaves(g);
    return code;
}

static struct store_upload_id upload_begin(struct hall *hall, const char *bucket) {
    struct gate_upload_new new = {.bucket = str_from_c(bucket), .key = STR("big")};
    struct guest *g = root_enters(hall);
    struct store_upload_id id;
    assert_ok(gate_upload_create(&g->visit, &new, &id, &g->answer, &g->e), &g->e);
    assert_true(g->answer.receipt.len > 0);
    leaves(g);
    return id;
}

static struct once complete(struct hall *hall, const char *bucket, struct store_upload_id id,
                            const struct store_part_claim *claims, size_t count) {
    struct guest *g = root_enters(hall);
    return once_of(g, gate_upload_complete(&g->visit, str_from_c(bucket), STR("big"), id, claims,
                                           count, NULL, NULL, &g->stored, &g->answer, &g->e));
}

static void an_object_of_parts(void **state) {
    struct hall *hall = *state;
    enum { PART = LIMIT_PART_BYTES_MIN + 17, LAST = 70000, ALL = 2 * PART + LAST };
    char *body = body_of(ALL, 11), *out;
    struct store_part_claim claims[3], replaced;
    size_t len;
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    struct store_upload_id id = upload_begin(hall, "plain-a");
    assert_int_equal(part_put(hall, "plain-a", id, 2, STR("first try"), &replaced), OK);
    assert_int_equal(part_put(hall, "plain-a", id, 1, str_of(body, PART), &claims[0]), OK);
    assert_int_equal(part_put(hall, "plain-a", id, 2, str_of(body + PART, PART), &claims[1]), OK);
    assert_int_equal(part_put(hall, "plain-a", id, 7, str_of(body + 2 * PART, LAST), &claims[2]),
                     OK);
    assert_int_equal(part_put(hall, "plain-a", id, 9, STR("never named"), &replaced), OK);
    assert_int_equal(part_put(hall, "plain-a", id, 0, STR("x"), &replaced), FAIL_INVALID_ARGUMENT);
    assert_int_equal(part_put(hall, "plain-a", id, 10001, STR("x"), &replaced),
                     FAIL_INVALID_ARGUMENT);
    struct store_upload_id none = {{0}};
    assert_int_equal(part_put(hall, "plain-a", none, 1, STR("x"), &replaced), FAIL_NO_SUCH_UPLOAD);
    uint64_t before = entries(hall);
    struct once done = complete(hall, "plain-a", id, claims, 3);
    assert_int_equal(done.code, OK);
    assert_int_equal(entries_of(hall, EVIDENCE_UPLOAD_COMPLETE, before), 1);
    /* The reply was lost: asked again, the same answer and no new entry. */
    uint64_t after = entries(hall);
    struct once again = complete(hall, "plain-a", id, claims, 3);
    assert_int_equal(again.code, OK);
    assert_string_equal(again.receipt, done.receipt);
    assert_int_equal(entries(hall), after);
    const uint64_t ranges[][2] = {
        {0, UINT64_MAX}, {0, ALL},         {PART - 1, 2}, {PART, PART}, {2 * PART - 65536, 131072},
        {ALL - 1, 1},    {2 * PART, LAST}, {ALL, 0}};
    for (size_t i = 0; i < COUNT_OF(ranges); i++) {
        struct gate_get what = {.bucket = STR("plain-a"), .key = STR("big")};
        struct guest *g = root_enters(hall);
        assert_ok(get(g, &what, ranges[i][0], ranges[i][1], &out, &len), &g->e);
        assert_int_equal(len, ranges[i][1] == UINT64_MAX ? ALL : ranges[i][1]);
        assert_memory_equal(out, body + ranges[i][0], len);
        free(out);
        leaves(g);
    }
    struct gate_get what = {.bucket = STR("plain-a"), .key = STR("big")};
    struct gate_reading reading;
    struct guest *g = root_enters(hall);
    uint64_t first, count;
    uint32_t parts;
    assert_ok(gate_read_open(&g->visit, &what, &reading, &g->answer, &g->e), &g->e);
    assert_ok(gate_read_part(&reading, 3, &first, &count, &parts, &g->e), &g->e);
    assert_int_equal(first, 2 * PART);
    assert_int_equal(count, LAST);
    assert_int_equal(parts, 3);
    assert_int_equal(gate_read_part(&reading, 4, &first, &count, &parts, &g->e),
                     FAIL_INVALID_PART_NUMBER);
    /* Deleted while it is read: the reader still gets all of it. */
    assert_int_equal(root_deletes(hall, "plain-a", "big").code, OK);
    usleep(1200000); /* the keeper tidies meanwhile */
    size_t got = 0;
    for (;;) {
        str piece;
        assert_ok(gate_read_next(&reading, &piece, &g->e), &g->e);
        if (piece.len == 0) break;
        assert_memory_equal(piece.at, body + got, piece.len);
        got += piece.len;
    }
    assert_int_equal(got, ALL);
    gate_read_close(&reading);
    leaves(g);
    free(body);
    store_is_sound(hall);
}

/* Only what lies in the clear in a file may leave as a file. */
static void a_run_is_given_of_clear_files_alone(void **state) {
    struct hall *hall = *state;
    enum { BYTES = 300000 };
    char *body = calloc(1, BYTES), *out;
    for (size_t i = 0; i < BYTES; i++) body[i] = (char)(i % 253);
    static const struct {
        const char *bucket;
        size_t bytes;
        uint64_t first, count;
        unsigned runs;
    } rows[] = {{"plain-a", BYTES, 0, BYTES, 0},
                {"clear-a", BYTES, 0, BYTES, 1},
                {"clear-a", BYTES, 65537, 100000, 1},
                {"clear-a", 1000, 0, 1000, 0}}; /* inline */
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_makes(hall, "clear-a").code, OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct guest *g = root_enters(hall);
        assert_ok(put(g, rows[i].bucket, "run", str_of(body, rows[i].bytes)), &g->e);
        leaves(g);
        g = root_enters(hall);
        struct gate_get what = {.bucket = str_from_c(rows[i].bucket), .key = STR("run")};
        unsigned before = hall_runs;
        size_t len;
        assert_ok(get(g, &what, rows[i].first, rows[i].count, &out, &len), &g->e);
        assert_int_equal(len, rows[i].count);
        assert_memory_equal(out, body + rows[i].first, len);
        assert_int_equal(hall_runs - before, rows[i].runs);
        free(out);
        leaves(g);
    }
    free(body);
}

/* An object of parts says it is encrypted when every byte of it is: in a dataset that may lie in clear,
 * only the parts whose client asked for it are. */
static void parts_say_together_whether_they_are_sealed(void **state) {
    struct hall *hall = *state;
    static const struct {
        const char *name, *bucket;
        bool asked[2], last_is_empty, sealed;
    } rows[] = {
        {"a dataset that is encrypted", "plain-a", {false, false}, false, true},
        {"one in clear", "clear-a", {false, false}, false, false},
        {"one in clear, asked for", "clear-a", {true, true}, false, true},
        {"asked for once", "clear-a", {true, false}, false, false},
        {"nothing left in clear", "clear-a", {true, false}, true, true},
    };
    char *body = body_of(LIMIT_PART_BYTES_MIN, 3);
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_makes(hall, "clear-a").code, OK);
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        struct store_upload_id id = upload_begin(hall, rows[i].bucket);
        struct store_part_claim claims[2];
        for (unsigned k = 0; k < 2; k++) {
            str bytes = k == 0 ? str_of(body, LIMIT_PART_BYTES_MIN)
                               : str_of(body, rows[i].last_is_empty ? 0 : 70000);
            struct gate_put what = {.bucket = str_from_c(rows[i].bucket),
                                    .key = STR("big"),
                                    .is_part = true,
                                    .upload = id,
                                    .part_number = (uint16_t)(k + 1),
                                    .encrypt = rows[i].asked[k]};
            struct guest *g = root_enters(hall);
            assert_ok(put_opened(g, &what, bytes), &g->e);
            claims[k].number = (uint16_t)(k + 1);
            memcpy(claims[k].md5, g->stored.etag.md5, MD5_BYTES);
            leaves(g);
        }
        struct guest *g = root_enters(hall);
        assert_ok(gate_upload_complete(&g->visit, str_from_c(rows[i].bucket), STR("big"), id,
                                       claims, 2, NULL, NULL, &g->stored, &g->answer, &g->e),
                  &g->e);
        assert_row(rows[i].name, g->stored.encrypted == rows[i].sealed);
        struct gate_get what = {.bucket = str_from_c(rows[i].bucket), .key = STR("big")};
        struct gate_reading reading;
        assert_ok(gate_read_open(&g->visit, &what, &reading, &g->answer, &g->e), &g->e);
        assert_row(rows[i].name, reading.version.body.encrypted == rows[i].sealed);
        gate_read_close(&reading);
        leaves(g);
    }
    free(body);
    store_is_sound(hall);
}

static void an_aborted_upload_is_gone(void **state) {
    struct hall *hall = *state;
    struct store_part_claim claim;
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    struct store_upload_id id = upload_begin(hall, "plain-a");
    assert_int_equal(part_put(hall, "plain-a", id, 1, STR("x"), &claim), OK);
    struct guest *g = root_enters(hall);
    assert_ok(gate_upload_abort(&g->visit, STR("plain-a"), STR("big"), id, &g->answer, &g->e),
              &g->e);
    assert_int_equal(
        gate_upload_abort(&g->visit, STR("plain-a"), STR("big"), id, &g->answer, &g->e),
        FAIL_NO_SUCH_UPLOAD);
    leaves(g);
    assert_int_equal(complete(hall, "plain-a", id, &claim, 1).code, FAIL_NO_SUCH_UPLOAD);
}

/* ---- copies keep where they came from ---- */

static enum error_code copy(struct hall *hall, const char *from, const char *to,
                            const char *purpose, struct gate_put *part) {
    struct gate_copy c = {.source = {.bucket = str_from_c(from), .key = STR("k")},
                          .target = {.bucket = str_from_c(to), .key = STR("k")}};
    struct guest *g = root_enters(hall);
    str version;
    if (part != NULL) c.target = *part;
    g->visit.purpose = str_from_c(purpose);
    enum error_code code = gate_copy(&g->visit, &c, &g->stored, &version, &g->answer, &g->e);
    leaves(g);
    return code;
}

static void a_copy_is_read_by_the_rules_of_both(void **state) {
    struct hall *hall = *state;
    char text[64];
    static const char *const buckets[] = {"critical-a", "plain-a", "plain-b"};
    for (size_t i = 0; i < 3; i++) assert_int_equal(root_makes(hall, buckets[i]).code, OK);
    assert_int_equal(root_puts(hall, "critical-a", "k", "secret").code, OK);
    assert_int_equal(copy(hall, "critical-a", "plain-a", "", NULL), FAIL_REFUSED); /* the read */
    assert_int_equal(copy(hall, "critical-a", "plain-a", "duty", NULL), OK);
    assert_int_equal(root_gets(hall, "plain-a", "k", text).code, FAIL_REFUSED);
    /* A copy of the copy does not wash it off. */
    assert_int_equal(copy(hall, "plain-a", "plain-b", "duty", NULL), OK);
    struct once refused = root_gets(hall, "plain-b", "k", text);
    assert_int_equal(refused.code, FAIL_REFUSED);
    assert_string_equal(refused.clauses, "test-rules/read.on-duty");
    struct guest *g = root_enters(hall);
    g->visit.purpose = STR("duty");
    assert_ok(get_text(g, "plain-b", "k", text), &g->e);
    assert_string_equal(text, "secret");
    leaves(g);
}

/* Seen once: a part copied from a stricter dataset left no trace on the object it became. */
static void a_part_that_was_copied_keeps_its_dataset(void **state) {
    struct hall *hall = *state;
    char text[64];
    struct store_part_claim claim = {.number = 1};
    assert_int_equal(root_makes(hall, "critical-a").code, OK);
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "critical-a", "k", "secret").code, OK);
    struct store_upload_id id = upload_begin(hall, "plain-a");
    struct gate_put part = {.bucket = STR("plain-a"),
                            .key = STR("big"),
                            .is_part = true,
                            .upload = id,
                            .part_number = 1};
    assert_int_equal(copy(hall, "critical-a", "plain-a", "duty", &part), OK);
    struct md5 h;
    md5_begin(&h);
    md5_add(&h, "secret", 6);
    md5_end(&h, claim.md5);
    part.part_number = 0;
    assert_int_equal(copy(hall, "critical-a", "plain-a", "duty", &part), FAIL_INVALID_ARGUMENT);
    assert_int_equal(complete(hall, "plain-a", id, &claim, 1).code, OK);
    assert_int_equal(root_gets(hall, "plain-a", "big", text).code, FAIL_REFUSED);
}

/* ---- a disk that is nearly full ---- */

static void a_full_disk_takes_nothing_and_lets_go(void **state) {
    struct hall *hall = *state;
    char text[64];
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "x").code, OK);
    engine_lab_low(hall->gate->engine, true);
    assert_false(gate_is_healthy(hall->gate));
    assert_int_equal(root_puts(hall, "plain-a", "k2", "x").code, FAIL_DISK_FULL);
    assert_int_equal(copy(hall, "plain-a", "plain-a", "", NULL), FAIL_DISK_FULL);
    assert_int_equal(root_gets(hall, "plain-a", "k", text).code, OK);
    assert_int_equal(root_deletes(hall, "plain-a", "k").code, OK);
    engine_lab_low(hall->gate->engine, false);
    assert_int_equal(root_puts(hall, "plain-a", "k2", "x").code, OK);
}

static void an_inline_body_that_was_changed(void **state) {
    struct hall *hall = *state;
    char text[64];
    assert_int_equal(root_makes(hall, "plain-a").code, OK);
    assert_int_equal(root_puts(hall, "plain-a", "k", "hello").code, OK);
    struct engine_view *view;
    struct engine_scan *scan;
    struct error e;
    str key, row;
    bool more;
    unsigned char id[64], bytes[64];
    size_t len;
    assert_ok(engine_view_open(hall->gate->engine, &view, &e), &e);
    assert_ok(engine_view_scan(view, ENGINE_BODY, STR_EMPTY, STR_EMPTY, &scan, &e), &e);
    assert_ok(engine_scan_next(scan, &more, &key, &row, &e), &e);
    assert_true(more && row.len == 5 + SEAL_TAG_BYTES);
    memcpy(id, key.at, key.len);
    memcpy(bytes, row.at, row.len);
    len = row.len;
    str id_str = str_of(id, key.len);
    engine_scan_close(scan);
    engine_view_close(view);
    bytes[2] ^= 1;
    struct engine_turn *turn;
    gate_keeper_close(hall->gate); /* the turn is ours for once */
    assert_ok(engine_turn_begin(hall->gate->engine, &turn, &e), &e);
    assert_ok(engine_turn_put(turn, ENGINE_BODY, id_str, str_of(bytes, len), &e), &e);
    assert_ok(engine_turn_commit(turn, &e), &e);
    assert_int_equal(root_gets(hall, "plain-a", "k", text).code, FAIL_CORRUPT);
}

#define IN_A_HALL(f) cmocka_unit_test_setup_teardown(f, hall_open, hall_close)
#define IN_A_LAB(f)  cmocka_unit_test_setup_teardown(f, hall_open_lab, hall_close)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_A_HALL(bodies_and_ranges),
        IN_A_HALL(a_turned_byte_gives_nothing_of_its_frame),
        IN_A_HALL(a_file_that_is_gone_or_short),
        IN_A_HALL(versions_and_markers),
        IN_A_HALL(a_thousand_keys_in_one_call),
        IN_A_HALL(an_object_of_parts),
        IN_A_HALL(a_run_is_given_of_clear_files_alone),
        IN_A_HALL(parts_say_together_whether_they_are_sealed),
        IN_A_HALL(an_aborted_upload_is_gone),
        IN_A_HALL(a_copy_is_read_by_the_rules_of_both),
        IN_A_HALL(a_part_that_was_copied_keeps_its_dataset),
        IN_A_LAB(a_full_disk_takes_nothing_and_lets_go),
        IN_A_LAB(an_inline_body_that_was_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
