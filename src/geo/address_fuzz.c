/* Any bytes as an address and as a network: what is read must read again from its own spelling. */
#include "geo/geo.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    str text = str_of(bytes, count);
    char spelled[GEO_TEXT_BYTES];
    struct geo_address address, address_again;
    if (geo_address_read(text, &address)) {
        size_t len = geo_address_write(&address, spelled);
        assert(geo_address_read(str_of(spelled, len), &address_again));
        assert(geo_address_equal(&address, &address_again));
        assert(geo_address_use(&address) < GEO_USE_COUNT);
    }
    struct geo_network network, network_again;
    struct error e;
    if (geo_network_read(text, &network, &e) == OK) {
        size_t len = geo_network_write(&network, spelled);
        assert(geo_network_read(str_of(spelled, len), &network_again, &e) == OK);
        assert(geo_address_equal(&network.base, &network_again.base));
        assert(network.bits == network_again.bits);
        assert(geo_network_has(&network, &network.base));
    }
    return 0;
}
