/* Any bytes as an entry bundle: the entries that come out make the same bundle again. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static char memory[1 << 22];
    str bundle = str_of(bytes, count), rest = bundle, entry, entries[TLOG_TILE_WIDTH], again;
    unsigned number = 0;
    struct pack pack = pack_into(memory, sizeof memory);
    while (rest.len > 0 && number < TLOG_TILE_WIDTH &&
           tlog_bundle_next(&rest, &entry, NULL) == OK) {
        if (tlog_bundle_add(&pack, entry, NULL) != OK) return 0;
        number++;
    }
    assert(pack_done(&pack, "bundle", &again, NULL) == OK);
    assert(str_equal(again, str_slice(bundle, 0, count - rest.len)));
    assert((tlog_bundle_read(bundle, number, entries, NULL) == OK) == (rest.len == 0));
    return 0;
}
