/* Inside seal: the one place that calls the cipher, and the key file. Inner header. */
#ifndef AZEKURA_SEAL_INNER_H
#define AZEKURA_SEAL_INNER_H

#include "seal/seal.h"

enum { GCM_NONCE_BYTES = 12 };

/* AES-256-GCM. `tag` stands apart from the text; in place allowed. FAIL_CRYPTO: OpenSSL failed. */
enum error_code gcm_seal(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES],
                         str bound, str plain, void *out, unsigned char tag[SEAL_TAG_BYTES],
                         struct error *e) MUST_USE;
/* FAIL_CORRUPT: `what` is not what was sealed; out then holds zeros. */
enum error_code gcm_open(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES],
                         str bound, str sealed, const unsigned char tag[SEAL_TAG_BYTES], void *out,
                         const char *what, struct error *e) MUST_USE;
/* The same by OpenSSL, with this thread's context, whatever the processor has. */
enum error_code narrow_seal(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES],
                            str bound, str plain, void *out, unsigned char tag[SEAL_TAG_BYTES],
                            struct error *e) MUST_USE;
enum error_code narrow_open(const struct secret *key, const unsigned char nonce[GCM_NONCE_BYTES],
                            str bound, str sealed, const unsigned char tag[SEAL_TAG_BYTES],
                            void *out, const char *what, struct error *e) MUST_USE;

/* Memory of this thread's own, zeroed at first, wiped and freed with the thread; always asked for with
 * the same size. NULL: there is none. */
void *thread_memory(size_t bytes);

/* A record under a key at hand: u32 number, 16 bytes nonce, text, 16 bytes tag. */
enum error_code record_seal(const struct secret *key, uint32_t number, str about, str plain,
                            void *out, struct error *e) MUST_USE;
/* out gets sealed.len - SEAL_RECORD_EXTRA_BYTES bytes. */
enum error_code record_open(const struct secret *key, str about, str sealed, void *out,
                            struct error *e) MUST_USE;

/* One key as its file says it. */
struct key_file {
    uint32_t number;
    enum seal_key_kind kind;
    uint32_t month;
    str name;
    bool destroyed;
    str sealed; /* SEALED_KEY_BYTES: a record of the key under the master key */
};
enum {
    SEALED_KEY_BYTES = SECRET_BYTES + SEAL_RECORD_EXTRA_BYTES,
    KEY_FILE_BYTES = 1024, /* five short lines and a name */
};
const char *key_kind_name(enum seal_key_kind kind);
/* The lines before the key itself; they are bound into its record, so that no key can be passed off
 * as another. */
void key_file_head(const struct key_file *file, struct text *out);
void key_file_write(const struct key_file *file, struct text *out);
/* `sealed` is decoded into `memory`. FAIL_VERSION, FAIL_CORRUPT name `path`. */
enum error_code key_file_read(str bytes, const char *path, unsigned char memory[SEALED_KEY_BYTES],
                              struct key_file *out, struct error *e) MUST_USE;

#endif
