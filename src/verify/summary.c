/* Acts counted by what they were about. */
#include "verify/summary.h"

#include <stdlib.h>

enum { WORDS_MAX = 1 << 16, CODES_MAX = 1 << 20 };
#define SPACE_BYTES ((size_t)WORDS_MAX * (sizeof(struct verify_counted) + EVIDENCE_TEXT_BYTES + 16))

static const char *const count_names[] = {"allowed",  "warned", "refused", "repeated",
                                          "excepted", "lifted", "broken",  "unknown"};
_Static_assert(COUNT_OF(count_names) == VERIFY_COUNTS, "a word for each count");

enum error_code verify_summary_open(struct verify_summary *s, struct error *e) {
    memset(s, 0, sizeof *s);
    TRY(arena_space_open(&s->space, SPACE_BYTES, &s->arena, e)); /* pages cost once touched */
    s->all = arena_new(&s->arena, struct verify_counted, WORDS_MAX);
    if (!s->all) return error_set(e, FAIL_MEMORY, "no room for a summary");
    TRY(verify_table_open(&s->words, WORDS_MAX, e));
    return verify_table_open(&s->codes, CODES_MAX, e);
}

void verify_summary_close(struct verify_summary *s) {
    verify_table_close(&s->words);
    verify_table_close(&s->codes);
    arena_space_release(&s->space);
    if (s->list) fclose(s->list);
    s->list = NULL;
}

/* ---- words */

static void key_make(uint32_t log, enum evidence_code_kind kind, uint32_t code, str word,
                     unsigned char out[VERIFY_NAME_BYTES]) {
    unsigned char numbers[9] = {(unsigned char)kind};
    struct sha256 h;
    write_be32(numbers + 1, log);
    write_be32(numbers + 5, code);
    sha256_begin(&h);
    sha256_add(&h, numbers, sizeof numbers);
    sha256_add(&h, word.at, word.len);
    digest hash = sha256_end(&h);
    memcpy(out, hash.at, VERIFY_NAME_BYTES);
}

/* The place of a word among the counted ones; logs that use the same word share it. */
static enum error_code word_place(struct verify_summary *s, enum evidence_code_kind kind, str word,
                                  uint64_t *place, struct error *e) {
    unsigned char key[VERIFY_NAME_BYTES];
    struct verify_slot *slot;
    key_make(0, kind, 0, word, key);
    TRY(verify_table_take(&s->words, key, &slot, e));
    if (!slot->live) {
        assert(s->count < WORDS_MAX); /* the table of words is no larger */
        struct verify_counted *counted = &s->all[s->count];
        TRY(arena_copy(&s->arena, word, &counted->word, e));
        counted->kind = kind;
        slot->index = s->count++;
        slot->live = true;
    }
    *place = slot->index;
    return OK;
}

static enum error_code code_learn(struct verify_summary *s, const struct verify_log *log,
                                  const struct evidence_entry *entry, struct error *e) {
    unsigned char key[VERIFY_NAME_BYTES];
    struct verify_slot *slot;
    key_make(log->number, entry->code_kind, entry->code, STR_EMPTY, key);
    TRY(verify_table_take(&s->codes, key, &slot, e));
    slot->live = true;
    return word_place(s, entry->code_kind, entry->code_text, &slot->index, e);
}

static enum error_code counted_find(struct verify_summary *s, const struct verify_log *log,
                                    enum evidence_code_kind kind, uint32_t code,
                                    struct verify_counted **out, struct error *e) {
    unsigned char key[VERIFY_NAME_BYTES];
    uint64_t place = 0;
    key_make(log->number, kind, code, STR_EMPTY, key);
    const struct verify_slot *slot = code == 0 ? NULL : verify_table_find(&s->codes, key);
    if (slot)
        place = slot->index;
    else /* none; or a code nobody named, which is a finding: the summary will not be shown */
        TRY(word_place(s, kind, STR_EMPTY, &place, e));
    *out = &s->all[place];
    return OK;
}

/* ---- counting */

/* What one entry adds: to which count, how much. */
struct adding {
    enum verify_count count;
    uint64_t how_many;
};

static enum error_code code_count(struct verify_summary *s, const struct verify_log *log,
                                  enum evidence_code_kind kind, uint32_t code, struct adding add,
                                  struct error *e) {
    struct verify_counted *counted;
    TRY(counted_find(s, log, kind, code, &counted, e));
    counted->counts[add.count] += add.how_many;
    return OK;
}

