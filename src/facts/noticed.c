/* Words that no rulebook asks for, yet nearly, in rows that are walked: a million rows say a few words, so each
 * thread remembers what it found out about those it met last. Of what is noticed the first few are told, and
 * how many more there are. */
#include "facts/inner.h"

enum { WORD_BYTES = 47, CACHE_SLOTS = 256, WORDS_KEPT = 16, WORDS_TOLD = 3 };
_Static_assert(WORDS_TOLD <= WORDS_KEPT, "each thread keeps what may be told of it");

struct cached {
    const struct register_field *field; /* NULL: nothing */
    str near;                           /* empty: the word is asked for, or none is near */
    uint8_t len;
    char word[WORD_BYTES];
};

struct noticed_word {
    struct unheard unheard; /* its texts are copies */
    size_t place;
    char word[WORD_BYTES], id[LIMIT_REGISTER_ID_BYTES], file[256];
};

struct facts_noticed {
    const struct facts_hearing *hearing;
    struct noticed_word words[WORDS_KEPT]; /* the first of them, in the order of rows */
    size_t word_count;
    uint64_t times; /* that such a word was said */
    struct cached cache[CACHE_SLOTS];
};

enum error_code facts_noticed_open(const struct facts_hearing *hearing, struct arena *arena,
                                   struct facts_noticed **out, struct error *e) {
    struct facts_noticed *n = arena_new(arena, struct facts_noticed, 1);
    if (n == NULL) return error_set(e, FAIL_MEMORY, "no room for words");
    n->hearing = hearing;
    *out = n;
    return OK;
}

/* ---- noticing ---- */

static str near_of(struct facts_noticed *n, const struct register_field *field, str word) {
    uint64_t hash = str_hash(word, (uint64_t)(uintptr_t)field);
    struct cached *slot = &n->cache[hash % CACHE_SLOTS];
    if (slot->field == field && str_equal(str_of(slot->word, slot->len), word)) return slot->near;
    slot->field = field;
    slot->len = (uint8_t)word.len;
    memcpy(slot->word, word.at, word.len);
    return slot->near = hearing_near(n->hearing, field, word);
}

static str kept(char *room, size_t bytes, str text) {
    str shown = doc_shown(text, bytes);
    if (shown.len > 0) memcpy(room, shown.at, shown.len);
    return str_of(room, shown.len);
}

static void word_notice(struct facts_noticed *n, const struct register_row *row, size_t place,
                        const struct register_value *v, str word) {
    if (word.len == 0 || word.len > WORD_BYTES) return; /* no word of a list is so long */
    str near = near_of(n, v->field, word);
    if (near.len == 0) return;
    n->times++;
    for (size_t i = 0; i < n->word_count; i++)
        if (n->words[i].unheard.field == v->field && str_equal(n->words[i].unheard.word, word))
            return;
    if (n->word_count == WORDS_KEPT) return;
    struct noticed_word *w = &n->words[n->word_count++];
    w->place = place;
    w->unheard = (struct unheard){.kind = row->kind,
                                  .id = kept(w->id, sizeof w->id, row->id),
                                  .field = v->field,
                                  .word = kept(w->word, sizeof w->word, word),
                                  .near = near,
                                  .file = kept(w->file, sizeof w->file, row->file),
                                  .line = v->line,
                                  .column = v->column};
}

/* A walked row has no records in it: its cells hold values and sets of them. */
void facts_notice(struct facts_noticed *n, const struct register_row *row, size_t place) {
    for (size_t i = 0; i < row->fields.count; i++) {
        const struct register_value *v = &row->fields.values[i];
        if (v->state != REGISTER_KNOWN || v->field->type != REGISTER_CODE) continue;
        if (v->field->shape == REGISTER_ONE) word_notice(n, row, place, v, v->text);
        if (v->field->shape == REGISTER_SET)
            for (size_t k = 0; k < v->count; k++) word_notice(n, row, place, v, v->texts[k]);
    }
}

/* ---- telling ---- */

/* The next word after `place` and what was told of it already: the least of all threads. */
static const struct noticed_word *next_word(struct facts_noticed *const *noticed, size_t count,
                                            const struct noticed_word *const *told,
                                            size_t told_count) {
    const struct noticed_word *first = NULL;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < noticed[i]->word_count; k++) {
            const struct noticed_word *w = &noticed[i]->words[k];
            bool is_told = false;
            for (size_t m = 0; m < told_count; m++)
                is_told |= told[m]->unheard.field == w->unheard.field &&
                           str_equal(told[m]->unheard.word, w->unheard.word);
            if (!is_told && (first == NULL || w->place < first->place)) first = w;
        }
    return first;
}

enum error_code facts_noticed_tell(struct facts_noticed *const *noticed, size_t count,
                                   struct arena *arena, const str **out, size_t *out_count,
                                   struct error *e) {
    const struct noticed_word *told[WORDS_TOLD];
    size_t told_count = 0;
    uint64_t times = 0;
    for (size_t i = 0; i < count; i++) times += noticed[i]->times;
    while (told_count < WORDS_TOLD &&
           (told[told_count] = next_word(noticed, count, told, told_count)) != NULL)
        told_count++;
    str *list = arena_new(arena, str, WORDS_TOLD + 1);
    if (list == NULL) return error_set(e, FAIL_MEMORY, "no room for words");
    for (size_t i = 0; i < told_count; i++) TRY(unheard_say(&told[i]->unheard, arena, &list[i], e));
    *out = list;
    *out_count = told_count;
    if (times <= told_count) return OK;
    return arena_format(
        arena, &list[(*out_count)++], e,
        "and %llu times more equipment says a word that no adopted rulebook asks for, "
        "though one that is nearly the same",
        (unsigned long long)(times - told_count));
}
