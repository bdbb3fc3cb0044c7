/* Words of a register that no rulebook asks for, yet nearly. Which words there are for a class or a
 * kind is the rulebooks' business, so none is an error; but a dataset of class "critcal" is asked
 * nothing that critical ones are asked, and would look as if it passed. */
#include <stdio.h>
#include <stdlib.h>

#include "facts/inner.h"

enum { WORDS_MAX = 8192, SEEN_MAX = 64, FOLDED_BYTES = 48, TOLD_MAX = 64 };

/* A word that a rulebook compares a field with. */
struct heard {
    const struct register_field *field;
    str word;
};
/* Words of one field that the register says and no rulebook asks for, looked at once each. */
struct field_words {
    const struct heard *first;
    size_t count;
    str seen[SEEN_MAX];
    size_t seen_count;
};

struct hearing {
    struct rulebook_use_visitor visitor;
    struct heard *words;
    size_t word_count;
    struct field_words *fields;
    size_t field_count;
    struct arena *arena;
    str *told;
    size_t told_count;
    struct error *e;
};

/* ---- what rulebooks ask for ---- */

static void hear(struct rulebook_use_visitor *self, const struct rulebook_use_at *use) {
    struct hearing *h = (struct hearing *)self;
    const struct register_field *field = vocabulary_field(use->list, use->path);
    const struct rulebook_value *value = use->against;
    if (field == NULL || field->type != REGISTER_CODE || value == NULL) return;
    bool is_set = value->kind == RULEBOOK_SET;
    if (!is_set && value->kind != RULEBOOK_TEXT) return;
    for (size_t i = 0; i < (is_set ? value->set.count : 1) && h->word_count < WORDS_MAX; i++)
        h->words[h->word_count++] = (struct heard){field, is_set ? value->set.at[i] : value->text};
}

static int compare_heard(const void *a, const void *b) {
    const struct heard *x = a, *y = b;
    if (x->field != y->field) return x->field < y->field ? -1 : 1;
    return str_compare(x->word, y->word);
}

static void fields_group(struct hearing *h) {
    if (h->word_count > 0) qsort(h->words, h->word_count, sizeof *h->words, compare_heard);
    for (size_t i = 0; i < h->word_count; i++) {
        if (i == 0 || h->words[i].field != h->words[i - 1].field)
            h->fields[h->field_count++] = (struct field_words){.first = &h->words[i]};
        h->fields[h->field_count - 1].count++;
    }
}

static struct field_words *words_of(const struct hearing *h, const struct register_field *field) {
    for (size_t i = 0; i < h->field_count; i++)
        if (h->fields[i].first->field == field) return &h->fields[i];
    return NULL;
}

/* ---- what is nearly one of them ---- */

/* Small letters, full-width ones as the narrow, blanks and underlines as hyphens. */
static void fold(str word, char out[FOLDED_BYTES]) {
    size_t used = 0;
    for (size_t i = 0; i < word.len && used + 1 < FOLDED_BYTES; i++) {
        unsigned char c = (unsigned char)word.at[i];
        bool is_wide = c == 0xef && i + 2 < word.len;
        unsigned wide = !is_wide ? 0
                                 : (c & 0xfu) << 12 | ((unsigned char)word.at[i + 1] & 0x3fu) << 6 |
                                       ((unsigned char)word.at[i + 2] & 0x3fu);
        if (wide >= 0xff01 && wide <= 0xff5e) { /* U+FF01 stands for U+0021 */
            c = (unsigned char)(wide - 0xff01 + '!');
            i += 2;
        }
        if (c >= 'A' && c <= 'Z') c = (unsigned char)(c - 'A' + 'a');
        out[used++] = c == ' ' || c == '_' ? '-' : (char)c;
    }
    out[used] = 0;
}

static bool are_swapped(const char *a, const char *b) {
    size_t i = 0;
    while (a[i] != 0 && a[i] == b[i]) i++;
    return a[i] != 0 && a[i + 1] != 0 && a[i] == b[i + 1] && a[i + 1] == b[i] &&
           strcmp(a + i + 2, b + i + 2) == 0;
}

/* One slip, two in a long word; words with digits are told apart by them. */
static bool are_near(const char *a, const char *b) {
    static const char digits[] = "0123456789";
    size_t len = size_min(strlen(a), strlen(b));
    if (strcmp(a, b) == 0) return true;
    if (len < 4 || strpbrk(a, digits) != NULL || strpbrk(b, digits) != NULL) return false;
    return are_swapped(a, b) || register_name_distance(str_from_c(a), b) <= (len >= 10 ? 2u : 1u);
}

static str near_of(const struct field_words *f, str word) {
    char folded[FOLDED_BYTES], other[FOLDED_BYTES];
    fold(word, folded);
    for (size_t i = 0; i < f->count; i++) {
        fold(f->first[i].word, other);
        if (are_near(folded, other)) return f->first[i].word;
    }
    return STR_EMPTY;
}

static bool is_heard(const struct field_words *f, str word) {
    struct heard key = {f->first->field, word};
    return bsearch(&key, f->first, f->count, sizeof key, compare_heard) != NULL;
}

/* ---- what the register says ---- */

static enum error_code word_look(struct hearing *h, const struct register_row *row,
                                 const struct register_value *v, struct field_words *f, str word) {
    if (is_heard(f, word) || f->seen_count == SEEN_MAX || h->told_count == TOLD_MAX) return OK;
    for (size_t i = 0; i < f->seen_count; i++)
        if (str_equal(f->seen[i], word)) return OK;
    f->seen[f->seen_count++] = word;
    str near = near_of(f, word);
    if (near.len == 0) return OK;
    const struct unheard one = {row->kind, row->id,   v->field, word,
                                near,      row->file, v->line,  v->column};
    return unheard_say(&one, h->arena, &h->told[h->told_count++], h->e);
}

