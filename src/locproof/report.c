/* Texts of lines "word value …": written by one hand, read by one that wants the very same bytes. */
#include "locproof/report.h"

#include <math.h>
#include <stdlib.h>

enum { POINT_BYTES = 32 };

/* ---- words ---- */

static bool is_word(str s) {
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.at[i] <= 0x20 || s.at[i] == 0x7f) return false;
    return s.len > 0 && s.len <= TLOG_NAME_BYTES_MAX && str_is_utf8(s);
}

static void degrees_write(struct text *out, double degrees) {
    long long at = llround(degrees * 1e5);
    long long size = at < 0 ? -at : at;
    text_format(out, "%s%lld.%05lld", at < 0 ? "-" : "", size / 100000, size % 100000);
}

void locproof_place_write(const struct locproof_place *place, struct text *out) {
    degrees_write(out, place->at.lat_deg);
    text_add_char(out, ' ');
    degrees_write(out, place->at.lon_deg);
    text_format(out, " %u", place->error_m);
}

static void peers_write(struct text *out, const struct locproof_peer *peers, size_t count) {
    for (size_t i = 0; i < count; i++) {
        text_format(out, "peer %.*s ", STR_FMT(peers[i].name));
        locproof_place_write(&peers[i].place, out);
        text_format(out, " %lld\n", (long long)peers[i].rtt_ns);
    }
}

static void hex_line(struct text *out, const char *word, const void *bytes, size_t count) {
    char hex[2 * DIGEST_BYTES];
    assert(count <= DIGEST_BYTES);
    hex_write(bytes, count, hex);
    text_format(out, "%s%.*s", word, (int)(2 * count), hex);
}

static enum error_code text_done(const struct text *out, struct error *e) {
    return out->overflow ? error_set(e, FAIL_LIMIT, "a landmark's text is too long") : OK;
}

static enum error_code names_check(const str *names, size_t count, struct error *e) {
    for (size_t i = 0; i < count; i++)
        if (!is_word(names[i]))
            return error_set(e, FAIL_USAGE, "\"%.*s\" is no name: 1 to %d bytes without spaces",
                             STR_FMT(str_slice(names[i], 0, 60)), TLOG_NAME_BYTES_MAX);
    return OK;
}

/* ---- reading lines ---- */

struct lines {
    str rest;
    unsigned number;
    bool broken;
};

/* The values of the next line, which begins with `word`; empty and broken where it does not. */
static str line_take(struct lines *l, const char *word) {
    str line, name = str_from_c(word);
    l->number++;
    if (l->broken || !str_cut(&l->rest, '\n', &line) || !str_starts(line, name) ||
        line.len <= name.len || line.at[name.len] != ' ') {
        l->broken = true;
        return STR_EMPTY;
    }
    return str_skip(line, name.len + 1);
}

static str word_take(struct lines *l, str *values) {
    str word;
    if (!str_cut(values, ' ', &word)) {
        word = *values;
        *values = STR_EMPTY;
    }
    if (!is_word(word)) l->broken = true;
    return word;
}

static uint64_t count_take(struct lines *l, str *values, uint64_t most) {
    uint64_t count = 0;
    if (!str_u64(word_take(l, values), &count) || count > most) l->broken = true;
    return l->broken ? 0 : count;
}

/* -1: not known. */
static int64_t time_take(struct lines *l, str *values) {
    str rest = *values, word;
    if (!str_cut(&rest, ' ', &word)) word = *values;
    if (!str_equal(word, STR("-1"))) return (int64_t)count_take(l, values, INT64_MAX);
    word_take(l, values);
    return -1;
}

