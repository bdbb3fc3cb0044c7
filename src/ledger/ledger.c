/* The ledger as a whole: opening with every guard asked, closing, and what can be said of its
 * state.
 *
 *   engine row -> "signed" -> tiles and rows read again -> watermark, anchor -> checkpoint ->
 * witnesses
 *
 * Nothing may be appended before all of them have agreed. */
#include "ledger/ledger.h"

#include "base/disk.h"
#include "base/log.h"
#include "ledger/inner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum { START_WITNESS_MS = 3000 }; /* how long a start waits for witnesses; ours */

/* ---- small things ---- */

str ledger_origin(const struct ledger *ledger) {
    return ledger_origin_of(ledger);
}
uint32_t ledger_number(const struct ledger *ledger) {
    return ledger->number;
}
const struct tlog_vkey *ledger_vkey(const struct ledger *ledger) {
    return &ledger->signer.vkey;
}
bool ledger_stopped(const struct ledger *ledger) {
    return atomic_load_explicit(&ledger->stopped, memory_order_acquire);
}

void ledger_stop(struct ledger *ledger, const struct error *e) {
    pthread_mutex_lock(&ledger->shared);
    if (!ledger->stopped) {
        error_text(e, ledger->story, sizeof ledger->story);
        atomic_store(&ledger->stopped, true);
    }
    pthread_mutex_unlock(&ledger->shared);
    log_error("the ledger has stopped", e);
}

size_t ledger_receipt_write(const struct ledger *ledger, uint64_t first, uint64_t last,
                            char out[LEDGER_RECEIPT_BYTES]) {
    assert(first <= last);
    struct text text = text_into(out, LEDGER_RECEIPT_BYTES - 1);
    text_add(&text, ledger_origin_of(ledger));
    text_format(&text, "#%llu", (unsigned long long)first);
    if (last != first) text_format(&text, "-%llu", (unsigned long long)last);
    assert(!text.overflow);
    out[text.len] = 0;
    return text.len;
}

const char *ledger_rollback_name(enum ledger_rollback rollback) {
    static const char *const names[] = {"unguarded", "unconfirmed", "guarded"};
    return names[rollback];
}

/* ---- opening ---- */

static bool path_copy(char out[LEDGER_PATH_BYTES], const char *path) {
    size_t count = strlen(path);
    if (count >= LEDGER_PATH_BYTES) return false;
    memcpy(out, path, count + 1);
    return true;
}

/* Which log this is, what it is called, and whose key signs it. */
static enum error_code identify(struct ledger *ledger, struct seal_keys *keys,
                                const struct ledger_options *options, const struct ledger_row *row,
                                struct error *e) {
    struct ledger_signed old;
    bool found;
    ledger->number = row->number == 0 ? 1 : row->number;
    TRY(ledger_log_dir(ledger->base_dir, ledger->number, ledger->dir, e));
    TRY(disk_make_dirs(AT_FDCWD, ledger->dir, 0755, e));
    TRY(ledger_signed_read(ledger->dir, &old, &found, e));
    str origin = found ? str_of(old.origin, old.origin_bytes) : options->origin;
    if (!tlog_name_is_valid(origin))
        return error_set(e, FAIL_SYNTAX, "\"%.*s\" cannot be the name of a log",
                         STR_FMT(str_slice(origin, 0, 80)));
    memcpy(ledger->origin, origin.at, origin.len);
    ledger->origin_bytes = origin.len;
    struct secret seed;
    seal_ledger_seed(keys, &seed);
    enum error_code code =
        tlog_signer_make(ledger_origin_of(ledger), TLOG_KEY_ED25519, &seed, &ledger->signer, e);
    secret_wipe(&seed);
    return code;
}