static enum error_code clause_count(struct verify_summary *s, const struct verify_log *log,
                                    const struct evidence_clause *clause, bool is_fold,
                                    uint64_t how_many, struct error *e) {
    static const enum verify_count of_effect[] = {VERIFY_ALLOWED,  VERIFY_WARNED, VERIFY_REFUSED,
                                                  VERIFY_EXCEPTED, VERIFY_LIFTED, VERIFY_BROKEN};
    _Static_assert(COUNT_OF(of_effect) == EVIDENCE_EFFECT_COUNT, "a count for each effect");
    struct verify_counted *counted;
    TRY(counted_find(s, log, EVIDENCE_CODE_CLAUSE, clause->code, &counted, e));
    unsigned effect = clause->effect & ~(unsigned)EVIDENCE_EFFECT_UNKNOWN;
    counted->counts[is_fold ? VERIFY_REPEATED : of_effect[effect]] += how_many;
    if (!is_fold && clause->effect & EVIDENCE_EFFECT_UNKNOWN) counted->counts[VERIFY_UNKNOWN]++;
    return OK;
}

static bool is_act(enum evidence_type type) {
    const enum evidence_field *fields;
    return (evidence_type_parts(type) & EVIDENCE_DECISION) &&
           evidence_type_fields(type, &fields) > 0 && fields[0] == EVIDENCE_BUCKET;
}

static enum error_code summary_entry(void *self, const struct verify_log *log, uint64_t index,
                                     str bytes, const struct evidence_entry *entry,
                                     struct error *e) {
    struct verify_summary *s = self;
    bool is_fold = entry->type == EVIDENCE_FOLD;
    if (s->entries++ == 0) s->first_minute = entry->minute;
    s->last_minute = entry->minute;
    if (entry->type == EVIDENCE_CODE_ROW) TRY(code_learn(s, log, entry, e));
    if (!is_act(entry->type)) {
        s->records++;
        return OK;
    }
    struct adding add = {(enum verify_count)entry->decision, 1};
    _Static_assert((int)EVIDENCE_REFUSED == (int)VERIFY_REFUSED, "decisions are counts");
    if (is_fold) add = (struct adding){VERIFY_REPEATED, entry->span_count};
    s->decisions[add.count] += add.how_many;
    TRY(code_count(s, log, EVIDENCE_CODE_ACT, entry->act, add, e));
    TRY(code_count(s, log, EVIDENCE_CODE_SECTOR, entry->sector, add, e));
    TRY(code_count(s, log, EVIDENCE_CODE_CLASS, entry->data_class, add, e));
    for (size_t i = 0; i < entry->site_count; i++)
        TRY(code_count(s, log, EVIDENCE_CODE_SITE, entry->sites[i], add, e));
    for (size_t i = 0; i < entry->clause_count; i++)
        TRY(clause_count(s, log, &entry->clauses[i], is_fold, add.how_many, e));
    return OK;
}

struct verify_observer verify_summary_observer(struct verify_summary *s) {
    return (struct verify_observer){.entry = summary_entry, .self = s};
}

/* ---- saying it */

static const struct {
    enum evidence_code_kind kind;
    const char *name;
    unsigned counts; /* the first so many of them */
} groups[] = {{EVIDENCE_CODE_ACT, "act", 4},
              {EVIDENCE_CODE_SECTOR, "sector", 4},
              {EVIDENCE_CODE_CLASS, "class", 4},
              {EVIDENCE_CODE_SITE, "site", 4},
              {EVIDENCE_CODE_CLAUSE, "clause", VERIFY_COUNTS}};

static bool is_counted(const struct verify_counted *counted) {
    for (unsigned i = 0; i < VERIFY_COUNTS; i++)
        if (counted->counts[i] > 0) return true;
    return false;
}

static int by_kind_and_word(const void *a, const void *b) {
    const struct verify_counted *x = *(const struct verify_counted *const *)a,
                                *y = *(const struct verify_counted *const *)b;
    if (x->kind != y->kind) return x->kind < y->kind ? -1 : 1;
    return str_compare(x->word, y->word);
}

