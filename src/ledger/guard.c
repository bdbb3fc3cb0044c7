/* Guards: what was known of this log before this start, held against what the engine shows now.
 *
 * The watermark lies beside the log, the anchor on another disk, witnesses are somebody else's.
 * Each knows a size and a root; the tree must contain it. RocksDB recovers to a point in time: one
 * flipped byte in its log loses acknowledged turns without a word, and only this tells. */
#include "base/disk.h"
#include "ledger/inner.h"

#include <fcntl.h>

#define WAY_OUT "the way out is a succession (azekura ledger succeed), or the missing data"

static enum error_code contains(struct ledger *ledger, const char *who, uint64_t size,
                                const digest *root, struct error *e) {
    uint64_t have = ledger->publisher.seen.size;
    digest ours;
    if (size > have)
        return error_set(e, FAIL_ROLLED_BACK,
                         "history was lost: %s knows %llu entries, the engine shows %llu; " WAY_OUT,
                         who, (unsigned long long)size, (unsigned long long)have);
    TRY(ledger_publisher_root(&ledger->publisher, size, &ours, e));
    if (!digest_equal(&ours, root))
        return error_set(e, FAIL_ROLLED_BACK,
                         "this is another history: its first %llu entries are not those %s "
                         "knows; " WAY_OUT,
                         (unsigned long long)size, who);
    return OK;
}

/* ---- the watermark ---- */

static enum error_code succeeded_check(struct ledger *ledger, struct error *e) {
    char dir[LEDGER_PATH_BYTES];
    struct ledger_signed next;
    bool found;
    TRY(ledger_log_dir(ledger->base_dir, ledger->number + 1, dir, e));
    TRY(ledger_signed_read(dir, &next, &found, e));
    if (!found || next.size == 0) return OK; /* empty: a succession that was never completed */
    return error_set(
        e, FAIL_ROLLED_BACK,
        "history was lost: the engine shows log %u, which log %u with %llu entries has "
        "succeeded; " WAY_OUT,
        ledger->number, next.number, (unsigned long long)next.size);
}

static enum error_code signed_begin(struct ledger *ledger, struct error *e) {
    ledger->last_signed = (struct ledger_signed){.number = ledger->number,
                                                 .key_id = ledger->signer.vkey.id,
                                                 .origin_bytes = ledger->origin_bytes,
                                                 .root = tlog_empty_root()};
    memcpy(ledger->last_signed.origin, ledger->origin, ledger->origin_bytes);
    return ledger_signed_write(ledger->dir, &ledger->last_signed, e);
}

enum error_code ledger_guard_signed(struct ledger *ledger, const struct ledger_row *row,
                                    struct error *e) {
    bool found;
    TRY(ledger_signed_read(ledger->dir, &ledger->last_signed, &found, e));
    if (!found && row->number != 0)
        return error_set(e, FAIL_ROLLED_BACK,
                         "%s has no file \"signed\", and the engine shows %llu entries; " WAY_OUT,
                         ledger->dir, (unsigned long long)row->tree.size);
    if (!found) return signed_begin(ledger, e);
    const struct ledger_signed *last = &ledger->last_signed;
    if (last->number != ledger->number || last->key_id != ledger->signer.vkey.id)
        return error_set(e, FAIL_CRYPTO,
                         "%s/signed is of log %u, key %08x; the key store's key is %08x",
                         ledger->dir, last->number, last->key_id, ledger->signer.vkey.id);
    TRY(succeeded_check(ledger, e));
    if (last->size > row->tree.size) /* before any file is compared: this is the plain story */
        return error_set(
            e, FAIL_ROLLED_BACK,
            "history was lost: %llu entries were signed, the engine shows %llu; " WAY_OUT,
            (unsigned long long)last->size, (unsigned long long)row->tree.size);
    return OK;
}

/* ---- the anchor ---- */

enum { LATER_LOGS = 64 }; /* how many successions on an anchor is looked for; ours */

/* Which log of the line that `ours`, log `number`, is of is called `origin`? 0: none of those up to
 * LATER_LOGS further on. */
