/* Address data: in which country a file says that an address is. Dated and replaceable; no truth. */
#ifndef AZEKURA_GEO_FRONT_DATA_H
#define AZEKURA_GEO_FRONT_DATA_H

#include "geo/front/address.h"
#include "geo/front/country.h"

struct geo_data;

struct geo_data_options {
    const char *path; /* a MaxMind DB with key country_code, or country.iso_code */
    str name;         /* empty: the file's name without its ending */
    str attribution;  /* empty: what is known for that name, else the file's own description */
};
/* What must stand wherever results are shown. Views live as long as the data. */
struct geo_edition {
    str name; /* "geo-whois-asn-country" */
    str date; /* day the file was built, "2026-06-17" */
    int64_t built_ns;
    str attribution; /* who is to be named, and under which licence; empty: none is known */
    digest sha256;   /* of the whole file */
    uint64_t bytes;
};

/* Maps the file; look-ups may then come from any thread. Replace the file by renaming another over
 * it (a file cut short in place would end the program), and open again.
 *   FAIL_NOT_FOUND  no such file        FAIL_CORRUPT  not such a file, with the library's reason */
enum error_code geo_data_open(const struct geo_data_options *options, struct geo_data **out,
                              struct error *e) MUST_USE;
void geo_data_close(struct geo_data *data); /* NULL is fine */
const struct geo_edition *geo_data_edition(const struct geo_data *data);

enum geo_why {
    GEO_KNOWN,
    GEO_NOT_PUBLIC, /* `use` says what it is */
    GEO_NOT_LISTED, /* the data have no country for it */
    GEO_NO_DATA,    /* no file was given */
    GEO_UNREADABLE, /* the file is damaged there */
};
struct geo_place {
    enum geo_why why;
    enum geo_use use;
    geo_country country;  /* only with GEO_KNOWN */
    unsigned prefix_bits; /* how coarse: the network this was said of; only with GEO_KNOWN */
};
/* Never fails: not knowing is an answer. `data` NULL gives GEO_NO_DATA for public addresses. */
struct geo_place geo_data_find(const struct geo_data *data, const struct geo_address *address);
/* "203.0.113.9 is a documentation address" and its like: why nothing is known. Empty for GEO_KNOWN.
 */
const char *geo_why_text(const struct geo_place *place);

#endif