static enum error_code read_and_guard(struct ledger *ledger, struct seal_keys *keys,
                                      const struct ledger_options *options,
                                      struct engine_view *view, struct error *e) {
    TRY(ledger_row_load(view, &ledger->row, e));
    TRY(identify(ledger, keys, options, &ledger->row, e));
    TRY(ledger_guard_signed(ledger, &ledger->row, e));
    ledger->publisher.dir = ledger->dir;
    TRY(ledger_publisher_load(&ledger->publisher, &ledger->row, e));
    TRY(ledger_publisher_advance(&ledger->publisher, view, &ledger->row, e));
    TRY(ledger_guard_watermark(ledger, e));
    TRY(ledger_guard_anchor(ledger, e));
    atomic_store(&ledger->committed_size, ledger->row.tree.size);
    atomic_store(&ledger->trimmed_size, ledger->row.trimmed);
    atomic_store(&ledger->published_size, ledger->last_signed.size);
    return OK;
}

/* What a start could not be told, said once. */
static void guards_say(const struct ledger *ledger) {
    if (ledger_rollback_of(ledger) != LEDGER_UNCONFIRMED) return;
    for (size_t i = 0; i < ledger->witness_count; i++)
        log_event(LOG_WARNING, "rollback-unconfirmed",
                  LOG_STR("witness", ledger->witnesses[i].state.name),
                  LOG_STR("why", str_from_c(ledger->witnesses[i].state.problem)),
                  LOG_STR("then", STR("it is asked again; what it knows of a later history stops "
                                      "writes")));
    if (ledger->witness_count == 0)
        log_event(LOG_WARNING, "rollback-unconfirmed",
                  LOG_STR("why", STR("the anchor has no checkpoint yet")));
}

/* The first checkpoint of this run, then the witnesses. What only the world prevents can come
 * later. */
static enum error_code first_words(struct ledger *ledger, const struct ledger_options *options,
                                   struct error *e) {
    enum error_code code = ledger_publish(ledger, e);
    if (ledger_stopped(ledger)) return code;
    if (code != OK) log_error("no checkpoint at the start", e);
    if (options->without_start_witnesses) return OK;
    code = ledger_witness_round(ledger, clock_steady_ns() + START_WITNESS_MS * NS_PER_MS, e);
    if (code == OK) guards_say(ledger);
    return code;
}

static enum error_code open_into(struct ledger *ledger, struct seal_keys *keys,
                                 const struct ledger_options *options, struct error *e) {
    struct engine_view *view;
    ledger->has_anchor = options->anchor_path != NULL;
    if (!path_copy(ledger->base_dir, options->dir) ||
        (ledger->has_anchor && !path_copy(ledger->anchor_path, options->anchor_path)))
        return error_set(e, FAIL_LIMIT, "a path of the ledger is too long");
    ledger->bundle_memory = malloc(LEDGER_BUNDLE_BYTES);
    if (ledger->bundle_memory == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for a bundle of entries");
    ledger->turn_memory = malloc(LEDGER_TURN_ROOM);
    if (ledger->turn_memory == NULL)
        return error_set(e, FAIL_MEMORY, "no memory for the entries of a turn");
    ledger->turn_room = LEDGER_TURN_ROOM;
    ledger->publisher.bundle = pack_into(ledger->bundle_memory, LEDGER_BUNDLE_BYTES);
    TRY(ledger_witnesses_open(ledger, options, e));
    TRY(engine_view_open(ledger->engine, &view, e));
    enum error_code code = read_and_guard(ledger, keys, options, view, e);
    engine_view_close(view);
    if (code == OK) code = first_words(ledger, options, e);
    return code;
}

enum error_code ledger_open(struct engine *engine, struct seal_keys *keys,
                            const struct ledger_options *options, struct ledger **out,
                            struct error *e) {
    struct error own;
    if (e == NULL) e = &own;
    struct ledger *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL) return error_set(e, FAIL_MEMORY, "no memory for the ledger");
    ledger->engine = engine;
    pthread_mutex_init(&ledger->publishing, NULL);
    pthread_mutex_init(&ledger->shared, NULL);
    pthread_mutex_init(&ledger->witnessing, NULL);
    enum error_code code = open_into(ledger, keys, options, e);
    if (code != OK) {
        ledger_close(ledger);
        return error_note(e, "ledger_open", "opening the ledger in %.60s", options->dir);
    }
    *out = ledger;
    return OK;
}

