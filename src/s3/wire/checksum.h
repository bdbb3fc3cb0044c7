/* The checksums S3 clients send and ask for: CRC32, CRC32C, CRC64NVME, SHA-1, SHA-256, and MD5.
 *
 * A multipart object's checksum is COMPOSITE (the checksum of the parts' checksums, shown with
 * "-N") or FULL_OBJECT (of all bytes). A CRC over all bytes follows from the parts' CRCs and
 * lengths, so completing an upload reads nothing again.
 * Source: S3 User Guide, "Checking object integrity"; zlib's crc32_combine for the idea. */
#ifndef AZEKURA_S3_WIRE_CHECKSUM_H
#define AZEKURA_S3_WIRE_CHECKSUM_H

#include "base/base.h"
#include "gate/gate.h" /* struct store_checksum */

enum {
    S3_CHECKSUM_BYTES_MAX = 32,
    S3_CHECKSUM_TEXT_BYTES = 44 + 6, /* base64 of 32 bytes, "-10000" */
};

/* "CRC32" … as x-amz-checksum-algorithm has it, any case; false: none of ours. */
bool s3_checksum_kind_read(str name, enum store_checksum_kind *out);
str s3_checksum_name(enum store_checksum_kind kind);    /* "CRC64NVME"; empty for NONE */
str s3_checksum_header(enum store_checksum_kind kind);  /* "x-amz-checksum-crc64nvme" */
str s3_checksum_element(enum store_checksum_kind kind); /* "ChecksumCRC64NVME" */
uint8_t s3_checksum_bytes(enum store_checksum_kind kind);
bool s3_checksum_is_crc(enum store_checksum_kind kind);
/* The kind of a header (or trailer) name "x-amz-checksum-…", any case; NONE: not one. */
enum store_checksum_kind s3_checksum_of_header(str name);

/* Base64 of the right length, an optional "-N" behind it (*parts, else 0). */
bool s3_checksum_read(enum store_checksum_kind kind, str text, struct store_checksum *out,
                      uint32_t *parts);
/* Writes base64, and "-parts" when the checksum is composite. Returns the length. */
size_t s3_checksum_write(const struct store_checksum *checksum, uint32_t parts,
                         char out[S3_CHECKSUM_TEXT_BYTES]);
bool s3_checksum_equal(const struct store_checksum *a, const struct store_checksum *b);

/* Over bytes as they come. */
struct s3_checksum_state {
    enum store_checksum_kind kind;
    union {
        uint32_t crc32;
        uint64_t crc64;
        struct sha1 sha1;
        struct sha256 sha256;
    } so_far;
};
void s3_checksum_begin(struct s3_checksum_state *state, enum store_checksum_kind kind);
void s3_checksum_add(struct s3_checksum_state *state, str bytes);
struct store_checksum s3_checksum_end(struct s3_checksum_state *state);

/* Over the parts of an upload, in order. Every part must carry a checksum of `kind`. */
struct s3_checksum_parts {
    enum store_checksum_kind kind;
    bool composite;
    uint32_t count;
    struct s3_checksum_state of_checksums; /* composite */
    uint64_t crc;                          /* full object */
};
/* FULL_OBJECT is for CRCs alone: asserted. */
void s3_checksum_parts_begin(struct s3_checksum_parts *parts, enum store_checksum_kind kind,
                             bool composite);
void s3_checksum_parts_add(struct s3_checksum_parts *parts, const struct store_checksum *checksum,
                           uint64_t part_bytes);
struct store_checksum s3_checksum_parts_end(struct s3_checksum_parts *parts);

/* The CRC of A followed by B, from crc(A), crc(B) and B's length. `width` 32 or 64, reflected
 * polynomial. Time grows with the logarithm of the length. */
uint64_t s3_crc_combine(enum store_checksum_kind kind, uint64_t crc_a, uint64_t crc_b,
                        uint64_t bytes_b);

#endif
