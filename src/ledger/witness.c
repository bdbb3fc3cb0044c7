/* Asking witnesses: each remembers one checkpoint of this log and cosigns only what continues it.
 *
 *   POST <url>/add-checkpoint    old <size it has>, consistency proof, checkpoint
 *   200  its signature           409  the size it has: ask again from there
 *   422  that is no continuation of what it has seen: this history must stop
 *
 *
 * Before the first of these it is asked for checkpoints of the logs that would come after this one:
 * where all of DATA was put back from before a succession nothing else tells.
 *
 * A size above all we ever signed means the same. Anything else (no route, no answer, 404, 403) is
 * its trouble, not the log's: it is shown, and tried again later. At the start the old size is
 * unknown, so 0 is claimed and the 409 tells. Source: c2sp.org/tlog-witness, add-checkpoint. */
#include "base/disk.h"
#include "base/log.h"
#include "base/runtime.h"
#include "http/http.h"
#include "ledger/inner.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    CALL_MS = 2000,  /* one call to one witness; ours */
    RETRY_MS = 5000, /* after a failed one; ours */
    TRIES = 3,       /* a 409 changes the question; a second one can only be a race */
    REPLY_BYTES = 4096,
    CALL_ARENA_BYTES = 1 << 16,
};

/* What a round works with; too large for a stack. */
struct round {
    struct ledger *ledger;
    struct ledger_head *head;
    struct ledger_source source;
    struct tlog_add_checkpoint request;
    char body[TLOG_ADD_CHECKPOINT_BYTES_MAX / 8];
    char note[LEDGER_NOTE_BYTES];
    char head_memory[sizeof(struct ledger_head) + 64];
    char call_memory[CALL_ARENA_BYTES];
};

/* ---- configuration ---- */

static enum error_code entry_make(struct ledger_witness_entry *entry,
                                  const struct ledger_witness *witness, struct error *e) {
    TRY(tlog_vkey_parse(witness->vkey, &entry->key, e));
    if (entry->key.type != TLOG_KEY_COSIGNATURE)
        return error_set(e, FAIL_SYNTAX,
                         "the key of witness %.*s is of type %u; cosignatures have 4",
                         STR_FMT(str_slice(witness->name, 0, 60)), entry->key.type);
    str url = witness->url;
    while (str_ends(url, STR("/"))) url.len--;
    if (url.len == 0 || url.len >= sizeof entry->url || witness->name.len == 0 ||
        witness->name.len >= sizeof entry->name)
        return error_set(e, FAIL_SYNTAX, "witness %.*s needs a name and a URL",
                         STR_FMT(str_slice(witness->name, 0, 60)));
    memcpy(entry->url, url.at, url.len);
    entry->url_bytes = url.len;
    memcpy(entry->name, witness->name.at, witness->name.len);
    entry->name_bytes = witness->name.len;
    entry->state.name = str_of(entry->name, entry->name_bytes);
    return OK;
}

enum error_code ledger_witnesses_open(struct ledger *ledger, const struct ledger_options *options,
                                      struct error *e) {
    if (options->witness_count > LEDGER_WITNESSES_MAX)
        return error_set(e, FAIL_LIMIT, "%zu witnesses; %d are possible", options->witness_count,
                         LEDGER_WITNESSES_MAX);
    bool tls = false;
    for (size_t i = 0; i < options->witness_count; i++) {
        TRY(entry_make(&ledger->witnesses[i], &options->witnesses[i], e));
        tls |= str_starts(options->witnesses[i].url, STR("https:"));
        ledger->witness_count = i + 1;
    }
    if (ledger->witness_count == 0) return OK;
    return http_client_open(&(struct http_client_options){.without_tls = !tls}, &ledger->client, e);
}

void ledger_witnesses_close(struct ledger *ledger) {
    http_client_close(ledger->client);
}

/* ---- what one call came to ---- */

static void problem_note(struct ledger *ledger, struct ledger_witness_entry *w, bool reachable,
                         const struct error *e) {
    pthread_mutex_lock(&ledger->shared);
    w->state.tried = true;
    w->state.reachable = reachable;
    snprintf(w->state.problem, sizeof w->state.problem, "%.150s", e->message);
    w->next_try_ns = clock_steady_ns() + RETRY_MS * NS_PER_MS;
    pthread_mutex_unlock(&ledger->shared);
}