void ledger_close(struct ledger *ledger) {
    if (ledger == NULL) return;
    assert(ledger->turn == NULL);
    ledger_witnesses_close(ledger);
    tlog_signer_wipe(&ledger->signer);
    free(ledger->bundle_memory);
    free(ledger->turn_memory);
    pthread_mutex_destroy(&ledger->publishing);
    pthread_mutex_destroy(&ledger->shared);
    pthread_mutex_destroy(&ledger->witnessing);
    free(ledger);
}

/* ---- state ---- */

enum ledger_rollback ledger_rollback_of(const struct ledger *ledger) {
    if (!ledger->has_anchor && ledger->witness_count == 0) return LEDGER_UNGUARDED;
    return atomic_load(&ledger->confirmed) ? LEDGER_GUARDED : LEDGER_UNCONFIRMED;
}

void ledger_state(const struct ledger *ledger, struct ledger_state *out) {
    *out = (struct ledger_state){0};
    pthread_mutex_t *shared = (pthread_mutex_t *)(uintptr_t)&ledger->shared;
    pthread_mutex_lock(shared);
    out->committed_size = atomic_load(&ledger->committed_size);
    out->published_size = ledger->head.is_there ? ledger->head.checkpoint.size : 0;
    out->sealed_size = out->published_size / TLOG_TILE_WIDTH * TLOG_TILE_WIDTH;
    out->trimmed_size = atomic_load(&ledger->trimmed_size);
    out->published_ns = ledger->head.published_ns;
    out->rollback = ledger_rollback_of(ledger);
    out->anchor_current = ledger->head.anchor_current;
    out->stopped = atomic_load(&ledger->stopped);
    memcpy(out->story, ledger->story, sizeof out->story);
    out->witness_count = ledger->witness_count;
    for (size_t i = 0; i < ledger->witness_count; i++) {
        out->witnesses[i] = ledger->witnesses[i].state;
        out->cosigned_count += ledger->head.is_there &&
                               ledger->witnesses[i].state.cosigned_s != 0 &&
                               ledger->witnesses[i].shown_size == out->published_size;
    }
    pthread_mutex_unlock(shared);
}

enum error_code ledger_head_take(struct ledger *ledger, struct arena *arena,
                                 struct ledger_head **out, struct error *e) {
    struct ledger_head *head = arena_new(arena, struct ledger_head, 1);
    if (head == NULL) return error_set(e, FAIL_MEMORY, "no room for a tree head");
    pthread_mutex_lock(&ledger->shared);
    *head = ledger->head;
    pthread_mutex_unlock(&ledger->shared);
    if (!head->is_there) return error_set(e, FAIL_NOT_FOUND, "there is no checkpoint yet");
    *out = head;
    return OK;
}

/* ---- for tests ---- */

enum error_code ledger_check(struct ledger *ledger, struct error *e) {
    struct engine_view *view;
    struct ledger_row row;
    assert(ledger->turn == NULL);
    pthread_mutex_lock(&ledger->publishing);
    const struct ledger_publisher *p = &ledger->publisher;
    assert(ledger->row.trimmed <= ledger->row.tree.size);
    assert(ledger->last_signed.size <= ledger->row.tree.size);
    if (ledger->head.is_there) assert(ledger->head.checkpoint.size <= ledger->last_signed.size);
    if (p->loaded)
        for (unsigned level = 0; level < TLOG_TILE_LEVELS; level++)
            assert(p->edge.levels[level].count ==
                   (p->seen.size >> (level * TLOG_TILE_HEIGHT)) % TLOG_TILE_WIDTH);
    pthread_mutex_unlock(&ledger->publishing);

    TRY(engine_view_open(ledger->engine, &view, e));
    enum error_code code = ledger_row_load(view, &row, e);
    engine_view_close(view);
    if (code != OK) return code;
    digest rows = tlog_tree_root(&row.tree), memory = tlog_tree_root(&ledger->row.tree);
    if (row.tree.size != ledger->row.tree.size || row.trimmed != ledger->row.trimmed ||
        !digest_equal(&rows, &memory))
        return error_set(e, FAIL_CORRUPT, "the engine's tree has %llu entries, the ledger's %llu",
                         (unsigned long long)row.tree.size,
                         (unsigned long long)ledger->row.tree.size);
    return OK;
}
