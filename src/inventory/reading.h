/* What all readers share: the file at hand, the server being put together, problems, handing over. */
#ifndef AZEKURA_INVENTORY_READING_H
#define AZEKURA_INVENTORY_READING_H

#include "doc/doc.h"
#include "inventory/inventory.h"

struct reading {
    str file, bytes;
    const struct inventory_options *options;
    const struct inventory_sink *sink;
    struct arena *arena; /* for problems */
    struct arena scratch;
    struct inventory_report report;
    size_t skipped; /* of the file before `bytes`: a byte order mark */
    size_t counted; /* bytes.at[counted] lies on `line` */
    uint64_t line;
    struct error *e;
};

/* The line of a place; places are asked in the order they lie in the file. */
uint64_t reading_line(struct reading *r, size_t offset);
/* "file:line: " and the rest. */
void reading_problem(struct reading *r, uint64_t line, const char *format, ...) PRINTF_LIKE(3, 4);
/* The whole lines are over, and this one has no end. */
void reading_unended(struct reading *r, uint64_t line);
/* A view of something strange, fit for a message: 60 bytes at most, whole characters, no user and no
 * password. */
str reading_shown(str text);

/* ---- one server ---- */

struct word;

struct making {
    struct reading *reading;
    struct arena arena; /* of the scratch: what it took is gone with the server */
    struct inventory_server server;
    size_t name_count;
    bool has_left_out;                /* names or addresses over the limit, or no room for a text */
    str names[LIMIT_INVENTORY_NAMES]; /* the server's name and aliases */
    struct geo_address addresses[LIMIT_INVENTORY_NAMES];
};
/* Forgets the server before. */
void making_begin(struct making *m, struct reading *r, uint64_t line, uint64_t offset);

/* Adds what a text names: a host, an address, a network, a URL with any of them. NULL: done; else why
 * not, in words that follow "expected a host, an address, a network or a URL: ". `is_strict`: a word
 * without dot or colon is no host. */
const char *making_host(struct making *m, str text, bool is_strict);
/* The same for several, by comma, semicolon or space; stops at the first that is none, and *bad is that. */
const char *making_hosts(struct making *m, str texts, bool is_strict, str *bad);
/* The text with full-width letters, digits and marks as ASCII, as they are typed in Japanese; in the arena where there are any. */
str making_narrow(struct making *m, str text);
/* A host name that is already known to be one, from a zone file. */
void making_name(struct making *m, str name);
void making_address(struct making *m, const struct geo_address *address);
/* What the file says; the first that is not empty stays, and other bytes than UTF-8 are nothing. A zone
 * of a provider's becomes its region. */
void making_said(struct making *m, enum inventory_field field, str text);
/* A cell or value that says there is nothing: "", "-", "N/A", "none", "null", "なし". */
bool is_nothing(str text);
/* What a column or key says: hosts are added, all else is said. A host that is none is a problem, unless
 * `is_guess`. Texts live as long as the server. */
void making_word(struct making *m, const struct word *word, str text, uint64_t line, bool is_guess);
bool making_is_server(const struct making *m); /* there is something to be found by */
/* To the sink. Nothing that is no server is handed over: false, and nothing is told. */
enum error_code making_end(struct making *m, bool *was_server) MUST_USE;

/* Lower case without the final dot, in the arena or a view; why not, or NULL. */
const char *host_name_read(str text, struct arena *arena, str *out);
/* The same of a name in any script, as A-labels: "xn--…". */
const char *host_name_any(str text, struct arena *arena, str *out);

/* ---- names that were met ---- */

struct seen {
    str *slots; /* a table by hash, in the scratch; the names are borrowed */
    size_t cap, count;
};
bool seen_has(const struct seen *seen, str name);
/* *is_new: it was not there before; an empty name never is. Takes of the reading's scratch: not while a
 * server is being put together there. */
enum error_code seen_add(struct seen *seen, struct reading *r, str name, bool *is_new) MUST_USE;

/* ---- words ---- */

enum wants {
    WANTS_ANY,     /* a host, an address, a network or a URL; of other fields a text */
    WANTS_ADDRESS, /* the same, but a word without dot or colon is none */
    WANTS_NETWORK, /* a network only: a cloud's "network" is a name */
};
struct word {
    const char *text;
    enum inventory_field field;
    enum wants wants;
};
/* What a header of CSV or a key of JSON stands for; NULL: nothing known. */
const struct word *word_find(str header);
/* The same, but columns that were named by options go first. */
const struct word *word_of(const struct reading *r, str header);
/* Of a provider by the words files use for it: "AWS" and "amazon" are "aws". */
str word_provider(str text);
/* The region of an availability zone of that provider; the text itself if it is none. */
str word_region(str provider, str zone);

/* ---- the readers ---- */

enum error_code list_read(struct reading *r) MUST_USE;
enum error_code zone_read(struct reading *r) MUST_USE;
enum error_code csv_read(struct reading *r) MUST_USE;
enum error_code json_read(struct reading *r) MUST_USE;
enum error_code ansible_read(struct reading *r) MUST_USE;
enum error_code bom_read(struct reading *r) MUST_USE;
enum error_code terraform_read(struct reading *r) MUST_USE;
enum error_code ec2_read(struct reading *r) MUST_USE;
enum error_code kubernetes_read(struct reading *r) MUST_USE;

#endif
