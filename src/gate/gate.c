/* Opening and closing: the order in which the store comes to life. Guards first, then what is in
 * force, then the first turn, then visitors. */
#include "gate/rules/issued.h"
#include "gate/state.h"
#include "gate/turn/committer.h"
#include "gate/turn/past.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>

/* ---- the register at opening ---- */

enum error_code gate_register_reread(struct gate *gate, bool reread, struct register_snapshot **out,
                                     struct error *e) {
    if (reread && gate->options.register_count > 0) {
        str *paths = calloc(gate->options.register_count, sizeof *paths);
        if (paths == NULL) return error_set(e, FAIL_MEMORY, "no room for register paths");
        for (size_t i = 0; i < gate->options.register_count; i++)
            paths[i] = str_from_c(gate->options.register_paths[i]);
        enum error_code code = register_load(paths, gate->options.register_count, out, NULL, e);
        free(paths);
        return code;
    }
    struct engine_view *view;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = register_restore(view, UINT64_MAX, out, e);
    engine_view_close(view);
    if (code == FAIL_NOT_FOUND)
        return error_set(e, FAIL_NOT_FOUND,
                         "the store has no register yet: name one with --register PATH");
    return code;
}

enum error_code gate_identities_load(struct gate *gate, struct gate_identities **out,
                                     struct error *e) {
    struct engine_view *view;
    struct gate_identities *identities = calloc(1, sizeof *identities);
    if (identities == NULL) return error_set(e, FAIL_MEMORY, "no room for identities");
    enum error_code code = engine_view_open(gate->engine, &view, e);
    if (code == OK) {
        code = identity_snapshot_load(view, gate->keys, &identities->snapshot, e);
        engine_view_close(view);
    }
    if (code != OK) {
        free(identities);
        return code;
    }
    *out = identities;
    return OK;
}

/* ---- the first turn ---- */

#define KEYS_ROW STR("t/keys") /* the folder of keys, as the server that ran last had it */
static enum error_code keys_remember(struct gate_turn *turn, struct error *e) MUST_USE;

struct first_turn {
    struct gate_work work;
    struct gate *gate;
    bool root_made;
    struct identity_new_key root;
};

static enum error_code first_apply(struct gate_turn *turn, void *self, struct error *e) {
    struct first_turn *f = self;
    struct gate_rules *rules = atomic_load(&f->gate->world)->rules;
    uint64_t index;
    TRY(identity_root_make(turn->engine, f->gate->keys, turn->now_ns, &f->root_made, &f->root, e));
    /* A command that opens DATA to read or export is no start: it leaves the ledger as it is. */
    if (f->gate->options.is_command && !f->root_made) return OK;
    struct gate_record start = {.type = EVIDENCE_START, .other = register_digest(rules->snapshot)};
    start.values.of[EVIDENCE_DETAIL] = STR("azekura " AZEKURA_VERSION);
    start.values.of[EVIDENCE_SUBJECT] = rules->site;
    TRY(gate_record_append(turn, &start, &index, e));
    TRY(engine_turn_put(turn->engine, ENGINE_META, STR("t/site"), rules->site, e));
    TRY(keys_remember(turn, e));
    if (!f->root_made) return OK;
    turn->identities_changed = true;
    struct gate_record made = {.type = EVIDENCE_IDENTITY_CHANGE};
    made.values.of[EVIDENCE_SUBJECT] = STR("root");
    made.values.of[EVIDENCE_DETAIL] = STR("user and key made at first start");
    return gate_record_append(turn, &made, &index, e);
}

static enum error_code first_turn(struct gate *gate, struct error *e) {
    struct first_turn f = {.gate = gate};
    f.work = (struct gate_work){.apply = first_apply, .self = &f, .bytes = 4096};
    TRY(gate_submit(gate, &f.work, e));
    memory_wipe(&f.root, sizeof f.root);
    return OK;
}

/* ---- parts, in order ---- */

static enum error_code engine_start(struct gate *gate, struct error *e) {
    struct engine_local_options options = {.dir = gate->options.data_dir,
                                           .cache_bytes = gate->options.cache_bytes,
                                           .write_buffer_bytes = gate->options.write_buffer_bytes,
                                           .wal_bytes_max = gate->options.log_bytes_max,
                                           .low_water_bytes = gate->options.low_water_bytes};
    uint64_t removed;
    if (gate->engine == NULL) TRY(engine_open_local(&options, &gate->engine, e));
    return engine_blobs_sweep(gate->engine, store_blob_is_named, NULL, &removed, e);
}

