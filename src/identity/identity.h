/* Identity: users, their access keys, and what they may do with which buckets.
 *
 * Rows change only in a turn. Requests read an immutable snapshot, looked up by access key id in
 * constant time. Deny by default: a right exists only where a grant gives it.
 * Source: CORE 2 (generations, snapshots), 7; docs/formats/identity.md; S3 API, access keys. */
#ifndef AZEKURA_IDENTITY_IDENTITY_H
#define AZEKURA_IDENTITY_IDENTITY_H

#include "base/base.h"
#include "engine/engine.h"
#include "seal/seal.h"

enum {
    IDENTITY_KEY_ID_BYTES = 20,
    IDENTITY_SECRET_BYTES = 40,
    IDENTITY_NAME_BYTES = 64,    /* a user's name: letters, digits, and . _ - @ */
    IDENTITY_PATTERN_BYTES = 63, /* a bucket name with * in it */
    IDENTITY_GRANTS_MAX = 256,   /* of one user */
    IDENTITY_KEYS_MAX = 64,      /* of one user, disabled ones too */
};

enum identity_right {
    IDENTITY_READ = 1,  /* objects and their metadata */
    IDENTITY_WRITE = 2, /* put, copy to, uploads, tags */
    IDENTITY_LIST = 4,  /* keys, versions, uploads of a bucket */
    IDENTITY_DELETE = 8,
    IDENTITY_CREATE_BUCKET = 16, /* and delete it when it is empty, and its settings */
    /* These two concern the whole store, so only a grant on "*" gives them: "all" on one bucket makes
     * nobody an administrator. */
    IDENTITY_ADMIN = 32,   /* identities, register, exceptions */
    IDENTITY_INSPECT = 64, /* entry bundles of the ledger, nothing else */
    IDENTITY_ALL = 127,
};

/* What somebody is, beside what grants say. An inspector reads for a time and then no more: has
 * `inspect` without a grant, may be granted read and list, and never anything that changes the store. */
enum identity_role { IDENTITY_ORDINARY, IDENTITY_INSPECTOR };
const char *identity_role_name(enum identity_role role); /* "inspector" */
enum { IDENTITY_INSPECTOR_GRANTS = IDENTITY_READ | IDENTITY_LIST };
const char *identity_right_name(enum identity_right right); /* "create-bucket" */
bool identity_right_find(str name, enum identity_right *right);
/* "read,write" or "all"; FAIL_USAGE names the word. */
enum error_code identity_rights_read(str text, unsigned *rights, struct error *e) MUST_USE;
void identity_rights_write(unsigned rights, struct text *out);

/* ---- changing, in a turn. Each change moves the generation on. ----
 * FAIL_USAGE: a name, pattern or right that is none. FAIL_NOT_FOUND, FAIL_EXISTS, FAIL_LIMIT. */

struct identity_new_key {
    char id[IDENTITY_KEY_ID_BYTES];
    char secret[IDENTITY_SECRET_BYTES]; /* shown once; wipe it */
};

enum error_code identity_user_add(struct engine_turn *turn, str user, int64_t now_ns,
                                  struct error *e) MUST_USE;
/* An inspector until that time. FAIL_USAGE: it is over already. */
enum error_code identity_inspector_add(struct engine_turn *turn, str user, int64_t until_ns,
                                       int64_t now_ns, struct error *e) MUST_USE;
/* Another end, later or sooner, also of one whose time is over. FAIL_USAGE: no inspector. */
enum error_code identity_inspector_until(struct engine_turn *turn, str user, int64_t until_ns,
                                         int64_t now_ns, struct error *e) MUST_USE;
/* A disabled user's keys stop working; rows stay, as evidence speaks of them. */
enum error_code identity_user_enable(struct engine_turn *turn, str user, bool enabled,
                                     struct error *e) MUST_USE;
enum error_code identity_key_add(struct engine_turn *turn, struct seal_keys *keys, str user,
                                 int64_t now_ns, struct identity_new_key *out,
                                 struct error *e) MUST_USE;
enum error_code identity_key_enable(struct engine_turn *turn, str key_id, bool enabled,
                                    struct error *e) MUST_USE;
/* Replaces the rights of a user on a bucket pattern; rights 0 removes the grant. FAIL_USAGE: rights
 * that an inspector may not have. */
enum error_code identity_grant_set(struct engine_turn *turn, str user, str pattern, unsigned rights,
                                   struct error *e) MUST_USE;
enum error_code identity_grant_remove(struct engine_turn *turn, str user, str pattern,
                                      struct error *e) MUST_USE;

/* First start: user "root" with all rights on "*" and one key. *made false, nothing written: there
 * are users already. */
enum error_code identity_root_make(struct engine_turn *turn, struct seal_keys *keys, int64_t now_ns,
                                   bool *made, struct identity_new_key *out,
                                   struct error *e) MUST_USE;

/* The generation as this turn has it; 0 before the first change. */
enum error_code identity_generation(struct engine_turn *turn, uint64_t *generation,
                                    struct error *e) MUST_USE;

/* ---- snapshots ---- */

struct identity_grant {
    str pattern;
    unsigned rights;
};
struct identity_user {
    str name;
    int64_t made_ns;
    bool enabled;
    enum identity_role role;
    int64_t until_ns;                    /* of an inspector; else 0 */
    const struct identity_grant *grants; /* by pattern */
    size_t grant_count;
};
struct identity_key {
    str id;
    str secret; /* never printed; wiped when the snapshot is closed */
    int64_t made_ns;
    bool enabled; /* the key itself; the user must be enabled too */
    const struct identity_user *user;
};

struct identity_snapshot; /* immutable; owned; released by identity_snapshot_close */

/* Reads all rows; views, scans and the disk as engine.h says. FAIL_CORRUPT, FAIL_VERSION: a row. */
enum error_code identity_snapshot_load(struct engine_view *view, struct seal_keys *keys,
                                       struct identity_snapshot **out, struct error *e) MUST_USE;
void identity_snapshot_close(struct identity_snapshot *snapshot); /* wipes; NULL is fine */

uint64_t identity_snapshot_generation(const struct identity_snapshot *snapshot);
/* NULL: no such key. Constant time in the number of keys. Look at identity_key_works. */
const struct identity_key *identity_key_find(const struct identity_snapshot *snapshot, str key_id);
bool identity_key_works(const struct identity_key *key); /* key and user are enabled */
const struct identity_user *identity_user_find(const struct identity_snapshot *snapshot, str user);

/* An inspector whose time has ended. Who decides on a request asks this beside identity_allows. */
bool identity_user_is_over(const struct identity_user *user, int64_t now_ns);

/* May this user do that in this bucket? bucket empty: is there such a right on any bucket at all,
 * for ListBuckets; of no account for rights of the whole store. A disabled user may nothing. */
bool identity_allows(const struct identity_user *user, enum identity_right right, str bucket);

/* For lists, in the order of names and ids. */
size_t identity_user_count(const struct identity_snapshot *snapshot);
const struct identity_user *identity_user_at(const struct identity_snapshot *snapshot, size_t i);
size_t identity_key_count(const struct identity_snapshot *snapshot);
const struct identity_key *identity_key_at(const struct identity_snapshot *snapshot, size_t i);

#endif