static double degrees_take(struct lines *l, str *values, double most) {
    str word = word_take(l, values), whole;
    bool minus = str_starts(word, STR("-"));
    uint64_t degrees, parts;
    str rest = str_skip(word, minus ? 1 : 0);
    if (!str_cut(&rest, '.', &whole) || rest.len != 5 || !str_u64(whole, &degrees) ||
        !str_u64(rest, &parts) || degrees > 180) {
        l->broken = true;
        return 0;
    }
    double at = (double)(degrees * 100000 + parts) / 1e5;
    if (at > most) l->broken = true;
    return minus ? -at : at;
}

static struct locproof_place place_take(struct lines *l, str *values) {
    struct locproof_place place;
    place.at.lat_deg = degrees_take(l, values, 90);
    place.at.lon_deg = degrees_take(l, values, 180);
    place.error_m = (uint32_t)count_take(l, values, UINT32_MAX);
    return place;
}

bool locproof_place_read(str text, struct locproof_place *out) {
    struct lines l = {.rest = STR_EMPTY};
    struct locproof_place place = place_take(&l, &text);
    if (l.broken || text.len > 0) return false;
    *out = place;
    return true;
}

static void hex_take(struct lines *l, str *values, void *to, size_t count) {
    if (!hex_read(word_take(l, values), to, count)) l->broken = true;
}

static int64_t instant_take(struct lines *l) {
    int64_t at = 0;
    str value = line_take(l, "time");
    if (!clock_iso_read(value, &at)) l->broken = true;
    return at;
}

static size_t peers_take(struct lines *l, struct locproof_peer *peers) {
    size_t count = 0;
    while (!l->broken && l->rest.len > 0 && count < LOCPROOF_PEERS_MAX) {
        str values = line_take(l, "peer");
        struct locproof_peer *peer = &peers[count++];
        peer->name = word_take(l, &values);
        peer->place = place_take(l, &values);
        peer->rtt_ns = (int64_t)count_take(l, &values, INT64_MAX);
    }
    return count;
}

/* One value has one text: what was read is written again and compared. */
static enum error_code read_done(const struct lines *l, const struct text *again, str text,
                                 struct error *e) {
    if (l->broken || l->rest.len > 0)
        return error_set(e, FAIL_SYNTAX, "line %u of a landmark's text", l->number);
    if (again->overflow || !str_equal(text_str(again), text))
        return error_set(e, FAIL_SYNTAX, "a landmark's text is spelled in another way than ours");
    return OK;
}

/* ---- what a session showed ---- */

static const char *const figures_line = "figures";

enum error_code locproof_report_write(const struct locproof_report *r, struct text *out,
                                      struct error *e) {
    const struct locproof_figures *f = &r->figures;
    const str names[] = {r->name, r->site, r->origin};
    char time[CLOCK_TEXT_BYTES], root[48];
    TRY(names_check(names, COUNT_OF(names), e));
    for (size_t i = 0; i < r->peer_count; i++) TRY(names_check(&r->peers[i].name, 1, e));
    clock_iso_s_write(r->time_ns, time);
    size_t root_len = base64_write(f->ledger_root.at, DIGEST_BYTES, root);
    text_format(out, "azekura-location-proof-v1\nlandmark %.*s\nat ", STR_FMT(r->name));
    locproof_place_write(&r->place, out);
    text_format(out, "\nsite %.*s\nledger %.*s %llu %.*s\ntime %s\n", STR_FMT(r->site),
                STR_FMT(r->origin), (unsigned long long)f->ledger_size, (int)root_len, root, time);
    text_format(out, "%s %u %u %u %u %u %u %u\n", figures_line, r->wanted, f->pieces, f->lost,
                f->no_body, f->gone, f->untold, f->bad);
    text_format(out, "rtt-ns %lld %lld %lld\nservice-ns %lld %s\nverdict %s %s\n",
                (long long)f->min_ns, (long long)f->median_ns, (long long)f->p95_ns,
                (long long)f->service_ns, locproof_medium_name(r->medium),
                locproof_verdict_name(f->verdict), f->why[0] != 0 ? f->why : "-");
    hex_line(out, "transcript ", r->transcript.at, DIGEST_BYTES);
    text_add_char(out, '\n');
    peers_write(out, r->peers, r->peer_count);
    return text_done(out, e);
}

