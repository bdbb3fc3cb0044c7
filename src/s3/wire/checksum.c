/* Checksums by name, over bytes, and over parts. */
#include "s3/wire/checksum.h"

#include <inttypes.h>

static const struct checksum_row {
    str name, header, element;
    uint8_t bytes;
    uint64_t polynomial; /* reflected; 0: not a CRC */
} rows[] = {
    [STORE_CHECKSUM_NONE] = {{NULL, 0}, {NULL, 0}, {NULL, 0}, 0, 0},
    /* IEEE 802.3 */
    [STORE_CHECKSUM_CRC32] =
        {{"CRC32", 5}, {"x-amz-checksum-crc32", 20}, {"ChecksumCRC32", 13}, 4, 0xedb88320},
    /* Castagnoli, RFC 3720 */
    [STORE_CHECKSUM_CRC32C] =
        {{"CRC32C", 6}, {"x-amz-checksum-crc32c", 21}, {"ChecksumCRC32C", 14}, 4, 0x82f63b78},
    /* NVM Express NVM Command Set, 64-bit CRC: 0xad93d23594c93659 reflected */
    [STORE_CHECKSUM_CRC64NVME] = {{"CRC64NVME", 9},
                                  {"x-amz-checksum-crc64nvme", 24},
                                  {"ChecksumCRC64NVME", 17},
                                  8,
                                  0x9a6c9329ac4bc9b5},
    [STORE_CHECKSUM_SHA1] =
        {{"SHA1", 4}, {"x-amz-checksum-sha1", 19}, {"ChecksumSHA1", 12}, SHA1_BYTES, 0},
    [STORE_CHECKSUM_SHA256] =
        {{"SHA256", 6}, {"x-amz-checksum-sha256", 21}, {"ChecksumSHA256", 14}, DIGEST_BYTES, 0},
};

static const struct checksum_row *row_of(enum store_checksum_kind kind) {
    assert((size_t)kind < COUNT_OF(rows));
    return &rows[kind];
}

bool s3_checksum_kind_read(str name, enum store_checksum_kind *out) {
    for (size_t i = 1; i < COUNT_OF(rows); i++) {
        if (!str_equal_nocase(rows[i].name, name)) continue;
        *out = (enum store_checksum_kind)i;
        return true;
    }
    return false;
}

enum store_checksum_kind s3_checksum_of_header(str name) {
    for (size_t i = 1; i < COUNT_OF(rows); i++)
        if (str_equal_nocase(rows[i].header, name)) return (enum store_checksum_kind)i;
    return STORE_CHECKSUM_NONE;
}

str s3_checksum_name(enum store_checksum_kind kind) {
    return row_of(kind)->name;
}
str s3_checksum_header(enum store_checksum_kind kind) {
    return row_of(kind)->header;
}
str s3_checksum_element(enum store_checksum_kind kind) {
    return row_of(kind)->element;
}
uint8_t s3_checksum_bytes(enum store_checksum_kind kind) {
    return row_of(kind)->bytes;
}
bool s3_checksum_is_crc(enum store_checksum_kind kind) {
    return row_of(kind)->polynomial != 0;
}

bool s3_checksum_read(enum store_checksum_kind kind, str text, struct store_checksum *out,
                      uint32_t *parts) {
    str base64 = text, count = STR_EMPTY;
    uint32_t number = 0;
    size_t dash, len;
    if (str_find_char(text, '-', &dash)) {
        base64 = str_slice(text, 0, dash);
        count = str_skip(text, dash + 1);
        if (!str_u32(count, &number) || number == 0 || number > LIMIT_PART_COUNT) return false;
    }
    struct store_checksum read = {.kind = kind, .len = s3_checksum_bytes(kind)};
    if (!base64_read(base64, read.at, sizeof read.at, &len) || len != read.len) return false;
    read.composite = number > 0;
    *out = read;
    *parts = number;
    return true;
}

size_t s3_checksum_write(const struct store_checksum *checksum, uint32_t parts,
                         char out[S3_CHECKSUM_TEXT_BYTES]) {
    size_t len = base64_write(checksum->at, checksum->len, out);
    if (!checksum->composite) return len;
    struct text to = {.at = out, .len = len, .cap = S3_CHECKSUM_TEXT_BYTES};
    text_format(&to, "-%" PRIu32, parts);
    return to.len;
}

bool s3_checksum_equal(const struct store_checksum *a, const struct store_checksum *b) {
    return a->kind == b->kind && a->len == b->len && a->composite == b->composite &&
           memcmp(a->at, b->at, a->len) == 0;
}

void s3_checksum_begin(struct s3_checksum_state *state, enum store_checksum_kind kind) {
    *state = (struct s3_checksum_state){.kind = kind};
    if (kind == STORE_CHECKSUM_SHA1) sha1_begin(&state->so_far.sha1);
    if (kind == STORE_CHECKSUM_SHA256) sha256_begin(&state->so_far.sha256);
}

