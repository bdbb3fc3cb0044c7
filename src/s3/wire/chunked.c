/* The decoder of aws-chunked bodies. A state and one line buffer, so that a body cut at any byte
 * decodes alike. */
#include "s3/wire/chunked.h"

#include <inttypes.h>

static bool is_signed(const struct s3_chunked *c) {
    return c->payload != S3_PAYLOAD_UNSIGNED_CHUNKS_TRAILER;
}
static bool has_trailer(const struct s3_chunked *c) {
    return c->payload != S3_PAYLOAD_CHUNKS;
}

enum error_code s3_chunked_begin(struct s3_chunked *c, const struct s3_authorization *auth,
                                 const struct secret *signing_key, str decoded_length,
                                 str trailer_names, struct error *e) {
    assert(s3_payload_is_chunked(auth->payload));
    uint64_t bytes;
    enum store_checksum_kind kind = STORE_CHECKSUM_NONE;
    if (!str_u64(decoded_length, &bytes))
        return error_set(e, FAIL_MISSING_LENGTH,
                         "You must provide the x-amz-decoded-content-length "
                         "HTTP header, in bytes.");
    if (bytes > LIMIT_PUT_BYTES)
        return error_set(e, FAIL_ENTITY_TOO_LARGE,
                         "Your proposed upload exceeds the maximum allowed size");
    if (trailer_names.len > 0) {
        kind = s3_checksum_of_header(trailer_names);
        if (kind == STORE_CHECKSUM_NONE || auth->payload == S3_PAYLOAD_CHUNKS)
            return error_set(e, FAIL_INVALID_REQUEST,
                             "The value specified in the x-amz-trailer header is not supported");
    }
    *c = (struct s3_chunked){.payload = auth->payload,
                             .key = *signing_key,
                             .scope = auth->scope,
                             .bytes_expected = bytes,
                             .trailer_kind = kind,
                             .state = S3_CHUNK_LINE};
    memcpy(c->time_text, auth->time_text, sizeof c->time_text);
    memcpy(c->previous, auth->signature.at, sizeof c->previous);
    return OK;
}

void s3_chunked_release(struct s3_chunked *c) {
    secret_wipe(&c->key);
}

/* ---- signatures ---- */

/* string to sign = NAME \n TIME \n SCOPE \n PREVIOUS \n [sha256("") \n] sha256(BYTES) */
static enum error_code link_verify(struct s3_chunked *c, const char *name, bool of_chunk,
                                   digest hashed, str signature, struct error *e) {
    char memory[512], hex[2 * DIGEST_BYTES];
    struct text to = text_into(memory, sizeof memory);
    text_add_c(&to, name);
    text_add_char(&to, '\n');
    text_add(&to, str_of(c->time_text, sizeof c->time_text));
    text_add_char(&to, '\n');
    text_add(&to, c->scope);
    text_add_char(&to, '\n');
    text_add(&to, str_of(c->previous, sizeof c->previous));
    text_add_char(&to, '\n');
    if (of_chunk) {
        digest nothing = sha256_of(STR_EMPTY);
        hex_write(nothing.at, DIGEST_BYTES, hex);
        text_add(&to, str_of(hex, sizeof hex));
        text_add_char(&to, '\n');
    }
    hex_write(hashed.at, DIGEST_BYTES, hex);
    text_add(&to, str_of(hex, sizeof hex));
    if (to.overflow) /* a region of hundreds of characters, and configured so */
        return error_set(e, FAIL_LIMIT, "The credential scope is too long");
    digest made = hmac_sha256(str_of(c->key.at, SECRET_BYTES), text_str(&to));
    hex_write(made.at, DIGEST_BYTES, hex);
    bool same = str_equal_secret(str_of(hex, sizeof hex), signature);
    memcpy(c->previous, hex, sizeof c->previous);
    if (same) return OK;
    memory_wipe(c->previous, sizeof c->previous);
    return error_set(e, FAIL_SIGNATURE,
                     "The %s signature we calculated does not match the "
                     "signature you provided, %" PRIu64 " bytes into the body",
                     of_chunk ? "chunk" : "trailer", c->bytes);
}

static enum error_code chunk_verify(struct s3_chunked *c, struct error *e) {
    if (!is_signed(c)) return OK;
    return link_verify(c, "AWS4-HMAC-SHA256-PAYLOAD", true, sha256_end(&c->chunk_hash),
                       str_of(c->chunk_signature, sizeof c->chunk_signature), e);
}

