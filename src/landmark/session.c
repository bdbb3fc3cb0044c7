/* What a session of a store takes long for, on the worker's thread: opening it, showing pieces, taking
 * the report. */
#include "landmark/sessions.h"

#include "base/log.h"

enum { VISIT_BYTES = 16 << 20 };

void landmark_session_end(struct landmark_session *x) {
    assert(!x->working);
    if (!x->open) return;
    gate_location_close(x->location);
    gate_visit_end(&x->visit);
    arena_space_release(&x->space);
    *x = (struct landmark_session){.open = false};
}

bool landmark_session_is_silent(const struct landmark_session *x, int64_t for_ns) {
    return landmark_raw_ns() - x->last_ns > for_ns;
}

/* ---- places ---- */

/* May give way to who wants its place: it is over but for a lost TAKEN, or its landmark has fallen
 * silent, which no living one does for so long between its questions. */
static bool gives_way(const struct landmark_session *x) {
    return !x->working && x->job == SESSION_NONE &&
           (x->taken || landmark_session_is_silent(x, LIMIT_LOCATION_YIELD_S * NS_PER_S));
}

/* A landmark has one place, so that none crowds out others by beginning over and over; what it left
 * behind when it died gives way to it. Under the lock. */
static enum error_code place_find(struct landmark_store *s, const digest *landmark,
                                  struct landmark_session **out, struct error *e) {
    struct landmark_session *place = NULL, *own = NULL;
    for (size_t i = 0; i < COUNT_OF(s->sessions); i++) {
        struct landmark_session *x = &s->sessions[i];
        if (x->open && digest_equal(&x->landmark, landmark)) own = x;
        bool is_better =
            !x->open ||
            (gives_way(x) && (place == NULL || (place->open && x->last_ns < place->last_ns)));
        if (is_better) place = x;
    }
    if (own != NULL && !gives_way(own))
        return error_set(e, FAIL_BUSY, "another session of this landmark is under way");
    if (own != NULL) place = own;
    if (place == NULL)
        return error_set(e, FAIL_BUSY, "%d sessions are under way, which is the limit",
                         LIMIT_LOCATION_SESSIONS);
    landmark_session_end(place);
    *out = place;
    return OK;
}

/* A landmark that begins over and over costs a checkpoint and a turn each time. Counted are those that
 * its key opened: nobody else uses up its share. */
static enum error_code begin_count(struct landmark_store *s, const digest *name, struct error *e) {
    uint64_t minute = (uint64_t)(landmark_raw_ns() / (60 * NS_PER_S));
    size_t at = 0;
    for (size_t i = 0; i < COUNT_OF(s->begun); i++) {
        if (digest_equal(&s->begun[i].name, name)) at = i;
        if (digest_equal(&s->begun[i].name, name)) break;
        if (s->begun[i].minute < s->begun[at].minute) at = i; /* the longest unused */
    }
    if (!digest_equal(&s->begun[at].name, name) || s->begun[at].minute != minute) {
        s->begun[at].name = *name;
        s->begun[at].minute = minute;
        s->begun[at].count = 0;
    }
    if (s->begun[at].count++ < LIMIT_LOCATION_A_MINUTE) return OK;
    return error_set(e, FAIL_BUSY, "%d sessions of one landmark in a minute are the limit",
                     LIMIT_LOCATION_A_MINUTE);
}

/* ---- opening ---- */

void landmark_commit_send(const struct landmark_store *s, const struct landmark_session *x,
                          const struct net_address *to) {
    struct locproof_message m = {.kind = LOCPROOF_COMMIT,
                                 .session = x->id,
                                 .hash = x->hash,
                                 .nonce = x->nonce,
                                 .total = (uint32_t)x->head.len,
                                 .code = (uint8_t)gate_location_medium(x->location)};
    landmark_send(s->fd, &m, to);
}

static void refuse(struct landmark_store *s, const struct landmark_datagram *d,
                   enum error_code code, str text) {
    enum locproof_refusal why = code == FAIL_REFUSED         ? LOCPROOF_BY_RULE
                                : code == FAIL_ACCESS_DENIED ? LOCPROOF_UNKNOWN_LANDMARK
                                : code == FAIL_BUSY          ? LOCPROOF_BUSY
                                                             : LOCPROOF_BAD;
    struct locproof_message m = {.kind = LOCPROOF_REFUSED,
                                 .hash = d->message.hash,
                                 .code = (uint8_t)why,
                                 .bytes = str_slice(text, 0, LOCPROOF_TEXT_BYTES)};
    landmark_send(s->fd, &m, &d->from);
}

