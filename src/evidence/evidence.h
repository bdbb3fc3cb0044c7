/* Evidence: what one ledger entry says, byte for byte, and how its hidden parts are opened.
 *
 * An entry tells in clear what a supervisor may count: the kind of act, the minute, the rule set,
 * the decision, the clauses that spoke, sector, class and sites, all as codes of a table that is
 * itself in the log. What could name a person or an object (bucket, key, user, address, exact time
 * …) stands in it only as `fields_root`, a Merkle root over salted commitments; an *opening* holds
 * the salt and the values, and each field can be shown alone.
 *
 * Everything here is pure: no clock, no disk, no randomness, no allocation but from the arena
 * given. One value has exactly one encoding; the decoders accept no other. Source: CORE 1, 6;
 * docs/formats/entry.md, docs/formats/opening.md; RFC 6962 section 2.1. */
#ifndef AZEKURA_EVIDENCE_EVIDENCE_H
#define AZEKURA_EVIDENCE_EVIDENCE_H

#include "base/base.h"
#include "evidence/listing.h"
#include "evidence/tally.h"
#include "tlog/tlog.h"

enum {
    EVIDENCE_FORMAT = 1,         /* the only entry, opening and extra format there is so far */
    EVIDENCE_SALT_BYTES = 16,    /* osalt of an entry, salt of a field */
    EVIDENCE_CLAUSES_MAX = 512,  /* clauses of one decision: 2,560 bytes of LIMIT_ENTRY_BYTES */
    EVIDENCE_SITES_MAX = 64,     /* sites of one entry */
    EVIDENCE_TEXT_BYTES = 1024,  /* text of a code, name of a log */
    EVIDENCE_VALUE_BYTES = 8192, /* one hidden value, but for the facts */
    EVIDENCE_OPENING_BYTES = LIMIT_FACTS_BYTES + 16384, /* an encoded opening */
    EVIDENCE_NAMES_MAX = 1024,                          /* code names in one extra */
    EVIDENCE_STEPS_MAX = EVIDENCE_LOGS_MAX - 1,         /* from the newest log back to the oldest */
};

/* ---- types of entries ---- */

/* Which parts an entry has follows from its type alone, so presence never tells more than the type.
 */
enum evidence_part {
    EVIDENCE_RULES = 1,    /* digest of the adopted rule set */
    EVIDENCE_DECISION = 2, /* act, decision, sector, class, clauses, sites */
    EVIDENCE_STORED = 4,   /* stored_root: RFC 6962 root over the stored bytes */
    EVIDENCE_FIELDS = 8,   /* fields_root: commitments to the hidden fields */
    EVIDENCE_SPAN = 16,    /* first index and count of other entries of this log */
    EVIDENCE_DIGEST = 32,  /* one more digest in clear; the type says of what */
    EVIDENCE_CODE = 64,    /* kind, code, text: one row of the code table */
    EVIDENCE_PRIOR = 128,  /* another log: origin, what was known of it, what was left of it */
};

/* Two lists of hidden fields serve all types: ACT for what happens to an object or bucket, RECORD
 * for the rest. A value that does not apply is empty, and committed to like any other.
 *
 * ROW(constant, number, name, parts, fields) */
