/* The words of a condition, one at a time. */
#include "rulebook/read/condition_words.h"

#include <stdarg.h>
#include <stdio.h>

static bool is_sign(char c) {
    return c != 0 && strchr("()[],<>=\"", c) != NULL;
}

enum error_code word_fail_at(struct reader *r, size_t at, const char *format, ...) {
    char what[240];
    va_list values;
    va_start(values, format);
    vsnprintf(what, sizeof what, format, values);
    va_end(values);
    struct doc_node place = *r->node;
    place.column += (uint32_t)at + (r->node->quoted ? 1 : 0);
    return doc_error(&place, r->e, "%s in \"%.*s\"", what, STR_FMT(r->node->text));
}

enum error_code word_expected(struct reader *r, const char *what) {
    if (r->word.kind == WORD_END)
        return word_fail_at(r, r->word.at, "expected %s, found the end", what);
    return word_fail_at(r, r->word.at, "expected %s, found \"%.*s\"", what, STR_FMT(r->word.text));
}

static enum error_code take_quoted(struct reader *r) {
    str text = r->node->text;
    size_t start = r->next + 1, end = start;
    while (end < text.len && text.at[end] != '"') end++;
    if (end == text.len) return word_fail_at(r, r->next, "expected a closing quote");
    r->word = (struct word){WORD_QUOTED, str_slice(text, start, end - start), r->next};
    r->next = end + 1;
    return OK;
}

enum error_code word_take(struct reader *r) {
    str text = r->node->text;
    while (r->next < text.len && (text.at[r->next] == ' ' || text.at[r->next] == '\n')) r->next++;
    size_t at = r->next;
    if (at == text.len) {
        r->word = (struct word){WORD_END, STR_EMPTY, at};
        return OK;
    }
    if (text.at[at] == '"') return take_quoted(r);
    size_t end = at + 1;
    if (is_sign(text.at[at])) {
        if ((text.at[at] == '<' || text.at[at] == '>') && end < text.len && text.at[end] == '=')
            end++;
        r->word = (struct word){WORD_SIGN, str_slice(text, at, end - at), at};
    } else {
        while (end < text.len && text.at[end] != ' ' && text.at[end] != '\n' &&
               !is_sign(text.at[end]))
            end++;
        r->word = (struct word){WORD_PLAIN, str_slice(text, at, end - at), at};
    }
    r->next = end;
    return OK;
}

bool word_is(const struct reader *r, const char *text) {
    return r->word.kind == WORD_PLAIN && str_equal(r->word.text, str_from_c(text));
}
bool sign_is(const struct reader *r, const char *text) {
    return r->word.kind == WORD_SIGN && str_equal(r->word.text, str_from_c(text));
}

enum error_code word_pass(struct reader *r, const char *text) {
    char what[32];
    snprintf(what, sizeof what, "\"%s\"", text);
    if (!word_is(r, text)) return word_expected(r, what);
    return word_take(r);
}
enum error_code sign_pass(struct reader *r, const char *text) {
    char what[32];
    snprintf(what, sizeof what, "\"%s\"", text);
    if (!sign_is(r, text)) return word_expected(r, what);
    return word_take(r);
}
