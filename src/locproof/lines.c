/* Lines "word value …", written and read: one value has one text. */
#include "locproof/lines.h"

#include <math.h>

/* ---- words ---- */

bool lines_is_word(str s) {
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

bool locproof_place_equal(const struct locproof_place *a, const struct locproof_place *b) {
    return llround(a->at.lat_deg * 1e5) == llround(b->at.lat_deg * 1e5) &&
           llround(a->at.lon_deg * 1e5) == llround(b->at.lon_deg * 1e5) && a->error_m == b->error_m;
}

void lines_hex_add(struct text *out, const char *word, const void *bytes, size_t count) {
    char hex[2 * DIGEST_BYTES];
    assert(count <= DIGEST_BYTES);
    hex_write(bytes, count, hex);
    text_format(out, "%s%.*s", word, (int)(2 * count), hex);
}

enum error_code lines_written(const struct text *out, struct error *e) {
    return out->overflow ? error_set(e, FAIL_LIMIT, "a landmark's text is too long") : OK;
}

enum error_code lines_names_check(const str *names, size_t count, struct error *e) {
    for (size_t i = 0; i < count; i++)
        if (!lines_is_word(names[i]))
            return error_set(e, FAIL_USAGE, "\"%.*s\" is no name: 1 to %d bytes without spaces",
                             STR_FMT(str_slice(names[i], 0, 60)), TLOG_NAME_BYTES_MAX);
    return OK;
}

/* ---- reading lines ---- */

str lines_take(struct lines *l, const char *word) {
    str line, name = str_from_c(word);
    l->number++;
    if (l->broken || !str_cut(&l->rest, '\n', &line) || !str_starts(line, name) ||
        line.len <= name.len || line.at[name.len] != ' ') {
        l->broken = true;
        return STR_EMPTY;
    }
    return str_skip(line, name.len + 1);
}

str lines_word(struct lines *l, str *values) {
    str word;
    if (!str_cut(values, ' ', &word)) {
        word = *values;
        *values = STR_EMPTY;
    }
    if (!lines_is_word(word)) l->broken = true;
    return word;
}

uint64_t lines_count(struct lines *l, str *values, uint64_t most) {
    uint64_t count = 0;
    if (!str_u64(lines_word(l, values), &count) || count > most) l->broken = true;
    return l->broken ? 0 : count;
}

int64_t lines_ns(struct lines *l, str *values) {
    str rest = *values, word;
    if (!str_cut(&rest, ' ', &word)) word = *values;
    if (!str_equal(word, STR("-1"))) return (int64_t)lines_count(l, values, INT64_MAX);
    lines_word(l, values);
    return -1;
}

static double degrees_take(struct lines *l, str *values, double most) {
    str word = lines_word(l, values), whole;
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

struct locproof_place lines_place(struct lines *l, str *values) {
    struct locproof_place place;
    place.at.lat_deg = degrees_take(l, values, 90);
    place.at.lon_deg = degrees_take(l, values, 180);
    place.error_m = (uint32_t)lines_count(l, values, UINT32_MAX);
    return place;
}

bool locproof_place_read(str text, struct locproof_place *out) {
    struct lines l = {.rest = STR_EMPTY};
    struct locproof_place place = lines_place(&l, &text);
    if (l.broken || text.len > 0) return false;
    *out = place;
    return true;
}

void lines_hex(struct lines *l, str *values, void *to, size_t count) {
    if (!hex_read(lines_word(l, values), to, count)) l->broken = true;
}

int64_t lines_instant(struct lines *l) {
    int64_t at = 0;
    str value = lines_take(l, "time");
    if (!clock_iso_read(value, &at)) l->broken = true;
    return at;
}

enum error_code lines_read(const struct lines *l, const struct text *again, str text,
                           struct error *e) {
    if (l->broken || l->rest.len > 0)
        return error_set(e, FAIL_SYNTAX, "line %u of a landmark's text", l->number);
    if (again->overflow || !str_equal(text_str(again), text))
        return error_set(e, FAIL_SYNTAX, "a landmark's text is spelled in another way than ours");
    return OK;
}

/* ---- signed notes ---- */

enum error_code lines_note_open(str bytes, const struct tlog_vkey *key, str *text,
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

enum error_code lines_signer_check(str name, const struct tlog_vkey *key, struct error *e) {
    if (str_equal(name, tlog_vkey_name(key))) return OK;
    return error_set(e, FAIL_PROOF, "%.*s signed for a landmark of another name",
                     STR_FMT(tlog_vkey_name(key)));
}
