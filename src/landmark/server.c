/* `landmark serve`: one thread answers whoever times this landmark, another times its peers. */
#include "landmark/inner.h"

#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

enum { LOOK_NS = 200 * 1000000 }; /* how often a thread looks whether it should stop */

struct landmark_server {
    struct landmark_server_options options;
    struct net_address address;
    int fd;
    _Atomic(bool) stop;
    bool answering, timing; /* threads that were started */
    pthread_t answerer, timer;
    struct secret secret; /* makes the answer to a ping: nothing is remembered of it */
    struct landmark_bucket strangers;
    pthread_mutex_t lock; /* of what follows: the timer writes, the answerer reads */
    struct landmark_timed timed[LOCPROOF_PEERS_MAX];
    bool dropped[LOCPROOF_PEERS_MAX + 1];
};

static struct locproof_nonce pong_of(const struct landmark_server *s,
                                     const struct locproof_nonce *ping) {
    struct locproof_nonce pong;
    digest d =
        hmac_sha256(str_of(s->secret.at, sizeof s->secret.at), str_of(ping->at, sizeof ping->at));
    memcpy(pong.at, d.at, sizeof pong.at);
    return pong;
}

/* ---- answering ---- */

static size_t peers_tell(struct landmark_server *s, struct locproof_peer *out) {
    size_t count = 0;
    for (size_t i = 0; i < s->options.peer_count; i++) {
        const struct landmark_timed *t = &s->timed[i];
        if (!t->answered || s->dropped[i + 1]) continue;
        out[count++] = (struct locproof_peer){
            .name = t->said.name, .place = t->said.place, .rtt_ns = t->rtt_ns};
    }
    return count;
}

/* As many peers as one datagram holds. */
static enum error_code said_sign(struct landmark_server *s, const struct locproof_nonce *ping,
                                 struct text *note, struct error *e) {
    struct locproof_said said = {.name = tlog_vkey_name(&s->options.signer->vkey),
                                 .place = s->options.place,
                                 .time_ns = clock_wall_ns() / NS_PER_S * NS_PER_S,
                                 .ping = *ping,
                                 .pong = pong_of(s, ping)};
    char memory[LOCPROOF_TEXT_BYTES];
    said.peer_count = peers_tell(s, said.peers);
    for (;; said.peer_count--) {
        struct text text = text_into(memory, sizeof memory);
        note->len = 0;
        note->overflow = false;
        enum error_code code = locproof_said_write(&said, &text, e);
        if (code == OK) {
            text_add(note, text_str(&text));
            text_add_char(note, '\n');
            code = tlog_note_sign(note, text_str(&text), s->options.signer, 0, e);
        }
        if (code == OK || said.peer_count == 0) return code;
    }
}

static enum error_code note_sign(const struct landmark_server *s, str text, struct text *note,
                                 struct error *e) {
    text_add(note, text);
    text_add_char(note, '\n');
    return tlog_note_sign(note, text, s->options.signer, 0, e);
}

/* What a peer is cosigned for: it signed the wish, it stands where this landmark timed it in its last
 * round, and nothing speaks against either place. Else there is no answer. */
static enum error_code seen_sign(struct landmark_server *s, str wish_note, struct text *note,
                                 struct error *e) {
    const struct landmark_server_options *o = &s->options;
    char memory[LOCPROOF_TEXT_BYTES];
    struct text text = text_into(memory, sizeof memory);
    struct locproof_wish wish;
    int64_t now_ns = clock_wall_ns();
    size_t i = 0;
    while (i < o->peer_count && locproof_wish_open(wish_note, &o->peers[i].key, &wish, e) != OK)
        i++;
    if (i == o->peer_count)
        return error_set(e, FAIL_ACCESS_DENIED, "a wish to be cosigned, by no peer of ours");
    const struct landmark_timed *t = &s->timed[i];
    int64_t off_ns = now_ns - wish.time_ns;
    if (!t->answered || s->dropped[0] || s->dropped[i + 1] ||
        !locproof_place_equal(&wish.place, &t->said.place) ||
        locproof_places_contradict(&o->place, &wish.place, t->rtt_ns) ||
        off_ns > LIMIT_CLOCK_SKEW_S * NS_PER_S || off_ns < -LIMIT_CLOCK_SKEW_S * NS_PER_S)
        return error_set(e, FAIL_REFUSED, "%.*s is not cosigned: not timed there, or another hour",
                         STR_FMT(str_slice(wish.name, 0, 60)));
    struct locproof_seen seen = {.name = tlog_vkey_name(&o->signer->vkey),
                                 .place = o->place,
                                 .of = wish.name,
                                 .of_place = wish.place,
                                 .rtt_ns = t->rtt_ns,
                                 .transcript = wish.transcript,
                                 .time_ns = now_ns / NS_PER_S * NS_PER_S};
    TRY(locproof_seen_write(&seen, &text, e));
    return note_sign(s, text_str(&text), note, e);
}

