/* Any bytes as a transcript: the same bytes again; judging it ends in a verdict or in words, and what no
 * ledger signed is never within anything. */
#include "locproof/locproof.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static unsigned char memory[8 << 20];
    struct arena arena = arena_over(memory, sizeof memory);
    struct locproof_transcript t;
    struct locproof_figures f;
    str again;
    if (locproof_transcript_read(str_of(bytes, count), &arena, &t, NULL) != OK) return 0;
    char *out = malloc(count);
    assert(out != NULL);
    assert(locproof_transcript_write(&t, out, count, &again, NULL) == OK);
    assert(str_equal(again, str_of(bytes, count)));
    free(out);
    if (locproof_transcript_check(&t, arena, &f, NULL) != OK) return 0;
    assert(f.pieces + f.lost + f.no_body + f.gone + f.untold + f.bad == t.count);
    assert(f.verdict != LOCPROOF_WITHIN || (f.p95_ns >= 0 && f.bad == 0 && f.pieces > 0));
    assert(f.verdict == LOCPROOF_WITHIN || f.why[0] != 0);
    return 0;
}