#define EVIDENCE_ACT_PARTS (EVIDENCE_RULES | EVIDENCE_DECISION | EVIDENCE_FIELDS)
#define EVIDENCE_TYPE_TABLE(ROW)                                                                   \
    /* the log itself */                                                                           \
    ROW(EVIDENCE_START, 1, "start", EVIDENCE_RULES | EVIDENCE_FIELDS | EVIDENCE_DIGEST, RECORD)    \
    /* digest: the register. Written at each start of the store. */                                \
    ROW(EVIDENCE_SUCCESSION, 2, "succession", EVIDENCE_FIELDS | EVIDENCE_PRIOR, RECORD)            \
    ROW(EVIDENCE_CODE_ROW, 3, "code", EVIDENCE_CODE, NONE)                                         \
    ROW(EVIDENCE_GUARD, 4, "guard", EVIDENCE_FIELDS,                                               \
        RECORD) /* anchor or witness, and what it said */                                          \
    ROW(EVIDENCE_REDACTED, 5, "redacted", EVIDENCE_FIELDS | EVIDENCE_SPAN, RECORD)                 \
    /* span: entries whose openings were destroyed; count 0: a whole month, named in `detail` */   \
    /* acts that were done */                                                                      \
    ROW(EVIDENCE_PUT, 16, "put", EVIDENCE_ACT_PARTS | EVIDENCE_STORED, ACT)                        \
    ROW(EVIDENCE_COPY, 17, "copy", EVIDENCE_ACT_PARTS | EVIDENCE_STORED, ACT)                      \
    ROW(EVIDENCE_DELETE, 18, "delete", EVIDENCE_ACT_PARTS, ACT)                                    \
    ROW(EVIDENCE_DELETE_MARKER, 19, "delete-marker", EVIDENCE_ACT_PARTS, ACT)                      \
    ROW(EVIDENCE_UPLOAD_CREATE, 20, "upload-create", EVIDENCE_ACT_PARTS, ACT)                      \
    ROW(EVIDENCE_UPLOAD_COMPLETE, 21, "upload-complete", EVIDENCE_ACT_PARTS | EVIDENCE_STORED,     \
        ACT)                                                                                       \
    ROW(EVIDENCE_UPLOAD_ABORT, 22, "upload-abort", EVIDENCE_ACT_PARTS, ACT)                        \
    ROW(EVIDENCE_READ, 23, "read", EVIDENCE_ACT_PARTS, ACT)                                        \
    ROW(EVIDENCE_BUCKET_CREATE, 24, "bucket-create", EVIDENCE_ACT_PARTS, ACT)                      \
    ROW(EVIDENCE_BUCKET_DELETE, 25, "bucket-delete", EVIDENCE_ACT_PARTS, ACT)                      \
    ROW(EVIDENCE_BUCKET_CHANGE, 26, "bucket-change", EVIDENCE_ACT_PARTS, ACT)                      \
    ROW(EVIDENCE_OBJECT_CHANGE, 27, "object-change", EVIDENCE_ACT_PARTS, ACT) /* tags, holds */    \
    /* acts that were refused, and repeats that were only counted */                               \
    ROW(EVIDENCE_REFUSE, 32, "refuse", EVIDENCE_ACT_PARTS, ACT)                                    \
    ROW(EVIDENCE_FOLD, 33, "fold", EVIDENCE_ACT_PARTS | EVIDENCE_SPAN, ACT)                        \
    /* span: index of the first of them, and how many followed it without an entry */              \
    /* what decisions are made from */                                                             \
    ROW(EVIDENCE_RULE_CHANGE, 48, "rule-change",                                                   \
        EVIDENCE_RULES | EVIDENCE_FIELDS | EVIDENCE_DIGEST, RECORD)                                \
    /* rules: the set from now on; digest: the one before */                                       \
    ROW(EVIDENCE_REGISTER_CHANGE, 49, "register-change",                                           \
        EVIDENCE_RULES | EVIDENCE_FIELDS | EVIDENCE_DIGEST, RECORD)                                \
    /* digest: the register from now on */                                                         \
    ROW(EVIDENCE_IDENTITY_CHANGE, 50, "identity-change", EVIDENCE_FIELDS, RECORD)                  \
    ROW(EVIDENCE_PLACE, 51, "place", EVIDENCE_ACT_PARTS,                                           \
        RECORD) /* what speaks for a site's place */                                               \
    ROW(EVIDENCE_EXCEPTION, 52, "exception", EVIDENCE_ACT_PARTS,                                   \
        RECORD) /* proposed, approved, ended */                                                    \
    ROW(EVIDENCE_BREAK_GLASS, 53, "break-glass", EVIDENCE_ACT_PARTS, RECORD)                       \
    ROW(EVIDENCE_INSPECTION, 54, "inspection", EVIDENCE_ACT_PARTS,                                 \
        RECORD) /* a fact countersigned, withdrawn, expired */                                     \
    ROW(EVIDENCE_LOOK, 55, "look", EVIDENCE_ACT_PARTS,                                             \
        RECORD) /* an inspector looked at what is no object; repeats are a fold */                 \
    /* digest: of the transcript a landmark keeps */                                               \
    ROW(EVIDENCE_LOCATION, 56, "location-proof", EVIDENCE_ACT_PARTS | EVIDENCE_DIGEST, RECORD)     \
    /* what follows from decisions; span: the entry that owes, count 1 */                          \
    ROW(EVIDENCE_DEBT_OWED, 64, "debt-owed", EVIDENCE_ACT_PARTS | EVIDENCE_SPAN, RECORD)           \
    ROW(EVIDENCE_DEBT_MET, 65, "debt-met", EVIDENCE_ACT_PARTS | EVIDENCE_SPAN, RECORD)             \
    ROW(EVIDENCE_DEBT_LATE, 66, "debt-late", EVIDENCE_ACT_PARTS | EVIDENCE_SPAN, RECORD)           \
    ROW(EVIDENCE_FINDING, 67, "finding", EVIDENCE_ACT_PARTS, RECORD)                               \
    ROW(EVIDENCE_REPORT, 68, "report", EVIDENCE_RULES | EVIDENCE_FIELDS | EVIDENCE_DIGEST, RECORD) \
    /* digest: of a report whose findings came in */                                               \
    /* digest: of the cover sheet of a bundle that was made */                                     \
    ROW(EVIDENCE_BUNDLE, 69, "bundle", EVIDENCE_RULES | EVIDENCE_FIELDS | EVIDENCE_DIGEST, RECORD)

