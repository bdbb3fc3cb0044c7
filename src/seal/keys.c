/* The key store: DATA/keys, one file a key, numbered from 1 without gaps, all read at start.
 *
 * In memory each key is an entry that is never moved or freed before the store closes; a table by
 * number and a hash by what it is for find it. `table` guards these for moments only, never while a
 * file is touched; `making` is held by whoever changes files, and only ever taken on a thread that
 * may block (a worker when a fiber asked), so that two fibers of a reactor cannot wait for each
 * other.
 *
 *   create:  pick the next number -> write its file durably -> enter it in the table
 *   destroy: put the note in its place durably -> overwrite what the old file held -> wipe the
 * entry
 *
 * A crash between two steps leaves a key that exists, or one that is gone; never half of one. */
#include "base/disk.h"
#include "base/runtime.h"
#include "seal/inner.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { HASH_SLOTS = 4096, PATH_BYTES = 4096 };

struct entry {
    struct seal_key_info info;
    struct secret key;        /* zero once destroyed */
    struct entry *next_alike; /* in the same slot of the hash, older */
    char name[SEAL_NAME_BYTES];
};

struct seal_keys {
    char dir[PATH_BYTES], master_path[PATH_BYTES];
    struct secret master;
    uint32_t local, ledger;

    pthread_mutex_t making;
    pthread_mutex_t table;
    struct entry **entries; /* [number - 1] */
    uint32_t count, room;
    struct entry *slots[HASH_SLOTS];
};

/* ---- in memory ---- */

static size_t slot_of(enum seal_key_kind kind, str name, uint32_t month) {
    return str_hash(name, (uint64_t)month << 8 | (uint64_t)kind) % HASH_SLOTS;
}

/* The newest key for this that still lives; under `table`. */
static struct entry *entry_find(struct seal_keys *keys, enum seal_key_kind kind, str name,
                                uint32_t month) {
    struct entry *entry = keys->slots[slot_of(kind, name, month)];
    for (; entry != NULL; entry = entry->next_alike)
        if (entry->info.kind == kind && entry->info.month == month && !entry->info.destroyed &&
            str_equal(entry->info.name, name))
            return entry;
    return NULL;
}

/* Takes over `key`. The number is the next one. */
static enum error_code entry_add(struct seal_keys *keys, const struct key_file *file,
                                 const struct secret *key, struct error *e) {
    struct entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL) return error_set(e, FAIL_MEMORY, "no memory for key %u", file->number);
    entry->info = (struct seal_key_info){file->number, file->kind, file->month, file->destroyed,
                                         str_of(entry->name, file->name.len)};
    if (file->name.len > 0) memcpy(entry->name, file->name.at, file->name.len);
    if (!file->destroyed) entry->key = *key;

    pthread_mutex_lock(&keys->table);
    assert(file->number == keys->count + 1);
    if (keys->count == keys->room) {
        uint32_t room = keys->room == 0 ? 64 : keys->room * 2;
        struct entry **more = realloc(keys->entries, room * sizeof *more);
        if (more == NULL) {
            pthread_mutex_unlock(&keys->table);
            secret_wipe(&entry->key);
            free(entry);
            return error_set(e, FAIL_MEMORY, "no memory for %u keys", room);
        }
        keys->entries = more;
        keys->room = room;
    }
    keys->entries[keys->count++] = entry;
    struct entry **slot = &keys->slots[slot_of(file->kind, entry->info.name, file->month)];
    entry->next_alike = *slot;
    *slot = entry;
    pthread_mutex_unlock(&keys->table);
    return OK;
}

enum error_code seal_key_get(struct seal_keys *keys, uint32_t number, struct secret *key,
                             struct error *e) {
    enum error_code code = OK;
    pthread_mutex_lock(&keys->table);
    const struct entry *entry =
        number == 0 || number > keys->count ? NULL : keys->entries[number - 1];
    if (entry == NULL)
        code = error_set(e, FAIL_NOT_FOUND, "there is no key %u", number);
    else if (entry->info.destroyed)
        code = error_set(e, FAIL_NOT_FOUND, "key %u was destroyed", number);
    else
        *key = entry->key;
    pthread_mutex_unlock(&keys->table);
    return code;
}

bool seal_key_info(struct seal_keys *keys, uint32_t number, struct seal_key_info *out) {
    pthread_mutex_lock(&keys->table);
    bool is_there = number > 0 && number <= keys->count;
    if (is_there) *out = keys->entries[number - 1]->info;
    pthread_mutex_unlock(&keys->table);
    return is_there;
}

/* ---- files ---- */

static enum error_code key_path(const struct seal_keys *keys, uint32_t number, char out[PATH_BYTES],
                                struct error *e) {
    int count = snprintf(out, PATH_BYTES, "%s/%010u", keys->dir, number);
    if (count < 0 || count >= PATH_BYTES)
        return error_set(e, FAIL_LIMIT, "%s is too long", keys->dir);
    return OK;
}