/* Each costs a signature: only so many a second. */
static void signed_answer(struct landmark_server *s, const struct landmark_datagram *d) {
    char memory[LOCPROOF_TEXT_BYTES];
    struct text note = text_into(memory, sizeof memory);
    bool is_wish = d->message.kind == LOCPROOF_COSIGN;
    struct error e;
    if (!landmark_bucket_take(&s->strangers, LIMIT_LOCATION_STRANGERS)) return;
    pthread_mutex_lock(&s->lock);
    enum error_code code = is_wish ? seen_sign(s, d->message.bytes, &note, &e)
                                   : said_sign(s, &d->message.nonce, &note, &e);
    pthread_mutex_unlock(&s->lock);
    if (code != OK) {
        if (!is_wish) log_error("landmark", &e); /* strangers do not fill the log */
        return;
    }
    struct locproof_message m = {.kind = is_wish ? LOCPROOF_SEEN : LOCPROOF_SAID,
                                 .bytes = text_str(&note)};
    landmark_send(s->fd, &m, &d->from);
}

static void answer(struct landmark_server *s, const struct landmark_datagram *d) {
    struct locproof_message m = {.kind = LOCPROOF_PONG, .nonce = d->message.nonce};
    if (d->message.kind == LOCPROOF_PING) {
        m.other = pong_of(s, &d->message.nonce);
        landmark_send(s->fd, &m, &d->from);
    } else if (d->message.kind == LOCPROOF_ASK || d->message.kind == LOCPROOF_COSIGN) {
        signed_answer(s, d);
    }
}

static void *answerer_run(void *self) {
    struct landmark_server *s = self;
    struct landmark_datagram datagram;
    while (!atomic_load(&s->stop))
        if (landmark_receive(s->fd, landmark_raw_ns() + LOOK_NS, &datagram)) answer(s, &datagram);
    return NULL;
}

/* ---- timing peers ---- */

static void round_take(struct landmark_server *s, const struct landmark_timed *timed) {
    const struct landmark_server_options *o = &s->options;
    bool dropped[LOCPROOF_PEERS_MAX + 1], disputed;
    landmark_judge(&o->place, tlog_vkey_name(&o->signer->vkey), timed, o->peer_count, dropped,
                   &disputed);
    pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < o->peer_count; i++) {
        struct error e;
        s->timed[i] = timed[i];
        if (!timed[i].answered) continue;
        /* What was said views the note it came in: of the copy, the copy's. */
        size_t len = strnlen(timed[i].note, sizeof timed[i].note);
        if (locproof_said_open(str_of(s->timed[i].note, len), &o->peers[i].key, &s->timed[i].said,
                               &e) != OK)
            s->timed[i].answered = false;
    }
    memcpy(s->dropped, dropped, sizeof dropped);
    pthread_mutex_unlock(&s->lock);
    if (o->round != NULL) o->round(o->self, timed, o->peer_count, dropped, disputed);
}

static void *timer_run(void *self) {
    struct landmark_server *s = self;
    static struct landmark_timed timed[LOCPROOF_PEERS_MAX]; /* this thread's alone */
    int64_t next_ns = 0;
    while (!atomic_load(&s->stop)) {
        struct timespec moment = {0, LOOK_NS};
        if (landmark_raw_ns() < next_ns) {
            nanosleep(&moment, NULL);
            continue;
        }
        for (size_t i = 0; i < s->options.peer_count && !atomic_load(&s->stop); i++)
            landmark_time(&s->options.peers[i], &timed[i]);
        if (!atomic_load(&s->stop)) round_take(s, timed);
        next_ns = landmark_raw_ns() + s->options.every_ns;
    }
    return NULL;
}

/* ---- opening ---- */

static enum error_code threads_start(struct landmark_server *s, struct error *e) {
    int failed = pthread_create(&s->answerer, NULL, answerer_run, s);
    s->answering = failed == 0;
    if (failed == 0 && s->options.peer_count > 0) {
        failed = pthread_create(&s->timer, NULL, timer_run, s);
        s->timing = failed == 0;
    }
    return failed == 0 ? OK : error_set_errno(e, failed, "a landmark's thread");
}

enum error_code landmark_server_open(const struct landmark_server_options *options,
                                     struct landmark_server **out, struct error *e) {
    assert(options->peer_count <= LOCPROOF_PEERS_MAX);
    struct landmark_server *s = calloc(1, sizeof *s);
    if (s == NULL) return error_set(e, FAIL_MEMORY, "no room for a landmark");
    s->options = *options;
    s->address = options->address;
    s->fd = -1;
    random_fill(s->secret.at, sizeof s->secret.at);
    pthread_mutex_init(&s->lock, NULL);
    enum error_code code = landmark_socket_bind(&s->address, &s->fd, e);
    if (code == OK) code = threads_start(s, e);
    if (code != OK) {
        landmark_server_close(s);
        return code;
    }
    *out = s;
    return OK;
}

struct net_address landmark_server_address(const struct landmark_server *server) {
    return server->address;
}

void landmark_server_close(struct landmark_server *server) {
    if (server == NULL) return;
    atomic_store(&server->stop, true);
    if (server->answering) pthread_join(server->answerer, NULL);
    if (server->timing) pthread_join(server->timer, NULL);
    if (server->fd >= 0) landmark_socket_close(server->fd);
    pthread_mutex_destroy(&server->lock);
    secret_wipe(&server->secret);
    free(server);
}
