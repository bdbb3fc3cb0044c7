/* Publishing: read what was committed, put it into files, write the watermark, sign, show.
 *
 *   read and hash -> full tiles in files, synced -> "signed" (size, root), synced
 *     -> signature -> checkpoint file -> anchor -> the head everybody sees
 *
 * A crash between any two steps leaves files that the next start compares and goes on from. The
 * watermark comes before the signature: whatever was signed, ever, is below it, so a start that
 * does not contain the watermark knows that history was lost. One size gets one root: the size only
 * grows, roots come from a tree that only grows, and both trees, written and read, must agree. */
#include "base/disk.h"
#include "base/log.h"
#include "base/runtime.h"
#include "ledger/inner.h"

#include <fcntl.h>

/* What one publishing works with; too large for a stack. */
struct publishing {
    struct ledger_row row;
    struct tlog_checkpoint checkpoint;
    char note[LEDGER_NOTE_BYTES];
    struct text text;
};

static enum error_code rows_take(struct ledger *ledger, struct ledger_row *row, struct error *e) {
    struct engine_view *view;
    TRY(engine_view_open(ledger->engine, &view, e));
    enum error_code code = ledger_row_load(view, row, e);
    if (code == OK && row->number != 0 && row->number != ledger->number)
        code = error_set(e, FAIL_CORRUPT, "the engine holds log %u, not %u", row->number,
                         ledger->number);
    if (code == OK && !ledger->publisher.loaded)
        code = ledger_publisher_load(&ledger->publisher, row, e);
    if (code == OK) code = ledger_publisher_advance(&ledger->publisher, view, row, e);
    engine_view_close(view);
    return code;
}

/* The rule against forks: nothing smaller than, and nothing of the same size but with another root
 * than, what may already have been signed. */
static enum error_code may_sign(const struct ledger *ledger, uint64_t size, const digest *root,
                                struct error *e) {
    const struct ledger_signed *last = &ledger->last_signed;
    if (size < last->size)
        return error_set(e, FAIL_ROLLED_BACK, "size %llu is below %llu, which was signed",
                         (unsigned long long)size, (unsigned long long)last->size);
    if (size == last->size && !digest_equal(root, &last->root))
        return error_set(e, FAIL_ROLLED_BACK, "size %llu was signed with another root",
                         (unsigned long long)size);
    return OK;
}

static enum error_code watermark_write(struct ledger *ledger, uint64_t size, const digest *root,
                                       struct error *e) {
    if (size == ledger->last_signed.size) return OK; /* the same root: may_sign looked */
    struct ledger_signed next = ledger->last_signed;
    next.size = size;
    next.root = *root;
    TRY(ledger_signed_write(ledger->dir, &next, e));
    ledger->last_signed = next;
    return OK;
}

static bool anchor_write(struct ledger *ledger, str note) {
    struct error e;
    if (!ledger->has_anchor) return false;
    enum error_code code = disk_file_replace(AT_FDCWD, ledger->anchor_path, note, 0644, &e);
    if (code != OK) log_error("the anchor was not written", &e); /* words suffer, not service */
    return code == OK;
}

static enum error_code checkpoint_write(struct ledger *ledger, str note, struct error *e) {
    char path[LEDGER_PATH_BYTES];
    TRY(ledger_path(ledger->dir, "checkpoint", path, e));
    return disk_file_replace(AT_FDCWD, path, note, 0644, e);
}

static void head_show(struct ledger *ledger, const struct publishing *p, bool anchor_current) {
    str note = text_str(&p->text);
    pthread_mutex_lock(&ledger->shared);
    struct ledger_head *head = &ledger->head;
    head->is_there = true;
    head->checkpoint = p->checkpoint;
    memcpy(head->note, note.at, note.len);
    head->note_bytes = note.len;
    head->edge = ledger->publisher.edge;
    head->published_ns = clock_wall_ns();
    head->anchor_current = anchor_current;
    pthread_mutex_unlock(&ledger->shared);
    atomic_store(&ledger->published_size, p->checkpoint.size);
}

static enum error_code publish(struct ledger *ledger, struct publishing *p, struct error *e) {
    if (ledger_stopped(ledger))
        return error_set(e, FAIL_STOPPING, "the ledger has stopped: nothing more is signed");
    TRY(rows_take(ledger, &p->row, e));
    if (ledger->head.is_there && p->row.tree.size == ledger->head.checkpoint.size) return OK;
    p->checkpoint = (struct tlog_checkpoint){.origin = ledger_origin_of(ledger),
                                             .size = p->row.tree.size,
                                             .root = tlog_tree_root(&ledger->publisher.seen)};
    TRY(may_sign(ledger, p->checkpoint.size, &p->checkpoint.root, e));
    TRY(watermark_write(ledger, p->checkpoint.size, &p->checkpoint.root, e));
    p->text = text_into(p->note, sizeof p->note);
    TRY(tlog_checkpoint_sign(&p->text, &p->checkpoint, &ledger->signer, e));
    TRY(checkpoint_write(ledger, text_str(&p->text), e));
    head_show(ledger, p, anchor_write(ledger, text_str(&p->text)));
    return OK;
}

enum error_code ledger_publish(struct ledger *ledger, struct error *e) {
    assert(!fiber_is_current()); /* it takes locks that block: a worker's work */
    struct error own;
    if (e == NULL) e = &own; /* a story is kept if it stops the ledger */
    pthread_mutex_lock(&ledger->publishing);
    struct publishing p;
    enum error_code code = publish(ledger, &p, e);
    if (code == FAIL_CORRUPT || code == FAIL_ROLLED_BACK) ledger_stop(ledger, e);
    if (code != OK && code != FAIL_STOPPING) ledger->publisher.loaded = false;
    pthread_mutex_unlock(&ledger->publishing);
    return code == OK ? OK : error_note(e, "ledger_publish", "publishing a checkpoint");
}

bool ledger_publish_due(const struct ledger *ledger) {
    return atomic_load(&ledger->committed_size) != atomic_load(&ledger->published_size) &&
           !atomic_load(&ledger->stopped);
}
