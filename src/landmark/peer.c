/* Timing another landmark: a few pings, then its signature over the answer to the fastest of them. And
 * asking it to cosign what a session showed. */
#include "landmark/inner.h"

#include <stdio.h>

enum { PINGS = 8, PING_NS = 250 * 1000000, ASKS = 4, ASK_NS = 300 * 1000000 };

enum error_code landmark_peer_read(str text, struct landmark_peer *out, struct error *e) {
    size_t at = text.len; /* the last "@": a name may hold one */
    while (at > 0 && text.at[at - 1] != '@') at--;
    if (at == 0)
        return error_set(e, FAIL_USAGE, "\"%.*s\" is no peer: VKEY@ADDR:PORT",
                         STR_FMT(str_slice(text, 0, 100)));
    TRY(tlog_vkey_parse(str_slice(text, 0, at - 1), &out->key, e));
    return net_address_read(str_skip(text, at), &out->address, e);
}

struct pinging {
    int fd;
    struct landmark_datagram *datagram;
    struct locproof_nonce best_ping, best_pong;
    int64_t best_ns;
};

static void ping_once(struct pinging *p) {
    struct locproof_message ping = {.kind = LOCPROOF_PING};
    random_fill(ping.nonce.at, sizeof ping.nonce.at);
    struct landmark_moment sent = landmark_moment_now();
    landmark_send(p->fd, &ping, NULL);
    while (landmark_receive(p->fd, sent.raw_ns + PING_NS, p->datagram)) {
        const struct locproof_message *m = &p->datagram->message;
        if (m->kind != LOCPROOF_PONG || memcmp(&m->nonce, &ping.nonce, sizeof ping.nonce) != 0)
            continue;
        int64_t rtt_ns = landmark_rtt_ns(&sent, p->datagram);
        if (p->best_ns >= 0 && rtt_ns >= p->best_ns) return;
        p->best_ns = rtt_ns;
        p->best_ping = ping.nonce;
        p->best_pong = m->other;
        return;
    }
}

/* What it signs must be about that very ping: nobody else answered it. */
static bool said_take(const struct pinging *p, const struct landmark_peer *peer,
                      struct landmark_timed *out) {
    struct error e;
    str text = p->datagram->message.bytes;
    memcpy(out->note, text.at, text.len);
    enum error_code code =
        locproof_said_open(str_of(out->note, text.len), &peer->key, &out->said, &e);
    if (code != OK) {
        snprintf(out->problem, sizeof out->problem, "%.150s", e.message);
        return false;
    }
    return memcmp(&out->said.ping, &p->best_ping, sizeof p->best_ping) == 0 &&
           memcmp(&out->said.pong, &p->best_pong, sizeof p->best_pong) == 0;
}

void landmark_time(const struct landmark_peer *peer, struct landmark_timed *out) {
    struct landmark_datagram datagram;
    struct pinging p = {.datagram = &datagram, .best_ns = -1};
    struct error e;
    *out = (struct landmark_timed){.rtt_ns = -1};
    if (landmark_socket_to(&peer->address, &p.fd, &e) != OK) {
        snprintf(out->problem, sizeof out->problem, "%.150s", e.message);
        return;
    }
    for (unsigned i = 0; i < PINGS; i++) ping_once(&p);
    if (p.best_ns < 0) snprintf(out->problem, sizeof out->problem, "no answer");
    for (unsigned i = 0; p.best_ns >= 0 && !out->answered && i < ASKS; i++) {
        struct locproof_message ask = {.kind = LOCPROOF_ASK, .nonce = p.best_ping};
        int64_t sent_ns = landmark_raw_ns();
        landmark_send(p.fd, &ask, NULL);
        while (!out->answered && landmark_receive(p.fd, sent_ns + ASK_NS, &datagram))
            out->answered = datagram.message.kind == LOCPROOF_SAID && said_take(&p, peer, out);
    }
    out->rtt_ns = p.best_ns;
    if (!out->answered && out->problem[0] == 0)
        snprintf(out->problem, sizeof out->problem, "it does not sign what it answered");
    landmark_socket_close(p.fd);
}

