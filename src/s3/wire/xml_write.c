/* Markup and escapes. */
#include "s3/wire/xml_write.h"

#include <stdio.h>

struct s3_xml s3_xml_into(void *memory, size_t cap, struct error *e) {
    return (struct s3_xml){.to = text_into(memory, cap), .e = e};
}

static void flush(struct s3_xml *x) {
    if (x->code == OK && x->flush == NULL)
        x->code = error_set(x->e, FAIL_LIMIT, "A reply is over %zu bytes", x->to.cap);
    if (x->code == OK) x->code = x->flush(x->self, text_str(&x->to), x->e);
    x->to.len = 0;
}

void s3_xml_raw(struct s3_xml *x, str markup) {
    while (x->code == OK && markup.len > 0) {
        size_t count = size_min(markup.len, x->to.cap - x->to.len);
        text_add(&x->to, str_slice(markup, 0, count));
        markup = str_skip(markup, count);
        if (markup.len > 0) flush(x);
    }
}

/* A page of a listing is some fifty thousand of these: what fits is copied and nothing else. */
static inline void put(struct s3_xml *x, str markup) {
    if (x->code == OK && markup.len <= x->to.cap - x->to.len)
        text_add(&x->to, markup);
    else
        s3_xml_raw(x, markup);
}

void s3_xml_start(struct s3_xml *x) {
    put(x, STR("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"));
}

static void tag_open(struct s3_xml *x, str name) {
    put(x, STR("<"));
    put(x, name);
    put(x, STR(">"));
}
static void tag_close(struct s3_xml *x, str name) {
    put(x, STR("</"));
    put(x, name);
    put(x, STR(">"));
}

void s3_xml_open(struct s3_xml *x, const char *name) {
    tag_open(x, str_from_c(name));
}
void s3_xml_open_root(struct s3_xml *x, const char *name) {
    put(x, STR("<"));
    put(x, str_from_c(name));
    put(x, STR(" xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"));
}
void s3_xml_close(struct s3_xml *x, const char *name) {
    tag_close(x, str_from_c(name));
}

/* Bytes that may not stand for themselves: markup, controls but tab and newline, and all that is not
 * ASCII, which has to be UTF-8. */
static const bool is_escaped[256] = {
    [0 ... 8] = true, [11 ... 31] = true, ['&'] = true,           ['<'] = true,
    ['>'] = true,     ['"'] = true,       [0x7f ... 0xff] = true,
};

static size_t utf8_bytes(str text) { /* of its first character; 0: that is none */
    unsigned char lead = (unsigned char)text.at[0];
    size_t count = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return count <= text.len && str_is_utf8(str_slice(text, 0, count)) ? count : 0;
}

static str escape_of(char c, char reference[8]) {
    switch (c) {
    case '&': return STR("&amp;");
    case '<': return STR("&lt;");
    case '>': return STR("&gt;");
    case '"': return STR("&quot;");
    case 0: return STR("\xef\xbf\xbd"); /* no reference names it, and no key holds it */
    default: {
        if ((unsigned char)c >= 0x80) return STR("\xef\xbf\xbd");
        int len = snprintf(reference, 8, "&#x%x;", (unsigned)(unsigned char)c);
        return str_of(reference, (size_t)len);
    }
    }
}

/* What a client sent may be shown to it again (a prefix, a marker) and need be no text: one such byte
 * made the whole reply unreadable. It is shown as U+FFFD. */
static void escaped(struct s3_xml *x, str text) {
    size_t plain = 0; /* characters from here to i need no escape */
    for (size_t i = 0; i < text.len; i++) {
        char reference[8];
        unsigned char byte = (unsigned char)text.at[i];
        if (!is_escaped[byte]) continue;
        size_t count = byte >= 0x80 ? utf8_bytes(str_skip(text, i)) : 0;
        if (count > 0) {
            i += count - 1;
            continue;
        }
        put(x, str_slice(text, plain, i - plain));
        put(x, escape_of(text.at[i], reference));
        plain = i + 1;
    }
    put(x, str_skip(text, plain));
}

void s3_xml_text(struct s3_xml *x, const char *name, str text) {
    str element = str_from_c(name);
    tag_open(x, element);
    escaped(x, text);
    tag_close(x, element);
}

/* What holds no markup by its making. */
static void plain_text(struct s3_xml *x, str element, str text) {
    tag_open(x, element);
    put(x, text);
    tag_close(x, element);
}

void s3_xml_number(struct s3_xml *x, const char *name, uint64_t number) {
    char memory[24];
    struct text digits = text_into(memory, sizeof memory);
    text_add_count(&digits, number);
    plain_text(x, str_from_c(name), text_str(&digits));
}
void s3_xml_bool(struct s3_xml *x, const char *name, bool yes) {
    plain_text(x, str_from_c(name), yes ? STR("true") : STR("false"));
}
void s3_xml_time(struct s3_xml *x, const char *name, int64_t wall_ns) {
    char text[CLOCK_TEXT_BYTES];
    plain_text(x, str_from_c(name), str_of(text, clock_iso_write(wall_ns, text)));
}

enum error_code s3_xml_done(struct s3_xml *x) {
    return x->code;
}
