#include "tests/lab/image.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

const char *const image_cut_names[CUT_COUNT] = {"nothing unsynced", "all", "names only",
                                                "bytes only", "some"};

enum { SECTOR_BYTES = 512, BUCKETS = 4096 };

/* Bytes of a file: what lies behind `len` is zero, up to `size`. */
struct bytes {
    char *at;
    size_t len, room;
    uint64_t size;
};

struct change { /* of a file's bytes, since it was synced */
    enum tape_kind kind;
    uint64_t a, b;
    const char *data;
    size_t data_len;
};

struct object {
    struct bytes durable;
    struct change *changes;
    size_t change_count, change_room;
};

struct known { /* numbers on the tape -> objects; several may mean one */
    struct known *next;
    uint64_t number;
    struct object *object;
};

struct entry {
    char *path;
    struct object *object; /* NULL: a folder */
};

struct names {
    struct entry *at;
    size_t count, room;
};

struct name_change {
    enum tape_kind kind; /* TAPE_CREATE for every new name, TAPE_RENAME, TAPE_UNLINK for any gone */
    char *path, *to;
    struct object *object;
};

struct image {
    struct known *known[BUCKETS];
    struct object **objects;
    size_t object_count, object_room;
    struct names now, durable;
    struct name_change *changes; /* not durable, in order */
    size_t change_count, change_room;
};

static void stop(const char *why, const char *what) {
    fprintf(stderr, "image: %s: %s (%s)\n", why, what, strerror(errno));
    exit(2);
}

static void *grown(void *at, size_t count, size_t *room, size_t size) {
    if (count < *room) return at;
    *room = *room == 0 ? 16 : 2 * *room;
    at = realloc(at, *room * size);
    if (at == NULL) stop("no memory", "a list");
    return at;
}

static char *text_of(const char *at, size_t len) {
    char *text = malloc(len + 1);
    if (text == NULL) stop("no memory", "a name");
    memcpy(text, at, len);
    text[len] = 0;
    return text;
}

/* ---- bytes ---- */

static void bytes_cover(struct bytes *b, size_t len) {
    if (len <= b->len) return;
    if (len > b->room) {
        b->room = size_max(len, 2 * b->room);
        b->at = realloc(b->at, b->room);
        if (b->at == NULL) stop("no memory", "a file's bytes");
    }
    memset(b->at + b->len, 0, len - b->len);
    b->len = len;
}

static void bytes_write(struct bytes *b, uint64_t at, const char *data, size_t len) {
    bytes_cover(b, (size_t)at + len);
    memcpy(b->at + at, data, len);
    b->size = u64_max(b->size, at + len);
}

static void bytes_change(struct bytes *b, const struct change *c, size_t data_len) {
    switch (c->kind) {
    case TAPE_WRITE: bytes_write(b, c->a, c->data, data_len); break;
    case TAPE_SIZE:
        b->size = c->a;
        if (b->len > c->a) b->len = (size_t)c->a;
        break;
    case TAPE_GROW: b->size = u64_max(b->size, c->a); break;
    case TAPE_ZERO:
        for (uint64_t i = c->a; i < c->a + c->b && i < b->len; i++) b->at[i] = 0;
        break;
    default: stop("no change of bytes", tape_kind_names[c->kind]);
    }
}

static struct bytes bytes_copy(const struct bytes *from) {
    struct bytes copy = {.size = from->size};
    bytes_cover(&copy, from->len);
    if (from->len > 0) memcpy(copy.at, from->at, from->len);
    return copy;
}

static char byte_at(const struct bytes *b, uint64_t at) {
    return at < b->len ? b->at[at] : 0;
}

/* The page cache writes back what it holds, sector by sector, in an order of its own. */
static struct bytes bytes_of_sectors(const struct bytes *old, const struct bytes *new,
                                     struct random_seeded *random) {
    struct bytes mixed = bytes_copy(old);
    uint64_t low = u64_min(old->size, new->size), high = u64_max(old->size, new->size);
    mixed.size = low + random_below(random, high - low + 1);
    for (uint64_t at = 0; at < new->len &&at < mixed.size; at += SECTOR_BYTES) {
        if (random_below(random, 2) == 0) continue;
        size_t len = (size_t)u64_min(SECTOR_BYTES, u64_min(new->len, mixed.size) - at);
        uint64_t size = mixed.size;
        bytes_write(&mixed, at, new->at + at, len);
        mixed.size = size;
    }
    if (mixed.len > mixed.size) mixed.len = (size_t)mixed.size;
    return mixed;
}

