/* What shows, after the rounds, that an answer was the right one: the entry that was drawn with its
 * path to the checkpoint, and the path of the piece to the entry's stored_root.
 *
 * A body of parts has a tree over its parts' roots, a leaf each, and each part a tree of its own: then
 * the part's root is shown too, with its path. Which of the two an entry is, its type says, so that the
 * roots, which a store keeps as metadata, cannot stand in for the bytes. */
#ifndef AZEKURA_LOCPROOF_SHOWN_H
#define AZEKURA_LOCPROOF_SHOWN_H

#include "locproof/message.h"

/* Entry, a root, three paths, lengths: 10,185 bytes at most. */
enum { LOCPROOF_SHOWN_BYTES = 12 * 1024 };

struct locproof_shown {
    str entry; /* its bytes */
    struct tlog_path entry_path;
    bool has_piece, has_part;
    struct tlog_path piece_path; /* to stored_root, or of a body of parts to the part's root */
    digest part_root;
    struct tlog_path part_path; /* from there to stored_root */
};
/* FAIL_LIMIT: over `cap`. */
enum error_code locproof_shown_write(const struct locproof_shown *shown, void *out, size_t cap,
                                     str *bytes, struct error *e) MUST_USE;
/* FAIL_SYNTAX; views into `bytes`. */
enum error_code locproof_shown_read(str bytes, struct locproof_shown *out,
                                    struct error *e) MUST_USE;

/* How a draw was answered: with a piece whose leaf hash is `leaf`, or with none and why. */
struct locproof_answer {
    bool has_piece;
    enum locproof_why why; /* where it has none */
    digest leaf;
};
struct locproof_tree { /* the checkpoint's */
    uint64_t size;
    digest root;
};
/* FAIL_PROOF: the entry is not the one drawn, the piece is not the one drawn or not what was stored,
 * or the entry did store something although NO_BODY was said (or nothing, although GONE was). The
 * decoded entry lies in `scratch`. FAIL_MEMORY. */
enum error_code locproof_shown_check(const struct locproof_shown *shown,
                                     const struct locproof_draw *draw,
                                     const struct locproof_answer *answer,
                                     const struct locproof_tree *ledger, struct arena scratch,
                                     struct error *e) MUST_USE;

#endif
