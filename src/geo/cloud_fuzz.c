/* Any bytes as an address list of a provider, and as ranges of autonomous systems; the first byte says as
 * which. Memory stays within what the header promises, rows lie in their tables, ranges ascend. */
#include <stdlib.h>

#include "geo/geo.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static void cloud_check(str provider, str text, struct arena *arena) {
    struct geo_cloud cloud;
    struct error e;
    enum error_code code = geo_cloud_read(provider, STR("f"), text, arena, &cloud, &e);
    assert(code == OK || code == FAIL_SYNTAX);
    if (code != OK) return;
    assert(cloud.row_count > 0);
    for (size_t i = 0; i < cloud.row_count; i++) assert(cloud.rows[i].place < cloud.place_count);
    assert(cloud.problems.count <= cloud.problems.total);
    assert(!cloud.problems.is_cut || cloud.problems.total > 0);
}

static void asn_check(str text, struct arena *arena) {
    struct geo_asn asn;
    struct error e;
    enum error_code code = geo_asn_read(STR("f"), STR_EMPTY, text, arena, &asn, &e);
    assert(code == OK || code == FAIL_SYNTAX);
    if (code != OK) return;
    for (size_t i = 1; i < asn.count; i++) {
        const struct geo_address *before = &asn.ranges[i - 1].last, *after = &asn.ranges[i].first;
        assert(before->len < after->len ||
               (before->len == after->len && memcmp(before->at, after->at, after->len) < 0));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    static const char *const providers[] = {"aws", "azure", "gcp", "google"};
    if (count == 0) return 0;
    str text = str_of(bytes + 1, count - 1);
    size_t room = 65 * count + 65536;
    void *memory = malloc(room);
    assert(memory != NULL);
    struct arena arena = arena_over(memory, bytes[0] % 5 == 4 ? room : 20 * count + 65536);
    if (bytes[0] % 5 == 4)
        asn_check(text, &arena);
    else
        cloud_check(str_from_c(providers[bytes[0] % 5]), text, &arena);
    free(memory);
    return 0;
}
