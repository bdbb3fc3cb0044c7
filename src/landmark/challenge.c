/* Challenging a store: cookie, session, timed rounds, what shows the pieces, the signed report. */
#include "landmark/inner.h"

#include <stdio.h>
#include <time.h>

enum {
    TRY_NS = 500 * 1000000, /* an untimed question is asked again after so long … */
    TRIES = 20,             /* … so often: what shows a piece of 5 GiB takes seconds to make */
    HELLO_TRIES = 6,        /* nobody there is known after three seconds */
    BUSY_TRIES = 15,        /* another landmark's session is waited for, two seconds each */
    BUSY_NS = 2 * 1000000000,
    SILENT_MOST = 16,                            /* rounds on end without an answer end a session */
    SIGNATURE_BYTES = TLOG_NAME_BYTES_MAX + 128, /* of a note, at most: dash, name, base64 */
    PIECE_FRAGMENTS = LIMIT_STORED_PIECE_BYTES / LOCPROOF_FRAGMENT_BYTES,
};

struct asking {
    const struct landmark_challenge *c;
    struct arena *arena;
    int fd;
    struct landmark_datagram datagram; /* the last that came */
    digest hash;
    unsigned char cookie[LOCPROOF_COOKIE_BYTES];
    uint64_t session;
    struct locproof_place registered; /* this landmark's place, as the site's row has it */
    struct locproof_transcript t;
    int64_t begun_raw_ns; /* the raw clock when the rounds began */
};

/* ---- untimed questions ---- */

/* Asks until an answer of that kind (or REFUSED) comes that belongs to it. */
static bool belongs(const struct asking *a, const struct locproof_message *asked,
                    enum locproof_kind kind, const struct locproof_message *m) {
    if (asked->kind == LOCPROOF_HELLO || asked->kind == LOCPROOF_OPEN)
        return (m->kind == kind || m->kind == LOCPROOF_REFUSED) &&
               digest_equal(&m->hash, &asked->hash);
    return m->kind == kind && m->session == a->session && m->number == asked->number &&
           m->fragment == asked->fragment &&
           (asked->kind != LOCPROOF_FETCH || m->code == asked->code);
}

static enum error_code ask(struct asking *a, const struct locproof_message *asked,
                           enum locproof_kind kind, unsigned tries, struct error *e) {
    char at[NET_TEXT_BYTES];
    for (unsigned i = 0; i < tries; i++) {
        int64_t sent_ns = landmark_raw_ns();
        landmark_send(a->fd, asked, NULL);
        while (landmark_receive(a->fd, sent_ns + TRY_NS, &a->datagram))
            if (belongs(a, asked, kind, &a->datagram.message)) return OK;
    }
    net_address_write(&a->c->store, at);
    return error_set(e, FAIL_TIMEOUT, "%s does not answer as a store does that takes landmarks",
                     at);
}

/* A whole in fragments, into `out`. */
static enum error_code fetch(struct asking *a, enum locproof_what what, uint32_t number, char *out,
                             size_t cap, size_t *got, struct error *e) {
    struct locproof_message m = {
        .kind = LOCPROOF_FETCH, .session = a->session, .code = (uint8_t)what, .number = number};
    uint32_t total = 0, count = 1;
    for (; m.fragment < count; m.fragment++) {
        TRY(ask(a, &m, LOCPROOF_GIVE, TRIES, e));
        const struct locproof_message *given = &a->datagram.message;
        if (m.fragment == 0) total = given->total;
        if (given->total != total || total > cap)
            return error_set(e, FAIL_PROOF, "the store gives %u bytes where at most %zu are meant",
                             given->total, cap);
        count = locproof_fragment_count(total);
        if (given->bytes.len > 0)
            memcpy(out + m.fragment * LOCPROOF_FRAGMENT_BYTES, given->bytes.at, given->bytes.len);
    }
    *got = total;
    return OK;
}

/* ---- a session ---- */

