/* What decisions are made from: the register, the place and what speaks for it, the adopted rules,
 * and for each dataset and act a table folded for this store's site. */
#include "doc/doc.h"
#include "gate/finding/placement.h"
#include "gate/location/location.h"
#include "gate/rules/issued.h"

#include <stdlib.h>

enum { RULES_BYTES = 1 << 30, RULES_SCRATCH_BYTES = 256 << 20 }; /* address space, not memory */

const str gate_acts[] = {{"put", 3},  {"copy", 4},   {"get", 3},
                         {"list", 4}, {"delete", 6}, {"administer", 10}};
const size_t gate_act_count = COUNT_OF(gate_acts);

static enum error_code set_compile(struct gate *gate, struct gate_rules *rules,
                                   struct arena scratch, struct error *e) {
    size_t count = 0;
    const struct rulebook **all = arena_new(&rules->arena, const struct rulebook *, 4096);
    rules->editions = arena_new(&rules->arena, struct gate_edition, 4096);
    if (all == NULL || rules->editions == NULL)
        return error_set(e, FAIL_MEMORY, "no room for rulebooks");
    for (size_t i = 0; i < rules->rulebooks.count; i++) {
        struct rulebook_read read;
        TRY(rulebook_read(rules->rulebooks.at[i].name, rules->rulebooks.at[i].bytes, &rules->arena,
                          scratch, &read, e));
        TRY(gate_issued_vouch(gate, rules, &rules->rulebooks.at[i], &read, scratch, e));
        for (size_t k = 0; k < read.count; k++) {
            if (count == 4096) return error_set(e, FAIL_LIMIT, "more than 4096 rulebooks");
            all[count++] = read.rulebooks[k];
        }
    }
    TRY(gate_issued_check(gate, rules, scratch, e));
    struct facts_binding binding;
    TRY(facts_binding_of(rules->snapshot, &rules->arena, scratch, &binding, e));
    struct rulebook_set_input input = {.rulebooks = all,
                                       .rulebook_count = count,
                                       .adoptions = binding.adoptions,
                                       .adoption_count = binding.adoption_count,
                                       .exceptions = binding.exceptions,
                                       .exception_count = binding.exception_count};
    TRY(gate_exceptions_add(gate, &rules->arena, &input, e));
    TRY(rulebook_set_compile(&input, &rules->arena, scratch, &rules->set, e));
    return gate_rules_warn(rules, &input, e);
}

static str row_text(const struct register_row *row, str path, int64_t now) {
    str text = STR_EMPTY;
    return register_text_at(row, path, now, &text) ? text : STR_EMPTY;
}

static enum error_code dataset_fold(struct gate_rules *rules, const struct register_row *row,
                                    int64_t now, struct arena scratch, struct gate_dataset *out,
                                    struct error *e) {
    struct rulebook_facts *facts = arena_new(&rules->arena, struct rulebook_facts, 1);
    out->tables = arena_new(&rules->arena, const struct rulebook_table *, gate_act_count);
    if (facts == NULL || out->tables == NULL)
        return error_set(e, FAIL_MEMORY, "no room for a table");
    out->id = row->id;
    out->sector = row_text(row, STR("sector"), now);
    out->class_ = row_text(row, STR("class"), now);
    const struct register_value *encrypted = register_value_find(&row->fields, STR("encrypted"));
    out->encrypted = !(register_value_is_good(encrypted, now) && !encrypted->yes);
    TRY(facts_static(rules->world, row->id, rules->site, &rules->arena, scratch, facts, e));
    out->facts = facts;
    for (size_t i = 0; i < gate_act_count; i++) {
        struct rulebook_subject subject = {.about = RULEBOOK_ABOUT_COPY | RULEBOOK_ABOUT_SESSION,
                                           .act = gate_acts[i],
                                           .operator_id = facts_operator_of(rules->world, row->id),
                                           .dataset_id = row->id,
                                           .site_id = rules->site};
        TRY(rulebook_table_build(rules->set, &subject, facts, facts_request_paths,
                                 facts_request_path_count, now, &rules->arena, scratch,
                                 &out->tables[i], e));
        struct rulebook_span span = rulebook_table_span(out->tables[i]);
        rules->until_ns = i64_min(rules->until_ns, span.until_ns);
    }
    return OK;
}

