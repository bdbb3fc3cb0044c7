/* RocksDB's checksum, computed by the processor.
 *
 * Every record of the log and of a file of bodies carries a CRC-32C. Debian builds librocksdb for any
 * x86-64, so there it goes by tables: about half a gigabyte a second, 10 µs for one body of 4 KiB
 * that passes twice. A shared library calls its own exported functions by name, and the program's
 * definition of a name comes first: so this is the function that it calls. Same name, same numbers,
 * from the processor's own instruction. Were the library bound otherwise, or the function renamed,
 * nothing but the speed would change. */
#include "engine/local/local.h"

/* uint32_t rocksdb::crc32c::Extend(uint32_t crc, const char *data, size_t n), as C++ spells it. */
#define EXTEND _ZN7rocksdb6crc32c6ExtendEjPKcm
__attribute__((visibility("default"))) uint32_t EXTEND(uint32_t crc, const char *bytes,
                                                       size_t count);

uint32_t EXTEND(uint32_t crc, const char *bytes, size_t count) {
    return crc_32c(crc, bytes, count);
}

void local_checksum_check(void) {
    /* Source: RFC 3720 appendix B.4, 32 bytes of ones; in two steps, as RocksDB takes it. */
    char ones[32];
    memset(ones, 0xff, sizeof ones);
    assert(EXTEND(EXTEND(0, ones, 7), ones + 7, sizeof ones - 7) == 0x62a8ab43);
}
