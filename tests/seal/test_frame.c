/* A frame opens only as what it was, where it was; lengths and places agree at every edge. */
#include "seal/seal.h"
#include "tests/test.h"

static unsigned char plain[3 * LIMIT_FRAME_BYTES], sealed[3 * SEAL_FRAME_BYTES + SEAL_TAG_BYTES],
    opened[3 * LIMIT_FRAME_BYTES];

static struct secret key_of(unsigned char fill) {
    struct secret key;
    memset(key.at, fill, sizeof key.at);
    return key;
}

static struct seal_frame frame_of(unsigned char blob, uint64_t number, bool is_last) {
    struct seal_frame frame = {.number = number, .is_last = is_last};
    memset(frame.blob, blob, sizeof frame.blob);
    return frame;
}

static void plain_fill(void) {
    for (size_t i = 0; i < sizeof plain; i++) plain[i] = (unsigned char)(i * 7 + i / 251);
}

static void lengths_and_places(void **state) {
    static const struct {
        const char *name;
        uint64_t plain, frames, stored;
    } rows[] = {
        {"empty", 0, 1, 16},
        {"one byte", 1, 1, 17},
        {"a frame less one", 65535, 1, 65551},
        {"a frame", 65536, 1, 65552},
        {"a frame and one", 65537, 2, 65569},
        {"two frames", 131072, 2, 131104},
        {"the largest object", LIMIT_OBJECT_BYTES, 83886080, LIMIT_OBJECT_BYTES + 16 * 83886080ull},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        uint64_t back;
        assert_row(rows[i].name, seal_frame_count(rows[i].plain) == rows[i].frames);
        assert_row(rows[i].name, seal_stored_bytes(rows[i].plain) == rows[i].stored);
        assert_row(rows[i].name, seal_plain_bytes(rows[i].stored, &back) && back == rows[i].plain);
    }
    uint64_t back;
    assert_false(seal_plain_bytes(0, &back));
    assert_false(seal_plain_bytes(15, &back));
    assert_false(seal_plain_bytes(65552 + 15, &back));
    assert_false(seal_plain_bytes(65552 + 16, &back)); /* an empty second frame */

    for (uint64_t bytes = 65530; bytes < 65545; bytes++) {
        uint64_t stored = 0;
        for (uint64_t offset = 0; offset < bytes;) { /* the frames tile the stored bytes */
            struct seal_place place = seal_place_of(bytes, offset);
            assert_int_equal(place.skip, 0);
            assert_int_equal(place.stored_offset, stored);
            stored += place.stored_bytes;
            offset += place.stored_bytes - SEAL_TAG_BYTES;
            assert_int_equal(place.is_last, offset == bytes);
        }
        assert_int_equal(stored, seal_stored_bytes(bytes));
    }
    struct seal_place place = seal_place_of(200000, 70000);
    assert_int_equal(place.frame, 1);
    assert_int_equal(place.skip, 70000 - 65536);
    place = seal_place_of(0, 0);
    assert_true(place.is_last);
    assert_int_equal(place.stored_bytes, SEAL_TAG_BYTES);
}

static void there_and_back(void **state) {
    static const size_t lengths[] = {0, 1, 15, 16, 17, 4096, 65535, 65536};
    struct error e;
    struct secret key = key_of(1);
    plain_fill();
    for (size_t i = 0; i < COUNT_OF(lengths); i++) {
        struct seal_frame frame = frame_of(9, 3, true);
        size_t len = lengths[i];
        assert_ok(seal_frame_seal(&key, &frame, str_of(plain, len), sealed, &e), &e);
        if (len >= 16) assert_null(memmem(sealed, len + 16, plain, 16)); /* attack row 23 */
        assert_ok(seal_frame_open(&key, &frame, str_of(sealed, len + SEAL_TAG_BYTES), opened, &e),
                  &e);
        assert_memory_equal(opened, plain, len);
        memcpy(opened, plain, len); /* in place, both ways, gives the same bytes */
        assert_ok(seal_frame_seal(&key, &frame, str_of(opened, len), opened, &e), &e);
        assert_memory_equal(opened, sealed, len + SEAL_TAG_BYTES);
        assert_ok(seal_frame_open(&key, &frame, str_of(opened, len + SEAL_TAG_BYTES), opened, &e),
                  &e);
        assert_memory_equal(opened, plain, len);
    }
}

/* Against NIST's construction by another program: Python's cryptography, AESGCM(key).encrypt(nonce,
 * b"the lights stay on", b"azekura-frame-v1\0" + b"\x09"*16 + (5).to_bytes(8,"big") + b"\x01"). */
static void golden_frame(void **state) {
    static const char golden[] =
        "d1191c4f34b81c45a55137ef1b36d3b9ddf25d5689ea8d7a55057a670a7e89018915";
    struct error e;
    struct secret key = key_of(1);
    struct seal_frame frame = frame_of(9, 5, true);
    str text = STR("the lights stay on");
    assert_ok(seal_frame_seal(&key, &frame, text, sealed, &e), &e);
    char hex[128];
    hex_write(sealed, text.len + SEAL_TAG_BYTES, hex);
    assert_str(str_of(hex, 2 * (text.len + SEAL_TAG_BYTES)), str_from_c(golden));
}

