/* Any bytes as a checkpoint's text and as the signed note: what is accepted is written back the same,
 * a note opens only under the key that signed it, and what is signed again opens again. */
#include "tlog/tlog.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

static void signed_anew(const struct tlog_checkpoint *checkpoint) {
    static char memory[TLOG_NOTE_BYTES_MAX];
    struct secret seed = {{7}};
    struct tlog_signer signer, other;
    struct tlog_checkpoint again;
    struct text out = text_into(memory, sizeof memory);
    if (tlog_signer_make(checkpoint->origin, TLOG_KEY_ED25519, &seed, &signer, NULL) != OK) return;
    if (tlog_checkpoint_sign(&out, checkpoint, &signer, NULL) != OK) return; /* no text of a note */
    assert(tlog_checkpoint_open(text_str(&out), &signer.vkey, NULL, &again, NULL) == OK);
    assert(again.size == checkpoint->size && digest_equal(&again.root, &checkpoint->root));
    seed.at[0] = 8;
    assert(tlog_signer_make(checkpoint->origin, TLOG_KEY_ED25519, &seed, &other, NULL) == OK);
    assert(tlog_checkpoint_open(text_str(&out), &other.vkey, NULL, NULL, NULL) == FAIL_PROOF);
}

static void opened(str note) {
    static struct tlog_note parsed;
    static struct tlog_signer signer;
    struct secret seed = {{7}};
    struct tlog_checkpoint checkpoint;
    if (signer.vkey.type == 0)
        assert(tlog_signer_make(STR("log.example"), TLOG_KEY_ED25519, &seed, &signer, NULL) == OK);
    if (tlog_checkpoint_open(note, &signer.vkey, &parsed, &checkpoint, NULL) != OK) return;
    assert(str_equal(checkpoint.origin, STR("log.example")));
    assert(str_starts(note, parsed.text));
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static char memory[1 << 20];
    struct tlog_checkpoint checkpoint;
    str input = str_of(bytes, count);
    if (count > 0 && bytes[count - 1] == '\n') opened(input);
    if (tlog_checkpoint_parse(input, &checkpoint, NULL) != OK) return 0;
    assert(checkpoint.size <= TLOG_SIZE_MAX);
    struct text out = text_into(memory, sizeof memory);
    tlog_checkpoint_write(&out, &checkpoint);
    assert(out.overflow || str_equal(text_str(&out), input));
    if (checkpoint.root.at[0] % 16 == 0) signed_anew(&checkpoint); /* a signature: not for each */
    return 0;
}
