/* Inner: the words of a condition.
 *
 * A condition is one line of words, quoted texts, brackets and comparison signs. The reader knows where
 * each stands, so that an error can name the column. */
#ifndef AZEKURA_RULEBOOK_CONDITION_WORDS_H
#define AZEKURA_RULEBOOK_CONDITION_WORDS_H

#include "rulebook/read/condition.h"

enum word_kind { WORD_END, WORD_PLAIN, WORD_QUOTED, WORD_SIGN }; /* sign: ( ) [ ] , < <= > >= */

struct word {
    enum word_kind kind;
    str text;
    size_t at; /* bytes into the condition */
};

struct reader {
    const struct scope *scope;
    const struct doc_node *node;
    struct error *e;
    struct word word; /* the one at hand */
    size_t next;      /* where the one after it begins */
    bool in_element;  /* inside parentheses */
};

/* The next word is at hand. FAIL_SYNTAX: a quote that does not close. */
enum error_code word_take(struct reader *r) MUST_USE;
/* Is it this one? `sign`: a bracket, a comma, a comparison. */
bool word_is(const struct reader *r, const char *text);
bool sign_is(const struct reader *r, const char *text);
/* It must be this one; the next is taken. */
enum error_code word_pass(struct reader *r, const char *text) MUST_USE;
enum error_code sign_pass(struct reader *r, const char *text) MUST_USE;
/* FAIL_SYNTAX with file, line and the column of byte `at`; of the word at hand, what stood there. */
enum error_code word_fail_at(struct reader *r, size_t at, const char *format, ...)
    PRINTF_LIKE(3, 4);
enum error_code word_expected(struct reader *r, const char *what);

#endif