static enum error_code head_make(struct landmark_store *s, struct landmark_session *x,
                                 struct error *e) {
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    str text = gate_location_note(x->location);
    TRY(tlog_note_parse(text, &note, e));
    TRY(tlog_checkpoint_parse(note.text, &checkpoint, e));
    x->ledger_size = checkpoint.size;
    char memory[96];
    struct text place = text_into(memory, sizeof memory);
    locproof_place_write(gate_location_place(x->location), &place);
    TRY(arena_format(&x->arena, &x->head, e, "%.*s\n%.*s\n%.*s", STR_FMT(gate_ledger_vkey(s->gate)),
                     STR_FMT(text_str(&place)), STR_FMT(text)));
    if (x->head.len > LANDMARK_HEAD_BYTES)
        return error_set(e, FAIL_LIMIT, "a checkpoint of %zu bytes", text.len);
    return OK;
}

/* Who signed: before a place is looked for, so that a name alone takes none. */
static enum error_code signer_find(struct landmark_store *s, str note, digest *landmark,
                                   struct error *e) {
    struct tlog_note parsed;
    struct locproof_opening opening;
    struct arena_space space;
    struct arena arena;
    struct gate_visit visit;
    TRY(arena_space_open(&space, VISIT_BYTES, &arena, e));
    gate_visit_begin(s->gate, &visit, &arena);
    enum error_code code = gate_location_vouch(&visit, note, e);
    gate_visit_end(&visit);
    arena_space_release(&space);
    TRY(code);
    TRY(tlog_note_parse(note, &parsed, e));
    TRY(locproof_opening_read(parsed.text, &opening, e));
    *landmark = sha256_of(opening.name);
    return OK;
}

static enum error_code session_make(struct landmark_store *s, struct landmark_session *x,
                                    const struct landmark_datagram *d, struct error *e) {
    struct gate_answer answer;
    str request;
    random_fill(x->nonce.at, sizeof x->nonce.at);
    gate_visit_begin(s->gate, &x->visit, &x->arena);
    TRY(arena_format(&x->arena, &request, e, "location-%016llx", (unsigned long long)x->id));
    x->visit.request_id = request;
    x->visit.peer = d->from;
    x->visit.forwarded_for = STR_EMPTY;
    x->visit.purpose = STR("location-proof");
    TRY(gate_location_open(&x->visit, d->message.bytes, &x->location, &answer, e));
    digest hash = gate_location_opening(x->location)->hash;
    if (!digest_equal(&hash, &x->hash))
        return error_set(e, FAIL_PROOF, "the opening is signed for another nonce");
    return head_make(s, x, e);
}

/* Takes the place under the lock; the rest is done in it, as the worker's own. */
static enum error_code session_place(struct landmark_store *s, const struct landmark_datagram *d,
                                     struct landmark_session **out, struct error *e) {
    digest landmark;
    TRY(signer_find(s, d->message.bytes, &landmark, e));
    pthread_mutex_lock(&s->lock);
    enum error_code code = place_find(s, &landmark, out, e);
    if (code == OK) code = begin_count(s, &landmark, e);
    if (code == OK) {
        struct landmark_session *x = *out;
        code = arena_space_open(&x->space, VISIT_BYTES, &x->arena, e);
        x->open = x->working = code == OK;
        x->id = random_u64();
        x->peer = d->from;
        x->landmark = landmark;
        x->hash = d->message.hash;
        x->shown_number = UINT32_MAX;
        x->begun_ns = x->last_ns = landmark_raw_ns();
    }
    pthread_mutex_unlock(&s->lock);
    return code;
}

static void session_open(struct landmark_store *s, const struct landmark_datagram *d) {
    struct landmark_session *x = NULL;
    struct error e;
    enum error_code code = session_place(s, d, &x, &e);
    if (code != OK) {
        refuse(s, d, code, str_from_c(e.message));
        return;
    }
    code = session_make(s, x, d, &e);
    pthread_mutex_lock(&s->lock);
    x->working = false;
    x->last_ns = landmark_raw_ns();
    if (code == OK)
        landmark_commit_send(s, x, &d->from);
    else
        landmark_session_end(x);
    pthread_mutex_unlock(&s->lock);
    if (code != OK) refuse(s, d, code, str_from_c(e.message));
}

