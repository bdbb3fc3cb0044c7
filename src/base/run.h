/* Runs of bytes that need no second look, found eight at a time: JSON in bulk is read at the pace of its texts. */
#ifndef AZEKURA_BASE_RUN_H
#define AZEKURA_BASE_RUN_H

#include "base/str.h"

/* How many bytes stand before the first '"', '\\' or byte under 0x20: what a text of JSON holds as it is written. */
size_t run_plain(str s);
/* How many bytes stand before the first end of line or byte over 0x7f; up to seven fewer. */
size_t run_one_line(str s);

#endif
