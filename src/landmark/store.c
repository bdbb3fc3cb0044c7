/* A store's end: a thread on one socket, one session at a time.
 *
 *   strangers   get a cookie, never longer than what they sent
 *   a landmark  shows the cookie and a signed opening; the gate decides
 *   session     pieces by number, each number once and only upward; after the nonce is revealed what
 *               shows them, and no more pieces; then the report
 *
 * One at a time: what one session makes the store read would be in the times of another. */
#include "landmark/inner.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    LOOK_NS = 200 * 1000000,
    COOKIE_S = 60, /* a cookie is good in its minute and the next */
    VISIT_BYTES = 16 << 20,
    LANDMARKS = 16,
    RESULT_FRAGMENTS = LOCPROOF_REPORT_BYTES / LOCPROOF_FRAGMENT_BYTES,
};

struct session {
    bool open, revealed;
    uint64_t id;
    struct net_address peer;
    digest hash;
    struct locproof_nonce nonce; /* the store's own */
    digest seed;                 /* once revealed */
    int64_t begun_ns, last_ns;
    struct gate_visit visit;
    struct arena_space space;
    struct arena arena;
    struct gate_location *location;
    str head;
    uint64_t ledger_size;
    uint32_t next;         /* the least number that may still be asked for */
    uint32_t shown_number; /* which `shown` is; UINT32_MAX: none */
    str shown;
    char shown_memory[LOCPROOF_SHOWN_BYTES];
    char result[LOCPROOF_REPORT_BYTES];
    uint32_t result_bytes, result_has; /* has: a bit a fragment */
    bool taken;
    struct locproof_message answer; /* to the result; bytes in answer_text */
    char answer_text[LOCPROOF_TEXT_BYTES];
};