void s3_checksum_add(struct s3_checksum_state *state, str bytes) {
    if (bytes.len == 0) return;
    switch (state->kind) {
    case STORE_CHECKSUM_NONE: break;
    case STORE_CHECKSUM_CRC32:
        state->so_far.crc32 = crc_32(state->so_far.crc32, bytes.at, bytes.len);
        break;
    case STORE_CHECKSUM_CRC32C:
        state->so_far.crc32 = crc_32c(state->so_far.crc32, bytes.at, bytes.len);
        break;
    case STORE_CHECKSUM_CRC64NVME:
        state->so_far.crc64 = crc_64nvme(state->so_far.crc64, bytes.at, bytes.len);
        break;
    case STORE_CHECKSUM_SHA1: sha1_add(&state->so_far.sha1, bytes.at, bytes.len); break;
    case STORE_CHECKSUM_SHA256: sha256_add(&state->so_far.sha256, bytes.at, bytes.len); break;
    }
}

static void crc_write(struct store_checksum *out, uint64_t crc) {
    if (out->len == 4)
        write_be32(out->at, (uint32_t)crc);
    else
        write_be64(out->at, crc);
}

static uint64_t crc_read(const struct store_checksum *checksum) {
    return checksum->len == 4 ? read_be32(checksum->at) : read_be64(checksum->at);
}

struct store_checksum s3_checksum_end(struct s3_checksum_state *state) {
    struct store_checksum out = {.kind = state->kind, .len = s3_checksum_bytes(state->kind)};
    switch (state->kind) {
    case STORE_CHECKSUM_NONE: break;
    case STORE_CHECKSUM_CRC32:
    case STORE_CHECKSUM_CRC32C: crc_write(&out, state->so_far.crc32); break;
    case STORE_CHECKSUM_CRC64NVME: crc_write(&out, state->so_far.crc64); break;
    case STORE_CHECKSUM_SHA1: sha1_end(&state->so_far.sha1, out.at); break;
    case STORE_CHECKSUM_SHA256: {
        digest d = sha256_end(&state->so_far.sha256);
        memcpy(out.at, d.at, sizeof d.at);
        break;
    }
    }
    return out;
}

/* ---- parts ---- */

void s3_checksum_parts_begin(struct s3_checksum_parts *parts, enum store_checksum_kind kind,
                             bool composite) {
    assert(kind != STORE_CHECKSUM_NONE);
    assert(composite || s3_checksum_is_crc(kind));
    *parts = (struct s3_checksum_parts){.kind = kind, .composite = composite};
    s3_checksum_begin(&parts->of_checksums, kind);
}

void s3_checksum_parts_add(struct s3_checksum_parts *parts, const struct store_checksum *checksum,
                           uint64_t part_bytes) {
    assert(checksum->kind == parts->kind);
    if (parts->composite)
        s3_checksum_add(&parts->of_checksums, str_of(checksum->at, checksum->len));
    else
        parts->crc = s3_crc_combine(parts->kind, parts->crc, crc_read(checksum), part_bytes);
    parts->count++;
}

struct store_checksum s3_checksum_parts_end(struct s3_checksum_parts *parts) {
    if (parts->composite) {
        struct store_checksum out = s3_checksum_end(&parts->of_checksums);
        out.composite = true;
        return out;
    }
    struct store_checksum out = {.kind = parts->kind, .len = s3_checksum_bytes(parts->kind)};
    crc_write(&out, parts->crc);
    return out;
}

/* Polynomials over GF(2) modulo the CRC's own, reflected: the highest bit of the word is x^0.
 * Appending n zero bytes to a message multiplies its CRC by x^(8n); the CRC of A followed by B is
 * crc(A)·x^(8·|B|) + crc(B), the inversions at start and end cancelling out. */
static uint64_t multiply(uint64_t a, uint64_t b, uint64_t polynomial, unsigned width) {
    uint64_t one = (uint64_t)1 << (width - 1), product = 0;
    for (uint64_t bit = one; bit != 0; bit >>= 1) {
        if (a & bit) product ^= b;
        b = b & 1 ? b >> 1 ^ polynomial : b >> 1;
    }
    return product;
}

uint64_t s3_crc_combine(enum store_checksum_kind kind, uint64_t crc_a, uint64_t crc_b,
                        uint64_t bytes_b) {
    uint64_t polynomial = row_of(kind)->polynomial;
    assert(polynomial != 0);
    unsigned width = s3_checksum_bytes(kind) * 8u;
    uint64_t power = (uint64_t)1 << (width - 1 - 8); /* x^8 */
    for (uint64_t n = bytes_b; n != 0; n >>= 1) {
        if (n & 1) crc_a = multiply(power, crc_a, polynomial, width);
        power = multiply(power, power, polynomial, width);
    }
    return crc_a ^ crc_b;
}
