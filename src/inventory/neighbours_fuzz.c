/* Any bytes as a neighbour table; the first byte says as which, or that it is to be recognised. */
#include <stdlib.h>

#include "inventory/inventory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count);

static enum error_code device_check(void *self, const struct inventory_device *device,
                                    struct error *e) {
    uint64_t *count = self;
    ++*count;
    const str texts[] = {device->name,         device->object_id, device->description,
                         device->model,        device->serial,    device->version,
                         device->manufacturer, device->interface};
    for (size_t i = 0; i < COUNT_OF(texts); i++) assert(str_is_utf8(texts[i]));
    for (size_t i = 0; i < device->object_id.len; i++)
        assert(strchr("0123456789.", device->object_id.at[i]) != NULL);
    assert(device->address_count <= LIMIT_INVENTORY_NAMES);
    assert(device->mac_count <= LIMIT_INVENTORY_NAMES);
    for (size_t i = 0; i < device->mac_count; i++) assert((device->macs[i].at[0] & 1) == 0);
    assert(device->address_count > 0 || device->mac_count > 0 || device->by == INVENTORY_SNMPWALK);
    assert(device->line > 0);
    return OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
    enum { ROOM = 4 << 20, PROBLEMS = 1 << 16 };
    static void *memory, *problems;
    if (count == 0) return 0;
    if (memory == NULL) memory = malloc(ROOM), problems = malloc(PROBLEMS);
    assert(memory != NULL && problems != NULL);
    uint64_t devices = 0;
    struct inventory_device_sink sink = {device_check, &devices};
    struct inventory_device_report report;
    struct error e;
    struct arena arena = arena_over(problems, PROBLEMS);
    char *own = malloc(count); /* of its exact size, so that a byte too far is seen */
    assert(own != NULL);
    memcpy(own, bytes + 1, count - 1);
    enum error_code code =
        inventory_devices_read(STR("f"), str_of(own, count - 1),
                               (enum inventory_neighbours)(bytes[0] % INVENTORY_NEIGHBOURS_COUNT),
                               &sink, &arena, arena_over(memory, ROOM), &report, &e);
    assert(code == OK || code == FAIL_SYNTAX || code == FAIL_MEMORY);
    if (code == OK) assert(report.devices == devices && devices > 0);
    free(own);
    return 0;
}
