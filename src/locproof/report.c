/* Texts of lines "word value …": written by one hand, read by one that wants the very same bytes. */
#include "locproof/lines.h"

#include <math.h>
#include <stdlib.h>

enum { POINT_BYTES = 32 };

/* ---- peers ---- */

static void peers_write(struct text *out, const struct locproof_peer *peers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        text_format(out, "peer %.*s ", STR_FMT(peers[i].name));
        locproof_place_write(&peers[i].place, out);
        text_format(out, " %lld\n", (long long)peers[i].rtt_ns);
    }
}

static bool is_cosigned(const struct locproof_report *r) {
    bool any = false;
    for (size_t i = 0; i < r->peer_count; i++) any = any || r->peers[i].cosigned.is_there;
    return any;
}

static void cosigned_write(struct text *out, const struct locproof_peer *p) {
    char time[CLOCK_TEXT_BYTES], base64[2 * LOCPROOF_COSIGNED_BYTES];
    if (!p->cosigned.is_there) return;
    clock_iso_s_write(p->cosigned.time_ns, time);
    size_t len = base64_write(p->cosigned.signature, LOCPROOF_COSIGNED_BYTES, base64);
    text_format(out, "seen %.*s %lld %s %.*s\n", STR_FMT(p->name), (long long)p->cosigned.rtt_ns,
                time, (int)len, base64);
}

/* Lines "seen", of peers in the order of their lines "peer". */
static void cosigned_take(struct lines *l, struct locproof_peer *peers, size_t count) {
    for (size_t i = 0; !l->broken && l->rest.len > 0; i++) {
        str values = lines_take(l, "seen"), name = lines_word(l, &values);
        size_t bytes = 0;
        while (i < count && !str_equal(peers[i].name, name)) i++;
        l->broken = l->broken || i >= count;
        if (l->broken) return;
        struct locproof_cosigned *kept = &peers[i].cosigned;
        kept->is_there = true;
        kept->rtt_ns = (int64_t)lines_count(l, &values, INT64_MAX);
        if (!clock_iso_read(lines_word(l, &values), &kept->time_ns) ||
            !base64_read(lines_word(l, &values), kept->signature, sizeof kept->signature, &bytes) ||
            bytes != sizeof kept->signature)
            l->broken = true;
    }
}

static size_t peers_take(struct lines *l, struct locproof_peer *peers) {
    size_t count = 0;
    while (!l->broken && str_starts(l->rest, STR("peer ")) && count < LOCPROOF_PEERS_MAX) {
        str values = lines_take(l, "peer");
        struct locproof_peer *peer = &peers[count++];
        peer->name = lines_word(l, &values);
        peer->place = lines_place(l, &values);
        peer->rtt_ns = (int64_t)lines_count(l, &values, INT64_MAX);
    }
    return count;
}

/* ---- what a session showed ---- */

static const char *const figures_line = "figures";
static const char *const first_lines[] = {"azekura-location-proof-v1", "azekura-location-proof-v2"};

enum error_code locproof_report_write(const struct locproof_report *r, struct text *out,
                                      struct error *e) {
    const struct locproof_figures *f = &r->figures;
    const str names[] = {r->name, r->site, r->origin};
    char time[CLOCK_TEXT_BYTES], root[48];
    TRY(lines_names_check(names, COUNT_OF(names), e));
    for (size_t i = 0; i < r->peer_count; i++) TRY(lines_names_check(&r->peers[i].name, 1, e));
    clock_iso_s_write(r->time_ns, time);
    size_t root_len = base64_write(f->ledger_root.at, DIGEST_BYTES, root);
    text_format(out, "%s\nlandmark %.*s\nat ", first_lines[is_cosigned(r)], STR_FMT(r->name));
    locproof_place_write(&r->place, out);
    text_format(out, "\nsite %.*s\nledger %.*s %llu %.*s\ntime %s\n", STR_FMT(r->site),
                STR_FMT(r->origin), (unsigned long long)f->ledger_size, (int)root_len, root, time);
    text_format(out, "%s %u %u %u %u %u %u %u\n", figures_line, r->wanted, f->pieces, f->lost,
                f->no_body, f->gone, f->untold, f->bad);
    text_format(out, "rtt-ns %lld %lld %lld\nservice-ns %lld %s\nverdict %s %s\n",
                (long long)f->min_ns, (long long)f->median_ns, (long long)f->p95_ns,
                (long long)f->service_ns, locproof_medium_name(r->medium),
                locproof_verdict_name(f->verdict), f->why[0] != 0 ? f->why : "-");
    lines_hex_add(out, "transcript ", r->transcript.at, DIGEST_BYTES);
    text_add_char(out, '\n');
    peers_write(out, r->peers, r->peer_count);
    for (size_t i = 0; i < r->peer_count; i++) cosigned_write(out, &r->peers[i]);
    return lines_written(out, e);
}