struct landmark_store {
    struct gate *gate;
    struct net_address address;
    int fd;
    _Atomic(bool) stop;
    bool started;
    pthread_t thread;
    struct secret secret;
    struct landmark_bucket strangers;
    struct { /* sessions begun in this minute */
        uint64_t minute;
        digest name;
        unsigned count;
    } begun[LANDMARKS];
    struct session session;
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

static void session_end(struct session *x) {
    if (!x->open) return;
    gate_location_close(x->location);
    gate_visit_end(&x->visit);
    arena_space_release(&x->space);
    *x = (struct session){.open = false};
}

static bool is_peer(const struct session *x, const struct landmark_datagram *d) {
    char a[NET_TEXT_BYTES], b[NET_TEXT_BYTES];
    size_t a_len = net_address_write(&x->peer, a), b_len = net_address_write(&d->from, b);
    return str_equal(str_of(a, a_len), str_of(b, b_len));
}

static void session_age(struct session *x) {
    int64_t now_ns = landmark_raw_ns();
    if (x->open && (now_ns - x->last_ns > LIMIT_LOCATION_IDLE_S * NS_PER_S ||
                    now_ns - x->begun_ns > LIMIT_LOCATION_SESSION_S * NS_PER_S))
        session_end(x);
}

static void refuse(struct landmark_store *s, const struct landmark_datagram *d,
                   enum locproof_refusal why, str text) {
    struct locproof_message m = {.kind = LOCPROOF_REFUSED,
                                 .hash = d->message.hash,
                                 .code = (uint8_t)why,
                                 .bytes = str_slice(text, 0, LOCPROOF_TEXT_BYTES)};
    landmark_send(s->fd, &m, &d->from);
}

/* A landmark that begins over and over costs a checkpoint and a turn each time. Counted are those that
 * its key opened: nobody else uses up its share. */
static enum error_code begin_count(struct landmark_store *s, str note, struct error *e) {
    struct tlog_note parsed;
    struct locproof_opening opening;
    uint64_t minute = (uint64_t)(landmark_raw_ns() / (60 * NS_PER_S));
    TRY(gate_location_vouch(&s->session.visit, note, e));
    TRY(tlog_note_parse(note, &parsed, e));
    TRY(locproof_opening_read(parsed.text, &opening, e));
    digest name = sha256_of(opening.name);
    size_t at = 0;
    for (size_t i = 0; i < LANDMARKS; i++) {
        if (digest_equal(&s->begun[i].name, &name)) at = i;
        if (digest_equal(&s->begun[i].name, &name)) break;
        if (s->begun[i].minute < s->begun[at].minute) at = i; /* the longest unused */
    }
    if (!digest_equal(&s->begun[at].name, &name) || s->begun[at].minute != minute) {
        s->begun[at].name = name;
        s->begun[at].minute = minute;
        s->begun[at].count = 0;
    }
    if (s->begun[at].count++ < LIMIT_LOCATION_A_MINUTE) return OK;
    return error_set(e, FAIL_BUSY, "%d sessions of one landmark in a minute are the limit",
                     LIMIT_LOCATION_A_MINUTE);
}

static void commit_send(struct landmark_store *s, const struct landmark_datagram *d) {
    const struct session *x = &s->session;
    struct locproof_message m = {.kind = LOCPROOF_COMMIT,
                                 .session = x->id,
                                 .hash = x->hash,
                                 .nonce = x->nonce,
                                 .total = (uint32_t)x->head.len,
                                 .code = (uint8_t)gate_location_medium(x->location)};
    landmark_send(s->fd, &m, &d->from);
}

static enum error_code head_make(struct landmark_store *s, struct session *x, struct error *e) {
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

static enum error_code session_begin(struct landmark_store *s, const struct landmark_datagram *d,
                                     struct error *e) {
    struct session *x = &s->session;
    struct gate_answer answer;
    str request;
    TRY(arena_space_open(&x->space, VISIT_BYTES, &x->arena, e));
    x->open = true;
    x->id = random_u64();
    x->peer = d->from;
    x->hash = d->message.hash;
    x->shown_number = UINT32_MAX;
    x->begun_ns = x->last_ns = landmark_raw_ns();
    random_fill(x->nonce.at, sizeof x->nonce.at);
    gate_visit_begin(s->gate, &x->visit, &x->arena);
    TRY(arena_format(&x->arena, &request, e, "location-%016llx", (unsigned long long)x->id));
    x->visit.request_id = request;
    x->visit.peer = d->from;
    x->visit.forwarded_for = STR_EMPTY;
    x->visit.purpose = STR("location-proof");
    TRY(begin_count(s, d->message.bytes, e));
    TRY(gate_location_open(&x->visit, d->message.bytes, &x->location, &answer, e));
    digest hash = gate_location_opening(x->location)->hash;
    if (!digest_equal(&hash, &x->hash))
        return error_set(e, FAIL_PROOF, "the opening is signed for another nonce");
    return head_make(s, x, e);
}

static void open_answer(struct landmark_store *s, const struct landmark_datagram *d) {
    struct session *x = &s->session;
    struct error e;
    if (!cookie_holds(s, d)) return;
    if (x->open && is_peer(x, d) && digest_equal(&x->hash, &d->message.hash)) {
        commit_send(s, d); /* ours was lost */
        return;
    }
    if (x->open && x->taken) session_end(x); /* it is over but for a lost TAKEN */
    if (x->open) {
        refuse(s, d, LOCPROOF_BUSY, STR("another session is under way"));
        return;
    }
    if (!landmark_bucket_take(&s->strangers, LIMIT_LOCATION_STRANGERS))
        return; /* a signature each */
    enum error_code code = session_begin(s, d, &e);
    if (code == OK) {
        commit_send(s, d);
        return;
    }
    session_end(x);
    refuse(s, d,
           code == FAIL_REFUSED         ? LOCPROOF_BY_RULE
           : code == FAIL_ACCESS_DENIED ? LOCPROOF_UNKNOWN_LANDMARK
           : code == FAIL_BUSY          ? LOCPROOF_BUSY
                                        : LOCPROOF_BAD,
           str_from_c(e.message));
}

/* ---- rounds ---- */

static void piece_send(struct landmark_store *s, const struct landmark_datagram *d,
                       const struct gate_piece *piece, uint32_t service_us) {
    struct locproof_message m = {.kind = LOCPROOF_PIECE,
                                 .session = s->session.id,
                                 .number = d->message.number,
                                 .service_us = service_us,
                                 .total = (uint32_t)piece->bytes};
    str bytes = str_of(piece->at, piece->bytes);
    for (; m.fragment < locproof_fragment_count(m.total); m.fragment++) {
        m.bytes = str_slice(bytes, m.fragment * LOCPROOF_FRAGMENT_BYTES, LOCPROOF_FRAGMENT_BYTES);
        landmark_send(s->fd, &m, &d->from);
    }
}

static void challenge_answer(struct landmark_store *s, const struct landmark_datagram *d) {
    struct session *x = &s->session;
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
        piece_send(s, d, &piece, service_us);
        return;
    }
    struct locproof_message m = {.kind = LOCPROOF_NONE,
                                 .session = x->id,
                                 .number = number,
                                 .service_us = service_us,
                                 .code = (uint8_t)piece.why};
    landmark_send(s->fd, &m, &d->from);
}

static void reveal_answer(struct landmark_store *s, const struct landmark_datagram *d) {
    struct session *x = &s->session;
    digest hash = locproof_nonce_hash(&d->message.nonce);
    struct locproof_message m = {.kind = LOCPROOF_REVEALED, .session = x->id};
    if (!digest_equal(&hash, &x->hash)) return;
    x->revealed = true;
    x->seed = locproof_seed(&d->message.nonce, &x->nonce, gate_location_note(x->location));
    landmark_send(s->fd, &m, &d->from);
}

/* ---- what shows them ---- */

/* Of a draw that was asked for, made again from the seed: no landmark gets more than the draws give. */
static bool shown_make(struct session *x, uint32_t number) {
    struct arena arena = x->arena;
    struct error e;
    str bytes;
    if (!x->revealed || number >= x->next) return false;
    if (x->shown_number == number) return true;
    struct locproof_draw draw = locproof_draw_of(&x->seed, number, x->ledger_size);
    enum error_code code = gate_location_shown(x->location, &draw, &arena, &bytes, &e);
    if (code != OK) {
        log_error("a drawn piece cannot be shown", &e);
        bytes = STR_EMPTY; /* the landmark judges it: not shown */
    }
    if (bytes.len > 0) memcpy(x->shown_memory, bytes.at, bytes.len);
    x->shown = str_of(x->shown_memory, bytes.len);
    x->shown_number = number;
    return true;
}

static void fetch_answer(struct landmark_store *s, const struct landmark_datagram *d) {
    struct session *x = &s->session;
    const struct locproof_message *asked = &d->message;
    bool is_head = asked->code == LOCPROOF_HEAD;
    if (!is_head && !shown_make(x, asked->number)) return;
    str whole = is_head ? x->head : x->shown;
    struct locproof_message m = {.kind = LOCPROOF_GIVE,
                                 .session = x->id,
                                 .code = asked->code,
                                 .number = asked->number,
                                 .fragment = asked->fragment,
                                 .total = (uint32_t)whole.len};
    if (asked->fragment >= locproof_fragment_count(m.total)) return;
    m.bytes = str_slice(whole, asked->fragment * LOCPROOF_FRAGMENT_BYTES, LOCPROOF_FRAGMENT_BYTES);
    landmark_send(s->fd, &m, &d->from);
}

/* ---- the report ---- */

static void result_decide(struct landmark_store *s) {
    struct session *x = &s->session;
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
    x->taken = true;
}

static void result_answer(struct landmark_store *s, const struct landmark_datagram *d) {
    struct session *x = &s->session;
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
    if (x->result_has == all && !x->taken) result_decide(s);
    if (x->taken) {
        m = x->answer;
        m.fragment = got->fragment;
    }
    landmark_send(s->fd, &m, &d->from);
}

/* ---- the thread ---- */

static void datagram_answer(struct landmark_store *s, const struct landmark_datagram *d) {
    struct session *x = &s->session;
    if (d->message.kind == LOCPROOF_HELLO) {
        hello_answer(s, d);
        return;
    }
    if (d->message.kind == LOCPROOF_OPEN) {
        open_answer(s, d);
        return;
    }
    if (!x->open || d->message.session != x->id || !is_peer(x, d)) return;
    x->last_ns = landmark_raw_ns();
    switch (d->message.kind) {
    case LOCPROOF_FETCH: fetch_answer(s, d); break;
    case LOCPROOF_CHALLENGE: challenge_answer(s, d); break;
    case LOCPROOF_REVEAL: reveal_answer(s, d); break;
    case LOCPROOF_RESULT: result_answer(s, d); break;
    default: break; /* a landmark's own kinds are not asked of a store */
    }
    x->last_ns = landmark_raw_ns(); /* what took long was ours */
}

static void *store_run(void *self) {
    struct landmark_store *s = self;
    struct landmark_datagram datagram;
    while (!atomic_load(&s->stop)) {
        if (landmark_receive(s->fd, landmark_raw_ns() + LOOK_NS, &datagram))
            datagram_answer(s, &datagram);
        session_age(&s->session);
    }
    session_end(&s->session);
    return NULL;
}

enum error_code landmark_store_open(struct gate *gate, const struct net_address *address,
                                    struct landmark_store **out, struct error *e) {
    struct landmark_store *s = calloc(1, sizeof *s);
    if (s == NULL) return error_set(e, FAIL_MEMORY, "no room for the landmarks' end");
    s->gate = gate;
    s->address = *address;
    random_fill(s->secret.at, sizeof s->secret.at);
    s->fd = -1;
    enum error_code code = landmark_socket_bind(&s->address, &s->fd, e);
    if (code == OK) {
        int failed = pthread_create(&s->thread, NULL, store_run, s);
        s->started = failed == 0;
        if (failed != 0) code = error_set_errno(e, failed, "the landmarks' thread");
    }
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
    atomic_store(&store->stop, true);
    if (store->started) pthread_join(store->thread, NULL);
    if (store->fd >= 0) landmark_socket_close(store->fd);
    secret_wipe(&store->secret);
    free(store);
}
