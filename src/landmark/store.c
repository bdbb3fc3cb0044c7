/* A store's end: the thread on the socket, which answers whatever is timed. What takes long is the
 * worker's (session.c).
 *
 *   strangers   get a cookie, never longer than what they sent
 *   a landmark  shows the cookie and a signed opening; the gate decides
 *   session     pieces by number, each number once and only upward; after the nonce is revealed what
 *               shows them, and no more pieces; then the report */
#include "landmark/sessions.h"

#include <stdlib.h>

enum {
    LOOK_NS = 200 * 1000000,
    COOKIE_S = 60, /* a cookie is good in its minute and the next */
    RESULT_FRAGMENTS = LOCPROOF_REPORT_BYTES / LOCPROOF_FRAGMENT_BYTES,
};

/* ---- cookies ---- */

static void cookie_make(const struct landmark_store *s, const struct net_address *from,
                        const digest *hash, int64_t minute,
                        unsigned char out[LOCPROOF_COOKIE_BYTES]) {
    char text[NET_TEXT_BYTES];
    unsigned char memory[NET_TEXT_BYTES + DIGEST_BYTES + 8];
    struct pack p = pack_into(memory, sizeof memory);
    pack_raw(&p, text, net_address_write(from, text));
    pack_raw(&p, hash->at, DIGEST_BYTES);
    pack_i64(&p, minute);
    digest d = hmac_sha256(str_of(s->secret.at, sizeof s->secret.at), str_of(p.at, p.len));
    memcpy(out, d.at, LOCPROOF_COOKIE_BYTES);
}

static int64_t minute_now(void) {
    return landmark_raw_ns() / (COOKIE_S * NS_PER_S);
}

static bool cookie_holds(const struct landmark_store *s, const struct landmark_datagram *d) {
    unsigned char wanted[LOCPROOF_COOKIE_BYTES];
    str given = str_of(d->message.cookie, sizeof d->message.cookie);
    for (int64_t minute = minute_now(), i = 0; i < 2; i++) {
        cookie_make(s, &d->from, &d->message.hash, minute - i, wanted);
        if (str_equal_secret(str_of(wanted, sizeof wanted), given)) return true;
    }
    return false;
}

static void hello_answer(struct landmark_store *s, const struct landmark_datagram *d) {
    struct locproof_message m = {.kind = LOCPROOF_COOKIE, .hash = d->message.hash};
    if (!landmark_bucket_take(&s->strangers, LIMIT_LOCATION_STRANGERS)) return;
    cookie_make(s, &d->from, &d->message.hash, minute_now(), m.cookie);
    landmark_send(s->fd, &m, &d->from);
}

/* ---- a session's life ---- */

static bool is_peer(const struct landmark_session *x, const struct landmark_datagram *d) {
    char a[NET_TEXT_BYTES], b[NET_TEXT_BYTES];
    size_t a_len = net_address_write(&x->peer, a), b_len = net_address_write(&d->from, b);
    return str_equal(str_of(a, a_len), str_of(b, b_len));
}

static bool is_at_work(const struct landmark_session *x) {
    return x->working || x->job != SESSION_NONE;
}

static void sessions_age(struct landmark_store *s) {
    int64_t now_ns = landmark_raw_ns();
    for (size_t i = 0; i < COUNT_OF(s->sessions); i++) {
        struct landmark_session *x = &s->sessions[i];
        if (!x->open || is_at_work(x)) continue;
        if (landmark_session_is_silent(x, LIMIT_LOCATION_IDLE_S * NS_PER_S) ||
            now_ns - x->begun_ns > LIMIT_LOCATION_SESSION_S * NS_PER_S)
            landmark_session_end(x);
    }
}

/* An opening goes to the worker; one that was answered is answered again: the answer was lost. */
static void open_answer(struct landmark_store *s, const struct landmark_datagram *d) {
    if (!cookie_holds(s, d)) return;
    for (size_t i = 0; i < COUNT_OF(s->sessions); i++) {
        const struct landmark_session *x = &s->sessions[i];
        if (!x->open || !is_peer(x, d) || !digest_equal(&x->hash, &d->message.hash)) continue;
        if (!is_at_work(x)) landmark_commit_send(s, x, &d->from);
        return;
    }
    if (s->has_opening || !landmark_bucket_take(&s->strangers, LIMIT_LOCATION_STRANGERS))
        return; /* a signature each */
    landmark_datagram_copy(&s->opening, d);
    s->has_opening = true;
    pthread_cond_signal(&s->work);
}