/* Makes the file of the next key, then enters it. Under `making`. */
static enum error_code key_create(struct seal_keys *keys, enum seal_key_kind kind, str name,
                                  uint32_t month, uint32_t *number, struct error *e) {
    struct key_file file = {.number = keys->count + 1, .kind = kind, .month = month, .name = name};
    char path[PATH_BYTES], memory[KEY_FILE_BYTES];
    unsigned char sealed[SEALED_KEY_BYTES];
    TRY(key_path(keys, file.number, path, e));
    struct secret key;
    seal_key_new(&key);
    struct text head = text_into(memory, sizeof memory);
    key_file_head(&file, &head);
    assert(!head.overflow);
    enum error_code code =
        record_seal(&keys->master, 0, text_str(&head), str_of(key.at, sizeof key.at), sealed, e);
    if (code != OK) goto done;
    file.sealed = str_of(sealed, sizeof sealed);
    struct text text = text_into(memory, sizeof memory);
    key_file_write(&file, &text);
    assert(!text.overflow);
    code = disk_file_replace(AT_FDCWD, path, text_str(&text), 0600, e);
    if (code == OK) code = entry_add(keys, &file, &key, e);
    if (code == OK) *number = file.number;
done:
    secret_wipe(&key);
    return code;
}

static enum error_code key_load(struct seal_keys *keys, uint32_t number, struct error *e) {
    char path[PATH_BYTES], memory[KEY_FILE_BYTES + 64], head_memory[KEY_FILE_BYTES];
    unsigned char sealed[SEALED_KEY_BYTES];
    TRY(key_path(keys, number, path, e));
    struct arena arena = arena_over(memory, sizeof memory);
    struct key_file file;
    str bytes;
    enum error_code code = disk_file_read(AT_FDCWD, path, KEY_FILE_BYTES, &arena, &bytes, e);
    if (code == FAIL_NOT_FOUND)
        return error_set(e, FAIL_CORRUPT, "%s is missing, and later keys are there", path);
    if (code != OK) return code;
    TRY(key_file_read(bytes, path, sealed, &file, e));
    if (file.number != number)
        return error_set(e, FAIL_CORRUPT, "%s holds key %u", path, file.number);
    struct secret key = {0};
    if (!file.destroyed) {
        struct text head = text_into(head_memory, sizeof head_memory);
        key_file_head(&file, &head);
        code = record_open(&keys->master, text_str(&head), file.sealed, key.at, e);
        if (code == FAIL_CORRUPT)
            return error_set(e, FAIL_CRYPTO, "the master key %s does not open %s",
                             keys->master_path, path);
        if (code != OK) return code;
    }
    code = entry_add(keys, &file, &key, e);
    secret_wipe(&key);
    return code;
}

/* The highest number a key file has; names that are no numbers are not ours to judge. */
static enum error_code highest_number(const char *dir, uint32_t *highest, struct error *e) {
    DIR *listing = opendir(dir);
    if (listing == NULL) return error_set_errno(e, errno, "reading %s", dir);
    *highest = 0;
    for (const struct dirent *item; (item = readdir(listing)) != NULL;) {
        uint32_t number;
        if (strlen(item->d_name) == 10 && str_u32(str_from_c(item->d_name), &number) &&
            number > *highest)
            *highest = number;
    }
    closedir(listing);
    return OK;
}

/* ---- the master key ---- */

static const char master_head[] = "azekura-master-key-v1\n";
enum { MASTER_HEAD = sizeof master_head - 1, MASTER_BYTES = MASTER_HEAD + 2 * SECRET_BYTES + 1 };

static enum error_code master_create(struct seal_keys *keys, struct error *e) {
    char text[MASTER_BYTES];
    seal_key_new(&keys->master);
    memcpy(text, master_head, MASTER_HEAD);
    hex_write(keys->master.at, SECRET_BYTES, text + MASTER_HEAD);
    text[MASTER_BYTES - 1] = '\n';
    enum error_code code =
        disk_file_replace(AT_FDCWD, keys->master_path, str_of(text, sizeof text), 0600, e);
    memory_wipe(text, sizeof text);
    return code;
}