/* ---- what shows a piece ---- */

/* Of a draw that was asked for, made again from the seed: no landmark gets more than the draws give. */
static void shown_make(struct landmark_session *x) {
    struct arena arena = x->arena;
    struct error e;
    str bytes;
    struct locproof_draw draw = locproof_draw_of(&x->seed, x->shown_number, x->ledger_size);
    enum error_code code = gate_location_shown(x->location, &draw, &arena, &bytes, &e);
    if (code != OK) {
        log_error("a drawn piece cannot be shown", &e);
        bytes = STR_EMPTY; /* the landmark judges it: not shown */
    }
    if (bytes.len > 0) memcpy(x->shown_memory, bytes.at, bytes.len);
    x->shown = str_of(x->shown_memory, bytes.len);
}

bool landmark_shown_send(const struct landmark_store *s, const struct landmark_session *x,
                         uint32_t fragment) {
    struct locproof_message m = {.kind = LOCPROOF_GIVE,
                                 .session = x->id,
                                 .code = LOCPROOF_SHOWN,
                                 .number = x->shown_number,
                                 .fragment = fragment,
                                 .total = (uint32_t)x->shown.len};
    if (fragment >= locproof_fragment_count(m.total)) return false;
    m.bytes = str_slice(x->shown, fragment * LOCPROOF_FRAGMENT_BYTES, LOCPROOF_FRAGMENT_BYTES);
    landmark_send(s->fd, &m, &x->peer);
    return true;
}

/* ---- the report ---- */

static void result_decide(struct landmark_session *x) {
    struct gate_answer answer;
    struct error e;
    str note = str_of(x->result, x->result_bytes);
    enum error_code code = gate_location_take(&x->visit, x->location, note, &answer, &e);
    str text = code == OK ? answer.receipt : str_from_c(e.message);
    size_t len = size_min(text.len, sizeof x->answer_text);
    if (len > 0) memcpy(x->answer_text, text.at, len);
    x->answer = (struct locproof_message){
        .kind = LOCPROOF_TAKEN,
        .session = x->id,
        .code = (uint8_t)(code == OK ? LOCPROOF_RECORDED : LOCPROOF_DECLINED),
        .bytes = str_of(x->answer_text, len)};
}

/* ---- the thread ---- */

/* The job of the next place after the one that was worked for last: none waits for another's many. */
static struct landmark_session *job_take(struct landmark_store *s) {
    for (unsigned i = 1; i <= COUNT_OF(s->sessions); i++) {
        unsigned at = (s->after + i) % COUNT_OF(s->sessions);
        struct landmark_session *x = &s->sessions[at];
        if (!x->open || x->job == SESSION_NONE) continue;
        s->after = at;
        x->working = true;
        return x;
    }
    return NULL;
}

static void job_do(struct landmark_store *s, struct landmark_session *x) {
    if (x->job == SESSION_SHOW)
        shown_make(x);
    else
        result_decide(x);
    pthread_mutex_lock(&s->lock);
    if (x->job == SESSION_SHOW) {
        landmark_shown_send(s, x, x->fragment);
    } else {
        x->taken = true;
        x->answer.fragment = x->fragment;
        landmark_send(s->fd, &x->answer, &x->peer);
    }
    x->job = SESSION_NONE;
    x->working = false;
    x->last_ns = landmark_raw_ns(); /* what took long was ours */
    pthread_mutex_unlock(&s->lock);
}

void *landmark_sessions_work(void *self) {
    struct landmark_store *s = self;
    struct landmark_datagram opening;
    pthread_mutex_lock(&s->lock);
    while (!atomic_load(&s->stop)) {
        struct landmark_session *x = job_take(s);
        bool has_opening = s->has_opening;
        if (x == NULL && !has_opening) {
            pthread_cond_wait(&s->work, &s->lock);
            continue;
        }
        if (has_opening) landmark_datagram_copy(&opening, &s->opening);
        pthread_mutex_unlock(&s->lock);
        if (x != NULL) job_do(s, x);
        if (has_opening) session_open(s, &opening);
        pthread_mutex_lock(&s->lock);
        if (has_opening) s->has_opening = false;
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}
