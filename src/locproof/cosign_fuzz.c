/* Any bytes as a wish to be cosigned and as what a peer saw: what is accepted is written back to the same
 * bytes; and as a report, whose cosignatures no key of ours ever made. */
#include "locproof/locproof.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static char memory[LOCPROOF_REPORT_BYTES];
    static const unsigned char public_key[32] = {1};
    struct locproof_wish wish;
    struct locproof_seen seen;
    struct locproof_report report;
    struct tlog_vkey key;
    str text = str_of(bytes, count);
    struct text again = text_into(memory, sizeof memory);
    if (locproof_wish_read(text, &wish, NULL) == OK) {
        assert(locproof_wish_write(&wish, &again, NULL) == OK);
        assert(!again.overflow && str_equal(text_str(&again), text));
    }
    again.len = 0;
    if (locproof_seen_read(text, &seen, NULL) == OK) {
        assert(locproof_seen_write(&seen, &again, NULL) == OK);
        assert(!again.overflow && str_equal(text_str(&again), text));
    }
    if (locproof_report_read(text, &report, NULL) != OK) return 0;
    for (size_t i = 0; i < report.peer_count; i++) {
        if (tlog_vkey_make(report.peers[i].name, TLOG_KEY_ED25519, public_key, &key, NULL) != OK)
            continue;
        assert(locproof_cosigned_check(&report, i, &key, NULL) != OK);
    }
    return 0;
}
