/* Checkpoints: the signed head of a log, and the two files it travels in.
 *
 *   <origin>\n<size>\n<base64 root>\n[extension lines]
 *
 * Source: c2sp.org/tlog-checkpoint, c2sp.org/tlog-proof, c2sp.org/tlog-witness. */
#ifndef AZEKURA_TLOG_CHECKPOINT_H
#define AZEKURA_TLOG_CHECKPOINT_H

#include "tlog/note.h"
#include "tlog/tree.h"

struct tlog_checkpoint {
    str origin;
    uint64_t size; /* 0 .. TLOG_SIZE_MAX */
    digest root;
    str extensions; /* whole lines, usually none */
};
/* The text of a checkpoint note. FAIL_SYNTAX also for a size with a leading zero, a root that is
 * not 32 bytes, an empty line; FAIL_LIMIT over TLOG_SIZE_MAX. Views into `text`. */
enum error_code tlog_checkpoint_parse(str text, struct tlog_checkpoint *out,
                                      struct error *e) MUST_USE;
void tlog_checkpoint_write(struct text *out, const struct tlog_checkpoint *checkpoint);

/* A checkpoint note signed by `log`: parses, and wants the log's own signature to hold and the
 * origin to be the key's name. FAIL_PROOF otherwise. *note and *out view `bytes`; either may be
 * NULL. */
enum error_code tlog_checkpoint_open(str bytes, const struct tlog_vkey *log, struct tlog_note *note,
                                     struct tlog_checkpoint *out, struct error *e) MUST_USE;
/* The whole note, signed by `signer` (a log's key, type 0x01). FAIL_LIMIT when it does not fit. */
enum error_code tlog_checkpoint_sign(struct text *out, const struct tlog_checkpoint *checkpoint,
                                     const struct tlog_signer *signer, struct error *e) MUST_USE;

/* ---- tlog-proof: one entry, shown to be in a signed log, in one file
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64>                 optional; nobody signed it
 *   index <n>
 *   <base64 hash>...               0..63 lines
 *   <empty line>
 *   <checkpoint note>
 */
struct tlog_proof {
    str extra; /* decoded; at NULL when the file has no such line */
    uint64_t index;
    struct tlog_path path;
    str checkpoint; /* the note */
};
enum { TLOG_PROOF_BYTES_MAX = 512 * 1024, TLOG_EXTRA_BYTES_MAX = 256 * 1024 };
/* Form alone. extra is taken from `arena`; the checkpoint views `file`. FAIL_VERSION when the first
 * line names another version. */
enum error_code tlog_proof_parse(str file, struct arena *arena, struct tlog_proof *out,
                                 struct error *e) MUST_USE;
enum error_code tlog_proof_write(struct text *out, const struct tlog_proof *proof,
                                 struct error *e) MUST_USE; /* FAIL_LIMIT: does not fit */

/* ---- add-checkpoint: what a log asks of a witness
 *
 *   old <size>
 *   <base64 hash>...               0..63 lines, none when old is 0
 *   <empty line>
 *   <checkpoint note>
 */
struct tlog_add_checkpoint {
    uint64_t old_size;
    struct tlog_path path;
    str checkpoint; /* the note */
};
enum { TLOG_ADD_CHECKPOINT_BYTES_MAX = 136 * 1024 };
enum error_code tlog_add_checkpoint_parse(str body, struct tlog_add_checkpoint *out,
                                          struct error *e) MUST_USE;
enum error_code tlog_add_checkpoint_write(struct text *out,
                                          const struct tlog_add_checkpoint *request,
                                          struct error *e) MUST_USE;

#endif