/* Adds a cosignature to the note everybody sees, if that is still the one that was cosigned. */
static enum error_code cosignature_add(struct ledger *ledger, struct ledger_witness_entry *w,
                                       uint64_t size, str line, uint64_t time_s, struct error *e) {
    char path[LEDGER_PATH_BYTES], note[LEDGER_NOTE_BYTES];
    size_t bytes = 0;
    pthread_mutex_lock(&ledger->publishing); /* so that no older note overwrites a newer file */
    pthread_mutex_lock(&ledger->shared);
    struct ledger_head *head = &ledger->head;
    w->known_size = size;
    w->shown_size = size;
    w->state.tried = w->state.reachable = true;
    w->state.cosigned_size = size;
    w->state.cosigned_s = (int64_t)time_s;
    w->state.problem[0] = 0;
    if (head->checkpoint.size == size && line.len <= sizeof head->note - head->note_bytes) {
        memcpy(head->note + head->note_bytes, line.at, line.len);
        head->note_bytes += line.len;
        bytes = head->note_bytes;
        memcpy(note, head->note, bytes);
    }
    pthread_mutex_unlock(&ledger->shared);
    atomic_store(&ledger->confirmed, true);
    enum error_code code = bytes == 0 ? OK : ledger_path(ledger->dir, "checkpoint", path, e);
    if (code == OK && bytes > 0)
        code = disk_file_replace(AT_FDCWD, path, str_of(note, bytes), 0644, e);
    pthread_mutex_unlock(&ledger->publishing);
    return code;
}

/* Finds the witness's own valid line in its reply. */
static enum error_code reply_check(struct round *r, const struct ledger_witness_entry *w, str lines,
                                   struct error *e) {
    struct tlog_note parsed;
    struct tlog_signed said;
    TRY(tlog_note_parse(str_of(r->head->note, r->head->note_bytes), &parsed, e));
    struct text note = text_into(r->note, sizeof r->note);
    text_add(&note, parsed.text);
    text_add_char(&note, '\n');
    text_add(&note, lines);
    if (note.overflow) return error_set(e, FAIL_LIMIT, "its reply is too long");
    TRY(tlog_note_parse(text_str(&note), &parsed, e));
    TRY(tlog_note_verify(&parsed, &w->key, 1, &said, e));
    if (!said.valid) return error_set(e, FAIL_PROOF, "its reply holds no signature of its key");
    for (unsigned i = 0; i < parsed.count; i++) {
        const struct tlog_note_line *line = &parsed.lines[i];
        if (line->key_id != w->key.id || !str_equal(line->name, tlog_vkey_name(&w->key))) continue;
        char one[TLOG_NAME_BYTES_MAX + 256];
        struct text text = text_into(one, sizeof one);
        text_add(&text, STR("\u2014 "));
        text_add(&text, line->name);
        text_add_char(&text, ' ');
        text_add(&text, line->base64);
        text_add_char(&text, '\n');
        if (text.overflow) return error_set(e, FAIL_LIMIT, "its signature is too long");
        return cosignature_add(r->ledger, &r->ledger->witnesses[w - r->ledger->witnesses],
                               r->head->checkpoint.size, text_str(&text), said.time_s, e);
    }
    return error_set(e, FAIL_PROOF, "its reply holds no signature of its key");
}

/* ---- one call ---- */

static enum error_code ask(struct round *r, const struct ledger_witness_entry *w, uint64_t old,
                           int64_t deadline_ns, int *status, str *reply, struct error *e) {
    char url[sizeof w->url + 32];
    struct text url_text = text_into(url, sizeof url);
    text_add(&url_text, str_of(w->url, w->url_bytes));
    text_add_c(&url_text, "/add-checkpoint");
    r->request.old_size = old;
    r->request.checkpoint = str_of(r->head->note, r->head->note_bytes);
    r->request.path.count = 0;
    struct tlog_nodes nodes = tlog_tiles_nodes(&r->source.tiles);
    if (old > 0)
        TRY(tlog_consistency_make(&nodes, old, r->head->checkpoint.size, &r->request.path, e));
    struct text body = text_into(r->body, sizeof r->body);
    TRY(tlog_add_checkpoint_write(&body, &r->request, e));
    struct http_client_request request = {.method = HTTP_POST,
                                          .url = text_str(&url_text),
                                          .body = text_str(&body),
                                          .deadline_ns = deadline_ns};
    struct http_response_head head;
    struct arena arena = arena_over(r->call_memory, sizeof r->call_memory);
    TRY(http_client_fetch(r->ledger->client, &request, REPLY_BYTES, &arena, &head, reply, e));
    *status = head.status;
    return OK;
}

static enum error_code other_history(struct ledger *ledger, const struct ledger_witness_entry *w,
                                     const char *what, uint64_t size, struct error *e) {
    error_set(e, FAIL_ROLLED_BACK,
              "history was lost, or is another: witness %.60s %s %llu entries; the way out is a "
              "succession (azekura ledger succeed), or the missing data",
              w->name, what, (unsigned long long)size);
    problem_note(ledger, (struct ledger_witness_entry *)(uintptr_t)w, true, e);
    ledger_stop(ledger, e);
    return FAIL_ROLLED_BACK;
}

