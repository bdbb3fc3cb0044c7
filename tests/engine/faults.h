/* Faults at the C library, where RocksDB too must pass: the test program's own write, fdatasync and
 * so on come before the library's. Only calls on files under one folder count. */
#ifndef AZEKURA_TESTS_ENGINE_FAULTS_H
#define AZEKURA_TESTS_ENGINE_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

enum fault_kind {
    FAULT_WRITE, /* write, pwrite, writev, pwritev */
    FAULT_SYNC,  /* fdatasync, fsync */
    FAULT_OPEN,
    FAULT_NAME, /* rename, link, unlink, mkdir and their *at forms */
    FAULT_ROOM, /* fallocate, ftruncate */
    FAULT_KIND_COUNT
};

/* From now on the n-th call of the kind below `dir` fails with `errnum` (0: never), and with
 * `for_ever` all of that kind after it. */
void fault_at(const char *dir, enum fault_kind kind, uint64_t n, int errnum, bool for_ever);
uint64_t fault_calls(void); /* of that kind, since fault_at */
void fault_none(void);

#endif