enum evidence_type {
#define EVIDENCE_TYPE_ROW(constant, number, name, parts, fields) constant = (number),
    EVIDENCE_TYPE_TABLE(EVIDENCE_TYPE_ROW)
#undef EVIDENCE_TYPE_ROW
};
const char *evidence_type_name(enum evidence_type type); /* "put"; NULL: no such type */
unsigned evidence_type_parts(enum evidence_type type); /* enum evidence_part, or-ed; 0: none such */

/* ---- hidden fields ---- */

enum evidence_value_kind {
    EVIDENCE_VALUE_TEXT,    /* UTF-8, or an object key's bytes */
    EVIDENCE_VALUE_NUMBER,  /* 8 bytes, big-endian, unsigned */
    EVIDENCE_VALUE_TIME,    /* 8 bytes, big-endian, signed nanoseconds since 1970 */
    EVIDENCE_VALUE_DIGEST,  /* 32 bytes */
    EVIDENCE_VALUE_ADDRESS, /* 4 or 16 bytes, network order */
};

/* ROW(constant, id, name, kind) in the order of ids, which is the order of commitments. */
#define EVIDENCE_FIELD_TABLE(ROW)                                                                  \
    ROW(EVIDENCE_BUCKET, 1, "bucket", EVIDENCE_VALUE_TEXT)                                         \
    ROW(EVIDENCE_KEY, 2, "key", EVIDENCE_VALUE_TEXT)                                               \
    ROW(EVIDENCE_VERSION, 3, "version", EVIDENCE_VALUE_TEXT)  /* of an upload: its upload id */    \
    ROW(EVIDENCE_SIZE, 4, "size", EVIDENCE_VALUE_NUMBER)      /* plaintext bytes */                \
    ROW(EVIDENCE_CONTENT, 5, "digest", EVIDENCE_VALUE_DIGEST) /* SHA-256 of the plaintext */       \
    ROW(EVIDENCE_TIME, 6, "time", EVIDENCE_VALUE_TIME)                                             \
    ROW(EVIDENCE_USER, 7, "user", EVIDENCE_VALUE_TEXT) /* user and access key id, by a "/" */      \
    ROW(EVIDENCE_ADDRESS, 8, "address", EVIDENCE_VALUE_ADDRESS)                                    \
    ROW(EVIDENCE_FACTS, 9, "facts", EVIDENCE_VALUE_TEXT) /* subject, facts read, obligations */    \
    ROW(EVIDENCE_REQUEST, 10, "request", EVIDENCE_VALUE_TEXT) /* request id */                     \
    ROW(EVIDENCE_DATASET, 11, "dataset", EVIDENCE_VALUE_TEXT)                                      \
    ROW(EVIDENCE_SOURCE, 12, "source",                                                             \
        EVIDENCE_VALUE_TEXT) /* of a copy: BUCKET/KEY?versionId=V */                               \
    ROW(EVIDENCE_DETAIL, 13, "detail",                                                             \
        EVIDENCE_VALUE_TEXT) /* what changed, why, on what ground */                               \
    ROW(EVIDENCE_SUBJECT, 14, "subject",                                                           \
        EVIDENCE_VALUE_TEXT) /* row, key id, clause it concerns   \
                                                               */