static void ledger_take(struct lines *l, struct locproof_report *r) {
    str values = lines_take(l, "ledger");
    size_t count = 0;
    r->origin = lines_word(l, &values);
    r->figures.ledger_size = lines_count(l, &values, TLOG_SIZE_MAX);
    if (!base64_read(lines_word(l, &values), r->figures.ledger_root.at, DIGEST_BYTES, &count) ||
        count != DIGEST_BYTES)
        l->broken = true;
}

static void counts_take(struct lines *l, struct locproof_report *r) {
    struct locproof_figures *f = &r->figures;
    uint32_t *counts[] = {&r->wanted, &f->pieces, &f->lost, &f->no_body,
                          &f->gone,   &f->untold, &f->bad};
    str values = lines_take(l, figures_line);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        *counts[i] = (uint32_t)lines_count(l, &values, LOCPROOF_DRAWS_MAX);
}

static void verdict_read(struct lines *l, struct locproof_figures *f) {
    str why = lines_take(l, "verdict"), word = lines_word(l, &why);
    bool found = false;
    for (unsigned i = 0; i <= LOCPROOF_VERDICT_LAST; i++) {
        if (!str_equal(word, str_from_c(locproof_verdict_name((enum locproof_verdict)i)))) continue;
        f->verdict = (enum locproof_verdict)i;
        found = true;
    }
    if (!found || why.len >= sizeof f->why || why.len == 0) {
        l->broken = true;
        return;
    }
    if (str_equal(why, STR("-"))) return;
    memcpy(f->why, why.at, why.len);
}

enum error_code locproof_report_read(str text, struct locproof_report *out, struct error *e) {
    char again[LOCPROOF_REPORT_BYTES];
    struct locproof_report r = {0};
    struct lines l = {.rest = text, .number = 1};
    struct locproof_figures *f = &r.figures;
    str first, values;
    if (!str_cut(&l.rest, '\n', &first) || !str_starts(first, STR("azekura-location-proof-v")))
        return error_set(e, FAIL_SYNTAX, "not a landmark's report on a location");
    if (!str_equal(first, str_from_c(first_lines[0])) &&
        !str_equal(first, str_from_c(first_lines[1])))
        return error_set(e, FAIL_VERSION, "\"%.*s\": this program reads version 1 and 2",
                         STR_FMT(str_slice(first, 0, 60)));
    values = lines_take(&l, "landmark");
    r.name = lines_word(&l, &values);
    values = lines_take(&l, "at");
    r.place = lines_place(&l, &values);
    values = lines_take(&l, "site");
    r.site = lines_word(&l, &values);
    ledger_take(&l, &r);
    r.time_ns = lines_instant(&l);
    counts_take(&l, &r);
    values = lines_take(&l, "rtt-ns");
    f->min_ns = lines_ns(&l, &values);
    f->median_ns = lines_ns(&l, &values);
    f->p95_ns = lines_ns(&l, &values);
    values = lines_take(&l, "service-ns");
    f->service_ns = lines_ns(&l, &values);
    if (!locproof_medium_find(lines_word(&l, &values), &r.medium)) l.broken = true;
    verdict_read(&l, f);
    values = lines_take(&l, "transcript");
    lines_hex(&l, &values, r.transcript.at, DIGEST_BYTES);
    r.peer_count = peers_take(&l, r.peers);
    cosigned_take(&l, r.peers, r.peer_count);
    if (f->verdict == LOCPROOF_WITHIN && f->p95_ns < 0) l.broken = true; /* nothing to stand on */
    struct text same = text_into(again, sizeof again);
    if (!l.broken && locproof_report_write(&r, &same, e) != OK) l.broken = true;
    TRY(lines_read(&l, &same, text, e));
    *out = r;
    return OK;
}

enum error_code locproof_report_open(str note, const struct tlog_vkey *key,
                                     struct locproof_report *out, struct error *e) {
    struct locproof_report r;
    str text;
    TRY(lines_note_open(note, key, &text, e));
    TRY(locproof_report_read(text, &r, e));
    TRY(lines_signer_check(r.name, key, e));
    *out = r;
    return OK;
}

double locproof_report_bound_km(const struct locproof_report *r) {
    return r->figures.p95_ns < 0 ? -1 : geo_bound_km(r->figures.p95_ns);
}

/* ---- what a landmark says of itself ---- */

