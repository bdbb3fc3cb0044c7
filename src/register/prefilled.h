/* Inner: the bytes of the lists that come along, as tools/embed puts them into the program. */
#ifndef AZEKURA_REGISTER_PREFILLED_H
#define AZEKURA_REGISTER_PREFILLED_H

#include <stddef.h>

struct embedded_text {
    const char *name;
    const unsigned char *bytes;
    size_t len;
};
extern const struct embedded_text prefilled_texts[];
extern const size_t prefilled_texts_count;

#endif