static enum error_code refused(const struct locproof_message *m, struct error *e) {
    static const enum error_code codes[] = {FAIL_PROOF, FAIL_ACCESS_DENIED, FAIL_BUSY, FAIL_REFUSED,
                                            FAIL_USAGE};
    assert(m->code < COUNT_OF(codes));
    return error_set(e, codes[m->code], "the store says: %.*s",
                     STR_FMT(str_slice(m->bytes, 0, 140)));
}

static enum error_code cookie_take(struct asking *a, struct error *e) {
    struct locproof_message hello = {.kind = LOCPROOF_HELLO, .hash = a->hash};
    TRY(ask(a, &hello, LOCPROOF_COOKIE, HELLO_TRIES, e));
    if (a->datagram.message.kind == LOCPROOF_REFUSED) return refused(&a->datagram.message, e);
    memcpy(a->cookie, a->datagram.message.cookie, sizeof a->cookie);
    return OK;
}

static enum error_code session_ask(struct asking *a, struct error *e) {
    char memory[LOCPROOF_TEXT_BYTES], note_memory[LOCPROOF_TEXT_BYTES];
    struct text text = text_into(memory, sizeof memory),
                note = text_into(note_memory, sizeof note_memory);
    struct locproof_opening opening = {.name = tlog_vkey_name(&a->c->signer->vkey),
                                       .site = a->c->site,
                                       .hash = a->hash,
                                       .wanted = a->c->rounds};
    TRY(locproof_opening_write(&opening, &text, e));
    text_add(&note, text_str(&text));
    text_add_char(&note, '\n');
    TRY(tlog_note_sign(&note, text_str(&text), a->c->signer, 0, e));
    TRY(cookie_take(a, e));
    struct locproof_message open = {
        .kind = LOCPROOF_OPEN, .hash = a->hash, .bytes = text_str(&note)};
    memcpy(open.cookie, a->cookie, sizeof open.cookie);
    TRY(ask(a, &open, LOCPROOF_COMMIT, TRIES, e));
    const struct locproof_message *m = &a->datagram.message;
    if (m->kind == LOCPROOF_REFUSED) return refused(m, e);
    a->session = m->session;
    a->t.store = m->nonce;
    a->t.medium = (enum locproof_medium)m->code;
    return OK;
}

static enum error_code session_open(struct asking *a, struct error *e) {
    enum error_code code = FAIL_BUSY;
    for (unsigned i = 0; i < BUSY_TRIES && code == FAIL_BUSY; i++) {
        struct timespec moment = {BUSY_NS / NS_PER_S, BUSY_NS % NS_PER_S};
        if (i > 0) nanosleep(&moment, NULL);
        code = session_ask(a, e);
    }
    return code;
}

/* The ledger's key and its checkpoint, which is held against the key: the store's own, or the one that
 * was named here. */
static enum error_code head_take(struct asking *a, uint64_t *size, struct error *e) {
    char *memory = arena_bytes(a->arena, LANDMARK_HEAD_BYTES);
    size_t got;
    struct tlog_vkey key;
    struct tlog_checkpoint checkpoint;
    char named[TLOG_VKEY_TEXT_BYTES];
    str place;
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a checkpoint");
    TRY(fetch(a, LOCPROOF_HEAD, 0, memory, LANDMARK_HEAD_BYTES, &got, e));
    a->t.checkpoint = str_of(memory, got);
    if (!str_cut(&a->t.checkpoint, '\n', &a->t.ledger) ||
        !str_cut(&a->t.checkpoint, '\n', &place) || !locproof_place_read(place, &a->registered))
        return error_set(e, FAIL_PROOF, "the store's head is no key, place and checkpoint");
    if (a->c->ledger != NULL)
        TRY(arena_copy(a->arena, str_of(named, tlog_vkey_write(a->c->ledger, named)), &a->t.ledger,
                       e));
    TRY(tlog_vkey_parse(a->t.ledger, &key, e));
    TRY(tlog_checkpoint_open(a->t.checkpoint, &key, NULL, &checkpoint, e));
    if (checkpoint.size == 0) return error_set(e, FAIL_PROOF, "the store's ledger is empty");
    *size = checkpoint.size;
    return OK;
}

