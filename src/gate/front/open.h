/* The gate opened over DATA, and closed: what it is opened with, how it recovers, and who it is. */
#ifndef AZEKURA_GATE_FRONT_OPEN_H
#define AZEKURA_GATE_FRONT_OPEN_H

#include "base/base.h"
#include "base/runtime.h"

struct gate;

struct gate_witness {
    const char *name, *vkey, *url;
};
struct gate_options {
    const char *data_dir;
    const char *site;            /* id of this store's row in the register */
    const char **register_paths; /* imported at opening where their digest has changed */
    size_t register_count;
    const char **rulebook_paths; /* made available; only adoption binds */
    size_t rulebook_count;
    const char *
        *event_paths; /* tables of events that places are laid over; none: rows alone speak */
    size_t event_count;
    const char **issuers; /* verifier keys: lines that one speaks for must be signed by it */
    size_t issuer_count;
    const char **trusted_proxies; /* CIDR */
    size_t proxy_count;
    const char *geo_path;     /* address data (MMDB); NULL: none, reader.country stays unknown */
    const char *dmi_dir;      /* NULL: the kernel's; "off" */
    const char *metadata_url; /* NULL: the provider's own, asked only where DMI names one; "off" */
    bool own_addresses;       /* ask in which country this machine's addresses are */
    const char *origin; /* the log's name; NULL: kept from the first start, or made from the site */
    const char *key_dir;     /* NULL: DATA/keys, or where the server that ran last had them */
    const char *anchor_path; /* a checkpoint on another disk; NULL: none */
    const struct gate_witness *witnesses;
    size_t witness_count;
    uint64_t cache_bytes, write_buffer_bytes; /* 0: the engine's defaults */
    uint64_t log_bytes_max, low_water_bytes;  /* 0: likewise */
    uint64_t part_bytes_min; /* of every part but an upload's last; 0: S3's 5 MiB */
    struct runtime *runtime; /* of a server; NULL: a command line tool */
    bool is_command; /* opened for one command: not a start of the store, so no entry says so */
};

/* Opens DATA exclusively: recovers, checks the guards, imports, compiles, sweeps.
 *   FAIL_LOCKED       a server owns it: use the door (gate_door_call)
 *   FAIL_ROLLED_BACK  the ledger is shorter than it was; the message says the way out
 *   FAIL_VERSION, FAIL_CORRUPT, FAIL_SYNTAX (register, rulebooks) */
enum error_code gate_open(const struct gate_options *options, struct gate **out,
                          struct error *e) MUST_USE;
/* All of opening that needs no DATA: register, rulebooks and events are read and compiled for the site,
 * issuers, witnesses, proxies and address data understood. In memory: nothing is asked of a network, and
 * DATA is neither read nor made. Without register paths only the rest. Blocks.
 *   FAIL_USAGE  the options; FAIL_NOT_FOUND, FAIL_SYNTAX and their kin name the file */
enum error_code gate_check(const struct gate_options *options, struct error *e) MUST_USE;
/* Waits for the turn under way, signs a last checkpoint, closes. No visit may be open. */
void gate_close(struct gate *gate);

/* The way out of FAIL_ROLLED_BACK: opens a successor log whose first entry names the old one's last
 * known checkpoint and the range lost, and says in words what it did. Nothing may have DATA open.
 * FAIL_USAGE: the ledger opens as it is. */
enum error_code gate_succeed(const struct gate_options *options, str reason, struct text *said,
                             struct error *e) MUST_USE;

/* HUP: reads register and rulebooks again; on an error the old ones stay in force. */
enum error_code gate_reload(struct gate *gate, struct error *e) MUST_USE;
/* Asks again what speaks for or against the declared place. Every ten minutes by the app. Parks. */
void gate_place_check(struct gate *gate);

/* "origin+hash+key": what a verifier needs. Lives as long as the gate. */
str gate_ledger_vkey(const struct gate *gate);
str gate_origin(const struct gate *gate);
/* The first key of the user root that works, for --print-keys and the first hour; empty when there
 * is none any more. In the arena; wipe the secret. */
enum error_code gate_root_key(struct gate *gate, struct arena *arena, str *access_key, str *secret,
                              struct error *e) MUST_USE;

#endif