enum evidence_field {
#define EVIDENCE_FIELD_ROW(constant, id, name, kind) constant = (id),
    EVIDENCE_FIELD_TABLE(EVIDENCE_FIELD_ROW)
#undef EVIDENCE_FIELD_ROW
        EVIDENCE_FIELD_LAST = EVIDENCE_SUBJECT
};
const char *evidence_field_name(enum evidence_field field); /* NULL: no such field */
bool evidence_field_find(str name, enum evidence_field *field);
enum evidence_value_kind evidence_field_kind(enum evidence_field field);
/* The fields of a type, in id order. 0: the type hides nothing, or there is no such type. */
size_t evidence_type_fields(enum evidence_type type, const enum evidence_field **fields);

/* Values by field id, [0] unused. Empty: does not apply. Borrowed. */
struct evidence_values {
    str of[EVIDENCE_FIELD_LAST + 1];
};

/* For numbers and times: the 8 bytes, into memory of the caller. */
str evidence_value_number(unsigned char memory[8], uint64_t value);
str evidence_value_time(unsigned char memory[8], int64_t wall_ns);
/* Words for a person: digits, ISO time, hex, dotted address, text with control characters escaped.
 */
void evidence_value_write(enum evidence_field field, str value, struct text *out);
/* The field "facts" in words, without the rulebook: `each` gets "decided about", "obligation" and "fact"
 * in the order of the bytes, "facts" where they were too many to be kept. Its text is good until it
 * returns; `line` is where it is made: 4 bytes a byte of `facts` and 256 are always enough. Clauses,
 * effect and rule set are the entry's to say.
 *   FAIL_VERSION, FAIL_CORRUPT: of another form; what was given until then is to be dropped
 * Source: docs/formats/decision.md */
enum error_code evidence_facts_tell(str facts, struct text line,
                                    void (*each)(void *self, const char *name, str text),
                                    void *self, struct error *e) MUST_USE;

/* ---- an entry ---- */

enum evidence_decision { EVIDENCE_ALLOW, EVIDENCE_WARN, EVIDENCE_REFUSED };

/* What a clause did in a decision. UNKNOWN is or-ed on when a fact it reads was not known. */
enum evidence_effect {
    EVIDENCE_EFFECT_ALLOW,
    EVIDENCE_EFFECT_WARN,
    EVIDENCE_EFFECT_REFUSE,
    EVIDENCE_EFFECT_EXCEPTED, /* not met, let through by a recorded exception */
    EVIDENCE_EFFECT_LIFTED,   /* not met, let through by its own `unless` */
    EVIDENCE_EFFECT_BROKEN,   /* not met, let through by break-glass */
    EVIDENCE_EFFECT_COUNT,
    EVIDENCE_EFFECT_UNKNOWN = 0x80,
};

struct evidence_clause {
    uint32_t code;  /* EVIDENCE_CODE_CLAUSE; never 0 */
    uint8_t effect; /* enum evidence_effect, perhaps | EVIDENCE_EFFECT_UNKNOWN */
};

/* Tables of codes; a code is never used for a second text. 0 means none. */
enum evidence_code_kind {
    EVIDENCE_CODE_ACT = 1, /* "put" … of RULEBOOK 2; 16 bits */
    EVIDENCE_CODE_CLAUSE,  /* "jp-guideline-2019/data.at-home"; 32 bits */
    EVIDENCE_CODE_SECTOR,  /* 16 bits */
    EVIDENCE_CODE_CLASS,   /* 16 bits */
    EVIDENCE_CODE_SITE,    /* 16 bits */
    EVIDENCE_CODE_KIND_LAST = EVIDENCE_CODE_SITE
};
const char *evidence_code_kind_name(enum evidence_code_kind kind); /* "clause"; NULL: none such */

