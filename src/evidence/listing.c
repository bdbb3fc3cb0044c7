/* Rows of the store listing, as lines of words. Writer and reader together. */
#include "evidence/listing.h"

#include "tlog/tlog.h"

#define LISTING_FAMILY  STR("azekura-store-listing@")
#define LISTING_VERSION STR("azekura-store-listing@v2")
#define NOTHING         STR("-")

static const str kinds[] = {{"version", 7}, {"marker", 6}, {"act", 3}};

/* ---- names: percent-encoded, so that a word has no space and a line no newline */

static bool is_plain(unsigned char b) {
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') ||
           (b != 0 && strchr("-._~/", b) != NULL);
}

static void name_write(struct text *out, str name) {
    for (size_t i = 0; i < name.len; i++) {
        unsigned char b = (unsigned char)name.at[i];
        if (is_plain(b)) {
            text_add_char(out, (char)b);
        } else {
            text_format(out, "%%%02X", b);
        }
    }
    text_add_char(out, ' ');
}

static bool name_read(str word, struct arena *arena, str *out, bool *full) {
    char *name = arena_bytes(arena, word.len);
    *full = name == NULL;
    if (!name || word.len == 0) return false;
    size_t count = 0;
    for (size_t i = 0; i < word.len; i++) {
        unsigned char b = (unsigned char)word.at[i];
        if (b == '%') {
            if (word.len - i < 3 || !hex_read(str_slice(word, i + 1, 2), &b, 1)) return false;
            if (is_plain(b) || word.at[i + 1] >= 'a' || word.at[i + 2] >= 'a') return false;
            i += 2;
        } else if (!is_plain(b)) {
            return false;
        }
        name[count++] = (char)b;
    }
    *out = str_of(name, count);
    return true;
}

/* ---- numbers and bytes */

static bool decimal_read(str word, uint64_t *out) {
    if (word.len > 1 && word.at[0] == '0') return false;
    return str_u64(word, out);
}

static void base64_add(struct text *out, str bytes) {
    char piece[1024];
    while (bytes.len > 0) {
        str head = str_slice(bytes, 0, sizeof piece / 4 * 3);
        bytes = str_skip(bytes, head.len);
        text_add(out, str_of(piece, base64_write(head.at, head.len, piece)));
    }
}

/* ---- head */

void evidence_listing_head_write(struct text *out, const struct evidence_listing_head *head) {
    assert(head->log_count > 0 && head->log_count <= EVIDENCE_LOGS_MAX);
    text_add(out, LISTING_VERSION);
    for (size_t i = 0; i < head->log_count; i++)
        text_format(out, "\nlog %.*s %llu", STR_FMT(head->logs[i].origin),
                    (unsigned long long)head->logs[i].size);
    text_format(out, "\nbodies %s\n\n", head->has_bodies ? "yes" : "no");
}

static bool log_read(str line, struct evidence_listing_head *head) {
    struct evidence_listing_log log;
    if (head->log_count == EVIDENCE_LOGS_MAX) return false;
    if (!str_cut(&line, ' ', &log.origin) || !tlog_name_is_valid(log.origin)) return false;
    if (!decimal_read(line, &log.size)) return false;
    head->logs[head->log_count++] = log;
    return true;
}

enum error_code evidence_listing_head_read(str *rest, struct evidence_listing_head *out,
                                           struct error *e) {
    struct evidence_listing_head head = {.log_count = 0};
    str left = *rest, line;
    if (!str_cut(&left, '\n', &line) || !str_starts(line, LISTING_FAMILY))
        return error_set(e, FAIL_SYNTAX, "this is not a store listing");
    if (!str_equal(line, LISTING_VERSION))
        return error_set(e, FAIL_VERSION, "store listing: version \"%.*s\" is not v2",
                         (int)size_min(line.len - LISTING_FAMILY.len, 40),
                         line.at + LISTING_FAMILY.len);
    while (str_cut(&left, '\n', &line) && str_starts(line, STR("log ")))
        if (!log_read(str_skip(line, 4), &head))
            return error_set(e, FAIL_SYNTAX,
                             "store listing: \"%.*s\" names no log and size, or is "
                             "one over %d",
                             (int)size_min(line.len, 60), line.at, EVIDENCE_LOGS_MAX);
    head.has_bodies = str_equal(line, STR("bodies yes"));
    if (head.log_count == 0 || (!head.has_bodies && !str_equal(line, STR("bodies no"))))
        return error_set(e, FAIL_SYNTAX,
                         "store listing: its head is not logs, and bodies yes or no");
    if (!str_cut(&left, '\n', &line) || line.len > 0)
        return error_set(e, FAIL_SYNTAX, "store listing: no empty line after its head");
    *out = head;
    *rest = left;
    return OK;
}