static void job_give(struct landmark_store *s, struct landmark_session *x, enum session_job job,
                     uint32_t fragment) {
    x->job = job;
    x->fragment = fragment;
    pthread_cond_signal(&s->work);
}

/* ---- rounds ---- */

static void piece_send(struct landmark_store *s, struct landmark_session *x,
                       const struct landmark_datagram *d, const struct gate_piece *piece,
                       uint32_t service_us) {
    struct locproof_message m = {.kind = LOCPROOF_PIECE,
                                 .session = x->id,
                                 .number = d->message.number,
                                 .service_us = service_us,
                                 .total = (uint32_t)piece->bytes};
    str bytes = str_of(piece->at, piece->bytes);
    for (; m.fragment < locproof_fragment_count(m.total); m.fragment++) {
        m.bytes = str_slice(bytes, m.fragment * LOCPROOF_FRAGMENT_BYTES, LOCPROOF_FRAGMENT_BYTES);
        landmark_send(s->fd, &m, &d->from);
    }
}

static void challenge_answer(struct landmark_store *s, struct landmark_session *x,
                             const struct landmark_datagram *d) {
    struct gate_piece piece;
    uint32_t number = d->message.number;
    if (x->revealed || number < x->next || number >= LOCPROOF_DRAWS_MAX ||
        d->message.draw.entry >= x->ledger_size)
        return;
    x->next = number + 1;
    gate_location_piece(x->location, &d->message.draw, &piece);
    uint32_t service_us =
        (uint32_t)i64_min((landmark_raw_ns() - d->at.raw_ns) / NS_PER_US, UINT32_MAX);
    if (piece.is_there) {
        piece_send(s, x, d, &piece, service_us);
        return;
    }
    struct locproof_message m = {.kind = LOCPROOF_NONE,
                                 .session = x->id,
                                 .number = number,
                                 .service_us = service_us,
                                 .code = (uint8_t)piece.why};
    landmark_send(s->fd, &m, &d->from);
}

static void reveal_answer(struct landmark_store *s, struct landmark_session *x,
                          const struct landmark_datagram *d) {
    digest hash = locproof_nonce_hash(&d->message.nonce);
    struct locproof_message m = {.kind = LOCPROOF_REVEALED, .session = x->id};
    if (!digest_equal(&hash, &x->hash)) return;
    x->revealed = true;
    x->seed = locproof_seed(&d->message.nonce, &x->nonce, gate_location_note(x->location));
    landmark_send(s->fd, &m, &d->from);
}

/* ---- what shows them ---- */

static void head_send(const struct landmark_store *s, const struct landmark_session *x,
                      const struct landmark_datagram *d) {
    struct locproof_message m = {.kind = LOCPROOF_GIVE,
                                 .session = x->id,
                                 .code = LOCPROOF_HEAD,
                                 .number = d->message.number,
                                 .fragment = d->message.fragment,
                                 .total = (uint32_t)x->head.len};
    if (m.fragment >= locproof_fragment_count(m.total)) return;
    m.bytes = str_slice(x->head, m.fragment * LOCPROOF_FRAGMENT_BYTES, LOCPROOF_FRAGMENT_BYTES);
    landmark_send(s->fd, &m, &d->from);
}

static void fetch_answer(struct landmark_store *s, struct landmark_session *x,
                         const struct landmark_datagram *d) {
    const struct locproof_message *asked = &d->message;
    if (asked->code == LOCPROOF_HEAD) {
        head_send(s, x, d);
        return;
    }
    if (!x->revealed || asked->number >= x->next) return;
    if (x->shown_number == asked->number) {
        landmark_shown_send(s, x, asked->fragment);
        return;
    }
    x->shown_number = asked->number;
    job_give(s, x, SESSION_SHOW, asked->fragment);
}

/* ---- the report ---- */

static void result_answer(struct landmark_store *s, struct landmark_session *x,
                          const struct landmark_datagram *d) {
    const struct locproof_message *got = &d->message;
    struct locproof_message m = {
        .kind = LOCPROOF_TAKEN, .session = x->id, .fragment = got->fragment, .code = LOCPROOF_MORE};
    if (!x->revealed || got->total == 0 || got->total > LOCPROOF_REPORT_BYTES ||
        (x->result_has != 0 && got->total != x->result_bytes))
        return;
    _Static_assert(RESULT_FRAGMENTS <= 32, "a bit each");
    x->result_bytes = got->total;
    if (!x->taken)
        memcpy(x->result + got->fragment * LOCPROOF_FRAGMENT_BYTES, got->bytes.at, got->bytes.len);
    x->result_has |= (uint32_t)1 << got->fragment;
    uint32_t all = ((uint32_t)1 << locproof_fragment_count(got->total)) - 1;
    if (x->result_has == all && !x->taken) {
        job_give(s, x, SESSION_TAKE, got->fragment);
        return;
    }
    if (x->taken) {
        m = x->answer;
        m.fragment = got->fragment;
    }
    landmark_send(s->fd, &m, &d->from);
}

