/* Devices that say who they are: their makers, as far as what was seen suggests one, and rows of
 * equipment with what was seen and when.
 *
 * A hardware address lies in a block that the IEEE gave to somebody; an SNMP agent's sysObjectID begins
 * with the number the IANA gave to somebody; LLDP, certificates and banners say what they were set to
 * say. None of it proves who made a thing, so it goes into `observations` and never into `maker`.
 *
 * Source: IEEE Registration Authority (MA-L 24 bits, MA-M 28, MA-S 36); RFC 3418 (sysObjectID); IANA
 * Private Enterprise Numbers; ANSI/TIA-1057 (LLDP-MED); RFC 4514 (names in certificates). */
#ifndef AZEKURA_DEVICES_DEVICES_H
#define AZEKURA_DEVICES_DEVICES_H

#include "inventory/inventory.h"
#include "register/register.h"
#include "report/report.h"

/* ---- makers ---- */

struct devices_makers;

/* Reads the lists that come along into the arena: some 8 MiB, and as much of scratch. FAIL_MEMORY */
enum error_code devices_makers_open(struct arena *arena, struct arena scratch,
                                    const struct devices_makers **out, struct error *e) MUST_USE;
/* Who holds the block, by its longest prefix. False: nobody known, or the address was made up locally or is
 * for many. The name is the registry's, and lives as long as the program; *bits is 24, 28 or 36. */
bool devices_maker_of_mac(const struct devices_makers *makers, const struct inventory_mac *mac,
                          str *maker, unsigned *bits);
/* "1.3.6.1.4.1.9.1.1208", also with a dot before it. False: not below 1.3.6.1.4.1, or nobody known. */
bool devices_maker_of_object(const struct devices_makers *makers, str object_id, str *maker);
/* By how a text begins, as system descriptions and banners do, and not in the middle of a word. */
bool devices_maker_of_text(const struct devices_makers *makers, str text, str *maker);
/* The organisation of a certificate's subject: "CN=cam-1,O=Kaze Networks\, Inc.,C=JP". The name lies in
 * the arena; false also where it does not fit. */
bool devices_maker_of_subject(str subject, struct arena *arena, str *maker);

/* ---- rows ---- */

struct devices; /* in the arena it was opened in */

struct devices_counts {
    uint64_t noted;        /* devices that were handed over */
    uint64_t rows;         /* that will be written */
    uint64_t fresh;        /* of them, never seen before */
    uint64_t unnamed_macs; /* addresses whose holder nobody knows */
};

/* What is noted from here on was seen at `seen_ns`. At most LIMIT_DEVICES_ROWS devices. FAIL_MEMORY */
enum error_code devices_open(const struct devices_makers *makers, int64_t seen_ns,
                             struct arena *arena, struct devices **out, struct error *e) MUST_USE;
/* Takes the rows of equipment that stand in `file`, to go on from: those true at seen_ns gain what is
 * seen, the others stay as they are. Borrows the snapshot. FAIL_USAGE: the file has rows of other kinds,
 * or says that its list is complete, which nothing that was merely seen can. */
enum error_code devices_go_on(struct devices *devices, const struct register_snapshot *snapshot,
                              str file, struct error *e) MUST_USE;
/* Finds the row that shares a hardware address; or else a serial number; or else an address, where either
 * has no hardware address, since addresses are given out again; else begins one. Views nothing of the
 * device. FAIL_LIMIT, FAIL_MEMORY */
enum error_code devices_note(struct devices *devices, const struct inventory_device *device,
                             struct error *e) MUST_USE;

/* A thing that somebody saw with a tool of their own: a row of a CSV file. Empty: nothing said. */
struct devices_sighting {
    str mac, address, name, means, says, maker;
    int64_t seen_ns; /* 0: when all was seen */
};
/* Without a maker it is that of the means: mac, sysobjectid, certificate, else a text. FAIL_SYNTAX: neither mac,
 * address nor name, no means, or a mac or address that is none; else as devices_note */
enum error_code devices_note_sighting(struct devices *devices,
                                      const struct devices_sighting *sighting,
                                      struct error *e) MUST_USE;

struct devices_counts devices_count(const struct devices *devices);
/* The rows by id, as a file of the register: YAML, or JSON. Reading it gives them again. */
void devices_write(const struct devices *devices, bool as_json, struct report_out *out);

#endif