/* ---- what witnesses know: of this log, of logs after it ---- */

enum error_code ledger_vkey_of_number(const struct ledger *ledger, uint32_t number,
                                      struct tlog_vkey *out, struct error *e) {
    char name[TLOG_NAME_BYTES_MAX];
    const struct tlog_vkey *ours = &ledger->signer.vkey;
    size_t bytes;
    TRY(ledger_origin_of_number(tlog_vkey_name(ours), ledger->number, number, name, &bytes, e));
    return tlog_vkey_make(str_of(name, bytes), ours->type, ours->public_key, out, e);
}

enum error_code ledger_witness_known(struct ledger *ledger, const struct ledger_witness_entry *w,
                                     const struct tlog_vkey *vkey, int64_t deadline_ns,
                                     struct arena *arena, struct tlog_checkpoint *out, str *note,
                                     struct error *e) {
    char url[sizeof w->url + 96], hex[2 * DIGEST_BYTES];
    digest name = sha256_of(tlog_vkey_name(vkey));
    struct text text = text_into(url, sizeof url);
    hex_write(name.at, sizeof name.at, hex);
    text_add(&text, str_of(w->url, w->url_bytes));
    text_format(&text, "/%.*s/checkpoint", (int)sizeof hex, hex);
    struct http_client_request request = {
        .method = HTTP_GET,
        .url = text_str(&text),
        .deadline_ns = i64_min(deadline_ns, clock_steady_ns() + CALL_MS * NS_PER_MS)};
    struct http_response_head head;
    TRY(http_client_fetch(ledger->client, &request, LEDGER_NOTE_BYTES, arena, &head, note, e));
    if (head.status == 404 || head.status == 410)
        return error_set(e, FAIL_NOT_FOUND, "witness %.60s answered %d", w->name, head.status);
    if (head.status != 200)
        return error_set(e, FAIL_SYSTEM, "witness %.60s answered %d", w->name, head.status);
    return tlog_checkpoint_open(*note, vkey, NULL, out, e);
}

static enum error_code later_found(struct ledger *ledger, struct ledger_witness_entry *w,
                                   const struct tlog_checkpoint *later, struct error *e) {
    error_set(e, FAIL_ROLLED_BACK,
              "history was lost: witness %.40s knows log %.*s with %llu entries, which came after "
              "log %u, the one the engine shows; the way out is a succession (azekura ledger "
              "succeed), or the missing data",
              w->name, STR_FMT(str_slice(later->origin, 0, 120)), (unsigned long long)later->size,
              ledger->number);
    problem_note(ledger, w, true, e);
    ledger_stop(ledger, e);
    return FAIL_ROLLED_BACK;
}

/* Asks for the logs after this one. *told: it answered for each of them, and has none. What it shows
 * under such a name without our key's signature is no log of ours, and no reason to stop. */
static enum error_code later_ask(struct round *r, struct ledger_witness_entry *w,
                                 int64_t deadline_ns, bool *told, struct error *e) {
    struct ledger *ledger = r->ledger;
    struct tlog_checkpoint later;
    struct tlog_vkey vkey;
    struct error own;
    *told = w->later_asked;
    if (*told) return OK;
    for (uint32_t i = 1; i <= LEDGER_LATER_LOGS; i++) {
        struct arena arena = arena_over(r->call_memory, sizeof r->call_memory);
        str note;
        TRY(ledger_vkey_of_number(ledger, ledger->number + i, &vkey, e));
        enum error_code code =
            ledger_witness_known(ledger, w, &vkey, deadline_ns, &arena, &later, &note, &own);
        if (code == OK) return later_found(ledger, w, &later, e);
        if (code == FAIL_NOT_FOUND || code == FAIL_PROOF || code == FAIL_SYNTAX ||
            code == FAIL_LIMIT)
            continue;
        problem_note(ledger, w, false, &own);
        return OK;
    }
    *told = w->later_asked = true;
    return OK;
}

/* ---- asking one of them ---- */

/* A witness need not show what it has cosigned. One that does not knows of later logs, and cannot be
 * asked: that is said, once. */