/* ---- cosigning ---- */

static enum error_code wish_sign(const struct tlog_signer *signer,
                                 const struct locproof_report *report, struct text *note,
                                 struct error *e) {
    char memory[LOCPROOF_TEXT_BYTES];
    struct text text = text_into(memory, sizeof memory);
    struct locproof_wish wish = {.name = report->name,
                                 .place = report->place,
                                 .transcript = report->transcript,
                                 .time_ns = clock_wall_ns() / NS_PER_S * NS_PER_S};
    TRY(locproof_wish_write(&wish, &text, e));
    text_add(note, text_str(&text));
    text_add_char(note, '\n');
    return tlog_note_sign(note, text_str(&text), signer, 0, e);
}

bool landmark_cosign(const struct landmark_peer *peer, const struct tlog_signer *signer,
                     const struct locproof_report *report, size_t index,
                     struct locproof_cosigned *out) {
    char memory[LOCPROOF_TEXT_BYTES];
    struct text note = text_into(memory, sizeof memory);
    struct landmark_datagram datagram;
    struct error e;
    bool taken = false;
    int fd;
    if (wish_sign(signer, report, &note, &e) != OK) return false;
    if (landmark_socket_to(&peer->address, &fd, &e) != OK) return false;
    struct locproof_message wish = {
        .kind = LOCPROOF_COSIGN, .total = (uint32_t)note.len, .bytes = text_str(&note)};
    for (unsigned i = 0; !taken && i < ASKS; i++) {
        int64_t sent_ns = landmark_raw_ns();
        landmark_send(fd, &wish, NULL);
        while (!taken && landmark_receive(fd, sent_ns + ASK_NS, &datagram))
            taken = datagram.message.kind == LOCPROOF_SEEN &&
                    locproof_cosigned_take(report, index, datagram.message.bytes, &peer->key, out,
                                           &e) == OK;
    }
    landmark_socket_close(fd);
    return taken;
}

/* ---- judging ---- */

void landmark_judge(const struct locproof_place *own, str name, const struct landmark_timed *timed,
                    size_t count, bool dropped[LOCPROOF_PEERS_MAX + 1], bool *disputed) {
    struct locproof_place places[LOCPROOF_PEERS_MAX + 1];
    struct locproof_timing timings[(LOCPROOF_PEERS_MAX + 1) * (LOCPROOF_PEERS_MAX + 1)];
    str names[LOCPROOF_PEERS_MAX + 1];
    size_t of[LOCPROOF_PEERS_MAX + 1], present = 1, timing_count = 0;
    bool out[LOCPROOF_PEERS_MAX + 1];
    assert(count <= LOCPROOF_PEERS_MAX);
    places[0] = *own;
    names[0] = name;
    for (size_t i = 0; i < count; i++) {
        dropped[i + 1] = false;
        if (!timed[i].answered) continue;
        places[present] = timed[i].said.place;
        names[present] = timed[i].said.name;
        of[present] = i;
        timings[timing_count++] = (struct locproof_timing){0, present++, timed[i].rtt_ns};
    }
    for (size_t from = 1; from < present; from++) {
        const struct locproof_said *said = &timed[of[from]].said;
        for (size_t k = 0; k < said->peer_count; k++)
            for (size_t to = 0; to < present; to++)
                if (to != from && str_equal(names[to], said->peers[k].name))
                    timings[timing_count++] =
                        (struct locproof_timing){from, to, said->peers[k].rtt_ns};
    }
    locproof_drop(places, present, timings, timing_count, out, disputed);
    dropped[0] = out[0];
    for (size_t i = 1; i < present; i++) dropped[of[i] + 1] = out[i];
}