enum error_code locproof_said_write(const struct locproof_said *s, struct text *out,
                                    struct error *e) {
    char time[CLOCK_TEXT_BYTES];
    TRY(lines_names_check(&s->name, 1, e));
    for (size_t i = 0; i < s->peer_count; i++) TRY(lines_names_check(&s->peers[i].name, 1, e));
    clock_iso_s_write(s->time_ns, time);
    text_format(out, "azekura-landmark-v1\nlandmark %.*s\nat ", STR_FMT(s->name));
    locproof_place_write(&s->place, out);
    text_format(out, "\ntime %s\n", time);
    lines_hex_add(out, "ping ", s->ping.at, sizeof s->ping.at);
    lines_hex_add(out, " ", s->pong.at, sizeof s->pong.at);
    text_add_char(out, '\n');
    peers_write(out, s->peers, s->peer_count);
    return lines_written(out, e);
}

enum error_code locproof_said_read(str text, struct locproof_said *out, struct error *e) {
    char again[LOCPROOF_REPORT_BYTES];
    struct locproof_said s = {0};
    struct lines l = {.rest = text, .number = 1};
    str first, values;
    if (!str_cut(&l.rest, '\n', &first) || !str_equal(first, STR("azekura-landmark-v1")))
        return error_set(e, FAIL_SYNTAX, "not what a landmark says of itself");
    values = lines_take(&l, "landmark");
    s.name = lines_word(&l, &values);
    values = lines_take(&l, "at");
    s.place = lines_place(&l, &values);
    s.time_ns = lines_instant(&l);
    values = lines_take(&l, "ping");
    lines_hex(&l, &values, s.ping.at, sizeof s.ping.at);
    lines_hex(&l, &values, s.pong.at, sizeof s.pong.at);
    s.peer_count = peers_take(&l, s.peers);
    struct text same = text_into(again, sizeof again);
    if (!l.broken && locproof_said_write(&s, &same, e) != OK) l.broken = true;
    TRY(lines_read(&l, &same, text, e));
    *out = s;
    return OK;
}

enum error_code locproof_said_open(str note, const struct tlog_vkey *key, struct locproof_said *out,
                                   struct error *e) {
    struct locproof_said s;
    str text;
    TRY(lines_note_open(note, key, &text, e));
    TRY(locproof_said_read(text, &s, e));
    TRY(lines_signer_check(s.name, key, e));
    *out = s;
    return OK;
}

/* ---- what opens a session ---- */

enum error_code locproof_opening_write(const struct locproof_opening *o, struct text *out,
                                       struct error *e) {
    const str names[] = {o->name, o->site};
    TRY(lines_names_check(names, COUNT_OF(names), e));
    text_format(out, "azekura-location-open-v1\nlandmark %.*s\nsite %.*s\n", STR_FMT(o->name),
                STR_FMT(o->site));
    lines_hex_add(out, "nonce ", o->hash.at, DIGEST_BYTES);
    text_format(out, "\nrounds %u\n", o->wanted);
    return lines_written(out, e);
}

enum error_code locproof_opening_read(str text, struct locproof_opening *out, struct error *e) {
    char again[LOCPROOF_TEXT_BYTES];
    struct locproof_opening o = {0};
    struct lines l = {.rest = text, .number = 1};
    str first, values;
    if (!str_cut(&l.rest, '\n', &first) || !str_equal(first, STR("azekura-location-open-v1")))
        return error_set(e, FAIL_SYNTAX, "not what opens a session");
    values = lines_take(&l, "landmark");
    o.name = lines_word(&l, &values);
    values = lines_take(&l, "site");
    o.site = lines_word(&l, &values);
    values = lines_take(&l, "nonce");
    lines_hex(&l, &values, o.hash.at, DIGEST_BYTES);
    values = lines_take(&l, "rounds");
    o.wanted = (uint32_t)lines_count(&l, &values, LOCPROOF_ROUNDS_MAX);
    if (o.wanted == 0) l.broken = true;
    struct text same = text_into(again, sizeof again);
    if (!l.broken && locproof_opening_write(&o, &same, e) != OK) l.broken = true;
    TRY(lines_read(&l, &same, text, e));
    *out = o;
    return OK;
}

/* ---- points as people write them ---- */

static bool coordinate_read(str text, double most, double *out) {
    char closed[24];
    char *end;
    if (text.len == 0 || text.len >= sizeof closed) return false;
    for (size_t i = 0; i < text.len; i++)
        if (strchr("0123456789.-+", text.at[i]) == NULL || text.at[i] == 0) return false;
    memcpy(closed, text.at, text.len);
    closed[text.len] = 0;
    double value = strtod(closed, &end);
    if (*end != 0 || !(fabs(value) <= most)) return false;
    *out = value;
    return true;
}

bool locproof_point_read(str text, struct geo_point *out) {
    str lat;
    struct geo_point at;
    if (!str_cut(&text, ',', &lat)) return false;
    if (!coordinate_read(str_trim(lat), 90, &at.lat_deg) ||
        !coordinate_read(str_trim(text), 180, &at.lon_deg))
        return false;
    *out = at;
    return true;
}
