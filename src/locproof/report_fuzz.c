/* Any bytes as the texts landmarks sign: what is accepted is written back to the same bytes. */
#include "locproof/locproof.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count);

static void same(const struct text *again, str text) {
    assert(!again->overflow && str_equal(text_str(again), text));
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t count) {
    static char memory[LOCPROOF_REPORT_BYTES];
    struct locproof_report report;
    struct locproof_said said;
    struct locproof_opening opening;
    struct locproof_place place;
    struct geo_point point;
    str text = str_of(bytes, count);
    struct text again = text_into(memory, sizeof memory);
    if (locproof_report_read(text, &report, NULL) == OK) {
        assert(locproof_report_write(&report, &again, NULL) == OK);
        same(&again, text);
        assert(report.peer_count <= LOCPROOF_PEERS_MAX && geo_point_is_valid(report.place.at));
        assert(report.figures.verdict != LOCPROOF_WITHIN || locproof_report_bound_km(&report) >= 0);
    }
    again.len = 0;
    if (locproof_said_read(text, &said, NULL) == OK) {
        assert(locproof_said_write(&said, &again, NULL) == OK);
        same(&again, text);
    }
    again.len = 0;
    if (locproof_opening_read(text, &opening, NULL) == OK) {
        assert(opening.wanted >= 1 && opening.wanted <= LOCPROOF_ROUNDS_MAX);
        assert(locproof_opening_write(&opening, &again, NULL) == OK);
        same(&again, text);
    }
    if (locproof_place_read(text, &place)) assert(geo_point_is_valid(place.at));
    if (locproof_point_read(text, &point)) assert(geo_point_is_valid(point));
    return 0;
}
