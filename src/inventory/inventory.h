/* What files say there is: servers from inventories of many kinds, devices from neighbour tables.
 *
 * Everything goes by: a file is mapped or read by the caller, and each server is handed over as soon as
 * it is known, so that a million of them take no more memory than one. A damaged file gives what could be
 * read, and says in `problems` where the damage is. Nothing is resolved, asked or believed here: what a
 * file says of a server is what it declares. Pure.
 *
 * Source: RFC 1035 section 5 (master files), RFC 4180 (CSV), RFC 8259 (JSON), CycloneDX 1.6, and what
 * the programs write that are named at each format. */
#ifndef AZEKURA_INVENTORY_INVENTORY_H
#define AZEKURA_INVENTORY_INVENTORY_H

#include "geo/geo.h"

/* ---- servers ---- */

enum inventory_format {
    INVENTORY_ANY,  /* recognised: by the ending of its name, then by how it begins */
    INVENTORY_LIST, /* a host, address, network or URL a line; # and ; begin comments */
    INVENTORY_ZONE, /* a DNS master file; a reverse zone too */
    INVENTORY_CSV,  /* a row a server, by the names in the first row; comma, semicolon or tab */
    INVENTORY_JSON, /* texts or objects: an array, a line each, or under a key such as "servers" */
    INVENTORY_ANSIBLE,    /* hosts and groups in INI or YAML; ansible-inventory --list */
    INVENTORY_CYCLONEDX,  /* services with endpoints, components whose properties say an address */
    INVENTORY_TERRAFORM,  /* a state file, version 4 */
    INVENTORY_EC2,        /* aws ec2 describe-instances */
    INVENTORY_KUBERNETES, /* kubectl get nodes, in JSON or YAML */
    INVENTORY_FORMAT_COUNT
};
const char *inventory_format_name(enum inventory_format format); /* "terraform"; ANY: "any" */
bool inventory_format_find(str name, enum inventory_format *out);
/* Which it looks like; INVENTORY_LIST if like nothing else. */
enum inventory_format inventory_format_guess(str file, str bytes);

/* What a file can declare of a server; also what --column names. */
enum inventory_field {
    INVENTORY_HOST, /* host name, address, network or URL, whichever it is; several by ; , or space */
    INVENTORY_LABEL, /* what the file calls it: a name for people, a resource's address */
    INVENTORY_OPERATOR,
    INVENTORY_PROVIDER, /* "aws", "azure", "gcp" where the format tells; else as written */
    INVENTORY_REGION, /* the provider's code: "ap-northeast-1"; of a zone "ap-northeast-1a" its region */
    INVENTORY_COUNTRY, /* as written */
    INVENTORY_SYSTEM,  /* the ids of rows in the register, or whatever the file calls them */
    INVENTORY_DATASET,
    INVENTORY_STORE, /* a bucket, share or database: "s3://records" */
    INVENTORY_OWNER,
    INVENTORY_KIND, /* "aws_instance", "MX", "service"; or as the column says */
    INVENTORY_SECTOR,
    INVENTORY_CLASS, /* how much the data on it matter */
    INVENTORY_FIELD_COUNT
};
const char *inventory_field_name(enum inventory_field field); /* "host" */
bool inventory_field_find(str name, enum inventory_field *out);

/* Views live for the call alone. One of name, addresses, network and said[INVENTORY_STORE] is there. */
struct inventory_server {
    str name;           /* host name: lower case, no final dot; empty: none is said */
    const str *aliases; /* further host names that the file says of the same server */
    size_t alias_count;
    const struct geo_address *addresses;
    size_t address_count;
    bool has_network;
    struct geo_network network;      /* of more than one address: a single one is under addresses */
    str url;                         /* as written, without user and password; empty: none */
    str target;                      /* the canonical name that a CNAME of a zone file leads to */
    str said[INVENTORY_FIELD_COUNT]; /* empty: nothing; HOST is always empty */
    uint64_t line, offset;           /* where its text begins: line from 1, byte from 0 */
    str file;                        /* of them: as given, or the one that $INCLUDE brought */
};

struct inventory_sink {
    /* Anything but OK ends the reading and is what inventory_read returns. */
    enum error_code (*server)(void *self, const struct inventory_server *server, struct error *e);
    void *self;
};

struct inventory_column {
    enum inventory_field field;
    str header; /* as the file has it, any case; instead of what the field is known by */
};
/* Opens what a zone file names by $INCLUDE, and what lies beside an inventory of Ansible's. */
struct inventory_opener {
    /* *name: as messages tell it; *bytes: in the arena, which lives as long as what is read of them. False: *why not,
     * in words that follow "expected a file to include: ". */
    bool (*open)(void *self, str file, str included, struct arena *arena, str *name, str *bytes,
                 const char **why);
    void *self;
    /* The names in a folder that lies beside the file, in the order of their bytes. False: there is none of that name,
     * or it is no folder; *why, if it cannot be read. NULL: nothing lies beside a file. */
    bool (*list)(void *self, str file, str folder, struct arena *arena, const str **names,
                 size_t *count, const char **why);
};
struct inventory_options {
    enum inventory_format format;
    const struct inventory_column *columns; /* CSV and JSON */
    size_t column_count;
    str origin; /* of a zone file without $ORIGIN; empty: its name without ".zone" or "db." */
    const struct inventory_opener *
        opener; /* NULL: nothing is opened, and each $INCLUDE is a problem; group_vars/ is not read */
};

