/* Buckets at the gate: made, changed and removed as the act `administer`, with an entry each. */
#include "gate/turn/committer.h"

/* What all changes of a bucket share: who may, what the rules say, one turn, one receipt. */
struct bucket_change {
    struct gate_work work;
    struct gate_visit *visit;
    str name;
    struct gate_decided decided;
    struct evidence_values values;
    enum evidence_type type;
    uint64_t entry;
    enum store_versioning versioning;
    struct store_pairs tags;
    /* Under the turn, before the entry; says what changed in values[DETAIL]. */
    enum error_code (*change)(struct gate_turn *turn, struct bucket_change *c, struct error *e);
};

static enum error_code change_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct bucket_change *c = self;
    struct gate_record record;
    TRY(gate_renew(turn, c->visit, IDENTITY_CREATE_BUCKET, c->name, &c->decided, e));
    TRY(c->change(turn, c, e));
    record = (struct gate_record){.type = c->type, .decided = &c->decided, .values = c->values};
    TRY(gate_record_append(turn, &record, &c->entry, e));
    turn->buckets_changed = true;
    return OK;
}

static enum error_code change_run(struct bucket_change *c, struct gate_answer *answer,
                                  struct error *e) {
    *answer = (struct gate_answer){0};
    TRY(gate_visit_values(c->visit, c->name, STR_EMPTY, &c->values, e));
    TRY(gate_decide(c->visit, STR("administer"), c->name, &c->decided, e));
    TRY(gate_decided_answer(c->visit, &c->decided, &c->values, false, answer, e));
    c->work = (struct gate_work){.apply = change_apply, .self = c, .bytes = 4096};
    TRY(gate_submit_decided(c->visit, &c->work, &c->decided, &c->values, answer, e));
    return gate_receipt(c->visit, c->entry, c->entry, &answer->receipt, e);
}

static enum error_code create_change(struct gate_turn *turn, struct bucket_change *c,
                                     struct error *e) {
    struct store_bucket new = {.name = c->name,
                               .created_ns = turn->now_ns,
                               .owner = gate_visit_user(c->visit)},
                        made;
    return store_bucket_create(turn->engine, &new, turn->scratch, &made, e);
}

enum error_code gate_bucket_create(struct gate_visit *visit, str bucket, struct gate_answer *answer,
                                   struct error *e) {
    struct bucket_change c = {
        .visit = visit, .name = bucket, .type = EVIDENCE_BUCKET_CREATE, .change = create_change};
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_CREATE_BUCKET, bucket, e));
    return change_run(&c, answer, e);
}

static enum error_code delete_change(struct gate_turn *turn, struct bucket_change *c,
                                     struct error *e) {
    return store_bucket_delete(turn->engine, c->name, turn->scratch, e);
}

enum error_code gate_bucket_delete(struct gate_visit *visit, str bucket, struct gate_answer *answer,
                                   struct error *e) {
    const struct store_bucket *there;
    struct bucket_change c = {
        .visit = visit, .name = bucket, .type = EVIDENCE_BUCKET_DELETE, .change = delete_change};
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_CREATE_BUCKET, bucket, e));
    TRY(gate_bucket_of(visit, bucket, &there, e));
    return change_run(&c, answer, e);
}

static enum error_code versioning_change(struct gate_turn *turn, struct bucket_change *c,
                                         struct error *e) {
    struct arena scratch = turn->scratch;
    struct store_bucket bucket;
    TRY(store_bucket_get(turn->engine, c->name, &scratch, &bucket, e));
    if (c->versioning == STORE_UNVERSIONED)
        return error_set(e, FAIL_INVALID_ARGUMENT, "versioning can be suspended, not taken away");
    bucket.versioning = c->versioning;
    c->values.of[EVIDENCE_DETAIL] =
        c->versioning == STORE_ENABLED ? STR("versioning enabled") : STR("versioning suspended");
    return store_bucket_update(turn->engine, &bucket, scratch, e);
}

enum error_code gate_bucket_versioning(struct gate_visit *visit, str bucket,
                                       enum store_versioning versioning, struct gate_answer *answer,
                                       struct error *e) {
    const struct store_bucket *there;
    struct bucket_change c = {.visit = visit,
                              .name = bucket,
                              .type = EVIDENCE_BUCKET_CHANGE,
                              .versioning = versioning,
                              .change = versioning_change};
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_CREATE_BUCKET, bucket, e));
    TRY(gate_bucket_of(visit, bucket, &there, e));
    return change_run(&c, answer, e);
}

static enum error_code tags_change(struct gate_turn *turn, struct bucket_change *c,
                                   struct error *e) {
    struct arena scratch = turn->scratch;
    struct store_bucket bucket;
    TRY(store_bucket_get(turn->engine, c->name, &scratch, &bucket, e));
    bucket.tags = c->tags;
    c->values.of[EVIDENCE_DETAIL] = c->tags.count > 0 ? STR("tags set") : STR("tags removed");
    return store_bucket_update(turn->engine, &bucket, scratch, e);
}

enum error_code gate_bucket_tags(struct gate_visit *visit, str bucket, struct store_pairs tags,
                                 struct gate_answer *answer, struct error *e) {
    const struct store_bucket *there;
    struct bucket_change c = {.visit = visit,
                              .name = bucket,
                              .type = EVIDENCE_BUCKET_CHANGE,
                              .tags = tags,
                              .change = tags_change};
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_CREATE_BUCKET, bucket, e));
    TRY(gate_bucket_of(visit, bucket, &there, e));
    return change_run(&c, answer, e);
}

/* ---- reading ---- */

enum error_code gate_bucket_get(struct gate_visit *visit, str bucket,
                                const struct store_bucket **out, struct gate_answer *answer,
                                struct error *e) {
    struct gate_decided decided;
    struct evidence_values values;
    *answer = (struct gate_answer){0};
    TRY(gate_allow(visit, IDENTITY_LIST, bucket, e));
    TRY(gate_bucket_of(visit, bucket, out, e));
    TRY(gate_visit_values(visit, bucket, STR_EMPTY, &values, e));
    TRY(gate_decide_read(visit, STR("list"), bucket, &decided, e));
    return gate_decided_answer(visit, &decided, &values, true, answer, e);
}

enum error_code gate_bucket_list(struct gate_visit *visit,
                                 enum error_code (*each)(void *self, const struct store_bucket *,
                                                         struct error *e),
                                 void *self, struct gate_answer *answer, struct error *e) {
    const struct store_buckets *all = gate_buckets_all(visit->world->buckets);
    *answer = (struct gate_answer){0};
    if (visit->user == NULL) return gate_allow(visit, IDENTITY_LIST, STR_EMPTY, e);
    TRY(gate_look(visit, "buckets", STR("buckets"), e));
    for (size_t i = 0; i < all->count; i++) {
        str name = all->at[i].name;
        if (identity_allows(visit->user, IDENTITY_LIST, name) ||
            identity_allows(visit->user, IDENTITY_READ, name) ||
            identity_allows(visit->user, IDENTITY_WRITE, name))
            TRY(each(self, &all->at[i], e));
    }
    return OK;
}
