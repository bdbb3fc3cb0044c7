/* Sets: rulebooks, adoptions and exceptions brought into one order and checked against each other.
 * Whatever order they came in, the set is the same. */
#include "rulebook/set/set.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"

struct builder {
    const struct rulebook_set_input *input;
    struct arena *arena;
    struct arena scratch;
    struct rulebook_set *set;
    struct set_warnings warnings;
    struct error *e;
};

static enum error_code no_room(struct builder *b) {
    return error_set(b->e, FAIL_MEMORY, "no room to compile %zu rulebooks",
                     b->input->rulebook_count);
}

/* ---- rulebooks ---- */

static int compare_books(const void *a, const void *b) {
    return str_compare((*(const struct rulebook *const *)a)->name,
                       (*(const struct rulebook *const *)b)->name);
}

static enum error_code take_books(struct builder *b) {
    size_t count = b->input->rulebook_count, kept = 0;
    const struct rulebook **books = arena_new(b->arena, const struct rulebook *, count);
    if (books == NULL) return no_room(b);
    for (size_t i = 0; i < count; i++) books[i] = b->input->rulebooks[i];
    if (count > 1) qsort(books, count, sizeof *books, compare_books);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || !str_equal(books[kept - 1]->name, books[i]->name)) {
            books[kept++] = books[i];
        } else if (!digest_equal(&books[kept - 1]->canonical, &books[i]->canonical)) {
            char one[160], other[160];
            return error_set(
                b->e, FAIL_EXISTS,
                "%s: expected a name of its own, found %.*s as at %s, with other words",
                doc_place(books[i]->more->named_at, one, sizeof one), STR_FMT(books[i]->name),
                doc_place(books[kept - 1]->more->named_at, other, sizeof other));
        }
    }
    b->set->books = books;
    b->set->book_count = kept;
    return OK;
}

bool is_of_line(const struct rulebook *book, str name_or_line) {
    return str_equal(book->name, name_or_line) ||
           (book->line.len > 0 && str_equal(book->line, name_or_line));
}

/* ---- adoptions ---- */

bool adoption_names(const struct rulebook_adoption *a, const struct rulebook *b) {
    return is_of_line(b, a->rulebook);
}

static bool among(const str *items, size_t count, str item) {
    for (size_t i = 0; i < count; i++)
        if (str_equal(items[i], item)) return true;
    return false;
}

bool adoption_covers(const struct rulebook_adoption *a, const struct rulebook_subject *s) {
    if (a->operator_count > 0 && s->operator_id.len > 0 &&
        !among(a->operators, a->operator_count, s->operator_id))
        return false;
    return a->dataset_count == 0 || s->dataset_id.len == 0 ||
           among(a->datasets, a->dataset_count, s->dataset_id);
}

static void pack_words(struct pack *p, const str *items, size_t count) {
    pack_u32(p, (uint32_t)count);
    for (size_t i = 0; i < count; i++) pack_str(p, items[i]);
}

static void pack_adoption(const struct rulebook_adoption *a, struct pack *p) {
    pack_str(p, a->rulebook);
    pack_words(p, a->operators, a->operator_count);
    pack_words(p, a->datasets, a->dataset_count);
    pack_words(p, a->elects, a->elect_count);
    pack_u8(p, a->elects_all);
    pack_i64(p, a->span.from_ns);
    pack_i64(p, a->span.until_ns);
    pack_str(p, a->by);
    pack_u32(p, (uint32_t)a->params.count);
    for (size_t i = 0; i < a->params.count; i++) {
        pack_str(p, a->params.at[i].path);
        value_pack(&a->params.at[i].value, p);
    }
}

struct keyed_adoption {
    str bytes;
    struct rulebook_adoption adoption;
};
static int compare_adoptions(const void *a, const void *b) {
    return str_compare(((const struct keyed_adoption *)a)->bytes,
                       ((const struct keyed_adoption *)b)->bytes);
}

