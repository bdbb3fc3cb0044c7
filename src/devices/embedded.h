/* Inner: the registry of hardware addresses that is in the program (register-data/makers.txt). */
#ifndef AZEKURA_DEVICES_EMBEDDED_H
#define AZEKURA_DEVICES_EMBEDDED_H

#include <stddef.h>

struct embedded_text { /* as tools/embed writes it */
    const char *name;
    const unsigned char *bytes;
    size_t len;
};
extern const struct embedded_text devices_texts[];
extern const size_t devices_texts_count;

#endif
