/* The ledger as others read it: checkpoint and hash tiles for anyone, entry bundles for inspectors,
 * and the whole of it as an export. Source: c2sp.org/tlog-tiles; CORE 6. */
#include "gate/rules/rules.h"

static enum error_code entries_allowed(struct gate_visit *visit, str what, struct error *e) {
    const struct identity_user *user = visit->user;
    if (user != NULL && (identity_allows(user, IDENTITY_INSPECT, STR_EMPTY) ||
                         identity_allows(user, IDENTITY_ADMIN, STR_EMPTY)))
        return gate_look(visit, "entries", what, e);
    return gate_denied(visit,
                       "entry bundles are for inspectors: sign the request with a key that has the "
                       "right `inspect`",
                       e);
}

/* "old/N/NAME": a file of a log that came before. */
static enum error_code old_file(struct gate_visit *visit, str path, struct arena *arena, str *bytes,
                                bool *immutable, struct error *e) {
    struct tlog_tile tile;
    str number_text, name = path;
    uint32_t number;
    bool names_log = str_cut(&name, '/', &number_text) && str_u32(number_text, &number) &&
                     number > 0 && number_text.at[0] != '0';
    if (!names_log)
        return error_set(e, FAIL_NOT_FOUND, "the ledger has no file \"old/%.*s\"",
                         STR_FMT(str_slice(path, 0, 60)));
    bool is_tile = tlog_tile_path_parse(name, &tile, NULL) == OK;
    if (is_tile && tile.is_entries) TRY(entries_allowed(visit, path, e));
    *immutable = is_tile;
    return ledger_old_file(visit->gate->ledger, number, name, arena, bytes, e);
}

enum error_code gate_ledger_file(struct gate_visit *visit, str path, struct arena *arena,
                                 str *bytes, bool *immutable, struct error *e) {
    struct gate *gate = visit->gate;
    struct tlog_checkpoint checkpoint;
    struct tlog_tile tile;
    struct engine_view *view = NULL;
    *immutable = false;
    if (str_equal(path, STR("checkpoint")))
        return ledger_checkpoint(gate->ledger, arena, &checkpoint, bytes, e);
    if (str_starts(path, STR("old/")))
        return old_file(visit, str_skip(path, 4), arena, bytes, immutable, e);
    if (tlog_tile_path_parse(path, &tile, e) != OK)
        return error_set(e, FAIL_NOT_FOUND, "the ledger has no file \"%.*s\"", STR_FMT(path));
    *immutable = true;
    if (!tile.is_entries) return ledger_tile_read(gate->ledger, &tile, NULL, arena, bytes, e);
    TRY(entries_allowed(visit, path, e));
    TRY(engine_view_open(gate->engine, &view, e));
    enum error_code code = ledger_tile_read(gate->ledger, &tile, view, arena, bytes, e);
    engine_view_close(view);
    return code;
}

enum error_code gate_ledger_export(struct gate_visit *visit, const char *dir,
                                   void (*progress)(void *self, uint64_t done, uint64_t all),
                                   void *self, struct error *e) {
    struct engine_view *view;
    TRY(entries_allowed(visit, STR("ledger"), e));
    TRY(gate_target_make(visit->gate, dir, 0700, e));
    TRY(gate_publish_now(visit->gate, e));
    TRY(engine_view_open(visit->gate->engine, &view, e));
    enum error_code code = ledger_export(visit->gate->ledger, view, dir, progress, self, e);
    engine_view_close(view);
    return code;
}