static enum error_code copy_words(struct builder *b, const str **items, size_t *count) {
    str *copy = arena_new(b->arena, str, *count);
    if (copy == NULL) return no_room(b);
    if (*count > 0) memcpy(copy, *items, *count * sizeof *copy);
    *count = rulebook_items_sort(copy, *count);
    *items = copy;
    return OK;
}

static enum error_code check_adoption(struct builder *b, const struct rulebook_adoption *a) {
    for (size_t i = 0; i < b->set->book_count; i++)
        if (adoption_names(a, b->set->books[i])) return OK;
    if (b->input->missing_allowed)
        return set_warn(&b->warnings,
                        "%.*s%s%.*s is adopted, but no rulebook or line of that name is there",
                        STR_FMT(a->place), a->place.len > 0 ? ": " : "", STR_FMT(a->rulebook));
    return error_set(b->e, FAIL_NOT_FOUND,
                     "%.*s%s%.*s is adopted, but no rulebook or line of that name is there",
                     STR_FMT(a->place), a->place.len > 0 ? ": " : "", STR_FMT(a->rulebook));
}

static enum error_code take_adoptions(struct builder *b) {
    size_t count = b->input->adoption_count;
    struct keyed_adoption *keyed = arena_new(&b->scratch, struct keyed_adoption, count);
    struct rulebook_adoption *adoptions = arena_new(b->arena, struct rulebook_adoption, count);
    if (keyed == NULL || adoptions == NULL) return no_room(b);
    for (size_t i = 0; i < count; i++) {
        struct rulebook_adoption *a = &keyed[i].adoption;
        *a = b->input->adoptions[i];
        TRY(check_adoption(b, a));
        if (a->span.from_ns == 0 && a->span.until_ns == 0)
            a->span = (struct rulebook_span){RULEBOOK_EVER, RULEBOOK_ALWAYS};
        TRY(copy_words(b, &a->operators, &a->operator_count));
        TRY(copy_words(b, &a->datasets, &a->dataset_count));
        TRY(copy_words(b, &a->elects, &a->elect_count));
        struct pack p = pack_into(b->scratch.next, arena_left(&b->scratch));
        pack_adoption(a, &p);
        if (p.overflow) return no_room(b);
        b->scratch.next += p.len;
        keyed[i].bytes = str_of(p.at, p.len);
    }
    if (count > 1) qsort(keyed, count, sizeof *keyed, compare_adoptions);
    struct sha256 h;
    sha256_begin(&h);
    static const char mark[] = "azekura-rules-v1\n";
    sha256_add(&h, mark, sizeof mark - 1);
    unsigned char what_if = b->input->what_if;
    sha256_add(&h, &what_if, 1);
    for (size_t i = 0; i < b->set->book_count; i++) {
        bool adopted = b->input->what_if;
        for (size_t k = 0; k < count && !adopted; k++)
            adopted = adoption_names(&keyed[k].adoption, b->set->books[i]);
        if (adopted) sha256_add(&h, b->set->books[i]->canonical.at, DIGEST_BYTES);
    }
    for (size_t i = 0; i < count; i++) {
        digest one = sha256_of(keyed[i].bytes);
        sha256_add(&h, one.at, DIGEST_BYTES);
        adoptions[i] = keyed[i].adoption;
    }
    b->set->digest = sha256_end(&h);
    b->set->adoptions = adoptions;
    b->set->adoption_count = count;
    return OK;
}

/* ---- exceptions ---- */

static enum error_code lacks(const struct rulebook_exception *x, const char *what,
                             struct error *e) {
    return error_set(e, FAIL_USAGE, "exception %.*s: %s", STR_FMT(x->id), what);
}