struct inventory_report {
    enum inventory_format format; /* as recognised */
    uint64_t servers;             /* handed over */
    uint64_t passed_over;         /* records and resources that say no server: a TXT, a policy */
    struct geo_problems problems; /* file:line: …, the first of them; in the arena */
    uint64_t unended;             /* so many of them only say that a last line has no end */
};

/* Hands over every server of a file, in the file's order. `file` is for messages.
 *
 * A zone file gives one server for records of one name that stand together, with all their addresses;
 * what MX, NS or SRV point to outside of the zone is told once, said to be of that kind; a PTR of a
 * reverse zone is a name with its address. $GENERATE is carried out, and $INCLUDE where an opener is given; so are
 * group_vars/ and host_vars/ beside an inventory of Ansible's in INI or YAML read. Told is all that cannot
 * be read: a row, an item, a line. JSON that is cut or damaged gives the items before. The last line of a
 * list, CSV or zone file without an end is read, and told, since nobody can know whether it is whole.
 *
 * `arena` takes the problems: 8 KiB. `scratch` is used a server at a time: 1 MiB, a JSON item 100 bytes
 * for each of its own or it is a problem, an Ansible inventory 64 bytes a host besides; one in INI or YAML is read
 * whole before its first host, which takes 400 bytes a host and in YAML 80 for each byte of the file, as nodes of
 * Kubernetes do in YAML. On FAIL_ *out is
 * untouched, though servers may have been handed over.
 *   FAIL_SYNTAX  no server could be read at all; the first problem, or what was expected
 *   FAIL_MEMORY  the arena or the scratch is full
 *   whatever the sink returned */
enum error_code inventory_read(str file, str bytes, const struct inventory_options *options,
                               const struct inventory_sink *sink, struct arena *arena,
                               struct arena scratch, struct inventory_report *out,
                               struct error *e) MUST_USE;

/* A country as an inventory writes it: ISO 3166-1 in two or three letters, or a name in English or Japanese that
 * means one country alone ("South Korea", not "Korea"), in any case and with any spaces and points. False: it is
 * none; *out untouched. Source: nations_table.h. */
bool inventory_country_read(str text, geo_country *out);

/* One host, address, network or URL, as on a command line; texts lie in the arena.
 *   FAIL_SYNTAX  none of these; the message says what it is like    FAIL_MEMORY */
enum error_code inventory_target_read(str text, struct arena *arena, struct inventory_server *out,
                                      struct error *e) MUST_USE;

/* ---- devices ---- */

enum inventory_neighbours {
    INVENTORY_NEIGHBOURS_ANY, /* recognised by how it begins */
    INVENTORY_IP_NEIGH,       /* ip neigh */
    INVENTORY_ARP,            /* arp -an, arp -a */
    INVENTORY_SNMPWALK,       /* snmpwalk -On: system, interfaces, ip; one device a file */
    INVENTORY_LLDP,           /* lldpctl -f json */
    INVENTORY_NEIGHBOURS_COUNT
};
const char *inventory_neighbours_name(enum inventory_neighbours format); /* "ip-neigh" */
bool inventory_neighbours_find(str name, enum inventory_neighbours *out);

struct inventory_mac {
    unsigned char at[6];
};
enum { INVENTORY_MAC_TEXT_BYTES = 18 };
/* "00:1b:54:aa:bb:cc", also with '-', "001b.54aa.bbcc", and one digit where the other is 0, as SNMP
 * writes it. False: not that, nothing written. */
bool inventory_mac_read(str text, struct inventory_mac *out);
size_t inventory_mac_write(const struct inventory_mac *mac, char out[INVENTORY_MAC_TEXT_BYTES]);

/* What one machine, switch or appliance says of itself, or what its neighbour knows of it. Views live
 * for the call alone. An address or a MAC is there, but of a walked device that told neither. */
struct inventory_device {
    enum inventory_neighbours by;
    const struct geo_address *addresses;
    size_t address_count;
    const struct inventory_mac *macs; /* neither multicast nor all zeros */
    size_t mac_count;
    str name;         /* sysName, a chassis's name, the name arp shows */
    str object_id;    /* sysObjectID in digits, "1.3.6.1.4.1.9.1.1208" */
    str description;  /* sysDescr, a chassis's description */
    str manufacturer; /* this and the next three by LLDP-MED's inventory or the ENTITY-MIB */
    str model, serial, version;
    str interface; /* of whoever saw it */
    uint64_t line;
};
struct inventory_device_sink {
    enum error_code (*device)(void *self, const struct inventory_device *device, struct error *e);
    void *self;
};
struct inventory_device_report {
    enum inventory_neighbours format;
    uint64_t devices;
    uint64_t passed_over; /* neighbours that did not answer; values of other objects */
    struct geo_problems problems;
};
/* As inventory_read. A walked device is handed over last, when all of its own has been seen; the rows
 * of its ARP table (ipNetToMedia, ipNetToPhysical) before, as devices of their own.
 * Source: iproute2, net-tools and Windows as they print; RFC 3418 (SNMPv2-MIB), 2863 (IF-MIB), 4293 (IP-MIB),
 * 6933 (ENTITY-MIB); lldpd, lldpctl(8); ANSI/TIA-1057 (LLDP-MED). */
enum error_code inventory_devices_read(str file, str bytes, enum inventory_neighbours format,
                                       const struct inventory_device_sink *sink,
                                       struct arena *arena, struct arena scratch,
                                       struct inventory_device_report *out,
                                       struct error *e) MUST_USE;

#endif