static bool book_keeps(const struct rulebook *book) {
    for (size_t i = 0; i < book->clause_count; i++)
        for (size_t k = 0; k < book->clauses[i].obligation_count; k++)
            if (book->clauses[i].obligations[k].kind == RULEBOOK_OBLIGE_KEEP_AT_LEAST) return true;
    return false;
}

static bool set_keeps(const struct rulebook_set *set) {
    size_t count;
    const struct rulebook *const *books = rulebook_set_rulebooks(set, &count);
    for (size_t i = 0; i < count; i++)
        if (book_keeps(books[i])) return true;
    return false;
}

static enum error_code datasets_fold(struct gate_rules *rules, int64_t now, struct arena scratch,
                                     struct error *e) {
    size_t count;
    register_rows(rules->snapshot, REGISTER_DATASETS, &count);
    rules->datasets = arena_new(&rules->arena, struct gate_dataset, count);
    if (rules->datasets == NULL)
        return error_set(e, FAIL_MEMORY, "no room for %zu datasets", count);
    size_t cursor = 0;
    const struct register_row *row;
    while ((row = register_row_next(rules->snapshot, REGISTER_DATASETS, now, &cursor)) != NULL) {
        TRY(dataset_fold(rules, row, now, scratch, &rules->datasets[rules->dataset_count], e));
        rules->dataset_count++;
    }
    return OK;
}

static enum error_code events_compile(struct gate_rules *rules, struct arena scratch,
                                      struct error *e) {
    struct siting_model *model = arena_new(&rules->arena, struct siting_model, 1);
    if (model == NULL) return error_set(e, FAIL_MEMORY, "no room for a table of events");
    for (size_t i = 0; i < rules->events.count; i++) {
        const struct gate_file *file = &rules->events.at[i];
        TRY(siting_file_read(file->name, file->bytes, &rules->arena, scratch, model, e));
    }
    TRY(siting_model_check(model, e));
    if (rules->events.count > 0) rules->model = model;
    return OK;
}

static enum error_code world_open(struct gate *gate, struct gate_rules *rules, int64_t now,
                                  struct error *e) {
    struct facts_evidence_options about = {.snapshot = rules->snapshot,
                                           .geo = gate->geo,
                                           .site = rules->site,
                                           .dmi_dir = gate->options.dmi_dir,
                                           .metadata_url = gate->options.metadata_url,
                                           .own_addresses = gate->options.own_addresses,
                                           .at_ns = now};
    int64_t located_until_ns;
    TRY(gate_located(gate, rules->snapshot, rules->site, now, &rules->arena, &about.location,
                     &located_until_ns, e));
    TRY(facts_evidence_gather(&about, &rules->arena, &rules->evidence, e));
    str *proxies = arena_new(&rules->arena, str, gate->options.proxy_count);
    if (proxies == NULL) return error_set(e, FAIL_MEMORY, "no room for trusted proxies");
    for (size_t i = 0; i < gate->options.proxy_count; i++)
        proxies[i] = str_from_c(gate->options.trusted_proxies[i]);
    struct facts_world_options options = {.snapshot = rules->snapshot,
                                          .geo = gate->geo,
                                          .site = rules->site,
                                          .evidence = &rules->evidence,
                                          .trusted_proxies = proxies,
                                          .trusted_proxy_count = gate->options.proxy_count,
                                          .events = rules->model,
                                          .rules = rules->set,
                                          .at_ns = now};
    TRY(facts_world_open(&options, &rules->world, e));
    rules->until_ns = i64_min(facts_world_until_ns(rules->world), located_until_ns);
    return OK;
}