/* ---- rounds ---- */

struct piece {
    char at[LIMIT_STORED_PIECE_BYTES];
    uint32_t total, has; /* has: a bit a fragment */
};

/* True once all of it is there. */
static bool piece_take(struct piece *p, const struct locproof_message *m) {
    _Static_assert(PIECE_FRAGMENTS <= 32, "a bit each");
    if (p->has != 0 && m->total != p->total) return false;
    p->total = m->total;
    memcpy(p->at + m->fragment * LOCPROOF_FRAGMENT_BYTES, m->bytes.at, m->bytes.len);
    p->has |= (uint32_t)1 << m->fragment;
    return p->has == ((uint32_t)1 << locproof_fragment_count(p->total)) - 1;
}

/* Sends, waits for the whole answer; nothing is hashed before the clock has stopped. */
static void round_run(struct asking *a, uint32_t number, const struct locproof_draw *draw,
                      struct locproof_round *out) {
    struct locproof_message m = {
        .kind = LOCPROOF_CHALLENGE, .session = a->session, .number = number, .draw = *draw};
    struct piece piece;
    piece.has = piece.total = 0;
    *out = (struct locproof_round){.outcome = LOCPROOF_LOST};
    int64_t limit_ns = a->c->round_ns > 0 ? a->c->round_ns : NS_PER_S;
    struct landmark_moment sent = landmark_moment_now();
    landmark_send(a->fd, &m, NULL);
    while (landmark_receive(a->fd, sent.raw_ns + limit_ns, &a->datagram)) {
        const struct locproof_message *got = &a->datagram.message;
        if (got->session != a->session || got->number != number) continue;
        bool is_none = got->kind == LOCPROOF_NONE;
        if (!is_none && (got->kind != LOCPROOF_PIECE || !piece_take(&piece, got))) continue;
        out->outcome = LOCPROOF_ANSWERED;
        out->rtt_ns = landmark_rtt_ns(&sent, &a->datagram);
        out->service_us = got->service_us;
        out->answer.has_piece = !is_none;
        out->answer.why = is_none ? (enum locproof_why)got->code : 0;
        if (!is_none) out->answer.leaf = tlog_leaf_hash(str_of(piece.at, piece.total));
        return;
    }
}

static bool counts(const struct locproof_round *r) {
    return r->outcome == LOCPROOF_LOST || r->answer.has_piece ||
           r->answer.why == LOCPROOF_UNREADABLE;
}