/* ---- the thread ---- */

static struct landmark_session *session_find(struct landmark_store *s,
                                             const struct landmark_datagram *d) {
    for (size_t i = 0; i < COUNT_OF(s->sessions); i++) {
        struct landmark_session *x = &s->sessions[i];
        if (x->open && d->message.session == x->id && is_peer(x, d)) return x;
    }
    return NULL;
}

static void session_answer(struct landmark_store *s, struct landmark_session *x,
                           const struct landmark_datagram *d) {
    x->last_ns = landmark_raw_ns();
    if (is_at_work(x)) return; /* the worker's: it is asked again where an answer is missing */
    switch (d->message.kind) {
    case LOCPROOF_FETCH: fetch_answer(s, x, d); break;
    case LOCPROOF_CHALLENGE: challenge_answer(s, x, d); break;
    case LOCPROOF_REVEAL: reveal_answer(s, x, d); break;
    case LOCPROOF_RESULT: result_answer(s, x, d); break;
    default: break; /* a landmark's own kinds are not asked of a store */
    }
}

static void datagram_answer(struct landmark_store *s, const struct landmark_datagram *d) {
    if (d->message.kind == LOCPROOF_HELLO) {
        hello_answer(s, d);
    } else if (d->message.kind == LOCPROOF_OPEN) {
        open_answer(s, d);
    } else {
        struct landmark_session *x = session_find(s, d);
        if (x != NULL) session_answer(s, x, d);
    }
}

static void *answerer_run(void *self) {
    struct landmark_store *s = self;
    struct landmark_datagram datagram;
    while (!atomic_load(&s->stop)) {
        bool came = landmark_receive(s->fd, landmark_raw_ns() + LOOK_NS, &datagram);
        pthread_mutex_lock(&s->lock);
        if (came) datagram_answer(s, &datagram);
        sessions_age(s);
        pthread_mutex_unlock(&s->lock);
    }
    return NULL;
}

static enum error_code threads_start(struct landmark_store *s, struct error *e) {
    int failed = pthread_create(&s->worker, NULL, landmark_sessions_work, s);
    s->has_worker = failed == 0;
    if (failed == 0) {
        failed = pthread_create(&s->answerer, NULL, answerer_run, s);
        s->answering = failed == 0;
    }
    return failed == 0 ? OK : error_set_errno(e, failed, "the landmarks' threads");
}

enum error_code landmark_store_open(struct gate *gate, const struct net_address *address,
                                    struct landmark_store **out, struct error *e) {
    struct landmark_store *s = calloc(1, sizeof *s);
    if (s == NULL) return error_set(e, FAIL_MEMORY, "no room for the landmarks' end");
    s->gate = gate;
    s->address = *address;
    random_fill(s->secret.at, sizeof s->secret.at);
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->work, NULL);
    s->fd = -1;
    enum error_code code = landmark_socket_bind(&s->address, &s->fd, e);
    if (code == OK) code = threads_start(s, e);
    if (code != OK) {
        landmark_store_close(s);
        return code;
    }
    *out = s;
    return OK;
}

struct net_address landmark_store_address(const struct landmark_store *store) {
    return store->address;
}

void landmark_store_close(struct landmark_store *store) {
    if (store == NULL) return;
    pthread_mutex_lock(&store->lock);
    atomic_store(&store->stop, true);
    pthread_cond_signal(&store->work);
    pthread_mutex_unlock(&store->lock);
    if (store->answering) pthread_join(store->answerer, NULL);
    if (store->has_worker) pthread_join(store->worker, NULL);
    for (size_t i = 0; i < COUNT_OF(store->sessions); i++)
        landmark_session_end(&store->sessions[i]);
    if (store->fd >= 0) landmark_socket_close(store->fd);
    pthread_cond_destroy(&store->work);
    pthread_mutex_destroy(&store->lock);
    secret_wipe(&store->secret);
    free(store);
}