static uint32_t number_of_origin(str origin, str ours, uint32_t number) {
    char name[TLOG_NAME_BYTES_MAX];
    size_t bytes;
    for (uint32_t n = 1; n <= number + LATER_LOGS; n++)
        if (ledger_origin_of_number(ours, number, n, name, &bytes, NULL) == OK &&
            str_equal(origin, str_of(name, bytes)))
            return n;
    return 0;
}

/* An anchor of another log of the line. Of an earlier one: it is written anew at the next
 * checkpoint. Of a later one: this engine is from before a succession. */
static enum error_code stranger_judge(str origin, uint32_t number, uint32_t its, struct error *e) {
    if (its < number) return OK;
    return error_set(e, FAIL_ROLLED_BACK,
                     "history was lost: the anchor is of log %.*s, which has succeeded log %u, the "
                     "one the engine shows; " WAY_OUT,
                     STR_FMT(str_slice(origin, 0, 120)), number);
}

enum error_code ledger_anchor_read(const char *path, const struct tlog_vkey *vkey, uint32_t number,
                                   struct arena *arena, struct tlog_checkpoint *out, bool *found,
                                   struct error *e) {
    str note;
    *found = false;
    enum error_code code = disk_file_read(AT_FDCWD, path, LEDGER_NOTE_BYTES, arena, &note, e);
    if (code == FAIL_NOT_FOUND) return OK;
    if (code == OK) {
        struct tlog_note parsed;
        struct tlog_checkpoint stranger;
        uint32_t its = 0;
        if (tlog_note_parse(note, &parsed, NULL) == OK &&
            tlog_checkpoint_parse(parsed.text, &stranger, NULL) == OK)
            its = number_of_origin(stranger.origin, tlog_vkey_name(vkey), number);
        if (its != 0 && its != number) return stranger_judge(stranger.origin, number, its, e);
        code = tlog_checkpoint_open(note, vkey, NULL, out, e);
    }
    if (code != OK)
        return error_note(e, "ledger_anchor_read", "comparing with the anchor %.60s", path);
    *found = true;
    return OK;
}

enum error_code ledger_guard_anchor(struct ledger *ledger, struct error *e) {
    char memory[LEDGER_NOTE_BYTES + 512];
    struct arena arena = arena_over(memory, sizeof memory);
    struct tlog_checkpoint anchor;
    bool found;
    if (!ledger->has_anchor) return OK;
    TRY(ledger_anchor_read(ledger->anchor_path, &ledger->signer.vkey, ledger->number, &arena,
                           &anchor, &found, e));
    if (!found) return OK;
    TRY(contains(ledger, "the anchor", anchor.size, &anchor.root, e));
    atomic_store(&ledger->confirmed, true);
    return OK;
}

/* After the publisher has read everything: the watermark itself. */
enum error_code ledger_guard_watermark(struct ledger *ledger, struct error *e) {
    return contains(ledger, "the file \"signed\"", ledger->last_signed.size,
                    &ledger->last_signed.root, e);
}

/* ---- names of logs in a line of succession: "name", "name/2", "name/3" … ---- */

enum error_code ledger_origin_of_number(str origin, uint32_t origin_number, uint32_t number,
                                        char out[TLOG_NAME_BYTES_MAX], size_t *bytes,
                                        struct error *e) {
    char suffix_memory[16];
    struct text suffix = text_into(suffix_memory, sizeof suffix_memory);
    text_format(&suffix, "/%u", origin_number);
    str first = origin;
    if (origin_number > 1 && str_ends(origin, text_str(&suffix)))
        first = str_slice(origin, 0, origin.len - suffix.len);
    struct text text = text_into(out, TLOG_NAME_BYTES_MAX);
    text_add(&text, first);
    if (number > 1) text_format(&text, "/%u", number);
    if (text.overflow || !tlog_name_is_valid(text_str(&text)))
        return error_set(e, FAIL_LIMIT, "no name for log %u after %.*s", number, STR_FMT(origin));
    *bytes = text.len;
    return OK;
}