/* ---- lines ---- */

/* A line without its end in *line once it is whole; *whole false: more bytes are needed. The end is
 * CRLF; trailers may end with LF alone, as the S3 documentation's own example does. */
static enum error_code line_take(struct s3_chunked *c, str *in, bool *whole, str *line,
                                 struct error *e) {
    bool lf_is_enough = c->state == S3_CHUNK_TRAILER;
    size_t at;
    *whole = str_find_char(*in, '\n', &at);
    size_t count = *whole ? at + 1 : in->len;
    if (count > sizeof c->line - c->line_len)
        return error_set(e, FAIL_INVALID_REQUEST, "A line of the chunked body is over %d bytes",
                         LIMIT_CHUNK_LINE_BYTES);
    if (count > 0) memcpy(c->line + c->line_len, in->at, count);
    c->line_len += count;
    *in = str_skip(*in, count);
    if (!*whole) return OK;
    str text = str_of(c->line, c->line_len - 1);
    c->line_len = 0;
    bool has_cr = text.len > 0 && text.at[text.len - 1] == '\r';
    if (!has_cr && !lf_is_enough)
        return error_set(e, FAIL_INVALID_REQUEST,
                         "A line of the chunked body does not end in CRLF");
    *line = has_cr ? str_slice(text, 0, text.len - 1) : text;
    if (line->len > 0) c->trailer_lf = !has_cr;
    return OK;
}

static enum error_code chunk_line(struct s3_chunked *c, str line, struct error *e) {
    str size = line, rest = line;
    bool has_more = str_cut(&rest, ';', &size);
    str prefix = STR("chunk-signature=");
    if (has_more != is_signed(c) ||
        (has_more && (!str_starts(rest, prefix) || rest.len != prefix.len + S3_SIGNATURE_HEX)))
        return error_set(e, FAIL_INVALID_REQUEST, "A chunk must begin with its size%s",
                         is_signed(c) ? " and its chunk-signature" : " alone");
    if (!str_hex_u64(size, &c->chunk_left))
        return error_set(e, FAIL_INVALID_REQUEST, "A chunk's size is not a hex number");
    if (c->chunk_left > c->bytes_expected - c->bytes)
        return error_set(e, FAIL_INCOMPLETE_BODY,
                         "The body holds more than the %" PRIu64
                         " bytes x-amz-decoded-content-length announced",
                         c->bytes_expected);
    if (has_more)
        memcpy(c->chunk_signature, str_skip(rest, prefix.len).at, sizeof c->chunk_signature);
    sha256_begin(&c->chunk_hash);
    if (c->chunk_left > 0) {
        c->state = S3_CHUNK_DATA;
        return OK;
    }
    c->state = S3_CHUNK_TRAILER;
    return chunk_verify(c, e);
}

static enum error_code trailer_fault(struct error *e, const char *why) {
    return error_set(e, FAIL_TRAILER,
                     "The request contained trailing data that was not well-formed "
                     "or did not conform to our published schema: %s",
                     why);
}

static enum error_code trailer_verify(struct s3_chunked *c, str signature, struct error *e) {
    char memory[128], text[S3_CHECKSUM_TEXT_BYTES];
    struct text to = text_into(memory, sizeof memory);
    if (c->trailer_seen) {
        text_add(&to, s3_checksum_header(c->trailer_kind));
        text_add_char(&to, ':');
        text_add(&to, str_of(text, s3_checksum_write(&c->trailer, 0, text)));
        text_add_char(&to, '\n');
    }
    assert(!to.overflow);
    c->trailer_signed = true;
    return link_verify(c, "AWS4-HMAC-SHA256-TRAILER", false, sha256_of(text_str(&to)), signature,
                       e);
}