static void every_changed_byte_is_refused(void **state) {
    struct error e;
    struct secret key = key_of(1);
    struct seal_frame frame = frame_of(9, 0, true);
    enum { BYTES = 600 };
    plain_fill();
    assert_ok(seal_frame_seal(&key, &frame, str_of(plain, BYTES), sealed, &e), &e);
    for (size_t at = 0; at < BYTES + SEAL_TAG_BYTES; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            sealed[at] ^= (unsigned char)(1u << bit);
            memset(opened, 0xee, BYTES);
            assert_int_equal(
                seal_frame_open(&key, &frame, str_of(sealed, BYTES + SEAL_TAG_BYTES), opened, &e),
                FAIL_CORRUPT);
            for (size_t i = 0; i < BYTES; i++) assert_int_equal(opened[i], 0);
            sealed[at] ^= (unsigned char)(1u << bit);
        }
    }
    for (size_t len = 0; len < BYTES + SEAL_TAG_BYTES; len++)
        assert_int_equal(seal_frame_open(&key, &frame, str_of(sealed, len), opened, &e),
                         FAIL_CORRUPT);
}

static void a_full_frame_keeps_its_last_byte(void **state) {
    struct error e;
    struct secret key = key_of(1);
    struct seal_frame frame = frame_of(9, 0, false);
    plain_fill();
    assert_ok(seal_frame_seal(&key, &frame, str_of(plain, LIMIT_FRAME_BYTES), sealed, &e), &e);
    for (size_t at = 0; at < SEAL_FRAME_BYTES; at += at < 64 || at > 65500 ? 1 : 997) {
        sealed[at] ^= 0x40;
        assert_int_equal(
            seal_frame_open(&key, &frame, str_of(sealed, SEAL_FRAME_BYTES), opened, &e),
            FAIL_CORRUPT);
        sealed[at] ^= 0x40;
    }
    assert_int_equal(
        seal_frame_open(&key, &frame, str_of(sealed, SEAL_FRAME_BYTES - 1), opened, &e),
        FAIL_CORRUPT);
}

static void frames_stay_in_their_place(void **state) {
    struct error e;
    struct secret key = key_of(1), other_key = key_of(2);
    plain_fill();
    struct seal_frame frame = frame_of(9, 0, false);
    assert_ok(seal_frame_seal(&key, &frame, str_of(plain, LIMIT_FRAME_BYTES), sealed, &e), &e);
    str whole = str_of(sealed, SEAL_FRAME_BYTES);
    struct {
        const char *name;
        struct seal_frame frame;
        const struct secret *key;
    } rows[] = {
        {"swapped with its neighbour", frame_of(9, 1, false), &key},
        {"passed off as the last: the body was cut here", frame_of(9, 0, true), &key},
        {"of another blob", frame_of(8, 0, false), &key},
        {"under another key", frame_of(9, 0, false), &other_key},
    };
    for (size_t i = 0; i < COUNT_OF(rows); i++)
        assert_row(rows[i].name,
                   seal_frame_open(rows[i].key, &rows[i].frame, whole, opened, &e) == FAIL_CORRUPT);
    assert_ok(seal_frame_open(&key, &frame, whole, opened, &e), &e);

    /* and the last frame is none in the middle: what was appended after it is seen */
    frame.is_last = true;
    assert_ok(seal_frame_seal(&key, &frame, str_of(plain, LIMIT_FRAME_BYTES), sealed, &e), &e);
    frame.is_last = false;
    assert_int_equal(seal_frame_open(&key, &frame, whole, opened, &e), FAIL_CORRUPT);
}

static void wrapped_keys(void **state) {
    struct error e;
    struct secret by = key_of(1), key = key_of(2), back;
    unsigned char wrapped[SEAL_WRAPPED_BYTES], twice[SEAL_WRAPPED_BYTES];
    assert_ok(seal_key_wrap(&by, &key, wrapped, &e), &e);
    assert_ok(seal_key_wrap(&by, &key, twice, &e), &e);
    assert_memory_not_equal(wrapped, twice, sizeof wrapped);
    assert_null(memmem(wrapped, sizeof wrapped, key.at, 8));
    assert_ok(seal_key_unwrap(&by, wrapped, &back, &e), &e);
    assert_memory_equal(back.at, key.at, sizeof back.at);
    for (size_t at = 0; at < sizeof wrapped; at++) {
        wrapped[at] ^= 1;
        assert_int_equal(seal_key_unwrap(&by, wrapped, &back, &e), FAIL_CORRUPT);
        for (size_t i = 0; i < sizeof back.at; i++) assert_int_equal(back.at[i], 0);
        wrapped[at] ^= 1;
    }
    by.at[0] ^= 1;
    assert_int_equal(seal_key_unwrap(&by, wrapped, &back, &e), FAIL_CORRUPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_and_places),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(golden_frame),
        cmocka_unit_test(every_changed_byte_is_refused),
        cmocka_unit_test(a_full_frame_keeps_its_last_byte),
        cmocka_unit_test(frames_stay_in_their_place),
        cmocka_unit_test(wrapped_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
