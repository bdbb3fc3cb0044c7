/* Frames of a body: where they lie, and each one sealed to its place.
 *
 *   stored = frame 0 | frame 1 | … | last frame        frame = ciphertext | tag[16]
 *   nonce  = 0[4] | u64 number                         under a key that seals this blob alone
 *   bound  = "azekura-frame-v1" 0 | blob[16] | u64 number | u8 is last
 *
 * Being last is bound, so a body cut at a frame does not open. */
#include "seal/inner.h"

static const char bound_prefix[] = "azekura-frame-v1"; /* with its closing zero */
enum { BOUND_BYTES = sizeof bound_prefix + SEAL_BLOB_ID_BYTES + 8 + 1 };

uint64_t seal_frame_count(uint64_t plain_bytes) {
    uint64_t full = plain_bytes / LIMIT_FRAME_BYTES;
    return plain_bytes % LIMIT_FRAME_BYTES != 0 || full == 0 ? full + 1 : full;
}

uint64_t seal_stored_bytes(uint64_t plain_bytes) {
    assert(plain_bytes <= LIMIT_OBJECT_BYTES);
    return plain_bytes + seal_frame_count(plain_bytes) * SEAL_TAG_BYTES;
}

bool seal_plain_bytes(uint64_t stored_bytes, uint64_t *plain_bytes) {
    uint64_t full = stored_bytes / SEAL_FRAME_BYTES, rest = stored_bytes % SEAL_FRAME_BYTES;
    if (rest != 0 && rest < SEAL_TAG_BYTES) return false;
    if (rest == SEAL_TAG_BYTES && full > 0) return false; /* an empty frame ends no longer body */
    if (stored_bytes == 0) return false;
    *plain_bytes = full * LIMIT_FRAME_BYTES + (rest == 0 ? 0 : rest - SEAL_TAG_BYTES);
    return true;
}

struct seal_place seal_place_of(uint64_t plain_bytes, uint64_t plain_offset) {
    assert(plain_offset < plain_bytes || (plain_offset == 0 && plain_bytes == 0));
    uint64_t frame = plain_offset / LIMIT_FRAME_BYTES;
    uint64_t left = plain_bytes - frame * LIMIT_FRAME_BYTES;
    return (struct seal_place){
        .frame = frame,
        .stored_offset = frame * SEAL_FRAME_BYTES,
        .stored_bytes = (size_t)u64_min(left, LIMIT_FRAME_BYTES) + SEAL_TAG_BYTES,
        .skip = (size_t)(plain_offset % LIMIT_FRAME_BYTES),
        .is_last = left <= LIMIT_FRAME_BYTES,
    };
}

static void bind(const struct seal_frame *frame, unsigned char nonce[GCM_NONCE_BYTES],
                 unsigned char bound[BOUND_BYTES]) {
    memset(nonce, 0, 4);
    write_be64(nonce + 4, frame->number);
    unsigned char *at = bound;
    memcpy(at, bound_prefix, sizeof bound_prefix);
    at += sizeof bound_prefix;
    memcpy(at, frame->blob, SEAL_BLOB_ID_BYTES);
    at += SEAL_BLOB_ID_BYTES;
    write_be64(at, frame->number);
    at[8] = frame->is_last;
}

enum error_code seal_frame_seal(const struct secret *key, const struct seal_frame *frame, str plain,
                                void *out, struct error *e) {
    assert(plain.len <= LIMIT_FRAME_BYTES);
    assert(frame->is_last || plain.len == LIMIT_FRAME_BYTES);
    unsigned char nonce[GCM_NONCE_BYTES], bound[BOUND_BYTES];
    bind(frame, nonce, bound);
    return gcm_seal(key, nonce, str_of(bound, sizeof bound), plain, out,
                    (unsigned char *)out + plain.len, e);
}

enum error_code seal_frame_open(const struct secret *key, const struct seal_frame *frame,
                                str sealed, void *out, struct error *e) {
    if (sealed.len < SEAL_TAG_BYTES || sealed.len > SEAL_FRAME_BYTES ||
        (!frame->is_last && sealed.len != SEAL_FRAME_BYTES)) {
        if (sealed.len > SEAL_TAG_BYTES && sealed.len <= SEAL_FRAME_BYTES)
            memory_wipe(out, sealed.len - SEAL_TAG_BYTES);
        return error_set(e, FAIL_CORRUPT, "frame %llu has %zu bytes",
                         (unsigned long long)frame->number, sealed.len);
    }
    unsigned char nonce[GCM_NONCE_BYTES], bound[BOUND_BYTES];
    bind(frame, nonce, bound);
    size_t text = sealed.len - SEAL_TAG_BYTES;
    enum error_code code =
        gcm_open(key, nonce, str_of(bound, sizeof bound), str_slice(sealed, 0, text),
                 (const unsigned char *)sealed.at + text, out, "a frame of a body", e);
    if (code == FAIL_CORRUPT)
        return error_note(e, "seal_frame_open", "opening frame %llu%s",
                          (unsigned long long)frame->number, frame->is_last ? ", the last" : "");
    return code;
}
