/* Room on the disk: how much is left, and the reserve.
 *
 * Recovering a write-ahead log needs room for the tables it becomes: 46 to 71 MB of log needed 40
 * MB [measured]. So a file of twice the log's cap is kept, and given back before a reopening. */
#include "engine/local/local.h"

#include "base/disk.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/statvfs.h>

void local_room_ask(struct local *local) {
    struct statvfs room;
    if (fstatvfs(local->dir_fd, &room) != 0) return; /* the last answer stands */
    atomic_store(&local->disk_bytes_taken, 0);
    atomic_store(&local->disk_bytes_free, (uint64_t)room.f_bavail * room.f_frsize);
}

/* Between two questions a second apart a fast disk can take a gigabyte: ask again when a quarter of
 * the low water mark has been written. */
void local_room_taken(struct local *local, uint64_t bytes) {
    uint64_t taken = atomic_fetch_add(&local->disk_bytes_taken, bytes) + bytes;
    if (taken > local->options.low_water_bytes / 4) local_room_ask(local);
}

/* Above the mark the last answer will do; below it we look again, since room may have come back. */
bool local_is_low(struct engine *engine) {
    struct local *local = local_of(engine);
    if (atomic_load(&local->disk_bytes_free) >= local->options.low_water_bytes) return false;
    local_room_ask(local);
    return atomic_load(&local->disk_bytes_free) < local->options.low_water_bytes;
}

static uint64_t reserve_bytes(const struct local *local) {
    return 2 * local->options.wal_bytes_max;
}

void local_reserve_make(struct local *local) {
    if (atomic_load(&local->has_reserve)) return;
    uint64_t bytes = reserve_bytes(local);
    if (atomic_load(&local->disk_bytes_free) < bytes + local->options.low_water_bytes) return;
    int fd;
    struct error e;
    if (disk_open(local->dir_fd, "reserve", O_CREAT | O_WRONLY | O_CLOEXEC, 0600, &fd, &e) != OK) {
        log_error("reserve not made", &e);
        return;
    }
    int failed = posix_fallocate(fd, 0, (off_t)bytes);
    disk_close(fd);
    if (failed != 0) {
        error_set_errno(&e, failed, "taking %llu bytes", (unsigned long long)bytes);
        log_error("reserve not made", &e);
        local_reserve_free(local);
        return;
    }
    atomic_store(&local->has_reserve, true);
    local_room_ask(local);
}

void local_reserve_free(struct local *local) {
    const struct disk *disk = disk_now();
    (void)disk->unlink(disk->self, local->dir_fd, "reserve", 0); /* not there: as good */
    atomic_store(&local->has_reserve, false);
    local_room_ask(local);
}