static enum error_code path_below(struct gate *gate, const char *name, str *out, struct error *e) {
    return arena_format(&gate->text, out, e, "%s/%s", gate->options.data_dir, name);
}

/* Where the keys are, when the caller does not say: in DATA/keys if there are some; else where the
 * server that ran last had them, which it wrote down. Commands know no configuration, and making
 * new keys for a store that has some would be the worst of answers. */
static enum error_code keys_recall(struct gate *gate, struct error *e) {
    struct engine_view *view;
    struct stat about;
    str dir;
    bool found;
    TRY(path_below(gate, "keys", &dir, e));
    gate->options.key_dir = dir.at;
    if (stat(dir.at, &about) == 0) return OK;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code =
        engine_view_get(view, ENGINE_META, KEYS_ROW, &gate->text, &dir, &found, e);
    engine_view_close(view);
    if (code != OK || !found) return code;
    TRY(arena_copy(&gate->text, dir, &dir, e));
    if (stat(dir.at, &about) != 0)
        return error_set(e, FAIL_NOT_FOUND,
                         "the keys of this store were in %.*s, and are not there now",
                         STR_FMT(str_slice(dir, 0, 100)));
    gate->options.key_dir = dir.at;
    return OK;
}

static enum error_code keys_start(struct gate *gate, struct error *e) {
    struct seal_keys_options options = {0};
    if (gate->options.key_dir == NULL) TRY(keys_recall(gate, e));
    return seal_keys_open(gate->options.key_dir, &options, &gate->keys, e);
}

/* As an absolute path: a command may have another working folder. */
static enum error_code keys_remember(struct gate_turn *turn, struct error *e) {
    char *full = realpath(turn->gate->options.key_dir, NULL);
    if (full == NULL)
        return error_set(e, FAIL_SYSTEM, "the folder of keys %.100s has no path",
                         turn->gate->options.key_dir);
    enum error_code code =
        engine_turn_put(turn->engine, ENGINE_META, KEYS_ROW, str_from_c(full), e);
    free(full);
    return code;
}

static enum error_code ledger_options_of(struct gate *gate, struct ledger_options *out,
                                         struct error *e) {
    str dir;
    TRY(path_below(gate, "ledger", &dir, e));
    struct ledger_witness *witnesses =
        arena_new(&gate->text, struct ledger_witness, gate->options.witness_count);
    if (witnesses == NULL) return error_set(e, FAIL_MEMORY, "no room for witnesses");
    for (size_t i = 0; i < gate->options.witness_count; i++)
        witnesses[i] = (struct ledger_witness){str_from_c(gate->options.witnesses[i].name),
                                               str_from_c(gate->options.witnesses[i].vkey),
                                               str_from_c(gate->options.witnesses[i].url)};
    *out = (struct ledger_options){.dir = dir.at,
                                   .anchor_path = gate->options.anchor_path,
                                   .witnesses = witnesses,
                                   .witness_count = gate->options.witness_count};
    if (gate->options.origin != NULL) {
        out->origin = str_from_c(gate->options.origin);
        return OK;
    }
    return arena_format(&gate->text, &out->origin, e, "azekura.local/%s", gate->options.site);
}

static enum error_code ledger_start(struct gate *gate, struct error *e) {
    struct ledger_options options;
    TRY(ledger_options_of(gate, &options, e));
    TRY(ledger_open(gate->engine, gate->keys, &options, &gate->ledger, e));
    char text[TLOG_VKEY_TEXT_BYTES];
    size_t len = tlog_vkey_write(ledger_vkey(gate->ledger), text);
    return arena_copy(&gate->text, str_of(text, len), &gate->vkey, e);
}

/* The site of a store opened by a command: the one it has served as. */
static enum error_code site_recall(struct gate *gate, struct error *e) {
    struct engine_view *view;
    str site;
    bool found;
    if (gate->options.site != NULL) return OK;
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code =
        engine_view_get(view, ENGINE_META, STR("t/site"), &gate->text, &site, &found, e);
    engine_view_close(view);
    if (code != OK) return code;
    if (!found)
        return error_set(e, FAIL_USAGE, "%s has no store in it yet: start one with `azekura serve`",
                         gate->options.data_dir);
    TRY(arena_copy(&gate->text, site, &site, e));
    gate->options.site = site.at;
    return OK;
}