enum error_code rulebook_exception_check(const struct rulebook_exception *x, struct error *e) {
    const int64_t hours_72_ns = 72 * 3600 * NS_PER_S; /* RULEBOOK 5 */
    if (x->id.len == 0) return lacks(x, "has no id", e);
    if (memchr(x->clause.at ? x->clause.at : "", '/', x->clause.len) == NULL)
        return lacks(x, "names no clause (RULEBOOK/ID or LINE/ID)", e);
    if (x->span.from_ns == RULEBOOK_EVER || x->span.until_ns == RULEBOOK_ALWAYS ||
        x->span.from_ns >= x->span.until_ns)
        return lacks(x, "needs a start and an end after it", e);
    if (x->reason.len == 0) return lacks(x, "has no reason", e);
    if (x->requester.len == 0 || x->approver.len == 0)
        return lacks(x, "needs a requester and an approver", e);
    if (x->kind == RULEBOOK_EXCEPTION)
        return str_equal(x->requester, x->approver)
                   ? lacks(x, "was approved by who requested it", e)
                   : OK;
    if (x->second.len == 0 || str_equal(x->second, x->approver))
        return lacks(x, "breaks the glass: that takes two people", e);
    if (x->span.until_ns - x->span.from_ns > hours_72_ns)
        return lacks(x, "breaks the glass for more than 72 hours", e);
    return OK;
}

static int compare_exceptions(const void *a, const void *b) {
    return str_compare(((const struct rulebook_exception *)a)->id,
                       ((const struct rulebook_exception *)b)->id);
}

static enum error_code take_exceptions(struct builder *b) {
    size_t count = b->input->exception_count;
    struct rulebook_exception *all = arena_new(b->arena, struct rulebook_exception, count);
    if (all == NULL) return no_room(b);
    for (size_t i = 0; i < count; i++) {
        all[i] = b->input->exceptions[i];
        TRY(rulebook_exception_check(&all[i], b->e));
    }
    if (count > 1) qsort(all, count, sizeof *all, compare_exceptions);
    b->set->exceptions = all;
    b->set->exception_count = count;
    return OK;
}

/* ---- clauses ---- */

const struct rulebook_clause *find_clause(const struct rulebook *book, str id) {
    for (size_t i = 0; i < book->clause_count; i++)
        if (str_equal(book->clauses[i].id, id)) return &book->clauses[i];
    return NULL;
}

static enum error_code find_base(struct builder *b, const struct rulebook *book,
                                 const struct rulebook **out) {
    *out = NULL;
    if (book->more->extends.len == 0) return OK;
    if (str_equal(book->more->extends, book->name))
        return doc_expected(book->more->extends_at, b->e, "another rulebook than itself");
    for (size_t i = 0; i < b->set->book_count; i++) {
        const struct rulebook *base = b->set->books[i];
        if (base == book || !is_of_line(base, book->more->extends)) continue;
        if (*out != NULL)
            return doc_expected(book->more->extends_at, b->e,
                                "one edition (several are of this line)");
        *out = base;
    }
    if (*out != NULL && (*out)->more->extends.len > 0)
        return doc_expected(book->more->extends_at, b->e, "a rulebook that itself extends none");
    if (*out != NULL) return extends_prove(book, *out, b->e);
    char place[160];
    return error_set(b->e, FAIL_NOT_FOUND,
                     "%s: expected a rulebook or line that is there, found %.*s (%.*s extends it)",
                     doc_place(book->more->extends_at, place, sizeof place),
                     STR_FMT(book->more->extends), STR_FMT(book->name));
}

static bool raise_names(const struct raise *raise, const struct rulebook_clause *clause) {
    str id = raise->clause, line;
    bool has_line = str_cut(&id, '/', &line);
    assert(has_line); /* checked as the file was read */
    return str_equal(id, clause->id) && is_of_line(clause->rulebook, line);
}

static enum error_code find_raises(struct builder *b, struct set_clause *sc) {
    for (int pass = 0; pass < 2; pass++) {
        struct set_raise *raises = (struct set_raise *)sc->raises;
        sc->raise_count = 0;
        for (size_t i = 0; i < b->set->book_count; i++) {
            const struct rulebook_more *more = b->set->books[i]->more;
            for (size_t k = 0; k < more->raise_count; k++) {
                if (!raise_names(&more->raises[k], sc->clause)) continue;
                if (pass == 1)
                    raises[sc->raise_count] =
                        (struct set_raise){b->set->books[i], i, &more->raises[k]};
                sc->raise_count++;
            }
        }
        if (pass == 0) {
            sc->raises = arena_new(b->arena, struct set_raise, sc->raise_count);
            if (sc->raises == NULL) return no_room(b);
        }
    }
    return OK;
}