struct evidence_entry {
    enum evidence_type type;
    uint32_t minute; /* since 1970-01-01 UTC; the exact time is a hidden field */
    digest rules;    /* EVIDENCE_RULES */

    /* EVIDENCE_DECISION */
    uint16_t act, sector, data_class;
    enum evidence_decision decision;
    const struct evidence_clause *clauses; /* strictly ascending by code; borrowed */
    size_t clause_count;
    const uint16_t *sites; /* strictly ascending, none 0; borrowed */
    size_t site_count;

    digest stored_root;              /* EVIDENCE_STORED */
    digest fields_root;              /* EVIDENCE_FIELDS */
    uint64_t span_first, span_count; /* EVIDENCE_SPAN */
    digest other;                    /* EVIDENCE_DIGEST */

    /* EVIDENCE_CODE */
    enum evidence_code_kind code_kind;
    uint32_t code;
    str code_text; /* 1..EVIDENCE_TEXT_BYTES of UTF-8 without control characters */

    /* EVIDENCE_PRIOR: lost are [left_size, known_size) when left_size < known_size */
    str prior_origin;
    uint64_t known_size, left_size;
    digest known_root, left_root;
};

/* Minutes of an instant; instants before 1970 count as 0. */
uint32_t evidence_minute(int64_t wall_ns);

/* Writes the one encoding into out[0..cap); parts the type has not are ignored.
 *   FAIL_LIMIT   over LIMIT_ENTRY_BYTES or `cap`, or over a limit above
 *   FAIL_USAGE   no such type; clauses or sites unsorted, twice or 0; a bad effect, decision, text
 */
enum error_code evidence_entry_encode(const struct evidence_entry *entry, void *out, size_t cap,
                                      str *bytes, struct error *e) MUST_USE;

/* Reads an entry; texts are views into `bytes`, clauses and sites live in the arena.
 *   FAIL_VERSION  another format version, or a type we do not know: named
 *   FAIL_CORRUPT  not an entry, or not the one encoding of its value; says where
 *   FAIL_MEMORY   the arena is full */
enum error_code evidence_entry_decode(str bytes, struct arena *arena, struct evidence_entry *out,
                                      struct error *e) MUST_USE;

/* ---- commitments ---- */

struct evidence_salt {
    unsigned char at[EVIDENCE_SALT_BYTES];
};
/* SHA-256(osalt || u16 field id)[:16] */
struct evidence_salt evidence_field_salt(const struct evidence_salt *osalt,
                                         enum evidence_field field);
/* SHA-256("azekura-field-v1\0" || u16 field id || salt || u32 length || value) */
digest evidence_commitment(enum evidence_field field, const struct evidence_salt *salt, str value);

/* The RFC 6962 root over the commitments of all fields of `type`, in id order: the 32 bytes of each
 * commitment are a leaf's data. `osalt` must be fresh randomness for each entry. */
digest evidence_fields_root(enum evidence_type type, const struct evidence_salt *osalt,
                            const struct evidence_values *values);

enum { EVIDENCE_PATH_MAX = 4 }; /* no list has more than 16 fields */
/* One field shown: what a reader needs beside the entry. */
struct evidence_open {
    enum evidence_field field;
    struct evidence_salt salt;
    str value;
    digest path[EVIDENCE_PATH_MAX];
    size_t path_count;
};
/* `field` must be one of the type's: FAIL_USAGE otherwise. */
enum error_code evidence_open_make(enum evidence_type type, const struct evidence_salt *osalt,
                                   const struct evidence_values *values, enum evidence_field field,
                                   struct evidence_open *out, struct error *e) MUST_USE;
/* FAIL_PROOF: this value was not what the entry committed to in that field, or its type has no
 * such. */
enum error_code evidence_open_check(const struct evidence_entry *entry,
                                    const struct evidence_open *open, struct error *e) MUST_USE;

