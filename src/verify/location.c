/* A location proof, held against the landmark's key, its peers' and the log's. */
#include "verify/location.h"

#include "locproof/locproof.h"

static double ms_of(int64_t ns) {
    return (double)ns / 1e6;
}

static void peers_say(const struct locproof_checked *c, struct verify_result *result) {
    for (size_t i = 0; i < c->report.peer_count; i++) {
        const struct locproof_peer *p = &c->report.peers[i];
        char at[CLOCK_TEXT_BYTES];
        if (c->words[i] != LOCPROOF_VOUCHED) {
            verify_item(result, "peer", "%.*s %s", STR_FMT(p->name),
                        c->words[i] == LOCPROOF_SILENT ? "did not cosign"
                                                       : "cosigned; its key was not given");
            continue;
        }
        clock_iso_s_write(p->cosigned.time_ns, at);
        verify_item(result, "peer", "%.*s cosigned at %s: the landmark is %.3f ms from it",
                    STR_FMT(p->name), at, ms_of(p->cosigned.rtt_ns));
    }
}

static void figures_say(const struct locproof_checked *c, struct verify_result *result) {
    const struct locproof_report *r = &c->report;
    const struct locproof_figures *f = &r->figures;
    char at[CLOCK_TEXT_BYTES], place[96];
    struct text text = text_into(place, sizeof place);
    locproof_place_write(&r->place, &text);
    clock_iso_s_write(r->time_ns, at);
    verify_item(result, "landmark", "%.*s at %.*s (degrees, metres of error)", STR_FMT(r->name),
                STR_FMT(text_str(&text)));
    verify_item(result, "site", "%.*s", STR_FMT(r->site));
    verify_item(result, "time", "%s", at);
    verify_item(result, "verdict", "%s", locproof_verdict_name(f->verdict));
    if (f->verdict == LOCPROOF_WITHIN)
        verify_item(result, "bound", "within %.1f km of the landmark", locproof_report_bound_km(r));
    verify_item(result, "pieces", "%u of %u wanted; lost %u, wrong %u", f->pieces, r->wanted,
                f->lost, f->bad);
    verify_item(result, "draws", "%zu made again: %u stored nothing, %u gone since, %u untold",
                c->transcript.count, f->no_body, f->gone, f->untold);
    if (f->p95_ns >= 0)
        verify_item(result, "round trips", "least %.3f ms, median %.3f ms, 95 %% %.3f ms",
                    ms_of(f->min_ns), ms_of(f->median_ns), ms_of(f->p95_ns));
    verify_item(result, "medium", "%s, %.3f ms as the store says", locproof_medium_name(r->medium),
                ms_of(f->service_ns));
}

enum error_code verify_location(const struct verify_trust *trust,
                                const struct verify_location *location, struct arena *arena,
                                struct verify_result *result, struct error *e) {
    struct locproof_checked *c = arena_new(arena, struct locproof_checked, 1);
    struct locproof_transcript *t = arena_new(arena, struct locproof_transcript, 1);
    struct tlog_checkpoint checkpoint;
    if (c == NULL || t == NULL) return error_set(e, FAIL_MEMORY, "no room for a transcript");
    struct arena scratch = *arena;
    TRY(locproof_transcript_read(location->transcript, &scratch, t, e));
    TRY(verify_head(trust, t->checkpoint, result, &checkpoint, e));
    struct locproof_kept kept = {.note = location->note,
                                 .transcript = location->transcript,
                                 .keys = location->landmarks,
                                 .key_count = location->landmark_count,
                                 .ledger = verify_key_for(trust, t->checkpoint)};
    TRY(locproof_check(&kept, arena, c, e));
    figures_say(c, result);
    peers_say(c, result);
    if (c->report.figures.verdict != LOCPROOF_WITHIN)
        verify_finding(result, "no bound follows: %s",
                       c->report.figures.why[0] != 0 ? c->report.figures.why : "too few answers");
    result->limits |= VERIFY_LIMIT_COPIES | VERIFY_LIMIT_TIMES | VERIFY_LIMIT_FIBRE;
    return OK;
}