static void ledger_take(struct lines *l, struct locproof_report *r) {
    str values = line_take(l, "ledger");
    size_t count = 0;
    r->origin = word_take(l, &values);
    r->figures.ledger_size = count_take(l, &values, TLOG_SIZE_MAX);
    if (!base64_read(word_take(l, &values), r->figures.ledger_root.at, DIGEST_BYTES, &count) ||
        count != DIGEST_BYTES)
        l->broken = true;
}

static void counts_take(struct lines *l, struct locproof_report *r) {
    struct locproof_figures *f = &r->figures;
    uint32_t *counts[] = {&r->wanted, &f->pieces, &f->lost, &f->no_body,
                          &f->gone,   &f->untold, &f->bad};
    str values = line_take(l, figures_line);
    for (size_t i = 0; i < COUNT_OF(counts); i++)
        *counts[i] = (uint32_t)count_take(l, &values, LOCPROOF_DRAWS_MAX);
}

static void verdict_read(struct lines *l, struct locproof_figures *f) {
    str why = line_take(l, "verdict"), word = word_take(l, &why);
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
    if (!str_cut(&l.rest, '\n', &first) || !str_equal(first, STR("azekura-location-proof-v1")))
        return error_set(e, FAIL_SYNTAX, "not a landmark's report on a location");
    values = line_take(&l, "landmark");
    r.name = word_take(&l, &values);
    values = line_take(&l, "at");
    r.place = place_take(&l, &values);
    values = line_take(&l, "site");
    r.site = word_take(&l, &values);
    ledger_take(&l, &r);
    r.time_ns = instant_take(&l);
    counts_take(&l, &r);
    values = line_take(&l, "rtt-ns");
    f->min_ns = time_take(&l, &values);
    f->median_ns = time_take(&l, &values);
    f->p95_ns = time_take(&l, &values);
    values = line_take(&l, "service-ns");
    f->service_ns = time_take(&l, &values);
    if (!locproof_medium_find(word_take(&l, &values), &r.medium)) l.broken = true;
    verdict_read(&l, f);
    values = line_take(&l, "transcript");
    hex_take(&l, &values, r.transcript.at, DIGEST_BYTES);
    r.peer_count = peers_take(&l, r.peers);
    if (f->verdict == LOCPROOF_WITHIN && f->p95_ns < 0) l.broken = true; /* nothing to stand on */
    struct text same = text_into(again, sizeof again);
    if (!l.broken && locproof_report_write(&r, &same, e) != OK) l.broken = true;
    TRY(read_done(&l, &same, text, e));
    *out = r;
    return OK;
}

static enum error_code note_open(str bytes, const struct tlog_vkey *key, str *text,
                                 struct error *e) {
    struct tlog_note note;
    struct tlog_signed signed_by;
    TRY(tlog_note_parse(bytes, &note, e));
    TRY(tlog_note_verify(&note, key, 1, &signed_by, e));
    if (!signed_by.valid)
        return error_set(e, FAIL_PROOF, "the note is not signed by %.*s",
                         STR_FMT(tlog_vkey_name(key)));
    *text = note.text;
    return OK;
}

static enum error_code name_check(str name, const struct tlog_vkey *key, struct error *e) {
    if (str_equal(name, tlog_vkey_name(key))) return OK;
    return error_set(e, FAIL_PROOF, "%.*s signed for a landmark of another name",
                     STR_FMT(tlog_vkey_name(key)));
}

