/* Any bytes as what shows a piece: the same bytes again, and never taken for a proof of a root it does
 * not lead to. */
#include "locproof/locproof.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static char again[LOCPROOF_SHOWN_BYTES + 65536];
    static unsigned char memory[1 << 16];
    struct locproof_shown shown;
    struct locproof_tree ledger = {.size = 7};
    struct locproof_draw draw = {.entry = count % 7, .piece_bits = count * 0x9e3779b97f4a7c15ull};
    struct locproof_answer answer = {.has_piece = count % 2 == 0, .why = LOCPROOF_GONE};
    str written;
    if (locproof_shown_read(str_of(bytes, count), &shown, NULL) != OK) return 0;
    assert(locproof_shown_write(&shown, again, sizeof again, &written, NULL) == OK);
    assert(str_equal(written, str_of(bytes, count)));
    /* The root of a ledger is nobody's to choose: one of zeros has no preimage. */
    assert(locproof_shown_check(&shown, &draw, &answer, &ledger, arena_over(memory, sizeof memory),
                                NULL) != OK);
    /* A log of this entry alone: now the entry is in it, whatever it says. */
    ledger = (struct locproof_tree){1, tlog_leaf_hash(shown.entry)};
    draw.entry = 0;
    enum error_code code = locproof_shown_check(&shown, &draw, &answer, &ledger,
                                                arena_over(memory, sizeof memory), NULL);
    assert(code == OK || code == FAIL_PROOF || code == FAIL_MEMORY);
    assert(code != OK || answer.has_piece == shown.has_piece);
    return 0;
}