/* ---- openings ---- */

/* What is sealed away for each entry with hidden fields. The encoding is not padded: seal it. */
struct evidence_opening {
    enum evidence_type type;
    struct evidence_salt osalt;
    struct evidence_values values; /* only the type's fields are written */
};
/* FAIL_LIMIT: a value or the whole is too long. FAIL_USAGE: a type without hidden fields, or a
 * value of the wrong length for its kind. */
enum error_code evidence_opening_encode(const struct evidence_opening *opening, void *out,
                                        size_t cap, str *bytes, struct error *e) MUST_USE;
/* Values are views into `bytes`. FAIL_VERSION, FAIL_CORRUPT as for entries. */
enum error_code evidence_opening_decode(str bytes, struct evidence_opening *out,
                                        struct error *e) MUST_USE;
/* FAIL_PROOF: the opening does not belong to the entry. */
enum error_code evidence_opening_check(const struct evidence_entry *entry,
                                       const struct evidence_opening *opening,
                                       struct error *e) MUST_USE;

/* ---- the "extra" of a proof file ---- */

/* A row of the code table, with its place in the log. Path empty in a log of more than one entry:
 * the maker of the proof says so, and nothing shows it. */
struct evidence_name {
    str entry; /* bytes of an entry of type code */
    uint64_t index;
    const digest *path;
    size_t path_count;
};

/* From a log to one that came before it: an entry that names size and root of what is left of the
 * other, and the place there of the next entry. */
struct evidence_step {
    str entry;      /* bytes of an entry of type succession */
    uint64_t index; /* in the log it names: of the next step's entry, or of the extra's */
    const digest *path;
    size_t path_count;
};

struct evidence_extra {
    str entry;                         /* bytes of the entry that the proof is about */
    const struct evidence_open *opens; /* strictly ascending by field */
    size_t open_count;
    const struct evidence_name *names; /* strictly ascending by index; of the entry's own log */
    size_t name_count;
    /* Newest first; none where the entry is in the log that signed. Where there are some, the
     * proof file's leaf is the first step's entry, and `entry` is reached through all of them. */
    const struct evidence_step *steps;
    size_t step_count;
};
/* FAIL_LIMIT: does not fit `cap`, too many. FAIL_USAGE: unsorted. */
enum error_code evidence_extra_encode(const struct evidence_extra *extra, void *out, size_t cap,
                                      str *bytes, struct error *e) MUST_USE;
/* Views into `bytes` and the arena. FAIL_VERSION, FAIL_CORRUPT, FAIL_MEMORY. Decoding shows nothing
 * yet: call evidence_extra_check. */
enum error_code evidence_extra_decode(str bytes, struct arena *arena, struct evidence_extra *out,
                                      struct error *e) MUST_USE;
/* What the proof file's index and path lead to: the first step's entry, or the extra's own. */
str evidence_extra_leaf(const struct evidence_extra *extra);
/* Step `at`: what the log before it is called and what is left of it, by the step's entry, and
 * that the next entry is in that. *entry is the step's, decoded. FAIL_PROOF: no succession, or the
 * next entry is not there. */
enum error_code evidence_step_check(const struct evidence_extra *extra, size_t at,
                                    struct arena *arena, struct evidence_entry *entry,
                                    struct error *e) MUST_USE;
/* Checks all that an extra claims against a tree head the caller trusts (where there are steps: the
 * size and root that the last of them names): each opened field against the entry, each name that
 * carries a path against the root. It does not check the entry's own inclusion (the proof file
 * does, or the last step) and gives the decoded entry. *names_shown counts names proved to
 * be in the log. FAIL_PROOF, or what decoding the entries gives. */
enum error_code evidence_extra_check(const struct evidence_extra *extra, uint64_t tree_size,
                                     const digest *root, struct arena *arena,
                                     struct evidence_entry *entry, size_t *names_shown,
                                     struct error *e) MUST_USE;
/* The text of a code among the extra's names, or false. */
bool evidence_name_find(const struct evidence_extra *extra, enum evidence_code_kind kind,
                        uint32_t code, struct arena scratch, str *text);

#endif