/* ---- rows */

void evidence_listing_row_write(struct text *out, const struct evidence_listing_row *row) {
    text_add(out, kinds[row->kind]);
    if (row->index == EVIDENCE_LISTING_NO_INDEX) {
        assert(row->kind != EVIDENCE_LISTED_ACT);
        text_add(out, STR(" - "));
    } else {
        text_format(out, " %u:%llu ", row->log + 1, (unsigned long long)row->index);
    }
    if (row->kind == EVIDENCE_LISTED_VERSION) {
        char hex[2 * DIGEST_BYTES];
        hex_write(row->content.at, DIGEST_BYTES, hex);
        text_format(out, "%llu %.*s ", (unsigned long long)row->bytes, (int)sizeof hex, hex);
    }
    if (row->kind != EVIDENCE_LISTED_ACT) {
        name_write(out, row->bucket);
        name_write(out, row->key);
        name_write(out, row->version);
    }
    assert(row->extra.len == 0 || row->index != EVIDENCE_LISTING_NO_INDEX);
    if (row->extra.len == 0) {
        assert(row->kind != EVIDENCE_LISTED_ACT);
        text_add(out, NOTHING);
    } else {
        base64_add(out, row->extra);
    }
    text_add_char(out, '\n');
}

void evidence_listing_end_write(struct text *out, uint64_t rows) {
    text_format(out, "end %llu\n", (unsigned long long)rows);
}

static bool kind_read(str word, enum evidence_listing_kind *out) {
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        if (!str_equal(word, kinds[i])) continue;
        *out = (enum evidence_listing_kind)i;
        return true;
    }
    return false;
}

/* "2:17": entry 17 of the second log; "-": none. */
static bool index_read(str word, struct evidence_listing_row *row) {
    uint64_t place;
    str first;
    if (str_equal(word, NOTHING)) {
        row->index = EVIDENCE_LISTING_NO_INDEX;
        return true;
    }
    if (!str_cut(&word, ':', &first) || !decimal_read(first, &place)) return false;
    if (place == 0 || place > EVIDENCE_LOGS_MAX) return false;
    row->log = (uint32_t)place - 1;
    return decimal_read(word, &row->index) && row->index != EVIDENCE_LISTING_NO_INDEX;
}

static bool extra_read(str word, const struct evidence_listing_row *row, struct arena *arena,
                       str *out, bool *full) {
    *out = STR_EMPTY;
    if (str_equal(word, NOTHING)) return row->kind != EVIDENCE_LISTED_ACT;
    size_t cap = word.len / 4 * 3, count;
    char *bytes = arena_bytes(arena, cap);
    *full = bytes == NULL;
    if (!bytes || word.len == 0 || row->index == EVIDENCE_LISTING_NO_INDEX) return false;
    if (!base64_read(word, bytes, cap, &count)) return false;
    *out = str_of(bytes, count);
    return true;
}

static bool row_read(str line, struct arena *arena, struct evidence_listing_row *row, bool *full) {
    str word;
    if (!str_cut(&line, ' ', &word) || !kind_read(word, &row->kind)) return false;
    if (!str_cut(&line, ' ', &word) || !index_read(word, row)) return false;
    if (row->kind == EVIDENCE_LISTED_VERSION) {
        if (!str_cut(&line, ' ', &word) || !decimal_read(word, &row->bytes)) return false;
        if (!str_cut(&line, ' ', &word) || !hex_read(word, row->content.at, DIGEST_BYTES))
            return false;
    }
    if (row->kind != EVIDENCE_LISTED_ACT) {
        str *names[] = {&row->bucket, &row->key, &row->version};
        for (size_t i = 0; i < COUNT_OF(names); i++) {
            if (!str_cut(&line, ' ', &word) || !name_read(word, arena, names[i], full))
                return false;
        }
    }
    return extra_read(line, row, arena, &row->extra, full);
}

enum error_code evidence_listing_line_read(str line, struct arena *arena,
                                           struct evidence_listing_row *out, bool *is_end,
                                           uint64_t *rows, struct error *e) {
    struct evidence_listing_row row = {.index = 0};
    uint64_t count = 0;
    bool full = false, end = str_starts(line, STR("end "));
    if (end ? !decimal_read(str_skip(line, 4), &count) : !row_read(line, arena, &row, &full)) {
        if (full) return error_set(e, FAIL_MEMORY, "store listing: no room for a row");
        return error_set(e, FAIL_SYNTAX, "store listing: \"%.*s\" is not a row",
                         (int)size_min(line.len, 60), line.at ? line.at : "");
    }
    if (!end) *out = row;
    *rows = count;
    *is_end = end;
    return OK;
}
