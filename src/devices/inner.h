/* What the files of this module share: a table of devices under construction. */
#ifndef AZEKURA_DEVICES_INNER_H
#define AZEKURA_DEVICES_INNER_H

#include "devices/devices.h"

struct observation {
    str means, maker, says;    /* maker may be empty */
    int64_t first_ns, last_ns; /* REGISTER_ALWAYS_NS: nobody said */
    struct observation *next;
};
struct words { /* in the order they were told */
    str text;
    struct words *next;
};

struct device {
    str id;
    const struct register_row *row; /* NULL: begun here */
    bool is_as_it_was;              /* a row of another time: nothing is added to it */
    str name, model, serial, version;
    struct words *macs, *addresses;
    struct observation *observations;
};

/* What finds a device: 'm' a hardware address, 'a' an address, 's' a serial number, 'i' an id. */
struct device_key {
    str text; /* at NULL: nobody */
    char kind;
    struct device *device;
};

struct devices {
    const struct devices_makers *makers;
    struct arena *arena;
    int64_t seen_ns;
    struct device **list;
    size_t count;
    struct device_key *keys;
    size_t key_slots, key_count;
    struct devices_counts counts;
};

#endif
