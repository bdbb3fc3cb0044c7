/* Markup and escapes. */
#include "s3/wire/xml_write.h"

#include <inttypes.h>
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

static void raw_c(struct s3_xml *x, const char *markup) {
    s3_xml_raw(x, str_from_c(markup));
}

void s3_xml_start(struct s3_xml *x) {
    raw_c(x, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
}
void s3_xml_open(struct s3_xml *x, const char *name) {
    raw_c(x, "<");
    raw_c(x, name);
    raw_c(x, ">");
}
void s3_xml_open_root(struct s3_xml *x, const char *name) {
    raw_c(x, "<");
    raw_c(x, name);
    raw_c(x, " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
}
void s3_xml_close(struct s3_xml *x, const char *name) {
    raw_c(x, "</");
    raw_c(x, name);
    raw_c(x, ">");
}

/* NULL: the character stands for itself. */
static const char *escape_of(char c, char reference[8]) {
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\t':
    case '\n': return NULL;
    default:
        if ((unsigned char)c >= 0x20 && c != 0x7f) return NULL;
        snprintf(reference, 8, "&#x%x;", (unsigned)(unsigned char)c);
        return reference;
    }
}

static void escaped(struct s3_xml *x, str text) {
    size_t plain = 0; /* characters from here to i need no escape */
    for (size_t i = 0; i < text.len; i++) {
        char reference[8];
        const char *escape = escape_of(text.at[i], reference);
        if (escape == NULL) continue;
        s3_xml_raw(x, str_slice(text, plain, i - plain));
        raw_c(x, escape);
        plain = i + 1;
    }
    s3_xml_raw(x, str_skip(text, plain));
}

void s3_xml_text(struct s3_xml *x, const char *name, str text) {
    s3_xml_open(x, name);
    escaped(x, text);
    s3_xml_close(x, name);
}
void s3_xml_number(struct s3_xml *x, const char *name, uint64_t number) {
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%" PRIu64, number);
    s3_xml_text(x, name, str_of(digits, (size_t)len));
}
void s3_xml_bool(struct s3_xml *x, const char *name, bool yes) {
    s3_xml_text(x, name, yes ? STR("true") : STR("false"));
}
void s3_xml_time(struct s3_xml *x, const char *name, int64_t wall_ns) {
    char text[CLOCK_TEXT_BYTES];
    s3_xml_text(x, name, str_of(text, clock_iso_write(wall_ns, text)));
}

enum error_code s3_xml_done(struct s3_xml *x) {
    return x->code;
}