static enum error_code master_read(struct seal_keys *keys, bool may_make, struct error *e) {
    char memory[256];
    struct arena arena = arena_over(memory, sizeof memory);
    str bytes, format = STR_EMPTY;
    enum error_code code =
        disk_file_read(AT_FDCWD, keys->master_path, sizeof memory - 32, &arena, &bytes, e);
    if (code == FAIL_NOT_FOUND && may_make) return master_create(keys, e);
    if (code == FAIL_NOT_FOUND)
        return error_set(e, FAIL_NOT_FOUND, "%s holds keys, and their master key %s is missing",
                         keys->dir, keys->master_path);
    if (code == FAIL_LIMIT)
        return error_set(e, FAIL_CORRUPT, "%s is not a master key", keys->master_path);
    if (code != OK) return code;
    str rest = bytes;
    if (!str_cut(&rest, '\n', &format) || !str_starts(format, STR("azekura-master-key-")))
        code = error_set(e, FAIL_CORRUPT, "%s is not a master key", keys->master_path);
    else if (!str_starts(bytes, str_of(master_head, MASTER_HEAD)))
        code =
            error_set(e, FAIL_VERSION, "%s has a format this program does not know; it knows %.*s",
                      keys->master_path, MASTER_HEAD - 1, master_head);
    else if (bytes.len != MASTER_BYTES || bytes.at[MASTER_BYTES - 1] != '\n' ||
             !hex_read(str_slice(rest, 0, 2 * SECRET_BYTES), keys->master.at, SECRET_BYTES))
        code = error_set(e, FAIL_CORRUPT, "%s does not read as a master key", keys->master_path);
    memory_wipe(memory, sizeof memory);
    return code;
}

/* ---- open and close ---- */

/* Keys 1 and 2 are made with the store; a crash may have left the first alone. */
static enum error_code own_keys(struct seal_keys *keys, struct error *e) {
    if (keys->count == 0) TRY(key_create(keys, SEAL_KEY_LOCAL, STR_EMPTY, 0, &keys->local, e));
    if (keys->count == 1) TRY(key_create(keys, SEAL_KEY_LEDGER, STR_EMPTY, 0, &keys->ledger, e));
    const struct seal_key_info *local = &keys->entries[0]->info, *ledger = &keys->entries[1]->info;
    if (local->kind != SEAL_KEY_LOCAL || ledger->kind != SEAL_KEY_LEDGER || local->destroyed ||
        ledger->destroyed)
        return error_set(e, FAIL_CORRUPT, "%s: keys 1 and 2 are not the store's own", keys->dir);
    keys->local = 1;
    keys->ledger = 2;
    return OK;
}

static enum error_code keys_load(struct seal_keys *keys, struct error *e) {
    uint32_t highest = 0;
    TRY(disk_make_dirs(AT_FDCWD, keys->dir, 0700, e));
    TRY(highest_number(keys->dir, &highest, e));
    TRY(master_read(keys, highest == 0, e));
    for (uint32_t number = 1; number <= highest; number++) TRY(key_load(keys, number, e));
    return own_keys(keys, e);
}

static bool path_copy(char out[PATH_BYTES], const char *path, const char *below) {
    int count = snprintf(out, PATH_BYTES, "%s%s", path, below);
    return count > 0 && count < PATH_BYTES;
}

enum error_code seal_keys_open(const char *dir, const struct seal_keys_options *options,
                               struct seal_keys **out, struct error *e) {
    struct seal_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) return error_set(e, FAIL_MEMORY, "no memory for the key store");
    pthread_mutex_init(&keys->making, NULL);
    pthread_mutex_init(&keys->table, NULL);
    const char *master = options == NULL ? NULL : options->master_path;
    enum error_code code = OK;
    if (!path_copy(keys->dir, dir, "") ||
        !path_copy(keys->master_path, master == NULL ? dir : master,
                   master == NULL ? "/master" : ""))
        code = error_set(e, FAIL_LIMIT, "the path of the key store is too long");
    if (code == OK) code = keys_load(keys, e);
    if (code != OK) {
        seal_keys_close(keys);
        return error_note(e, "seal_keys_open", "opening the keys in %.60s", dir);
    }
    *out = keys;
    return OK;
}

void seal_keys_close(struct seal_keys *keys) {
    if (keys == NULL) return;
    for (uint32_t i = 0; i < keys->count; i++) {
        secret_wipe(&keys->entries[i]->key);
        free(keys->entries[i]);
    }
    free(keys->entries);
    secret_wipe(&keys->master);
    pthread_mutex_destroy(&keys->making);
    pthread_mutex_destroy(&keys->table);
    free(keys);
}

/* ---- using and making ---- */

void seal_key_new(struct secret *out) {
    random_fill(out->at, sizeof out->at);
}

uint32_t seal_local_number(const struct seal_keys *keys) {
    return keys->local;
}

void seal_ledger_seed(const struct seal_keys *keys, struct secret *seed) {
    *seed =
        keys->entries[keys->ledger - 1]->key; /* entry 2 is there since open and never changes */
}

/* What a worker is asked to do. */
struct making {
    struct seal_keys *keys;
    enum seal_key_kind kind;
    str name;
    uint32_t month;
    bool renew; /* even if there is one */
    uint32_t number;
    struct error *e;
    enum error_code code;
};

