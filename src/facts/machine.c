/* What the machine says about itself: its DMI strings and its own addresses. */
#include "facts/inner.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdio.h>
#include <unistd.h>

#include "base/disk.h"

enum error_code machine_strings(const char *dir, struct arena *arena, str *out, struct error *e) {
    static const char *const files[] = {"sys_vendor",     "product_name",      "product_version",
                                        "bios_vendor",    "bios_version",      "board_vendor",
                                        "chassis_vendor", "chassis_asset_tag", "board_asset_tag"};
    enum { STRING_BYTES = 256 };
    char *memory = arena_bytes(arena, COUNT_OF(files) * (STRING_BYTES + 1));
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for DMI strings");
    struct text t = text_into(memory, COUNT_OF(files) * (STRING_BYTES + 1));
    for (size_t i = 0; i < COUNT_OF(files); i++) {
        char path[512], bytes[STRING_BYTES];
        struct error ignored;
        size_t got = 0;
        int fd;
        snprintf(path, sizeof path, "%s/%s", dir, files[i]);
        if (disk_open(AT_FDCWD, path, O_RDONLY, 0, &fd, &ignored) != OK) continue;
        enum error_code code = disk_read(fd, bytes, sizeof bytes, 0, &got, path, &ignored);
        disk_close(fd);
        if (code != OK || got == 0) continue;
        str line = str_of(bytes, got);
        while (line.len > 0 && (unsigned char)line.at[line.len - 1] <= ' ') line.len--;
        if (line.len == 0 || !str_is_utf8(line)) continue;
        text_add(&t, line);
        text_add_char(&t, '\n');
    }
    assert(!t.overflow);
    *out = text_str(&t);
    return OK;
}

static bool address_of_interface(const struct ifaddrs *one, struct geo_address *out) {
    if (one->ifa_addr == NULL) return false;
    if (one->ifa_addr->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, one->ifa_addr, sizeof v4);
        return geo_address_of(&v4.sin_addr, 4, out);
    }
    if (one->ifa_addr->sa_family != AF_INET6) return false;
    struct sockaddr_in6 v6;
    memcpy(&v6, one->ifa_addr, sizeof v6);
    return geo_address_of(&v6.sin6_addr, 16, out);
}

enum error_code machine_addresses(struct arena *arena, struct geo_address **list, size_t *count,
                                  struct error *e) {
    struct ifaddrs *all = NULL;
    size_t most = 0, found = 0;
    if (getifaddrs(&all) != 0) return error_set_errno(e, errno, "addresses of this machine");
    for (const struct ifaddrs *one = all; one != NULL; one = one->ifa_next) most++;
    struct geo_address *addresses = arena_new(arena, struct geo_address, most);
    for (const struct ifaddrs *one = all; addresses != NULL && one != NULL; one = one->ifa_next)
        if (address_of_interface(one, &addresses[found]) &&
            geo_address_use(&addresses[found]) == GEO_PUBLIC)
            found++;
    freeifaddrs(all);
    if (addresses == NULL) return error_set(e, FAIL_MEMORY, "no room for this machine's addresses");
    *list = addresses;
    *count = found;
    return OK;
}