static void sight_ask(struct round *r, struct ledger_witness_entry *w, int64_t deadline_ns) {
    struct ledger *ledger = r->ledger;
    struct arena arena = arena_over(r->call_memory, sizeof r->call_memory);
    struct tlog_checkpoint own;
    str note;
    if (w->sight_asked) return;
    enum error_code code = ledger_witness_known(ledger, w, &ledger->signer.vkey, deadline_ns,
                                                &arena, &own, &note, NULL);
    w->sight_asked = code == OK || code == FAIL_NOT_FOUND;
    if (code != FAIL_NOT_FOUND) return;
    pthread_mutex_lock(&ledger->shared);
    w->state.is_blind = true;
    pthread_mutex_unlock(&ledger->shared);
    log_event(LOG_WARNING, "witness-shows-nothing", LOG_STR("witness", w->state.name),
              LOG_STR("why", STR("it cosigns and shows no checkpoints: a log that came after this "
                                 "one it would not tell of")));
}

/* FAIL_ROLLED_BACK, or OK: every other trouble is noted in the witness's state. */
static enum error_code witness_ask(struct round *r, struct ledger_witness_entry *w,
                                   int64_t deadline_ns, struct error *e) {
    struct ledger *ledger = r->ledger;
    struct error own;
    uint64_t ours = r->head->checkpoint.size, old = w->known_size;
    bool told;
    TRY(later_ask(r, w, deadline_ns, &told, e));
    if (!told) return OK;
    for (int i = 0; i < TRIES; i++) {
        int status = 0;
        str reply = STR_EMPTY, line;
        uint64_t has;
        if (ask(r, w, old, deadline_ns, &status, &reply, &own) != OK) {
            problem_note(ledger, w, false, &own);
            return OK;
        }
        if (status == 200) {
            if (reply_check(r, w, reply, &own) != OK)
                problem_note(ledger, w, true, &own);
            else
                sight_ask(r, w, deadline_ns);
            return OK;
        }
        if (status == 422)
            return other_history(ledger, w, "refuses as no continuation our", ours, e);
        if (status != 409 || !str_cut(&reply, '\n', &line) || !str_u64(line, &has)) {
            error_set(&own, FAIL_SYSTEM, "it answered %d", status);
            problem_note(ledger, w, true, &own);
            return OK;
        }
        if (has > atomic_load(&ledger->published_size))
            return other_history(ledger, w, "has cosigned", has, e);
        if (has > ours)
            return OK; /* a newer head of ours came meanwhile; the next round shows it */
        old = has;
    }
    error_set(&own, FAIL_BUSY, "it keeps changing its mind about the size it has");
    problem_note(ledger, w, true, &own);
    return OK;
}

/* ---- a round ---- */

static bool is_due(const struct ledger_witness_entry *w, uint64_t size, int64_t now_ns) {
    return (!w->state.tried || w->state.problem[0] != 0 || w->shown_size < size) &&
           now_ns >= w->next_try_ns;
}

bool ledger_witness_due(const struct ledger *ledger) {
    if (ledger->witness_count == 0 || ledger_stopped(ledger)) return false;
    pthread_mutex_t *shared = (pthread_mutex_t *)(uintptr_t)&ledger->shared;
    uint64_t size = atomic_load(&ledger->published_size);
    int64_t now_ns = clock_steady_ns();
    bool due = false;
    pthread_mutex_lock(shared);
    for (size_t i = 0; i < ledger->witness_count && !due; i++)
        due = ledger->head.is_there && is_due(&ledger->witnesses[i], size, now_ns);
    pthread_mutex_unlock(shared);
    return due;
}

static enum error_code round_run(struct round *r, int64_t deadline_ns, struct error *e) {
    struct ledger *ledger = r->ledger;
    struct arena arena = arena_over(r->head_memory, sizeof r->head_memory);
    TRY(ledger_head_take(ledger, &arena, &r->head, e));
    ledger_source_init(&r->source, ledger->dir, &r->head->edge, r->head->checkpoint.size);
    for (size_t i = 0; i < ledger->witness_count; i++) {
        int64_t now_ns = clock_steady_ns();
        if (now_ns >= deadline_ns) break;
        if (!is_due(&ledger->witnesses[i], r->head->checkpoint.size, now_ns)) continue;
        TRY(witness_ask(r, &ledger->witnesses[i],
                        i64_min(deadline_ns, now_ns + CALL_MS * NS_PER_MS), e));
    }
    return OK;
}

enum error_code ledger_witness_round(struct ledger *ledger, int64_t deadline_ns, struct error *e) {
    assert(!fiber_is_current()); /* it takes locks that block: a worker's work */
    struct error own;
    if (e == NULL) e = &own;
    if (ledger->witness_count == 0) return OK;
    struct round *r = malloc(sizeof *r);
    if (r == NULL) return error_set(e, FAIL_MEMORY, "no memory to ask witnesses");
    r->ledger = ledger;
    pthread_mutex_lock(&ledger->witnessing);
    enum error_code code = round_run(r, deadline_ns, e);
    pthread_mutex_unlock(&ledger->witnessing);
    free(r);
    return code;
}
