/* The inside of the CRCs, for their test: the slow form that the fast one must agree with. */
#ifndef AZEKURA_BASE_CRC_H
#define AZEKURA_BASE_CRC_H

#include <stddef.h>
#include <stdint.h>

uint64_t crc_64nvme_by_table(uint64_t so_far, const void *bytes, size_t count);

#endif