/* The first changes in order, the last of them torn at a sector. */
static struct bytes bytes_of_prefix(const struct object *o, struct random_seeded *random) {
    struct bytes b = bytes_copy(&o->durable);
    size_t count = (size_t)random_below(random, o->change_count + 1);
    for (size_t i = 0; i < count; i++) {
        size_t len = o->changes[i].data_len;
        if (i + 1 == count && len > 0) {
            uint64_t end = o->changes[i].a + random_below(random, len + 1);
            end -= end % SECTOR_BYTES;
            len = end > o->changes[i].a ? (size_t)(end - o->changes[i].a) : 0;
        }
        if (o->changes[i].kind != TAPE_WRITE || len > 0) bytes_change(&b, &o->changes[i], len);
    }
    return b;
}

static struct bytes bytes_after(const struct object *o, enum image_cut cut,
                                struct random_seeded *random) {
    struct bytes b = bytes_copy(&o->durable);
    if (cut == CUT_NOTHING || cut == CUT_NAMES || o->change_count == 0) return b;
    uint64_t way = cut == CUT_SOME ? random_below(random, 4) : 1;
    if (way == 0) return b;
    if (way == 3) {
        free(b.at);
        return bytes_of_prefix(o, random);
    }
    for (size_t i = 0; i < o->change_count; i++)
        bytes_change(&b, &o->changes[i], o->changes[i].data_len);
    if (way == 1) return b;
    struct bytes mixed = bytes_of_sectors(&o->durable, &b, random);
    free(b.at);
    return mixed;
}

/* ---- names ---- */

static struct entry *names_find(const struct names *names, const char *path) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->at[i].path, path) == 0) return &names->at[i];
    return NULL;
}

static void names_set(struct names *names, const char *path, struct object *object) {
    struct entry *entry = names_find(names, path);
    if (entry != NULL) {
        entry->object = object;
        return;
    }
    names->at = grown(names->at, names->count, &names->room, sizeof *names->at);
    names->at[names->count++] = (struct entry){text_of(path, strlen(path)), object};
}

static void names_remove(struct names *names, const char *path) {
    struct entry *entry = names_find(names, path);
    if (entry == NULL) return;
    free(entry->path);
    *entry = names->at[--names->count];
}

static void names_change(struct names *names, const struct name_change *c) {
    if (c->kind == TAPE_CREATE)
        names_set(names, c->path, c->object);
    else
        names_remove(names, c->path);
    if (c->kind == TAPE_RENAME) names_set(names, c->to, c->object);
}

static struct names names_copy(const struct names *from) {
    struct names copy = {0};
    for (size_t i = 0; i < from->count; i++) names_set(&copy, from->at[i].path, from->at[i].object);
    return copy;
}

static void names_free(struct names *names) {
    for (size_t i = 0; i < names->count; i++) free(names->at[i].path);
    free(names->at);
}

static size_t parent_len(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : (size_t)(slash - path);
}

static bool lies_in(const char *path, const char *dir, size_t dir_len) {
    return parent_len(path) == dir_len && memcmp(path, dir, dir_len) == 0;
}

static bool concerns(const struct name_change *c, const char *dir, size_t dir_len) {
    return lies_in(c->path, dir, dir_len) || (c->to != NULL && lies_in(c->to, dir, dir_len));
}

static void name_changed(struct image *image, enum tape_kind kind, const char *path, const char *to,
                         struct object *object) {
    image->changes =
        grown(image->changes, image->change_count, &image->change_room, sizeof *image->changes);
    struct name_change *c = &image->changes[image->change_count++];
    *c = (struct name_change){.kind = kind,
                              .path = text_of(path, strlen(path)),
                              .to = to != NULL ? text_of(to, strlen(to)) : NULL,
                              .object = object};
    names_change(&image->now, c);
}