enum error_code locproof_report_open(str note, const struct tlog_vkey *key,
                                     struct locproof_report *out, struct error *e) {
    struct locproof_report r;
    str text;
    TRY(note_open(note, key, &text, e));
    TRY(locproof_report_read(text, &r, e));
    TRY(name_check(r.name, key, e));
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
    TRY(names_check(&s->name, 1, e));
    for (size_t i = 0; i < s->peer_count; i++) TRY(names_check(&s->peers[i].name, 1, e));
    clock_iso_s_write(s->time_ns, time);
    text_format(out, "azekura-landmark-v1\nlandmark %.*s\nat ", STR_FMT(s->name));
    locproof_place_write(&s->place, out);
    text_format(out, "\ntime %s\n", time);
    hex_line(out, "ping ", s->ping.at, sizeof s->ping.at);
    hex_line(out, " ", s->pong.at, sizeof s->pong.at);
    text_add_char(out, '\n');
    peers_write(out, s->peers, s->peer_count);
    return text_done(out, e);
}

enum error_code locproof_said_read(str text, struct locproof_said *out, struct error *e) {
    char again[LOCPROOF_REPORT_BYTES];
    struct locproof_said s = {0};
    struct lines l = {.rest = text, .number = 1};
    str first, values;
    if (!str_cut(&l.rest, '\n', &first) || !str_equal(first, STR("azekura-landmark-v1")))
        return error_set(e, FAIL_SYNTAX, "not what a landmark says of itself");
    values = line_take(&l, "landmark");
    s.name = word_take(&l, &values);
    values = line_take(&l, "at");
    s.place = place_take(&l, &values);
    s.time_ns = instant_take(&l);
    values = line_take(&l, "ping");
    hex_take(&l, &values, s.ping.at, sizeof s.ping.at);
    hex_take(&l, &values, s.pong.at, sizeof s.pong.at);
    s.peer_count = peers_take(&l, s.peers);
    struct text same = text_into(again, sizeof again);
    if (!l.broken && locproof_said_write(&s, &same, e) != OK) l.broken = true;
    TRY(read_done(&l, &same, text, e));
    *out = s;
    return OK;
}

enum error_code locproof_said_open(str note, const struct tlog_vkey *key, struct locproof_said *out,
                                   struct error *e) {
    struct locproof_said s;
    str text;
    TRY(note_open(note, key, &text, e));
    TRY(locproof_said_read(text, &s, e));
    TRY(name_check(s.name, key, e));
    *out = s;
    return OK;
}

/* ---- what opens a session ---- */

enum error_code locproof_opening_write(const struct locproof_opening *o, struct text *out,
                                       struct error *e) {
    const str names[] = {o->name, o->site};
    TRY(names_check(names, COUNT_OF(names), e));
    text_format(out, "azekura-location-open-v1\nlandmark %.*s\nsite %.*s\n", STR_FMT(o->name),
                STR_FMT(o->site));
    hex_line(out, "nonce ", o->hash.at, DIGEST_BYTES);
    text_format(out, "\nrounds %u\n", o->wanted);
    return text_done(out, e);
}

enum error_code locproof_opening_read(str text, struct locproof_opening *out, struct error *e) {
    char again[LOCPROOF_TEXT_BYTES];
    struct locproof_opening o = {0};
    struct lines l = {.rest = text, .number = 1};
    str first, values;
    if (!str_cut(&l.rest, '\n', &first) || !str_equal(first, STR("azekura-location-open-v1")))
        return error_set(e, FAIL_SYNTAX, "not what opens a session");
    values = line_take(&l, "landmark");
    o.name = word_take(&l, &values);
    values = line_take(&l, "site");
    o.site = word_take(&l, &values);
    values = line_take(&l, "nonce");
    hex_take(&l, &values, o.hash.at, DIGEST_BYTES);
    values = line_take(&l, "rounds");
    o.wanted = (uint32_t)count_take(&l, &values, LOCPROOF_ROUNDS_MAX);
    if (o.wanted == 0) l.broken = true;
    struct text same = text_into(again, sizeof again);
    if (!l.broken && locproof_opening_write(&o, &same, e) != OK) l.broken = true;
    TRY(read_done(&l, &same, text, e));
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
