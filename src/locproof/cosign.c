/* A landmark's wish to be cosigned, a peer's answer, and what a report keeps of it. */
#include "locproof/cosign.h"

#include "locproof/lines.h"
#include "locproof/standing.h"

static const str wish_first = {"azekura-location-cosign-v1", 26};
static const str seen_first = {"azekura-location-seen-v1", 24};

static void named_place_write(struct text *out, const char *word, str name) {
    text_format(out, "%s %.*s", word, STR_FMT(name));
}

static void end_write(struct text *out, const digest *transcript, int64_t time_ns) {
    char time[CLOCK_TEXT_BYTES];
    clock_iso_s_write(time_ns, time);
    lines_hex_add(out, "transcript ", transcript->at, DIGEST_BYTES);
    text_format(out, "\ntime %s\n", time);
}

static void end_take(struct lines *l, digest *transcript, int64_t *time_ns) {
    str values = lines_take(l, "transcript");
    lines_hex(l, &values, transcript->at, DIGEST_BYTES);
    *time_ns = lines_instant(l);
}

/* Who signs, and where it says it stands. */
static void signer_write(struct text *out, str name, const struct locproof_place *place) {
    named_place_write(out, "landmark", name);
    text_add_c(out, "\nat ");
    locproof_place_write(place, out);
    text_add_char(out, '\n');
}

static void signer_take(struct lines *l, str *name, struct locproof_place *place) {
    str values = lines_take(l, "landmark");
    *name = lines_word(l, &values);
    values = lines_take(l, "at");
    *place = lines_place(l, &values);
}

/* ---- the wish ---- */

enum error_code locproof_wish_write(const struct locproof_wish *w, struct text *out,
                                    struct error *e) {
    TRY(lines_names_check(&w->name, 1, e));
    text_format(out, "%.*s\n", STR_FMT(wish_first));
    signer_write(out, w->name, &w->place);
    end_write(out, &w->transcript, w->time_ns);
    return lines_written(out, e);
}

enum error_code locproof_wish_read(str text, struct locproof_wish *out, struct error *e) {
    char again[LOCPROOF_REPORT_BYTES];
    struct locproof_wish w = {0};
    struct lines l = {.rest = text, .number = 1};
    str first;
    if (!str_cut(&l.rest, '\n', &first) || !str_equal(first, wish_first))
        return error_set(e, FAIL_SYNTAX, "not a landmark's wish to be cosigned");
    signer_take(&l, &w.name, &w.place);
    end_take(&l, &w.transcript, &w.time_ns);
    struct text same = text_into(again, sizeof again);
    if (!l.broken && locproof_wish_write(&w, &same, e) != OK) l.broken = true;
    TRY(lines_read(&l, &same, text, e));
    *out = w;
    return OK;
}

enum error_code locproof_wish_open(str note, const struct tlog_vkey *key, struct locproof_wish *out,
                                   struct error *e) {
    struct locproof_wish w;
    str text;
    TRY(lines_note_open(note, key, &text, e));
    TRY(locproof_wish_read(text, &w, e));
    TRY(lines_signer_check(w.name, key, e));
    *out = w;
    return OK;
}

/* ---- the answer ---- */

enum error_code locproof_seen_write(const struct locproof_seen *s, struct text *out,
                                    struct error *e) {
    const str names[] = {s->name, s->of};
    TRY(lines_names_check(names, COUNT_OF(names), e));
    text_format(out, "%.*s\n", STR_FMT(seen_first));
    signer_write(out, s->name, &s->place);
    named_place_write(out, "seen", s->of);
    text_add_char(out, ' ');
    locproof_place_write(&s->of_place, out);
    text_format(out, " %lld\n", (long long)s->rtt_ns);
    end_write(out, &s->transcript, s->time_ns);
    return lines_written(out, e);
}

enum error_code locproof_seen_read(str text, struct locproof_seen *out, struct error *e) {
    char again[LOCPROOF_REPORT_BYTES];
    struct locproof_seen s = {0};
    struct lines l = {.rest = text, .number = 1};
    str first;
    if (!str_cut(&l.rest, '\n', &first) || !str_equal(first, seen_first))
        return error_set(e, FAIL_SYNTAX, "not what a peer saw of a landmark");
    signer_take(&l, &s.name, &s.place);
    str values = lines_take(&l, "seen");
    s.of = lines_word(&l, &values);
    s.of_place = lines_place(&l, &values);
    s.rtt_ns = (int64_t)lines_count(&l, &values, INT64_MAX);
    end_take(&l, &s.transcript, &s.time_ns);
    struct text same = text_into(again, sizeof again);
    if (!l.broken && locproof_seen_write(&s, &same, e) != OK) l.broken = true;
    TRY(lines_read(&l, &same, text, e));
    *out = s;
    return OK;
}