static void name_change_free(struct name_change *c) {
    free(c->path);
    free(c->to);
}

static void dir_synced(struct image *image, const char *dir) {
    size_t kept = 0;
    for (size_t i = 0; i < image->change_count; i++) {
        struct name_change c = image->changes[i];
        if (concerns(&c, dir, strlen(dir))) {
            names_change(&image->durable, &c);
            name_change_free(&c);
        } else {
            image->changes[kept++] = c;
        }
    }
    image->change_count = kept;
}

/* ---- the tape ---- */

static void know(struct image *image, uint64_t number, struct object *object) {
    struct known *known = calloc(1, sizeof *known);
    if (known == NULL) stop("no memory", "a file's number");
    *known = (struct known){image->known[number % BUCKETS], number, object};
    image->known[number % BUCKETS] = known;
}

static struct object *object_new(struct image *image, uint64_t number) {
    struct object *object = calloc(1, sizeof *object);
    if (object == NULL) stop("no memory", "a file");
    image->objects =
        grown(image->objects, image->object_count, &image->object_room, sizeof(struct object *));
    image->objects[image->object_count++] = object;
    know(image, number, object);
    return object;
}

static struct object *object_of(const struct image *image, const struct tape_record *record) {
    for (struct known *k = image->known[record->object % BUCKETS]; k != NULL; k = k->next)
        if (k->number == record->object) return k->object;
    stop("the tape names a file it has not introduced", tape_kind_names[record->kind]);
    return NULL;
}

static void object_known_as(struct image *image, uint64_t number, const char *path) {
    const struct entry *entry = names_find(&image->now, path);
    if (entry == NULL) stop("a file was there before the tape", path);
    know(image, number, entry->object);
}

static void bytes_changed(struct image *image, const struct tape_record *r) {
    struct object *o = object_of(image, r);
    o->changes = grown(o->changes, o->change_count, &o->change_room, sizeof *o->changes);
    o->changes[o->change_count++] = (struct change){r->kind, r->a, r->b, r->data, r->data_len};
}

static void synced(struct object *o) {
    for (size_t i = 0; i < o->change_count; i++)
        bytes_change(&o->durable, &o->changes[i], o->changes[i].data_len);
    o->change_count = 0;
}

static void renamed(struct image *image, const char *from, const char *to) {
    const struct entry *entry = names_find(&image->now, from);
    if (entry == NULL) stop("renamed, but it was never made", from);
    if (entry->object == NULL) stop("renaming folders is not modelled", from);
    name_changed(image, TAPE_RENAME, from, to, entry->object);
}

void image_apply(struct image *image, const struct tape_record *r) {
    char *name = text_of(r->name, r->name_len), *data = NULL;
    switch (r->kind) {
    case TAPE_CREATE:
        name_changed(image, TAPE_CREATE, name, NULL, object_new(image, r->object));
        break;
    case TAPE_NAMELESS: object_new(image, r->object); break;
    case TAPE_KNOWN: object_known_as(image, r->object, name); break;
    case TAPE_WRITE:
    case TAPE_SIZE:
    case TAPE_GROW:
    case TAPE_ZERO: bytes_changed(image, r); break;
    case TAPE_SYNC: synced(object_of(image, r)); break;
    case TAPE_DIR_SYNC: dir_synced(image, name); break;
    case TAPE_LINK: name_changed(image, TAPE_CREATE, name, NULL, object_of(image, r)); break;
    case TAPE_RENAME:
        data = text_of(r->data, r->data_len);
        renamed(image, name, data);
        break;
    case TAPE_UNLINK:
    case TAPE_RMDIR: name_changed(image, TAPE_UNLINK, name, NULL, NULL); break;
    case TAPE_MKDIR: name_changed(image, TAPE_CREATE, name, NULL, NULL); break;
    case TAPE_MARK:
    case TAPE_FAULT: break;
    case TAPE_KIND_COUNT: break;
    }
    free(name);
    free(data);
}

struct image *image_new(void) {
    struct image *image = calloc(1, sizeof *image);
    if (image == NULL) stop("no memory", "an image");
    return image;
}