static int compare_clauses(const void *a, const void *b) {
    const struct set_clause *x = a, *y = b;
    int order = set_clause_order(x->clause, y->clause);
    return order != 0 ? order : (x->book > y->book) - (x->book < y->book);
}

static enum error_code take_clauses(struct builder *b) {
    struct rulebook_set *s = b->set;
    const struct rulebook **bases = arena_new(&b->scratch, const struct rulebook *, s->book_count);
    if (bases == NULL) return no_room(b);
    size_t room = 0, count = 0;
    for (size_t i = 0; i < s->book_count; i++) {
        TRY(find_base(b, s->books[i], &bases[i]));
        room += s->books[i]->clause_count + (bases[i] != NULL ? bases[i]->clause_count : 0);
    }
    struct set_clause *all = arena_new(b->arena, struct set_clause, room);
    if (all == NULL) return no_room(b);
    for (size_t i = 0; i < s->book_count; i++) {
        for (size_t k = 0; k < s->books[i]->clause_count; k++)
            all[count++] = (struct set_clause){&s->books[i]->clauses[k], i, NULL, 0};
        for (size_t k = 0; bases[i] != NULL && k < bases[i]->clause_count; k++)
            if (find_clause(s->books[i], bases[i]->clauses[k].id) == NULL)
                all[count++] = (struct set_clause){&bases[i]->clauses[k], i, NULL, 0};
    }
    assert(count <= room);
    if (count > 1) qsort(all, count, sizeof *all, compare_clauses);
    for (size_t i = 0; i < count; i++) TRY(find_raises(b, &all[i]));
    s->clauses = all;
    s->clause_count = count;
    return OK;
}

enum error_code rulebook_set_compile(const struct rulebook_set_input *input, struct arena *arena,
                                     struct arena scratch, const struct rulebook_set **out,
                                     struct error *e) {
    struct builder b = {.input = input, .arena = arena, .scratch = scratch, .e = e};
    b.set = arena_new(arena, struct rulebook_set, 1);
    b.warnings = (struct set_warnings){.arena = arena, .e = e};
    b.warnings.at = arena_new(arena, struct rulebook_warning, SET_WARNINGS_MAX);
    if (b.set == NULL || b.warnings.at == NULL) return no_room(&b);
    b.set->what_if = input->what_if;
    TRY(take_books(&b));
    TRY(take_adoptions(&b));
    TRY(take_exceptions(&b));
    TRY(take_clauses(&b));
    TRY(set_vain(b.set, &b.warnings));
    b.set->warnings = b.warnings.at;
    b.set->warning_count = b.warnings.count;
    TRY(conflict_find(b.set, arena, e));
    *out = b.set;
    return OK;
}

/* ---- looking at it ---- */

const digest *rulebook_set_digest(const struct rulebook_set *set) {
    return &set->digest;
}

const struct rulebook *rulebook_set_edition(const struct rulebook_set *set, str name_or_line,
                                            int64_t at_ns) {
    for (size_t i = 0; i < set->book_count; i++)
        if (str_equal(set->books[i]->name, name_or_line)) return set->books[i];
    for (size_t i = 0; i < set->book_count; i++)
        if (is_of_line(set->books[i], name_or_line) &&
            rulebook_span_has(set->books[i]->in_force, at_ns))
            return set->books[i];
    return NULL;
}

const struct rulebook *const *rulebook_set_rulebooks(const struct rulebook_set *set,
                                                     size_t *count) {
    *count = set->book_count;
    return set->books;
}

const struct rulebook_warning *rulebook_set_warnings(const struct rulebook_set *set,
                                                     size_t *count) {
    *count = set->warning_count;
    return set->warnings;
}

const struct rulebook_conflict *rulebook_set_conflicts(const struct rulebook_set *set,
                                                       size_t *count) {
    *count = set->conflict_count;
    return set->conflicts;
}
