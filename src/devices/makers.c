/* The lists by which a maker is suspected: blocks of hardware addresses, enterprise numbers, how texts begin. */
#include <stdlib.h>

#include "devices/devices.h"
#include "devices/embedded.h"

/* A block of hardware addresses: its first bits, aligned to the left of 48. */
struct block {
    uint64_t first;
    str holder;
    unsigned bits;
};
struct enterprise {
    uint32_t number;
    str maker;
};
struct beginning {
    str text, maker;
};

struct devices_makers {
    struct block *blocks; /* by bits, the longest first, then by first */
    size_t block_count;
    struct enterprise *enterprises; /* by number */
    size_t enterprise_count;
    struct beginning *beginnings; /* the longest first */
    size_t beginning_count;
};

/* ---- blocks ---- */

static int blocks_order(const void *a, const void *b) {
    const struct block *x = a, *y = b;
    if (x->bits != y->bits) return x->bits > y->bits ? -1 : 1;
    return (x->first > y->first) - (x->first < y->first);
}

static bool block_read(str text, str holder, struct block *out) {
    uint64_t value = 0;
    if (text.len != 6 && text.len != 7 && text.len != 9) return false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        bool is_digit = c >= '0' && c <= '9';
        if (!is_digit && !(c >= 'A' && c <= 'F')) return false;
        value = value << 4 | (uint64_t)(is_digit ? c - '0' : c - 'A' + 10);
    }
    unsigned bits = (unsigned)text.len * 4;
    *out = (struct block){.first = value << (48 - bits), .holder = holder, .bits = bits};
    return true;
}

/* A line: blocks, a tab, the holder. Lines of # are comments. */
static enum error_code blocks_read(struct devices_makers *m, str text, struct arena *arena,
                                   struct error *e) {
    size_t most = 0;
    for (size_t i = 0; i < text.len; i++) most += text.at[i] == ' ' || text.at[i] == '\t';
    m->blocks = arena_new(arena, struct block, most);
    if (m->blocks == NULL) return error_set(e, FAIL_MEMORY, "no room for %zu blocks", most);
    for (str line; str_cut(&text, '\n', &line);) {
        str blocks, one;
        if (str_starts(line, STR("#"))) continue;
        if (!str_cut(&line, '\t', &blocks))
            return error_set(e, FAIL_INTERNAL, "a line of makers.txt has no tab");
        for (bool more = true; more;) {
            more = str_cut(&blocks, ' ', &one);
            assert(m->block_count < most);
            if (!block_read(more ? one : blocks, line, &m->blocks[m->block_count++]))
                return error_set(e, FAIL_INTERNAL, "a block of makers.txt is none");
        }
    }
    qsort(m->blocks, m->block_count, sizeof *m->blocks, blocks_order);
    return OK;
}

bool devices_maker_of_mac(const struct devices_makers *makers, const struct inventory_mac *mac,
                          str *maker, unsigned *bits) {
    static const unsigned lengths[] = {36, 28, 24};
    bool is_made_up = (mac->at[0] & 3) != 0; /* local or to many: no maker's */
    uint64_t value = 0;
    for (size_t i = 0; i < sizeof mac->at; i++) value = value << 8 | mac->at[i];
    for (size_t i = 0; !is_made_up && i < COUNT_OF(lengths); i++) {
        unsigned apart = 48 - lengths[i];
        struct block wanted = {.first = value >> apart << apart, .bits = lengths[i]};
        const struct block *found =
            bsearch(&wanted, makers->blocks, makers->block_count, sizeof wanted, blocks_order);
        if (found == NULL) continue;
        *maker = found->holder;
        *bits = found->bits;
        return true;
    }
    return false;
}

/* ---- enterprise numbers and beginnings of texts ---- */

