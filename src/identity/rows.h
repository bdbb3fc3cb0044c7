/* Rows of identities in ENGINE_META, all below "i/". Inner header. Format: docs/formats/identity.md. */
#ifndef AZEKURA_IDENTITY_ROWS_H
#define AZEKURA_IDENTITY_ROWS_H

#include "identity/identity.h"

enum {
    IDENTITY_ROW_KEY_BYTES = 4 + IDENTITY_NAME_BYTES + 1 + IDENTITY_PATTERN_BYTES,
    IDENTITY_ROW_BYTES = 512,
    IDENTITY_SEALED_BYTES = IDENTITY_SECRET_BYTES + SEAL_RECORD_EXTRA_BYTES,
    IDENTITY_ABOUT_BYTES = 11 + IDENTITY_KEY_ID_BYTES,
};

struct identity_total_row { /* "i/g" */
    uint64_t generation;
    uint32_t users, keys;
};
struct identity_user_row { /* "i/u/NAME" */
    bool enabled;
    int64_t made_ns;
    uint32_t grants, keys;
    enum identity_role role;
    int64_t until_ns; /* of an inspector; else 0 */
};
struct identity_grant_row { /* "i/r/NAME" 0 "PATTERN" */
    uint8_t rights;         /* never 0: the row goes instead */
};
struct identity_key_row { /* "i/k/ID" */
    bool enabled;
    int64_t made_ns;
    str user;
    str sealed; /* IDENTITY_SEALED_BYTES: the secret, under the local key, about "access key ID" */
};

extern const str identity_total_key, identity_user_prefix, identity_grant_prefix,
    identity_key_prefix, identity_user_end, identity_grant_end, identity_key_end;

str identity_user_row_key(str user, char memory[IDENTITY_ROW_KEY_BYTES]);
str identity_grant_row_key(str user, str pattern, char memory[IDENTITY_ROW_KEY_BYTES]);
str identity_key_row_key(str key_id, char memory[IDENTITY_ROW_KEY_BYTES]);
str identity_about(str key_id, char memory[IDENTITY_ABOUT_BYTES]);

/* Readers: FAIL_VERSION, FAIL_CORRUPT. One encoding only. */
str identity_total_write(const struct identity_total_row *row, char memory[IDENTITY_ROW_BYTES]);
enum error_code identity_total_read(str bytes, struct identity_total_row *out,
                                    struct error *e) MUST_USE;
str identity_user_write(const struct identity_user_row *row, char memory[IDENTITY_ROW_BYTES]);
enum error_code identity_user_read(str bytes, struct identity_user_row *out,
                                   struct error *e) MUST_USE;
str identity_grant_write(const struct identity_grant_row *row, char memory[IDENTITY_ROW_BYTES]);
enum error_code identity_grant_read(str bytes, struct identity_grant_row *out,
                                    struct error *e) MUST_USE;
str identity_key_write(const struct identity_key_row *row, char memory[IDENTITY_ROW_BYTES]);
enum error_code identity_key_read(str bytes, struct identity_key_row *out,
                                  struct error *e) MUST_USE; /* views into bytes */

bool identity_name_is_valid(str user);
bool identity_pattern_is_valid(str pattern);
bool identity_key_id_is_valid(str key_id);

#endif