static enum error_code trailer_line(struct s3_chunked *c, str line, struct error *e) {
    str name = STR_EMPTY, value = line;
    if (!str_cut(&value, ':', &name)) return trailer_fault(e, "a line without a colon");
    value = str_trim(value);
    if (str_equal_nocase(name, STR("x-amz-trailer-signature"))) {
        if (c->payload != S3_PAYLOAD_CHUNKS_TRAILER || c->trailer_signed)
            return trailer_fault(e, "a trailer signature that was not announced");
        return trailer_verify(c, value, e);
    }
    uint32_t parts;
    if (c->trailer_kind == STORE_CHECKSUM_NONE || s3_checksum_of_header(name) != c->trailer_kind)
        return trailer_fault(e, "a trailer that x-amz-trailer does not name");
    if (c->trailer_seen || c->trailer_signed) return trailer_fault(e, "a trailer too many");
    if (!s3_checksum_read(c->trailer_kind, value, &c->trailer, &parts) || parts != 0)
        return error_set(e, FAIL_INVALID_REQUEST, "Value for %.*s trailing header is invalid.",
                         STR_FMT(s3_checksum_header(c->trailer_kind)));
    c->trailer_seen = true;
    return OK;
}

static enum error_code trailer_end(struct s3_chunked *c, struct error *e) {
    if (c->payload == S3_PAYLOAD_CHUNKS_TRAILER && !c->trailer_signed)
        return trailer_fault(e, "x-amz-trailer-signature is missing");
    if (c->trailer_kind != STORE_CHECKSUM_NONE && !c->trailer_seen)
        return trailer_fault(e, "the trailer x-amz-trailer names is missing");
    c->state = c->trailer_lf ? S3_CHUNK_MAY_END : S3_CHUNK_DONE;
    return OK;
}

/* An empty line ends the trailers, but for the one that ends a trailer of LF CRLF: it stands before
 * the signature, or before the empty line that ends them. */
static enum error_code trailer_blank(struct s3_chunked *c, struct error *e) {
    bool awaits_signature = c->payload == S3_PAYLOAD_CHUNKS_TRAILER && !c->trailer_signed;
    if (!c->trailer_lf || !awaits_signature) return trailer_end(c, e);
    c->trailer_lf = false;
    return OK;
}

/* ---- the machine ---- */

static enum error_code behind_end(struct error *e) {
    return error_set(e, FAIL_INVALID_REQUEST, "There are bytes behind the last chunk");
}

static void data_take(struct s3_chunked *c, str *in, str *out) {
    size_t count = (size_t)u64_min(in->len, c->chunk_left);
    *out = str_slice(*in, 0, count);
    *in = str_skip(*in, count);
    c->chunk_left -= count;
    c->bytes += count;
    if (is_signed(c)) sha256_add(&c->chunk_hash, out->at, out->len);
    if (c->chunk_left == 0) c->state = S3_CHUNK_DATA_END;
}

static enum error_code line_done(struct s3_chunked *c, str line, struct error *e) {
    switch (c->state) {
    case S3_CHUNK_LINE: return chunk_line(c, line, e);
    case S3_CHUNK_DATA_END:
        if (line.len > 0)
            return error_set(e, FAIL_INVALID_REQUEST, "A chunk is longer than its size says");
        c->state = S3_CHUNK_LINE;
        return chunk_verify(c, e);
    case S3_CHUNK_MAY_END:
        if (line.len > 0) break;
        c->state = S3_CHUNK_DONE;
        return OK;
    default:
        assert(c->state == S3_CHUNK_TRAILER);
        if (line.len == 0) return trailer_blank(c, e);
        if (!has_trailer(c)) return trailer_fault(e, "a trailer without x-amz-trailer");
        return trailer_line(c, line, e);
    }
    return behind_end(e);
}

enum error_code s3_chunked_feed(struct s3_chunked *c, str *in, str *out, struct error *e) {
    *out = STR_EMPTY;
    while (in->len > 0) {
        if (c->state == S3_CHUNK_DATA) {
            data_take(c, in, out);
            return OK;
        }
        if (c->state == S3_CHUNK_DONE) return behind_end(e);
        bool whole;
        str line = STR_EMPTY;
        TRY(line_take(c, in, &whole, &line, e));
        if (whole) TRY(line_done(c, line, e));
    }
    return OK;
}

enum error_code s3_chunked_end(const struct s3_chunked *c, struct error *e) {
    if (c->state != S3_CHUNK_DONE && c->state != S3_CHUNK_MAY_END)
        return error_set(e, FAIL_INCOMPLETE_BODY, "The request body terminated unexpectedly");
    if (c->bytes != c->bytes_expected)
        return error_set(e, FAIL_INCOMPLETE_BODY,
                         "You did not provide the number of bytes x-amz-decoded-content-length "
                         "announced: %" PRIu64 " of %" PRIu64,
                         c->bytes, c->bytes_expected);
    return OK;
}
