/* azekura explain: how the rules decide an act or a subject, for a person or as JSON, by files or by
 * what a store holds. */
#include "app/commands.h"
#include "app/reach/call.h"
#include "app/reach/stored.h"
#include "app/rules/rulebooks.h"
#include "assess/assess.h"
#include "base/disk.h"
#include "facts/facts.h"

#include <fcntl.h>
#include <stdio.h>

enum { EXPLAIN_SPACE_BYTES = 1 << 30, EXPLAIN_TEXT_BYTES = 4 << 20 };

struct explaining {
    struct option_list registers, rulebooks, facts;
    const char *facts_file, *subject_id, *at, *lang, *format, *data, *credentials;
    bool what_if, all;
    int64_t at_ns, rules_ns; /* of an event that is past its own day, unless --at is said */
    struct arena_space space, scratch_space;
    struct arena arena, scratch;
    struct register_snapshot *snapshot;
    struct facts_world *world;
    const struct rulebook_set *set;
    struct rulebook_subject subject;
    struct rulebook_facts known, given;
    const struct register_row *record; /* whose clocks run; NULL: asked about no row */
};

static struct stored stored_of(const struct explaining *x) {
    return (struct stored){
        .data = x->data, .credentials = x->credentials, .held_ns = INT64_MAX, .at_ns = x->at_ns};
}

static enum error_code register_open(struct explaining *x, struct error *e) {
    const struct stored stored = stored_of(x);
    if (x->data != NULL && x->registers.count > 0)
        return error_set(e, FAIL_USAGE, "--data is a store's register: leave --register out");
    if (x->data != NULL) return stored_register(&stored, &x->arena, &x->snapshot, e);
    str paths[OPTION_LIST_MAX];
    for (size_t i = 0; i < x->registers.count; i++) paths[i] = str_from_c(x->registers.at[i]);
    return x->registers.count > 0 ? register_load(paths, x->registers.count, &x->snapshot, NULL, e)
                                  : register_load_texts(NULL, 0, &x->snapshot, NULL, e);
}

/* After the rules: what their derived sets and measures ask for is computed with the world. */
static enum error_code world_open(struct explaining *x, struct error *e) {
    struct facts_world_options options = {
        .snapshot = x->snapshot, .rules = x->set, .at_ns = x->at_ns};
    return facts_world_open(&options, &x->world, e);
}

static enum error_code set_open(struct explaining *x, struct error *e) {
    struct rulebook_set_input input = {.what_if = x->what_if, .missing_allowed = true};
    struct facts_binding binding;
    const struct stored stored = stored_of(x);
    input.missing_allowed = x->data != NULL;
    TRY(x->data != NULL && x->rulebooks.count == 0
            ? stored_rulebooks(&stored, &x->arena, x->scratch, &input, e)
            : rulebooks_load(&x->rulebooks, &x->arena, x->scratch, &input, e));
    TRY(facts_binding_of(x->snapshot, &x->arena, x->scratch, &binding, e));
    if (!x->what_if) {
        input.adoptions = binding.adoptions;
        input.adoption_count = binding.adoption_count;
        input.exceptions = binding.exceptions;
        input.exception_count = binding.exception_count;
    }
    return rulebook_set_compile(&input, &x->arena, x->scratch, &x->set, e);
}

/* "DATASET", "DATASET@SITE" or "@SITE" for an act; a row's id for a subject; of a dataset also where
 * the store stands that keeps it. */
static enum error_code known_open(struct explaining *x, str word, struct error *e) {
    str id = str_from_c(x->subject_id), dataset = id, site = STR_EMPTY;
    enum register_kind kind;
    if (x->subject.act.len > 0 || str_equal(word, STR("copy")) || str_equal(word, STR("session"))) {
        if (str_cut(&id, '@', &dataset)) site = id;
        x->subject.dataset_id = dataset;
        x->subject.site_id = site;
        if (dataset.len > 0) x->subject.operator_id = facts_operator_of(x->world, dataset);
        return facts_static(x->world, dataset, site, &x->arena, x->scratch, &x->known, e);
    }
    if (id.len == 0) return OK; /* only what is given */
    if (!register_kind_find(word, &kind))
        return error_set(e, FAIL_USAGE,
                         "the register has no rows of kind \"%.*s\"; leave --subject out",
                         STR_FMT(word));
    const struct register_row *row = register_row_at(x->snapshot, kind, id, x->at_ns);
    x->record = row;
    if (row != NULL && x->at == NULL) x->rules_ns = facts_rules_day(row, x->at_ns);
    if (kind != REGISTER_DATASETS)
        return facts_of_row(x->world, kind, id, &x->arena, x->scratch, &x->known, &x->subject, e);
    if (str_cut(&id, '@', &dataset)) site = id;
    x->record = register_row_at(x->snapshot, kind, dataset, x->at_ns);
    return facts_of_dataset(x->world, dataset, site, &x->arena, x->scratch, &x->known, &x->subject,
                            e);
}