static int enterprises_order(const void *a, const void *b) {
    const struct enterprise *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

static int beginnings_order(const void *a, const void *b) {
    const struct beginning *x = a, *y = b;
    if (x->text.len != y->text.len) return x->text.len > y->text.len ? -1 : 1;
    return str_compare(x->text, y->text);
}

static enum error_code enterprises_read(struct devices_makers *m, struct arena *arena,
                                        struct arena scratch, struct error *e) {
    struct register_prefilled list;
    size_t texts = 0;
    TRY(register_prefilled_read(STR("enterprises"), arena, scratch, &list, e));
    for (size_t i = 0; i < list.row_count; i++)
        for (str rest = register_prefilled_cell(&list, i, STR("texts")), one;
             str_cut(&rest, ';', &one);)
            texts++;
    m->enterprises = arena_new(arena, struct enterprise, list.row_count);
    m->beginnings = arena_new(arena, struct beginning, texts + list.row_count);
    if (m->enterprises == NULL || m->beginnings == NULL)
        return error_set(e, FAIL_MEMORY, "no room for enterprise numbers");
    for (size_t i = 0; i < list.row_count; i++) {
        struct enterprise *row = &m->enterprises[m->enterprise_count++];
        row->maker = register_prefilled_cell(&list, i, STR("maker"));
        if (!str_u32(register_prefilled_cell(&list, i, STR("number")), &row->number))
            return error_set(e, FAIL_INTERNAL, "a number of the list enterprises is none");
        str rest = register_prefilled_cell(&list, i, STR("texts")), one;
        for (bool more = rest.len > 0; more;) {
            more = str_cut(&rest, ';', &one);
            m->beginnings[m->beginning_count++] = (struct beginning){more ? one : rest, row->maker};
        }
    }
    qsort(m->enterprises, m->enterprise_count, sizeof *m->enterprises, enterprises_order);
    qsort(m->beginnings, m->beginning_count, sizeof *m->beginnings, beginnings_order);
    return OK;
}

bool devices_maker_of_object(const struct devices_makers *makers, str object_id, str *maker) {
    static const str root = {"1.3.6.1.4.1.", 12};
    struct enterprise wanted;
    if (str_starts(object_id, STR("."))) object_id = str_skip(object_id, 1);
    if (!str_starts(object_id, root)) return false;
    str rest = str_skip(object_id, root.len), number = rest;
    str_cut(&rest, '.', &number);
    if (!str_u32(number, &wanted.number)) return false;
    const struct enterprise *found = bsearch(&wanted, makers->enterprises, makers->enterprise_count,
                                             sizeof wanted, enterprises_order);
    if (found != NULL) *maker = found->maker;
    return found != NULL;
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool devices_maker_of_text(const struct devices_makers *makers, str text, str *maker) {
    text = str_trim(text);
    for (size_t i = 0; i < makers->beginning_count; i++) {
        str begins = makers->beginnings[i].text;
        bool is_word = text.len == begins.len ||
                       (text.len > begins.len &&
                        !(is_letter(begins.at[begins.len - 1]) && is_letter(text.at[begins.len])));
        if (!is_word || !str_equal_nocase(str_slice(text, 0, begins.len), begins)) continue;
        *maker = makers->beginnings[i].maker;
        return true;
    }
    return false;
}

/* ---- certificates ---- */

/* One attribute of a subject, its escapes off; the comma, plus or slash behind it is taken. */
static bool attribute_next(str *rest, char separator, struct text *value, str *type) {
    size_t equals;
    *rest = str_trim(*rest);
    if (!str_find_char(*rest, '=', &equals)) return false;
    *type = str_trim(str_slice(*rest, 0, equals));
    size_t at = equals + 1;
    bool is_quoted = at < rest->len && rest->at[at] == '"';
    at += is_quoted;
    for (bool inside = is_quoted; at < rest->len; at++) {
        char c = rest->at[at];
        if (!inside && (c == separator || c == '+')) break;
        if (inside && c == '"') {
            inside = false;
            continue;
        }
        if (c == '\\' && at + 1 < rest->len) c = rest->at[++at];
        text_add_char(value, c);
    }
    *rest = str_skip(*rest, size_min(at + 1, rest->len));
    return true;
}

bool devices_maker_of_subject(str subject, struct arena *arena, str *maker) {
    char memory[256];
    struct error e;
    str type;
    char separator = str_starts(str_trim(subject), STR("/")) ? '/' : ',';
    if (separator == '/') subject = str_skip(str_trim(subject), 1);
    for (;;) {
        struct text value = text_into(memory, sizeof memory);
        if (!attribute_next(&subject, separator, &value, &type)) return false;
        str name = str_trim(text_str(&value));
        if (!str_equal_nocase(type, STR("O")) || name.len == 0 || value.overflow) continue;
        return arena_copy(arena, name, maker, &e) == OK;
    }
}

/* ---- opening ---- */

enum error_code devices_makers_open(struct arena *arena, struct arena scratch,
                                    const struct devices_makers **out, struct error *e) {
    struct devices_makers *m = arena_new(arena, struct devices_makers, 1);
    if (m == NULL) return error_set(e, FAIL_MEMORY, "no room for lists of makers");
    assert(devices_texts_count == 1);
    TRY(blocks_read(m, str_of((const char *)devices_texts[0].bytes, devices_texts[0].len), arena,
                    e));
    TRY(enterprises_read(m, arena, scratch, e));
    *out = m;
    return OK;
}
