/* Signature Version 4 as a client makes it, for the load generator: a whole request head, signed.
 *
 * A signing key holds for a day and the date text for a second, so both are kept; what is left for
 * each request is one SHA-256 and one HMAC.
 * Source: AWS General Reference, "Signature Version 4 for API requests". */
#ifndef AZEKURA_BENCH_SIGNER_H
#define AZEKURA_BENCH_SIGNER_H

#include "base/base.h"

enum { SIGNER_HEX = 2 * DIGEST_BYTES };

struct signer {
    str access_key, secret_key, region; /* borrowed */
    int64_t second;                     /* that amz_date tells */
    char amz_date[CLOCK_TEXT_BYTES];    /* 20261121T080910Z */
    digest key;                         /* for amz_date's day */
};

struct signer_request {
    const char *method;
    str host;    /* with port, as the Host header says it */
    str path;    /* encoded */
    str query;   /* canonical: sorted, encoded, "name=value" */
    str payload; /* x-amz-content-sha256: 64 hex digits or UNSIGNED-PAYLOAD */
    uint64_t body_bytes;
};

struct signer signer_open(str access_key, str secret_key, str region);
/* Appends request line, headers and the empty line. One signer a thread. */
void signer_head(struct signer *signer, const struct signer_request *request, int64_t now_ns,
                 struct text *out);
/* The same without a signature, for servers of files. */
void signer_head_unsigned(const struct signer_request *request, struct text *out);

#endif
