/* Who announces a range of addresses: CSV of four columns, some 400,000 lines, read as it goes by. */
#include "geo/scan.h"

struct lines {
    str file, rest;
    size_t number; /* of the line at hand, from 1 */
    bool is_ended; /* by a line feed; the last line of a file that was cut is not */
};

static bool line_next(struct lines *lines, str *line) {
    if (lines->rest.len == 0) return false;
    lines->number++;
    lines->is_ended = str_cut(&lines->rest, '\n', line);
    if (!lines->is_ended) {
        *line = lines->rest;
        lines->rest = STR_EMPTY;
    }
    if (str_ends(*line, STR("\r"))) line->len--;
    return true;
}

/* "Cloudflare, Inc." in quotes, two of them for one. Names without two are views. */
static bool name_read(str cell, struct arena *arena, str *out) {
    if (!str_starts(cell, STR("\""))) {
        *out = cell;
        return true;
    }
    if (cell.len < 2 || !str_ends(cell, STR("\""))) return false;
    str inner = str_slice(cell, 1, cell.len - 2);
    size_t quote;
    if (!str_find_char(inner, '"', &quote)) {
        *out = inner;
        return true;
    }
    char *name = arena_bytes(arena, inner.len);
    assert(name != NULL); /* geo_asn_read saw to it */
    size_t len = 0;
    for (size_t i = 0; i < inner.len; i++) {
        if (inner.at[i] == '"' && (++i == inner.len || inner.at[i] != '"')) return false;
        name[len++] = inner.at[i];
    }
    *out = str_of(name, len);
    return true;
}

/* NULL: the line is one; else what was expected. */
static const char *range_read(str line, struct arena *arena, struct geo_asn_range *out) {
    str rest = line, first = STR_EMPTY, last = STR_EMPTY, number = STR_EMPTY;
    if (!str_cut(&rest, ',', &first) || !str_cut(&rest, ',', &last) ||
        !str_cut(&rest, ',', &number))
        return "first address, last address, number and organisation";
    if (!geo_address_read(first, &out->first)) return "an address first";
    if (!geo_address_read(last, &out->last)) return "an address second";
    if (!str_u32(number, &out->asn) || out->asn == 0) return "the number of an autonomous system";
    if (out->first.len != out->last.len || memcmp(out->first.at, out->last.at, out->first.len) > 0)
        return "a last address not before the first";
    if (!str_is_utf8(rest) || !name_read(rest, arena, &out->organisation))
        return "a name, in quotes if it holds any";
    return NULL;
}

/* Behind the range before it, IPv4 before IPv6. */
static bool is_behind(const struct geo_asn_range *before, const struct geo_asn_range *range) {
    if (before->last.len != range->first.len) return before->last.len < range->first.len;
    return memcmp(before->last.at, range->first.at, range->first.len) < 0;
}

/* Bytes in network order, counted up or down by one. */
static void step(struct geo_address *address, bool up) {
    for (unsigned i = address->len; i-- > 0;) {
        unsigned char turn = up ? 0 : 0xff;
        address->at[i] = (unsigned char)(address->at[i] + (up ? 1 : -1));
        if (address->at[i] != turn) return;
    }
}

static void size_of(const struct geo_asn_range *range, unsigned char out[16]) {
    int borrow = 0;
    memset(out, 0, 16);
    for (unsigned i = range->first.len; i-- > 0;) {
        int digit = range->last.at[i] - range->first.at[i] - borrow;
        borrow = digit < 0;
        out[i] = (unsigned char)(digit + (borrow ? 256 : 0));
    }
}

/* A range that begins in the one before it and ends behind it: two systems say they announce what both have, and the
 * narrower range is the more exact word, as in routing. False: they do not lie so. */
static bool overlap_part(struct geo_asn_range *before, struct geo_asn_range *range) {
    unsigned char sizes[2][16];
    unsigned len = range->first.len;
    if (before->last.len != len || memcmp(before->first.at, range->first.at, len) > 0 ||
        memcmp(before->last.at, range->last.at, len) >= 0)
        return false;
    size_of(before, sizes[0]);
    size_of(range, sizes[1]);
    if (memcmp(sizes[1], sizes[0], len) < 0) {
        before->last = range->first;
        step(&before->last, false);
    } else {
        range->first = before->last;
        step(&range->first, true);
    }
    return true;
}

static void lines_read(struct lines *lines, struct arena *arena, struct geo_asn_range *ranges,
                       struct geo_asn *asn) {
    str line;
    while (line_next(lines, &line)) {
        struct geo_asn_range range = {0};
        if (line.len == 0) continue;
        const char *expected = lines->is_ended ? range_read(line, arena, &range) : NULL;
        if (!lines->is_ended) {
            asn->problems.is_cut = true;
            expected = "the end of the line, where the file ends";
        } else if (expected == NULL && asn->count > 0 &&
                   !is_behind(&ranges[asn->count - 1], &range) &&
                   !overlap_part(&ranges[asn->count - 1], &range)) {
            expected = "a range behind the one before";
        }
        if (expected == NULL)
            ranges[asn->count++] = range;
        else
            geo_problems_add(&asn->problems, arena, "%.*s:%zu: expected %s, found \"%.*s\"",
                             STR_FMT(lines->file), lines->number, expected,
                             STR_FMT(str_slice(line, 0, 80)));
    }
}

static size_t lines_count(str bytes) {
    size_t count = 0;
    for (size_t i = 0; i < bytes.len; i++) count += bytes.at[i] == '\n';
    return count;
}

enum error_code geo_asn_read(str file, str date, str bytes, struct arena *arena,
                             struct geo_asn *out, struct error *e) {
    struct geo_asn asn = {0};
    TRY(geo_problems_begin(&asn.problems, arena, e));
    struct geo_asn_range *ranges = arena_new(arena, struct geo_asn_range, lines_count(bytes));
    if (ranges == NULL || arena_left(arena) < bytes.len)
        return error_set(e, FAIL_MEMORY, "no room for the ranges of %.*s", STR_FMT(file));
    struct lines lines = {file, bytes, 0};
    lines_read(&lines, arena, ranges, &asn);
    if (asn.count == 0)
        return error_set(e, FAIL_SYNTAX,
                         "%.*s: no line of it names a range and an autonomous system",
                         STR_FMT(file));
    asn.ranges = ranges;
    TRY(arena_copy(arena, file, &asn.edition.name, e));
    TRY(arena_copy(arena, date, &asn.edition.date, e));
    if (!clock_iso_read(date, &asn.edition.built_ns)) asn.edition.built_ns = 0;
    asn.edition.attribution =
        STR("autonomous systems by ip-location-db, with data of RouteViews, DB-IP "
            "(https://db-ip.com) and the NRO (nro.net), CC BY 4.0");
    asn.edition.bytes = bytes.len;
    asn.edition.sha256 = sha256_of(bytes);
    *out = asn;
    return OK;
}
