/* azekura survey --record and --history: answers and findings in a store's ledger, and those of before.
 *
 * Each server's answer is a finding of kind "survey-answer"; its text has the answers before it, the newest
 * first, so that the ledger gets an entry when an answer changes and none when it stands. What does not agree
 * is a finding of kind "survey" and cites its clauses. */
#include "app/survey/forming.h"

#include <stdio.h>
#include <string.h>

enum { HISTORY_MOST = 24, TEXT_MOST = 1000, DAY_CHARACTERS = 10 };

/* ---- an answer with those before it, as text: "2026-11-22 inside JP; 2026-10-01 outside US" ---- */

static void then_write(const struct census_then *then, struct text *out) {
    char at[CLOCK_TEXT_BYTES];
    clock_iso_s_write(then->at_ns, at);
    text_format(out, "%.*s %s", DAY_CHARACTERS, at, survey_answer_name(then->answer));
    if (then->country.at[0] != 0) text_format(out, " %.2s", then->country.at);
}

static bool then_read(str text, struct census_then *out) {
    str day, answer;
    *out = (struct census_then){.is_there = true};
    if (!str_cut(&text, ' ', &day) || !clock_iso_read(day, &out->at_ns)) return false;
    if (!str_cut(&text, ' ', &answer)) {
        answer = text;
        text = STR_EMPTY;
    }
    (void)geo_country_read(text, &out->country); /* an answer may have none */
    return survey_answer_find(answer, &out->answer);
}

/* Oldest first; what is no answer ends it. */
static size_t history_read(str text, struct census_then out[HISTORY_MOST]) {
    size_t count = 0;
    for (str one; text.len > 0 && count < HISTORY_MOST; count++) {
        if (!str_cut(&text, ';', &one)) {
            one = text;
            text = STR_EMPTY;
        }
        if (!then_read(str_trim(one), &out[count])) break;
    }
    for (size_t i = 0; i < count / 2; i++) {
        struct census_then last = out[count - 1 - i];
        out[count - 1 - i] = out[i];
        out[i] = last;
    }
    return count;
}

/* ---- what the ledger keeps ---- */

struct answer {
    str subject;
    struct census_then then[HISTORY_MOST + 1];
    size_t count;
    struct answer *next; /* in its bucket */
};
struct survey_answers {
    struct answer **buckets;
    size_t bucket_count;
    struct answer **list; /* of servers as they came */
    size_t count, at;
};
enum { BUCKETS = 1 << 16 };

static struct answer *answer_find(const struct survey_answers *all, str subject) {
    struct answer *a = all->buckets[(size_t)str_hash(subject, 0) & (BUCKETS - 1)];
    while (a != NULL && !str_equal(a->subject, subject)) a = a->next;
    return a;
}

static enum error_code answer_take(struct forming *f, str subject, struct answer **out,
                                   struct error *e) {
    *out = answer_find(f->answers, subject);
    if (*out != NULL) return OK;
    struct answer *answer = arena_new(&f->arena, struct answer, 1);
    if (answer == NULL) return error_set(e, FAIL_MEMORY, "no room for answers");
    TRY(arena_copy(&f->arena, subject, &answer->subject, e));
    struct answer **bucket = &f->answers->buckets[(size_t)str_hash(subject, 0) & (BUCKETS - 1)];
    answer->next = *bucket;
    *bucket = answer;
    *out = answer;
    return OK;
}

static enum error_code finding_take(struct forming *f, const json_t *finding, struct error *e) {
    struct answer *answer;
    const char *source = json_string_value(json_object_get(finding, "source")),
               *subject = json_string_value(json_object_get(finding, "subject")),
               *text = json_string_value(json_object_get(finding, "text"));
    if (source == NULL || subject == NULL || text == NULL ||
        !str_equal(str_from_c(source), f->source))
        return OK;
    TRY(answer_take(f, str_from_c(subject), &answer, e));
    answer->count = history_read(str_from_c(text), answer->then);
    return f->diff == NULL
               ? OK
               : census_diff_recall(f->diff, answer->subject, answer->then, answer->count, e);
}

/* All pages of findings of the kind. */
static enum error_code findings_recall(struct forming *f, struct call *call, struct error *e) {
    for (char after[64] = "";;) {
        const json_t *last = NULL, *page;
        size_t i;
        json_t *row;
        call_put(call, "kind", "survey-answer");
        if (after[0] != 0) call_put(call, "after", after);
        json_decref(call->reply);
        call->reply = NULL;
        if (!call_run(call, "finding/list"))
            return error_set(e, FAIL_INTERNAL, "the store did not tell its findings");
        page = json_object_get(call->reply, "findings");
        json_array_foreach(page, i, row) {
            TRY(finding_take(f, row, e));
            last = row;
        }
        if (last == NULL) return OK;
        snprintf(after, sizeof after, "%s", json_string_value(json_object_get(last, "id")));
    }
}