static enum error_code world_start(struct gate *gate, struct error *e) {
    struct register_snapshot *snapshot;
    struct gate_rules *rules = NULL;
    struct gate_identities *identities = NULL;
    struct gate_buckets *buckets = NULL;
    struct engine_view *view;
    TRY(gate_register_reread(gate, true, &snapshot, e));
    TRY(gate_rules_build(gate, snapshot, true, NULL, &rules, e));
    enum error_code code = gate_identities_load(gate, &identities, e);
    if (code == OK) code = gate_buckets_load(gate, rules, &buckets, e);
    if (code == OK) code = gate_world_swap(gate, rules, identities, buckets, e);
    if (code != OK) {
        gate_buckets_release(buckets);
        gate_identities_release(identities);
        gate_rules_release(rules);
        return code;
    }
    TRY(engine_view_open(gate->engine, &view, e));
    code = gate_codes_open(view, &gate->codes, e);
    if (code == OK) code = gate_tallies_open(view, &gate->tallies, e);
    engine_view_close(view);
    if (code == OK) code = gate_folds_open(&gate->folds, e);
    if (code == OK) code = gate_debts_open(gate, e);
    return code;
}

static enum error_code geo_start(struct gate *gate, struct error *e) {
    struct geo_data_options geo = {.path = gate->options.geo_path};
    return gate->options.geo_path == NULL ? OK : geo_data_open(&geo, &gate->geo, e);
}

enum error_code gate_open(const struct gate_options *options, struct gate **out, struct error *e) {
    return gate_open_over(options, NULL, out, e);
}

enum error_code gate_open_over(const struct gate_options *options, struct engine *engine,
                               struct gate **out, struct error *e) {
    struct gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL) {
        engine_close(engine);
        return error_set(e, FAIL_MEMORY, "no room for the gate");
    }
    gate->engine = engine;
    gate->options = *options;
    if (options->part_bytes_min == 0) gate->options.part_bytes_min = LIMIT_PART_BYTES_MIN;
    pthread_mutex_init(&gate->rules_lock, NULL);
    pthread_mutex_init(&gate->publish_lock, NULL);
    enum error_code code = arena_space_open(&gate->text_space, (size_t)1 << 20, &gate->text, e);
    if (code == OK) code = gate_issuers_read(gate, e);
    if (code == OK) code = engine_start(gate, e);
    if (code == OK) code = site_recall(gate, e);
    if (code == OK) code = keys_start(gate, e);
    if (code == OK) code = geo_start(gate, e);
    if (code == OK) code = ledger_start(gate, e);
    if (code == OK) code = gate_eras_open(gate, e);
    if (code == OK) code = world_start(gate, e);
    if (code == OK) code = gate_committer_open(gate, e);
    if (code == OK)
        code = gate_rules_record(gate, atomic_load(&gate->world)->rules, NULL, STR("start"), e);
    if (code == OK && !options->is_command) gate_rules_tell(atomic_load(&gate->world)->rules, NULL);
    if (code == OK) code = first_turn(gate, e);
    if (code == OK) code = gate_publish_now(gate, e);
    if (code == OK) code = gate_keeper_open(gate, e);
    if (code != OK) {
        error_note(e, "gate", "opening the store in %s", options->data_dir);
        gate_close(gate);
        return code;
    }
    *out = gate;
    return OK;
}

/* ---- checking what it would be opened with ---- */

static enum error_code witnesses_check(const struct gate_options *options, struct error *e) {
    for (size_t i = 0; i < options->witness_count; i++) {
        const struct gate_witness *witness = &options->witnesses[i];
        struct tlog_vkey key;
        struct error why;
        str url = str_from_c(witness->url);
        if (tlog_vkey_parse(str_from_c(witness->vkey), &key, &why) != OK)
            return error_set(e, FAIL_USAGE, "witnesses: the vkey of \"%.100s\": %s", witness->name,
                             why.message);
        if (key.type != TLOG_KEY_COSIGNATURE)
            return error_set(e, FAIL_USAGE,
                             "witnesses: the vkey of \"%.100s\" is no witness's: expected one as "
                             "azekura witness --generate prints it",
                             witness->name);
        if (!str_starts(url, STR("http://")) && !str_starts(url, STR("https://")))
            return error_set(e, FAIL_USAGE, "witnesses: \"%.100s\" is no http or https URL",
                             witness->url);
    }
    return OK;
}

