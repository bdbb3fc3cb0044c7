/* Where a ledger's files come from: a directory, or a server. Both hold the same names. */
#ifndef AZEKURA_VERIFY_SOURCE_H
#define AZEKURA_VERIFY_SOURCE_H

#include "tlog/tlog.h"

struct verify_source {
    /* A whole file by its name in the ledger. FAIL_NOT_FOUND; FAIL_LIMIT over `bytes_max`. */
    enum error_code (*read)(void *self, const char *path, size_t bytes_max, struct arena *arena,
                            str *out, struct error *e);
    /* Tells the names in a folder of the ledger, in no order; a folder that is not there has none.
     * NULL: the source cannot tell. */
    void (*list)(void *self, const char *path, void (*each)(void *each_self, str name),
                 void *each_self);
    void *self;
};

struct verify_folder {
    int dir_fd;
};
enum error_code verify_folder_open(const char *path, struct verify_folder *out,
                                   struct verify_source *source, struct error *e) MUST_USE;
void verify_folder_close(struct verify_folder *folder);

/* A tile or bundle at its width; where the partial one has been given up for the full one, the
 * beginning of that. FAIL_CORRUPT: not of the length its name says. */
enum error_code verify_tile_read(const struct verify_source *source, const struct tlog_tile *tile,
                                 struct arena *arena, str *out, struct error *e) MUST_USE;

#endif