static enum error_code fact_read(struct explaining *x, const char *text, struct rulebook_fact *out,
                                 struct error *e) {
    str value = str_from_c(text), path;
    if (!str_cut(&value, '=', &path) || path.len == 0)
        return error_set(e, FAIL_USAGE, "--fact takes PATH=VALUE, not \"%s\"", text);
    out->path = path;
    return rulebook_value_read(STR("--fact"), value, &x->arena, x->scratch, &out->value, e);
}

static enum error_code given_open(struct explaining *x, struct error *e) {
    struct rulebook_facts *file = NULL;
    if (x->facts_file != NULL) {
        str bytes;
        struct doc doc;
        file = arena_new(&x->arena, struct rulebook_facts, 1);
        if (file == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
        TRY(disk_file_read(AT_FDCWD, x->facts_file, LIMIT_DOC_BYTES, &x->arena, &bytes, e));
        TRY(doc_read_yaml(str_from_c(x->facts_file), bytes, &x->arena, x->scratch, &doc, e));
        if (doc.count > 0) TRY(rulebook_facts_of(doc.documents[0], &x->arena, x->scratch, file, e));
        file->next = &x->known;
    }
    struct rulebook_fact *facts = arena_new(&x->arena, struct rulebook_fact, x->facts.count);
    if (facts == NULL) return error_set(e, FAIL_MEMORY, "no room for facts");
    size_t count = 0;
    for (size_t i = 0; i < x->facts.count; i++) {
        struct rulebook_fact said;
        size_t at = 0;
        TRY(fact_read(x, x->facts.at[i], &said, e));
        while (at < count && !str_equal(facts[at].path, said.path)) at++;
        facts[at] = said; /* of one path the last counts */
        if (at == count) count++;
    }
    rulebook_facts_sort(facts, count);
    x->given = (struct rulebook_facts){facts, count, file != NULL ? file : &x->known};
    return OK;
}

/* A slip of the pen in a fact's name is no fact of that name: the clause it was meant for goes on as if
 * nothing had been said. */
static void doubts_tell(const struct explaining *x) {
    char why[ERROR_MESSAGE_BYTES];
    for (const struct rulebook_facts *layer = &x->given; layer != &x->known; layer = layer->next)
        for (size_t i = 0; i < layer->count; i++)
            if (facts_name_is_doubtful(layer->at[i].path, why))
                fprintf(stderr, "azekura explain: warning: %s\n", why);
}

/* `--fact act=copy` asks of an act where the word alone means a kind of subject: `copy` and `change`
 * are both, and any kind may be asked about under one act. */
static enum error_code act_take_over(struct explaining *x, str word, struct error *e) {
    const struct rulebook_value *act = rulebook_facts_find(&x->given, STR("act"));
    struct rulebook_subject meant;
    if (act == NULL) return OK;
    if (act->kind != RULEBOOK_TEXT || !rulebook_subject_of_act(act->text, &meant))
        return error_set(e, FAIL_USAGE,
                         "the fact act takes an act (put, get, list, copy, delete …), not \"%.*s\"",
                         STR_FMT(act->text));
    if (x->subject.act.len > 0 && !str_equal(x->subject.act, act->text))
        return error_set(e, FAIL_USAGE,
                         "asked about the act \"%.*s\", and told that it is \"%.*s\"",
                         STR_FMT(x->subject.act), STR_FMT(act->text));
    if (str_equal(word, meant.act)) x->subject.about = meant.about;
    x->subject.act = meant.act;
    return OK;
}

/* Of a copy, and no act that makes it: the store's own is one of all copies too. */
static enum error_code own_copy_count(struct explaining *x, struct error *e) {
    const struct rulebook_subject *s = &x->subject;
    if (s->about != RULEBOOK_ABOUT_COPY || s->act.len > 0 || s->dataset_id.len == 0) return OK;
    return facts_of_copy(x->world, s->dataset_id, s->site_id, STR_EMPTY, &x->arena, x->scratch,
                         &x->known, e);
}

static void text_take_over(struct explaining *x) {
    /* What a person gives about dataset and site counts for adoption too. */
    const struct rulebook_value *dataset = rulebook_facts_find(&x->given, STR("dataset.id"));
    const struct rulebook_value *site = rulebook_facts_find(&x->given, STR("place.site"));
    const struct rulebook_value *operator_ = rulebook_facts_find(&x->given, STR("operator.id"));
    if (x->subject.dataset_id.len == 0 && dataset != NULL && dataset->kind == RULEBOOK_TEXT)
        x->subject.dataset_id = dataset->text;
    if (x->subject.site_id.len == 0 && site != NULL && site->kind == RULEBOOK_TEXT)
        x->subject.site_id = site->text;
    if (x->subject.operator_id.len == 0 && operator_ != NULL && operator_->kind == RULEBOOK_TEXT)
        x->subject.operator_id = operator_->text;
}

static enum error_code decide_and_tell(struct explaining *x, struct text *out, struct error *e) {
    struct rulebook_decision decision;
    struct rulebook_explain how = {.elsewhere = true,
                                   .passed = true,
                                   .language = x->lang != NULL && strcmp(x->lang, "ja") == 0
                                                   ? RULEBOOK_JAPANESE
                                                   : RULEBOOK_ENGLISH};
    TRY(rulebook_evaluate_slow(x->set, &x->subject, &x->given, x->rules_ns, &x->arena, x->scratch,
                               &decision, e));
    struct duties_standing standing;
    if (x->record != NULL && x->subject.act.len == 0) {
        TRY(duties_stand(x->record, &x->given, x->at_ns, &decision, &x->arena, &standing, e));
        how.clocks = &standing.clocks;
    }
    if (x->format != NULL && strcmp(x->format, "json") == 0)
        return rulebook_explain_json(&decision, &how, x->scratch, out, e);
    return rulebook_explain_text(&decision, &how, x->scratch, out, e);
}

static enum error_code run(struct explaining *x, const char *word, struct text *out,
                           struct error *e) {
    TRY(arena_space_open(&x->space, EXPLAIN_SPACE_BYTES, &x->arena, e));
    TRY(arena_space_open(&x->scratch_space, EXPLAIN_SPACE_BYTES, &x->scratch, e));
    x->at_ns = clock_wall_ns();
    if (x->at != NULL && !clock_iso_read(str_from_c(x->at), &x->at_ns))
        return error_set(e, FAIL_USAGE, "--at takes a day or time such as 2024-05-17, not \"%s\"",
                         x->at);
    x->rules_ns = x->at_ns;
    if (!rulebook_subject_of_word(str_from_c(word), &x->subject))
        return error_set(e, FAIL_USAGE,
                         "\"%s\" is neither an act (put, get, list, copy, delete …) nor a subject "
                         "(copy, session, dataset, site, entity …)",
                         word);
    TRY(register_open(x, e));
    TRY(set_open(x, e));
    TRY(world_open(x, e));
    TRY(known_open(x, str_from_c(word), e));
    TRY(given_open(x, e));
    doubts_tell(x);
    TRY(act_take_over(x, str_from_c(word), e));
    TRY(own_copy_count(x, e));
    text_take_over(x);
    return decide_and_tell(x, out, e);
}

int command_explain(int argc, char **argv) {
    static struct explaining x;
    const struct option options[] = {
        {"subject", OPTION_TEXT, &x.subject_id, "ID",
         "DATASET@SITE of an act; a row's id of a subject, of a dataset with @ and the store's "
         "site"},
        {"register", OPTION_LIST, &x.registers, "PATH", "register file or folder (repeatable)"},
        {"rulebook", OPTION_LIST, &x.rulebooks, "PATH", "rulebook file or folder (repeatable)"},
        {"data", OPTION_TEXT, &x.data, "DIR",
         "register and rulebooks of this store, with what inspectors confirmed"},
        {"credentials", OPTION_TEXT, &x.credentials, "FILE",
         "come to the store as this key (else as its owner)"},
        {"fact", OPTION_LIST, &x.facts, "PATH=VALUE",
         "say a fact, over what the register says (repeatable; of one path the last)"},
        {"facts", OPTION_TEXT, &x.facts_file, "FILE", "facts as JSON or YAML"},
        {"what-if", OPTION_FLAG, &x.what_if, NULL, "as if every rulebook were adopted"},
        {"at", OPTION_TEXT, &x.at, "TIME",
         "as of that day or time (now; of what happened, its own day)"},
        {"lang", OPTION_TEXT, &x.lang, "en|ja", "language (en)"},
        {"format", OPTION_TEXT, &x.format, "text|json", "how to answer (text)"},
        {0}};
    const struct command_line line = {
        .command = "azekura explain",
        .synopsis = "SUBJECT|ACT [--subject ID] --register PATH… --rulebook PATH… [options]",
        .about =
            "Says how the adopted rules decide: what was asked, what each clause wants, on what\n"
            "basis and why it binds, what was found and who said so, what would make it pass.\n"
            "`copy` and `change` are subjects and acts: --fact act=copy asks of the act.",
        .examples = "  azekura explain put --subject patient-records@oregon --register "
                    "examples/register \\\n"
                    "      --rulebook rulebooks --rulebook examples/rulebooks --lang ja\n"
                    "  azekura explain put --what-if --rulebook rulebooks --fact "
                    "dataset.class=critical \\\n"
                    "      --fact place.country=JP --at 2024-05-17\n",
        .options = options,
        .positional_min = 1,
        .positional_max = 1};
    const char *words[2];
    int ended;
    if (!options_read(&line, argc, argv, words, 2, &ended)) return ended;
    static char memory[EXPLAIN_TEXT_BYTES];
    struct text out = text_into(memory, sizeof memory);
    struct error e = {0};
    enum error_code code = run(&x, words[0], &out, &e);
    if (code == OK)
        fwrite(out.at, 1, out.len, stdout);
    else
        command_fail(line.command, &e);
    if (code == OK && out.len > 0 && out.at[out.len - 1] != '\n') putchar('\n');
    facts_world_close(x.world);
    register_release(x.snapshot);
    arena_space_release(&x.scratch_space);
    arena_space_release(&x.space);
    return code == OK ? 0 : code == FAIL_USAGE ? 2 : 1;
}