static enum error_code record_look(struct hearing *h, const struct register_row *row,
                                   const struct register_record *record) {
    for (size_t i = 0; i < record->count; i++) {
        const struct register_value *v = &record->values[i];
        if (v->state != REGISTER_KNOWN) continue;
        struct field_words *f = v->field->type == REGISTER_CODE ? words_of(h, v->field) : NULL;
        if (f != NULL && v->field->shape == REGISTER_ONE) TRY(word_look(h, row, v, f, v->text));
        if (f != NULL && v->field->shape == REGISTER_SET)
            for (size_t k = 0; k < v->count; k++) TRY(word_look(h, row, v, f, v->texts[k]));
        size_t records = v->field->shape == REGISTER_RECORDS || v->field->shape == REGISTER_RECORD
                             ? v->count
                             : 0;
        for (size_t k = 0; k < records; k++) TRY(record_look(h, row, &v->records[k]));
    }
    return OK;
}

/* What the rulebooks ask for, in `memory`. */
static enum error_code rulebooks_hear(struct hearing *h, const struct rulebook *const *rulebooks,
                                      size_t count, struct arena *memory) {
    h->words = arena_new(memory, struct heard, WORDS_MAX);
    if (h->words == NULL) return error_set(h->e, FAIL_MEMORY, "no room for words");
    for (size_t i = 0; i < count; i++) rulebook_uses(rulebooks[i], &h->visitor);
    h->fields = arena_new(memory, struct field_words, h->word_count);
    if (h->fields == NULL) return error_set(h->e, FAIL_MEMORY, "no room for words");
    fields_group(h);
    return OK;
}

enum error_code facts_unheard_words(const struct register_snapshot *snapshot,
                                    const struct rulebook *const *rulebooks, size_t count,
                                    struct arena *arena, struct arena scratch, const str **out,
                                    size_t *out_count, struct error *e) {
    struct hearing h = {.visitor = {hear}, .arena = arena, .e = e};
    h.told = arena_new(arena, str, TOLD_MAX);
    if (h.told == NULL) return error_set(e, FAIL_MEMORY, "no room for words");
    TRY(rulebooks_hear(&h, rulebooks, count, &scratch));
    for (unsigned k = 0; k < REGISTER_KIND_COUNT; k++) {
        size_t rows;
        const struct register_row *row = register_rows(snapshot, (enum register_kind)k, &rows);
        for (size_t i = 0; i < rows; i++) TRY(record_look(&h, &row[i], &row[i].fields));
    }
    *out = h.told;
    *out_count = h.told_count;
    return OK;
}

/* ---- for rows that are walked: noticed.c ---- */

struct facts_hearing {
    struct hearing hearing; /* only its words and fields */
};

enum error_code facts_hearing_open(const struct rulebook *const *rulebooks, size_t count,
                                   struct arena *arena, const struct facts_hearing **out,
                                   struct error *e) {
    struct facts_hearing *h = arena_new(arena, struct facts_hearing, 1);
    if (h == NULL) return error_set(e, FAIL_MEMORY, "no room for words");
    h->hearing = (struct hearing){.visitor = {hear}, .e = e};
    TRY(rulebooks_hear(&h->hearing, rulebooks, count, arena));
    h->hearing.e = NULL;
    *out = h;
    return OK;
}

str hearing_near(const struct facts_hearing *h, const struct register_field *field, str word) {
    const struct field_words *f = words_of(&h->hearing, field);
    return f == NULL || is_heard(f, word) ? STR_EMPTY : near_of(f, word);
}

enum error_code unheard_say(const struct unheard *u, struct arena *arena, str *out,
                            struct error *e) {
    char place[200] = "";
    if (u->file.len > 0)
        snprintf(place, sizeof place, "%.*s:%u:%u: ", STR_FMT(u->file), u->line, u->column);
    return arena_format(arena, out, e,
                        "%s%s \"%.*s\" says \"%.*s\" for %s, which no adopted rulebook asks for; "
                        "did you mean \"%.*s\"?",
                        place, register_kind_of(u->kind)->noun, STR_FMT(u->id), STR_FMT(u->word),
                        u->field->name, STR_FMT(u->near));
}

/* ---- lists that a rulebook reads ---- */

enum { LISTS_TOLD_MAX = 64 };

enum error_code facts_missing_lists(const struct register_snapshot *snapshot,
                                    const struct rulebook *const *rulebooks, size_t count,
                                    int64_t at_ns, struct arena *arena, const str **out,
                                    size_t *out_count, struct error *e) {
    str *told = arena_new(arena, str, LISTS_TOLD_MAX);
    if (told == NULL) return error_set(e, FAIL_MEMORY, "no room for warnings");
    *out_count = 0;
    for (size_t i = 0; i < count; i++) {
        size_t list_count;
        const str *lists = rulebook_lists(rulebooks[i], &list_count);
        for (size_t k = 0; k < list_count && *out_count < LISTS_TOLD_MAX; k++) {
            if (register_row_at(snapshot, REGISTER_LISTS, lists[k], at_ns) != NULL) continue;
            TRY(arena_format(arena, &told[(*out_count)++], e,
                             "%.*s reads the list %.*s, which the register does not have then: "
                             "nobody is known to stand on it, or not to (lists come along in "
                             "rulebooks/lists; they are rows of a register)",
                             STR_FMT(rulebooks[i]->name), STR_FMT(lists[k])));
        }
    }
    *out = told;
    return OK;
}