void image_free(struct image *image) {
    for (size_t i = 0; i < image->object_count; i++) {
        free(image->objects[i]->durable.at);
        free(image->objects[i]->changes);
        free(image->objects[i]);
    }
    for (size_t i = 0; i < image->change_count; i++) name_change_free(&image->changes[i]);
    for (size_t i = 0; i < BUCKETS; i++)
        while (image->known[i] != NULL) {
            struct known *known = image->known[i];
            image->known[i] = known->next;
            free(known);
        }
    names_free(&image->now);
    names_free(&image->durable);
    free(image->changes);
    free(image->objects);
    free(image);
}

/* ---- building ---- */

/* Chooses which changes of names the cut left, and makes them. In general order: what a journal
 * does. Folder by folder: what it does not promise. */
static struct names names_after(const struct image *image, enum image_cut cut,
                                struct random_seeded *random) {
    struct names names = names_copy(&image->durable);
    if (cut == CUT_NOTHING || cut == CUT_BYTES) return names;
    size_t count = image->change_count;
    if (cut != CUT_SOME || count == 0) {
        for (size_t i = 0; i < count; i++) names_change(&names, &image->changes[i]);
        return names;
    }
    bool by_folder = random_below(random, 2) == 0;
    uint64_t salt = random_next(random), stop_at = random_below(random, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct name_change *c = &image->changes[i];
        size_t len = parent_len(c->path), before = 0, all = 0;
        for (size_t j = 0; j < count; j++) {
            if (!concerns(&image->changes[j], c->path, len)) continue;
            all++;
            before += j < i;
        }
        uint64_t folder_stops = str_hash(str_of(c->path, len), salt) % (all + 1);
        if (by_folder ? before < folder_stops : i < stop_at) names_change(&names, c);
    }
    return names;
}

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw) {
    return remove(path);
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

/* A name is reached only through folders that are there. */
static bool is_reached(const struct names *names, const char *path) {
    size_t len = parent_len(path);
    if (len == 0) return true;
    char *parent = text_of(path, len);
    const struct entry *entry = names_find(names, parent);
    bool is = entry != NULL && entry->object == NULL && is_reached(names, parent);
    free(parent);
    return is;
}

static void file_build(const char *path, const struct bytes *b) {
    int fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
    if (fd < 0) stop("cannot make", path);
    size_t len = (size_t)u64_min(b->len, b->size);
    while (len > 0 && b->at[len - 1] == 0) len--; /* holes cost nothing */
    for (size_t done = 0; done < len;) {
        ssize_t n = write(fd, b->at + done, len - done);
        if (n <= 0) stop("cannot write", path);
        done += (size_t)n;
    }
    if (ftruncate(fd, (off_t)b->size) != 0) stop("cannot size", path);
    close(fd);
}

static void entry_build(const struct entry *entry, enum image_cut cut, struct random_seeded *random,
                        const char *to, struct sha256 *hash) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/%s", to, entry->path) >= (int)sizeof path)
        stop("a path too long", entry->path);
    sha256_add(hash, entry->path, strlen(entry->path) + 1);
    if (entry->object == NULL) {
        if (mkdir(path, 0700) != 0) stop("cannot make the folder", path);
        return;
    }
    struct bytes b = bytes_after(entry->object, cut, random);
    file_build(path, &b);
    uint64_t size = b.size;
    sha256_add(hash, &size, sizeof size);
    size_t len = (size_t)u64_min(b.len, b.size);
    while (len > 0 && byte_at(&b, len - 1) == 0) len--;
    if (len > 0) sha256_add(hash, b.at, len);
    free(b.at);
}

void image_build(const struct image *image, enum image_cut cut, struct random_seeded *random,
                 const char *to, digest *what) {
    nftw(to, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    if (mkdir(to, 0700) != 0) stop("cannot make the folder", to);
    struct names names = names_after(image, cut, random);
    if (names.count > 0)
        qsort(names.at, names.count, sizeof *names.at,
              by_path); /* folders before what is in them */
    struct sha256 hash;
    sha256_begin(&hash);
    for (size_t i = 0; i < names.count; i++)
        if (is_reached(&names, names.at[i].path)) entry_build(&names.at[i], cut, random, to, &hash);
    *what = sha256_end(&hash);
    names_free(&names);
}