static enum error_code rounds_run(struct asking *a, uint64_t ledger_size, struct error *e) {
    struct locproof_transcript *t = &a->t;
    size_t most = (size_t)t->wanted * LOCPROOF_DRAWS_A_ROUND;
    uint32_t counted = 0, silent = 0;
    digest seed = locproof_seed(&t->landmark, &t->store, t->checkpoint);
    t->rounds = arena_new(a->arena, struct locproof_round, most);
    if (t->rounds == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu rounds", most);
    while (counted < t->wanted && t->count < most) {
        struct locproof_draw draw = locproof_draw_of(&seed, (uint32_t)t->count, ledger_size);
        struct locproof_round *r = &t->rounds[t->count];
        round_run(a, (uint32_t)t->count, &draw, r);
        t->count++;
        counted += counts(r);
        if (a->c->progress != NULL) a->c->progress(a->c->progress_self, counted, t->wanted);
        silent = r->outcome == LOCPROOF_LOST ? silent + 1 : 0;
        if (silent == SILENT_MOST) break; /* it has gone away: what was said so far is judged */
    }
    return OK;
}

/* ---- what shows them ---- */

static enum error_code reveal(struct asking *a, struct error *e) {
    struct locproof_message m = {
        .kind = LOCPROOF_REVEAL, .session = a->session, .nonce = a->t.landmark};
    return ask(a, &m, LOCPROOF_REVEALED, TRIES, e);
}

/* What a store that is there does not show counts as false; of one that has fallen silent nobody can
 * tell, and its pieces count as lost. */
static enum error_code shown_take(struct asking *a, struct error *e) {
    char memory[LOCPROOF_SHOWN_BYTES];
    struct error why;
    bool silent = reveal(a, &why) != OK;
    for (size_t i = 0; i < a->t.count; i++) {
        struct locproof_round *r = &a->t.rounds[i];
        size_t got = 0;
        if (r->outcome == LOCPROOF_LOST ||
            (!r->answer.has_piece && r->answer.why == LOCPROOF_UNREADABLE))
            continue;
        enum error_code code =
            silent ? FAIL_TIMEOUT
                   : fetch(a, LOCPROOF_SHOWN, (uint32_t)i, memory, sizeof memory, &got, &why);
        silent = code == FAIL_TIMEOUT;
        if (silent) *r = (struct locproof_round){.outcome = LOCPROOF_LOST};
        if (code == OK) TRY(arena_copy(a->arena, str_of(memory, got), &r->shown, e));
    }
    return OK;
}

/* ---- the report ---- */

/* Those that are believed; each is asked to cosign what the session showed. */
static void peers_add(const struct landmark_challenge *c, const struct landmark_found *f,
                      struct locproof_report *r) {
    for (size_t i = 0; i < c->peer_count; i++) {
        const struct landmark_timed *t = &f->timed[i];
        if (!t->answered || f->dropped[i + 1]) continue;
        struct locproof_peer *p = &r->peers[r->peer_count++];
        *p = (struct locproof_peer){
            .name = t->said.name, .place = t->said.place, .rtt_ns = t->rtt_ns};
        landmark_cosign(&c->peers[i], c->signer, r, r->peer_count - 1, &p->cosigned);
    }
}

/* A landmark that its peers cannot place measures nothing: its own word would bound the store. */
static void self_judge(const struct landmark_found *f, struct locproof_figures *figures) {
    if (!f->dropped[0] || figures->verdict != LOCPROOF_WITHIN) return;
    figures->verdict = LOCPROOF_INCONCLUSIVE;
    snprintf(figures->why, sizeof figures->why, "%s", locproof_withdrawn);
}

static enum error_code report_sign(struct asking *a, struct landmark_found *f, struct error *e) {
    char *memory = arena_bytes(a->arena, LOCPROOF_REPORT_BYTES);
    char *note_memory = arena_bytes(a->arena, LOCPROOF_REPORT_BYTES + 1024);
    if (memory == NULL || note_memory == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a report");
    enum { CAP = LOCPROOF_REPORT_BYTES - SIGNATURE_BYTES };
    struct text text = text_into(memory, CAP), note = text_into(note_memory, LOCPROOF_REPORT_BYTES);
    enum error_code code = locproof_report_write(&f->report, &text, e);
    for (size_t i = f->report.peer_count; code == FAIL_LIMIT && i-- > 0;) { /* long names */
        f->report.peers[i].cosigned.is_there = false;
        text = text_into(memory, CAP);
        code = locproof_report_write(&f->report, &text, e);
    }
    TRY(code);
    text_add(&note, text_str(&text));
    text_add_char(&note, '\n');
    TRY(tlog_note_sign(&note, text_str(&text), a->c->signer, 0, e));
    f->note = text_str(&note);
    return OK;
}

static enum error_code transcript_keep(struct asking *a, struct landmark_found *f,
                                       struct error *e) {
    size_t cap = 4096 + a->t.checkpoint.len;
    for (size_t i = 0; i < a->t.count; i++) cap += 64 + a->t.rounds[i].shown.len;
    char *memory = arena_bytes(a->arena, cap);
    if (memory == NULL) return error_set(e, FAIL_MEMORY, "no room for a transcript");
    return locproof_transcript_write(&a->t, memory, cap, &f->transcript, e);
}

static enum error_code report_make(struct asking *a, struct landmark_found *f, struct error *e) {
    struct locproof_report *r = &f->report;
    struct tlog_note note;
    struct tlog_checkpoint checkpoint;
    int64_t now_ns = clock_wall_ns(); /* which may have been set since the session began */
    a->t.begun_ns = now_ns - (landmark_raw_ns() - a->begun_raw_ns);
    TRY(transcript_keep(a, f, e));
    TRY(tlog_note_parse(a->t.checkpoint, &note, e));
    TRY(tlog_checkpoint_parse(note.text, &checkpoint, e));
    *r = (struct locproof_report){.name = tlog_vkey_name(&a->c->signer->vkey),
                                  .place = a->c->has_place ? a->c->place : a->registered,
                                  .site = a->c->site,
                                  .origin = checkpoint.origin,
                                  .time_ns = now_ns / NS_PER_S * NS_PER_S,
                                  .wanted = a->t.wanted,
                                  .medium = a->t.medium,
                                  .transcript = sha256_of(f->transcript)};
    TRY(locproof_transcript_check(&a->t, *a->arena, &r->figures, e));
    self_judge(f, &r->figures);
    peers_add(a->c, f, r);
    return report_sign(a, f, e);
}

/* A report that does not arrive is the landmark's to keep: the measurement stands all the same. */
static enum error_code report_give(struct asking *a, struct landmark_found *f, struct error *e) {
    struct locproof_message m = {
        .kind = LOCPROOF_RESULT, .session = a->session, .total = (uint32_t)f->note.len};
    const struct locproof_message *got = &a->datagram.message;
    struct error why;
    for (; m.fragment < locproof_fragment_count(m.total); m.fragment++) {
        m.bytes = str_slice(f->note, m.fragment * LOCPROOF_FRAGMENT_BYTES, LOCPROOF_FRAGMENT_BYTES);
        if (ask(a, &m, LOCPROOF_TAKEN, TRIES, &why) != OK)
            return arena_copy(a->arena, str_from_c(why.message), &f->receipt, e);
    }
    f->recorded = got->code == LOCPROOF_RECORDED;
    return arena_copy(a->arena, got->bytes, &f->receipt, e);
}

/* ---- all of it ---- */

static enum error_code peers_time(struct asking *a, struct landmark_found *f, struct error *e) {
    size_t count = a->c->peer_count;
    struct landmark_timed *timed = arena_new(a->arena, struct landmark_timed, count);
    if (timed == NULL) return error_set(e, FAIL_MEMORY, "no room for peers");
    for (size_t i = 0; i < count; i++) landmark_time(&a->c->peers[i], &timed[i]);
    f->timed = timed;
    landmark_judge(&a->c->place, tlog_vkey_name(&a->c->signer->vkey), timed, count, f->dropped,
                   &f->disputed);
    return OK;
}

static enum error_code challenge(struct asking *a, struct landmark_found *f, struct error *e) {
    uint64_t ledger_size = 0;
    TRY(peers_time(a, f, e));
    TRY(session_open(a, e));
    TRY(head_take(a, &ledger_size, e));
    a->begun_raw_ns = landmark_raw_ns();
    TRY(rounds_run(a, ledger_size, e));
    TRY(shown_take(a, e));
    TRY(report_make(a, f, e));
    return report_give(a, f, e);
}

enum error_code landmark_challenge(const struct landmark_challenge *c, struct arena *arena,
                                   struct landmark_found *out, struct error *e) {
    struct asking *a = arena_new(arena, struct asking, 1);
    struct landmark_found f = {.recorded = false};
    if (a == NULL) return error_set(e, FAIL_MEMORY, "no room for a session");
    assert(c->rounds > 0 && c->rounds <= LOCPROOF_ROUNDS_MAX);
    assert(c->peer_count <= LOCPROOF_PEERS_MAX);
    a->c = c;
    a->arena = arena;
    a->t.name = tlog_vkey_name(&c->signer->vkey);
    a->t.site = c->site;
    a->t.wanted = c->rounds;
    random_fill(a->t.landmark.at, sizeof a->t.landmark.at);
    a->hash = locproof_nonce_hash(&a->t.landmark);
    TRY(landmark_socket_to(&c->store, &a->fd, e));
    enum error_code code = challenge(a, &f, e);
    landmark_socket_close(a->fd);
    if (code == OK) *out = f;
    return code;
}