enum error_code survey_answers_recall(struct forming *f, struct error *e) {
    struct call call = {.data = f->data, .credentials = f->credentials};
    if (f->recalls) TRY(census_diff_open(NULL, 0, &f->diff, e));
    f->answers = arena_new(&f->arena, struct survey_answers, 1);
    if (f->answers == NULL) return error_set(e, FAIL_MEMORY, "no room for answers");
    f->answers->buckets = arena_new(&f->arena, struct answer *, BUCKETS);
    f->answers->list = arena_new(&f->arena, struct answer *, CENSUS_FINDINGS);
    assert(f->answers->buckets != NULL && f->answers->list != NULL); /* the space is far larger */
    if (!call_begin(&call, "azekura survey"))
        return error_set(e, FAIL_MEMORY, "no room to ask the store");
    enum error_code code = findings_recall(f, &call, e);
    call_end(&call);
    return code;
}

/* ---- what goes into it ---- */

static bool is_same_answer(const struct census_then *a, const struct census_then *b) {
    return a->answer == b->answer && geo_country_equal(a->country, b->country);
}

/* An answer that stands keeps its day, so that its finding says the same. Of servers called alike the last
 * counts. */
enum error_code survey_answers_take(struct forming *f, const struct survey_server *server,
                                    struct error *e) {
    const struct survey_judgement *j = server->judgement;
    struct survey_answers *all = f->answers;
    char memory[CENSUS_SUBJECT_BYTES];
    struct answer *answer;
    struct census_then now = {.at_ns = f->at_ns, .is_there = true, .answer = j->answer};
    if (j->country_count > 0) now.country = j->countries[0].country;
    if (all->count == CENSUS_FINDINGS)
        return error_set(
            e, FAIL_LIMIT,
            "the ledger keeps at most %d answers: survey in parts, or leave --record out",
            (int)CENSUS_FINDINGS);
    TRY(answer_take(f, census_subject(server, memory), &answer, e));
    all->list[all->count++] = answer;
    if (answer->count > 0 && is_same_answer(&answer->then[answer->count - 1], &now)) return OK;
    if (answer->count == HISTORY_MOST) {
        memmove(answer->then, answer->then + 1, (HISTORY_MOST - 1) * sizeof *answer->then);
        answer->count--;
    }
    answer->then[answer->count++] = now;
    return OK;
}

static json_t *answer_finding(const struct answer *answer) {
    char room[TEXT_MOST];
    const struct census_then *now = &answer->then[answer->count - 1];
    struct text text = text_into(room, sizeof room);
    for (size_t i = answer->count; i > 0; i--) {
        struct text before = text;
        if (text.len > 0) text_add_c(&text, "; ");
        then_write(&answer->then[i - 1], &text);
        if (text.overflow) text = before; /* the oldest are forgotten */
    }
    digest facts = sha256_of(text_str(&text));
    return recording_finding("survey-answer", answer->subject,
                             str_from_c(survey_answer_name(now->answer)), text_str(&text), &facts);
}

static json_t *form_finding(const struct census_finding *finding) {
    const char *verdict = finding->is_ruling ? census_ruling_name(finding->ruling)
                                             : census_match_name(CENSUS_CONTRADICTED);
    json_t *out = recording_finding("survey", finding->subject, str_from_c(verdict), finding->text,
                                    &finding->facts);
    json_t *clauses = json_object_get(out, "clauses");
    for (size_t i = 0; i < finding->clause_count; i++)
        json_array_append_new(clauses,
                              json_stringn(finding->clauses[i].at, finding->clauses[i].len));
    return out;
}

struct walk {
    const struct survey_answers *answers;
    const struct census_form *form;
    size_t answer, finding;
};

static json_t *walk_next(void *self) {
    struct walk *walk = self;
    if (walk->answer < walk->answers->count)
        return answer_finding(walk->answers->list[walk->answer++]);
    if (walk->finding < walk->form->finding_count)
        return form_finding(&walk->form->findings[walk->finding++]);
    return NULL;
}

/* Over the form as JSON: the same counts and findings are the same report. */
static enum error_code form_hash(const struct census_form *form, digest *out, struct error *e) {
    struct report_out report;
    struct sha256 hash;
    sha256_begin(&hash);
    TRY(report_open_hash(&hash, &report, e));
    struct report_json j = report_json_begin(&report, 0);
    census_form_json(form, &j);
    TRY(report_close(&report, e));
    *out = sha256_end(&hash);
    return OK;
}

enum error_code forming_record(struct forming *f, struct error *e) {
    char memory[1000];
    struct report_out said;
    const struct census_form *form;
    if (!f->records) return OK;
    TRY(census_form_make(f->census, &form, e));
    struct walk walk = {.answers = f->answers, .form = form};
    struct recording r = {.command = "azekura survey --record",
                          .source = f->source,
                          .next = walk_next,
                          .self = &walk};
    const struct call store = {.data = f->data, .credentials = f->credentials};
    TRY(form_hash(form, &r.report, e));
    TRY(report_open_text(memory, sizeof memory, &said, e));
    census_sentence(form, STR("en"), &said);
    TRY(report_close(&said, e));
    r.detail = report_text(&said);
    return recording_send(&store, &r, &f->recorded, e);
}
