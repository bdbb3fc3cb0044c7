/* The two texts that landmarks sign, lines of words, each a signed note with the landmark's key:
 *
 *   azekura-location-proof-v1     what one session with a store showed; -v2: and what peers cosigned
 *   azekura-landmark-v1           who answers, where it says it stands, how far its peers seem
 *
 * One value has one text: readers accept no other. Source: docs/formats/locproof.md;
 * c2sp.org/signed-note. */
#ifndef AZEKURA_LOCPROOF_REPORT_H
#define AZEKURA_LOCPROOF_REPORT_H

#include "geo/geo.h"
#include "locproof/transcript.h"

enum { LOCPROOF_PEERS_MAX = 8, LOCPROOF_REPORT_BYTES = 4096 };

/* A point to five decimals (one metre), and how well it is known. */
struct locproof_place {
    struct geo_point at;
    uint32_t error_m;
};
/* What a peer said of the landmark under its own key, cosign.h tells how. */
enum { LOCPROOF_COSIGNED_BYTES = 68 }; /* key id and signature. Source: c2sp.org/signed-note */
struct locproof_cosigned {
    bool is_there;
    int64_t rtt_ns;  /* the least that the peer took of the landmark */
    int64_t time_ns; /* when it signed, whole seconds */
    unsigned char signature[LOCPROOF_COSIGNED_BYTES];
};
/* The least round trip to another landmark. */
struct locproof_peer {
    str name;
    struct locproof_place place; /* as the other says */
    int64_t rtt_ns;
    struct locproof_cosigned cosigned; /* of a report alone */
};

struct locproof_report {
    str name; /* of the landmark: the name of its key */
    struct locproof_place place;
    str site;
    str origin;      /* of the ledger */
    int64_t time_ns; /* when it ended, whole seconds */
    uint32_t wanted;
    enum locproof_medium medium;
    struct locproof_figures figures; /* why: one line */
    digest transcript;
    struct locproof_peer peers[LOCPROOF_PEERS_MAX];
    size_t peer_count;
};
/* The text alone, to be signed. FAIL_LIMIT: does not fit. FAIL_USAGE: a name that cannot stand in it. */
enum error_code locproof_report_write(const struct locproof_report *report, struct text *out,
                                      struct error *e) MUST_USE;
/* FAIL_SYNTAX names the line; FAIL_VERSION the version. Views into `text`. */
enum error_code locproof_report_read(str text, struct locproof_report *out,
                                     struct error *e) MUST_USE;
/* A note with that text, signed by `key`: FAIL_PROOF where it is not, or speaks for another name. */
enum error_code locproof_report_open(str note, const struct tlog_vkey *key,
                                     struct locproof_report *out, struct error *e) MUST_USE;
double locproof_report_bound_km(const struct locproof_report *report); /* < 0: none */

struct locproof_said {
    str name;
    struct locproof_place place;
    int64_t time_ns;
    struct locproof_nonce ping, pong;
    struct locproof_peer peers[LOCPROOF_PEERS_MAX];
    size_t peer_count;
};
enum error_code locproof_said_write(const struct locproof_said *said, struct text *out,
                                    struct error *e) MUST_USE;
enum error_code locproof_said_read(str text, struct locproof_said *out, struct error *e) MUST_USE;
enum error_code locproof_said_open(str note, const struct tlog_vkey *key, struct locproof_said *out,
                                   struct error *e) MUST_USE;

/* What opens a session, signed: "azekura-location-open-v1", landmark, site, H(nonce), rounds. */
struct locproof_opening {
    str name, site;
    digest hash;
    uint32_t wanted;
};
enum error_code locproof_opening_write(const struct locproof_opening *opening, struct text *out,
                                       struct error *e) MUST_USE;
enum error_code locproof_opening_read(str text, struct locproof_opening *out,
                                      struct error *e) MUST_USE;

/* "35.68123 139.76712 50": degrees, and metres it is known to. */
void locproof_place_write(const struct locproof_place *place, struct text *out);
bool locproof_place_read(str text, struct locproof_place *out);
/* As they are written. */
bool locproof_place_equal(const struct locproof_place *a, const struct locproof_place *b);
/* "35.68123,139.76712" with at most five decimals, or " " between; false: no point. */
bool locproof_point_read(str text, struct geo_point *out);

#endif