static enum error_code rules_check(struct gate *gate, struct error *e) {
    struct register_snapshot *snapshot;
    struct gate_rules *rules = NULL;
    if (gate->options.register_count == 0) return OK; /* then it is that of DATA */
    TRY(gate_register_reread(gate, true, &snapshot, e));
    TRY(gate_rules_build(gate, snapshot, true, NULL, &rules, e));
    gate_rules_tell(rules, NULL);
    gate_rules_release(rules);
    return OK;
}

enum error_code gate_check(const struct gate_options *options, struct error *e) {
    const struct engine_lab_options in_memory = {0};
    struct gate *gate = calloc(1, sizeof *gate);
    if (gate == NULL) return error_set(e, FAIL_MEMORY, "no room for the gate");
    gate->options = *options;
    gate->options.metadata_url = "off";
    gate->options.own_addresses = false;
    pthread_mutex_init(&gate->rules_lock, NULL);
    enum error_code code = arena_space_open(&gate->text_space, (size_t)1 << 20, &gate->text, e);
    if (code == OK) code = engine_open_lab(&in_memory, &gate->engine, e);
    if (code == OK) code = gate_issuers_read(gate, e);
    if (code == OK) code = witnesses_check(options, e);
    if (code == OK) code = geo_start(gate, e);
    if (code == OK) code = rules_check(gate, e);
    geo_data_close(gate->geo);
    engine_close(gate->engine);
    arena_space_release(&gate->text_space);
    pthread_mutex_destroy(&gate->rules_lock);
    free(gate);
    return code;
}

/* ---- closing ---- */

static enum error_code last_apply(struct gate_turn *turn, void *self, struct error *e) {
    return gate_folds_end(turn, true, e);
}

/* What was folded is counted, and the last checkpoint says all there is. */
static void last_turn(struct gate *gate) {
    struct error e;
    struct gate_work work = {.apply = last_apply};
    if (gate_submit(gate, &work, &e) != OK) log_error("last-turn-failed", &e);
    if (gate_publish_now(gate, &e) != OK) log_error("last-checkpoint-failed", &e);
}

void gate_close(struct gate *gate) {
    if (gate == NULL) return;
    gate_keeper_close(gate);
    if (gate->committer != NULL && gate->folds != NULL) last_turn(gate);
    gate_committer_close(gate);
    gate_world_close(gate);
    gate_folds_close(gate->folds);
    gate_codes_close(gate->codes);
    gate_tallies_close(gate->tallies);
    ledger_close(gate->ledger);
    geo_data_close(gate->geo);
    seal_keys_close(gate->keys);
    engine_close(gate->engine);
    arena_space_release(&gate->text_space);
    pthread_mutex_destroy(&gate->rules_lock);
    pthread_mutex_destroy(&gate->publish_lock);
    free(gate);
}

str gate_ledger_vkey(const struct gate *gate) {
    return gate->vkey;
}
str gate_origin(const struct gate *gate) {
    return ledger_origin(gate->ledger);
}

enum ledger_rollback gate_rollback(const struct gate *gate) {
    return ledger_rollback_of(gate->ledger);
}

bool gate_is_healthy(const struct gate *gate) {
    return !ledger_stopped(gate->ledger) && !gate_committer_is_down(gate) &&
           !engine_is_broken(gate->engine) && !engine_is_low(gate->engine);
}

/* As much of opening as a succession needs: engine, keys, and no ledger. */
enum error_code gate_succeed(const struct gate_options *options, str reason, struct text *said,
                             struct error *e) {
    struct gate *gate = calloc(1, sizeof *gate);
    struct ledger_options ledger;
    if (gate == NULL) return error_set(e, FAIL_MEMORY, "no room for the gate");
    gate->options = *options;
    enum error_code code = arena_space_open(&gate->text_space, (size_t)1 << 20, &gate->text, e);
    if (code == OK) code = engine_start(gate, e);
    if (code == OK) code = site_recall(gate, e);
    if (code == OK) code = keys_start(gate, e);
    if (code == OK) code = ledger_options_of(gate, &ledger, e);
    if (code == OK) code = gate_succeed_in(gate, &ledger, reason, said, e);
    seal_keys_close(gate->keys);
    engine_close(gate->engine);
    arena_space_release(&gate->text_space);
    free(gate);
    return code;
}