static void site_read(struct gate_rules *rules, int64_t now) {
    const struct register_row *site =
        register_row_at(rules->snapshot, REGISTER_SITES, rules->site, now);
    if (site != NULL && !rules->evidence.contradicted)
        rules->site_country = row_text(site, STR("country"), now);
}

enum error_code gate_rules_build(struct gate *gate, struct register_snapshot *snapshot, bool reread,
                                 const struct gate_rules *before, struct gate_rules **out,
                                 struct error *e) {
    struct arena_space space = {0}, scratch_space = {0};
    struct arena arena, scratch;
    struct gate_rules *rules = NULL;
    int64_t now = clock_wall_ns(), inspected_until_ns = INT64_MAX;
    enum error_code code = arena_space_open(&space, RULES_BYTES, &arena, e);
    if (code == OK) code = arena_space_open(&scratch_space, RULES_SCRATCH_BYTES, &scratch, e);
    if (code == OK) {
        arena_space_dense(&space); /* requests meet tables at random */
        rules = arena_new(&arena, struct gate_rules, 1);
        assert(rules != NULL); /* the first thing in a GiB */
        *rules = (struct gate_rules){.space = space,
                                     .arena = arena,
                                     .snapshot = snapshot,
                                     .site = str_from_c(gate->options.site),
                                     .generation = atomic_load(&gate->generation) + 1};
        code = reread || before == NULL ? gate_files_read(gate, rules, e)
                                        : gate_files_copy(before, rules, e);
    }
    if (code == OK)
        code = gate_inspections_lay(gate, snapshot, now, &rules->arena, &inspected_until_ns, e);
    if (code == OK) code = set_compile(gate, rules, scratch, e);
    if (code == OK) code = events_compile(rules, scratch, e);
    if (code == OK) code = world_open(gate, rules, now, e); /* computes what the rules derive */
    if (code == OK) rules->until_ns = i64_min(rules->until_ns, inspected_until_ns);
    if (code == OK) code = datasets_fold(rules, now, scratch, e);
    if (code == OK) code = gate_placements_judge(rules, now, scratch, e);
    if (code == OK) rules->keeps = set_keeps(rules->set);
    arena_space_release(&scratch_space);
    if (code != OK) {
        if (rules != NULL)
            gate_rules_release(rules);
        else
            register_release(snapshot);
        if (rules == NULL) arena_space_release(&space);
        return code;
    }
    site_read(rules, now);
    *out = rules;
    return OK;
}

void gate_rules_release(struct gate_rules *rules) {
    if (rules == NULL) return;
    struct arena_space space = rules->space; /* the struct lies in it */
    facts_world_close(rules->world);
    register_release(rules->snapshot);
    arena_space_release(&space);
}

const digest *gate_rules_digest(const struct gate_rules *rules) {
    return rulebook_set_digest(rules->set);
}

static int by_id(const void *id, const void *dataset) {
    return str_compare(*(const str *)id, ((const struct gate_dataset *)dataset)->id);
}

const struct gate_dataset *gate_dataset_find(const struct gate_rules *rules, str id) {
    if (rules->dataset_count == 0) return NULL;
    return bsearch(&id, rules->datasets, rules->dataset_count, sizeof *rules->datasets, by_id);
}

const struct gate_dataset *gate_dataset_of_bucket(const struct gate_rules *rules, str bucket) {
    const struct register_row *row =
        register_bucket_dataset(rules->snapshot, bucket, clock_wall_ns());
    return row == NULL ? NULL : gate_dataset_find(rules, row->id);
}

const struct rulebook_table *gate_table_find(const struct gate_dataset *dataset, str act) {
    for (size_t i = 0; i < gate_act_count; i++)
        if (str_equal(gate_acts[i], act)) return dataset->tables[i];
    return NULL;
}