static void making_run(void *argument) {
    struct making *m = argument;
    pthread_mutex_lock(&m->keys->making);
    pthread_mutex_lock(&m->keys->table);
    const struct entry *entry = m->renew ? NULL : entry_find(m->keys, m->kind, m->name, m->month);
    m->number = entry == NULL ? 0 : entry->info.number;
    pthread_mutex_unlock(&m->keys->table);
    m->code = OK;
    if (m->number == 0) /* nobody made it while we waited */
        m->code = key_create(m->keys, m->kind, m->name, m->month, &m->number, m->e);
    pthread_mutex_unlock(&m->keys->making);
}

static enum error_code name_check(str name, struct error *e) {
    bool plain = name.len > 0 && name.len <= SEAL_NAME_BYTES;
    for (size_t i = 0; plain && i < name.len; i++)
        plain = (unsigned char)name.at[i] >= 0x20 && name.at[i] != 0x7f;
    if (!plain) return error_set(e, FAIL_USAGE, "a key cannot be named so (%zu bytes)", name.len);
    return OK;
}

enum error_code seal_key_current(struct seal_keys *keys, enum seal_key_kind kind, str name,
                                 uint32_t month, uint32_t *number, struct secret *key,
                                 struct error *e) {
    assert(kind == SEAL_KEY_DATASET || kind == SEAL_KEY_OPENING);
    assert(kind == SEAL_KEY_OPENING || month == 0);
    TRY(name_check(name, e));
    pthread_mutex_lock(&keys->table);
    const struct entry *entry = entry_find(keys, kind, name, month);
    if (entry != NULL) {
        *number = entry->info.number;
        *key = entry->key;
    }
    pthread_mutex_unlock(&keys->table);
    if (entry != NULL) return OK;

    struct making making = {keys, kind, name, month, false, 0, e, OK};
    worker_do(making_run, &making);
    if (making.code != OK) return making.code;
    TRY(seal_key_get(keys, making.number, key, e));
    *number = making.number;
    return OK;
}

enum error_code seal_key_renew(struct seal_keys *keys, str dataset, uint32_t *number,
                               struct error *e) {
    TRY(name_check(dataset, e));
    struct making making = {keys, SEAL_KEY_DATASET, dataset, 0, true, 0, e, OK};
    worker_do(making_run, &making);
    if (making.code == OK) *number = making.number;
    return making.code;
}

/* ---- destroying ---- */

uint32_t seal_month_of(int64_t wall_ns) {
    struct clock_date date = clock_date_of(wall_ns);
    if (date.year < 1970) return 0;
    return (uint32_t)((date.year - 1970) * 12 + date.month - 1);
}

/* Puts the note in the file's place, then overwrites what the old file held. Under `making`. */
static enum error_code key_destroy(struct seal_keys *keys, struct entry *entry, struct error *e) {
    static const char zeros[KEY_FILE_BYTES];
    struct key_file file = {.number = entry->info.number,
                            .kind = entry->info.kind,
                            .month = entry->info.month,
                            .name = entry->info.name,
                            .destroyed = true};
    char path[PATH_BYTES], memory[KEY_FILE_BYTES];
    struct text text = text_into(memory, sizeof memory);
    key_file_write(&file, &text);
    assert(!text.overflow);
    TRY(key_path(keys, file.number, path, e));
    int old;
    TRY(disk_open(AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0, &old, e));
    enum error_code code = disk_file_replace(AT_FDCWD, path, text_str(&text), 0600, e);
    if (code == OK) code = disk_write(old, zeros, sizeof zeros, 0, path, e);
    if (code == OK) code = disk_sync(old, path, e);
    disk_close(old);
    if (code != OK) return code;
    pthread_mutex_lock(&keys->table);
    entry->info.destroyed = true;
    secret_wipe(&entry->key);
    pthread_mutex_unlock(&keys->table);
    return OK;
}

static void destroying_run(void *argument) {
    struct making *m = argument;
    pthread_mutex_lock(&m->keys->making);
    m->code = OK;
    while (m->code == OK) {
        pthread_mutex_lock(&m->keys->table);
        struct entry *entry = entry_find(m->keys, m->kind, m->name, m->month);
        pthread_mutex_unlock(&m->keys->table);
        if (entry == NULL) break;
        m->code = key_destroy(m->keys, entry, m->e);
        if (m->code == OK) m->number++;
    }
    pthread_mutex_unlock(&m->keys->making);
}

enum error_code seal_month_destroy(struct seal_keys *keys, str dataset, uint32_t month,
                                   uint32_t *count, struct error *e) {
    TRY(name_check(dataset, e));
    struct making making = {keys, SEAL_KEY_OPENING, dataset, month, false, 0, e, OK};
    worker_do(destroying_run, &making);
    if (making.code == OK) *count = making.number;
    return making.code;
}
