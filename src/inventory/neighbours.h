/* What the readers of neighbour tables share: the device being put together, and handing it over. */
#ifndef AZEKURA_INVENTORY_NEIGHBOURS_H
#define AZEKURA_INVENTORY_NEIGHBOURS_H

#include "inventory/reading.h"

struct neighbours {
    struct reading reading; /* without sink and options: file, problems, lines */
    const struct inventory_device_sink *sink;
    enum inventory_neighbours format;
    uint64_t devices, passed_over;
};

struct sighting {
    struct inventory_device device;
    struct geo_address addresses[LIMIT_INVENTORY_NAMES];
    struct inventory_mac macs[LIMIT_INVENTORY_NAMES];
};
void sighting_begin(struct sighting *s, const struct neighbours *n, uint64_t line);
/* Each once; loopback, multicast and nothing at all are left out, as is what is over the limit. */
void sighting_address(struct sighting *s, const struct geo_address *address);
void sighting_mac(struct sighting *s, const struct inventory_mac *mac);
/* To the sink. */
enum error_code sighting_tell(struct neighbours *n, struct sighting *s) MUST_USE;

/* The next word of a line, by spaces and tabs; empty: there is none. */
str word_next(str *line);
/* The next line without its end; false: the file is over. *offset as in `reading`. */
bool line_next(const struct neighbours *n, size_t *at, str *line);

enum error_code ip_neigh_read(struct neighbours *n) MUST_USE;
enum error_code arp_read(struct neighbours *n) MUST_USE;
enum error_code snmp_read(struct neighbours *n) MUST_USE;
enum error_code lldp_read(struct neighbours *n) MUST_USE; /* `-f keyvalue` goes to the next */
enum error_code lldp_keyvalue_read(struct neighbours *n) MUST_USE;

#endif