enum error_code locproof_seen_open(str note, const struct tlog_vkey *key, struct locproof_seen *out,
                                   struct error *e) {
    struct locproof_seen s;
    str text;
    TRY(lines_note_open(note, key, &text, e));
    TRY(locproof_seen_read(text, &s, e));
    TRY(lines_signer_check(s.name, key, e));
    *out = s;
    return OK;
}

/* ---- what a report keeps ---- */

static struct locproof_seen seen_of(const struct locproof_report *r, size_t peer,
                                    const struct locproof_cosigned *kept) {
    const struct locproof_peer *p = &r->peers[peer];
    return (struct locproof_seen){.name = p->name,
                                  .place = p->place,
                                  .of = r->name,
                                  .of_place = r->place,
                                  .rtt_ns = kept->rtt_ns,
                                  .transcript = r->transcript,
                                  .time_ns = kept->time_ns};
}

static enum error_code text_check(const struct locproof_report *r, size_t peer, str text,
                                  const struct locproof_cosigned *kept, struct error *e) {
    char memory[LOCPROOF_REPORT_BYTES];
    struct text wanted = text_into(memory, sizeof memory);
    struct locproof_seen seen = seen_of(r, peer, kept);
    TRY(locproof_seen_write(&seen, &wanted, e));
    if (str_equal(text_str(&wanted), text)) return OK;
    return error_set(e, FAIL_PROOF, "%.*s cosigned another landmark, place or transcript",
                     STR_FMT(str_slice(r->peers[peer].name, 0, 60)));
}

enum error_code locproof_cosigned_take(const struct locproof_report *r, size_t peer, str bytes,
                                       const struct tlog_vkey *key, struct locproof_cosigned *out,
                                       struct error *e) {
    struct tlog_note note;
    struct locproof_seen seen;
    unsigned char line[sizeof out->signature + 4];
    size_t count = 0;
    TRY(locproof_seen_open(bytes, key, &seen, e));
    struct locproof_cosigned kept = {
        .is_there = true, .rtt_ns = seen.rtt_ns, .time_ns = seen.time_ns};
    TRY(tlog_note_parse(bytes, &note, e));
    TRY(text_check(r, peer, note.text, &kept, e));
    for (unsigned i = 0; i < note.count; i++) {
        if (note.lines[i].key_id != key->id || !str_equal(note.lines[i].name, tlog_vkey_name(key)))
            continue;
        if (!base64_read(note.lines[i].base64, line, sizeof line, &count) ||
            count != sizeof kept.signature)
            break;
        memcpy(kept.signature, line, sizeof kept.signature);
        *out = kept;
        return OK;
    }
    return error_set(e, FAIL_PROOF, "a cosignature is %zu bytes, not %zu", count,
                     sizeof kept.signature);
}

enum error_code locproof_cosigned_check(const struct locproof_report *r, size_t peer,
                                        const struct tlog_vkey *key, struct error *e) {
    const struct locproof_peer *p = &r->peers[peer];
    const struct locproof_cosigned *kept = &p->cosigned;
    char memory[LOCPROOF_REPORT_BYTES], base64[2 * LOCPROOF_COSIGNED_BYTES];
    struct text note = text_into(memory, sizeof memory);
    struct locproof_seen seen = seen_of(r, peer, kept);
    str text;
    assert(peer < r->peer_count);
    if (!kept->is_there)
        return error_set(e, FAIL_NOT_FOUND, "%.*s did not cosign",
                         STR_FMT(str_slice(p->name, 0, 60)));
    TRY(locproof_seen_write(&seen, &note, e));
    size_t len = base64_write(kept->signature, sizeof kept->signature, base64);
    text_format(&note, "\n\xe2\x80\x94 %.*s %.*s\n", STR_FMT(p->name), (int)len, base64);
    TRY(lines_written(&note, e));
    TRY(lines_note_open(text_str(&note), key, &text, e));
    TRY(lines_signer_check(p->name, key, e));
    if (!locproof_places_contradict(&p->place, &r->place, kept->rtt_ns)) return OK;
    return error_set(e, FAIL_PROOF, "%.*s saw %.*s nearer than their places are",
                     STR_FMT(str_slice(p->name, 0, 60)), STR_FMT(str_slice(r->name, 0, 60)));
}