/* Those that count something, sorted; free it. NULL: no memory. */
static const struct verify_counted **sorted(const struct verify_summary *s, size_t *count) {
    const struct verify_counted **all = calloc(s->count + 1, sizeof *all);
    *count = 0;
    for (size_t i = 0; all && i < s->count; i++)
        if (is_counted(&s->all[i])) all[(*count)++] = &s->all[i];
    if (all) qsort(all, *count, sizeof *all, by_kind_and_word);
    return all;
}

static void list_copy(FILE *from, FILE *out) {
    char piece[65536];
    size_t got;
    rewind(from);
    while ((got = fread(piece, 1, sizeof piece, from)) > 0) fwrite(piece, 1, got, out);
}

static void counts_text(const uint64_t *counts, unsigned count, FILE *out) {
    bool any = false;
    for (unsigned i = 0; i < count; i++) {
        if (counts[i] == 0) continue;
        fprintf(out, "%s%llu %s", any ? ", " : "", (unsigned long long)counts[i], count_names[i]);
        any = true;
    }
    fprintf(out, "%s\n", any ? "" : "none");
}

static void minute_text(uint32_t minute, char out[CLOCK_TEXT_BYTES]) {
    clock_iso_s_write((int64_t)minute * 60 * NS_PER_S, out);
}

static void text_print(const struct verify_summary *s, const struct verify_counted *const *all,
                       size_t count, FILE *out) {
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    minute_text(s->first_minute, from);
    minute_text(s->last_minute, to);
    fprintf(out, "summary of %llu entries, %s to %s\n", (unsigned long long)s->entries, from, to);
    fprintf(out, "  acts: ");
    counts_text(s->decisions, 4, out);
    fprintf(out, "  entries that are no acts: %llu\n", (unsigned long long)s->records);
    for (size_t g = 0; g < COUNT_OF(groups); g++) {
        fprintf(out, "by %s\n", groups[g].name);
        for (size_t i = 0; i < count; i++) {
            if (all[i]->kind != groups[g].kind) continue;
            str word = all[i]->word.len > 0 ? all[i]->word : STR("(none)");
            fprintf(out, "  %.*s: ", STR_FMT(word));
            counts_text(all[i]->counts, groups[g].counts, out);
        }
    }
    if (!s->list) return;
    fprintf(out, "versions in the store, each with its entry\n");
    list_copy(s->list, out);
}

static void counts_json(const uint64_t *counts, unsigned count, bool comma, FILE *out) {
    for (unsigned i = 0; i < count; i++)
        fprintf(out, "%s\"%s\":%llu", i > 0 || comma ? "," : "", count_names[i],
                (unsigned long long)counts[i]);
}

static void json_print(const struct verify_summary *s, const struct verify_counted *const *all,
                       size_t count, FILE *out) {
    char from[CLOCK_TEXT_BYTES], to[CLOCK_TEXT_BYTES];
    minute_text(s->first_minute, from);
    minute_text(s->last_minute, to);
    fprintf(out, ",\"summary\":{\"entries\":%llu,\"records\":%llu,\"from\":\"%s\",\"to\":\"%s\"",
            (unsigned long long)s->entries, (unsigned long long)s->records, from, to);
    fprintf(out, ",\"decision\":{");
    counts_json(s->decisions, 4, false, out);
    fputc('}', out);
    for (size_t g = 0; g < COUNT_OF(groups); g++) {
        bool first = true;
        fprintf(out, ",\"%s\":[", groups[g].name);
        for (size_t i = 0; i < count; i++) {
            if (all[i]->kind != groups[g].kind) continue;
            fprintf(out, "%s{\"name\":", first ? "" : ",");
            verify_json_string(all[i]->word, out);
            counts_json(all[i]->counts, groups[g].counts, true, out);
            fputc('}', out);
            first = false;
        }
        fputc(']', out);
    }
    fputc('}', out);
    if (!s->list) return;
    fprintf(out, ",\"store\":[");
    list_copy(s->list, out);
    fputc(']', out);
}

static void summary_print(const void *self, bool json, FILE *out) {
    const struct verify_summary *s = self;
    size_t count;
    const struct verify_counted **all = sorted(s, &count);
    if (!all && json) fprintf(out, ",\"summary\":null");
    if (!all && !json) fprintf(out, "no memory for the summary\n");
    if (all && json) json_print(s, all, count, out);
    if (all && !json) text_print(s, all, count, out);
    free(all);
}

struct verify_more verify_summary_more(const struct verify_summary *s) {
    return (struct verify_more){.print = summary_print, .self = s};
}
