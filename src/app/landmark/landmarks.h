/* Inner: what a landmark's challenge found, told. */
#ifndef AZEKURA_APP_LANDMARKS_H
#define AZEKURA_APP_LANDMARKS_H

#include "landmark/landmark.h"
#include "report/report.h"

#include "app/options.h"

#include <stdio.h>

struct landmark_told {
    const struct landmark_found *found;
    const struct landmark_peer *peers;
    size_t peer_count;
    double max_km; /* 0: none asked for */
};
void landmark_text(struct report_out *out, const struct landmark_told *told, bool is_ja);
void landmark_json(struct report_out *out, const struct landmark_told *told);

/* A kept transcript that holds. The last: one that does not. */
struct landmark_checked {
    const struct locproof_checked *checked;
    double max_km;                     /* 0: none */
    const struct locproof_attest *tag; /* NULL: none was given */
    bool record_given, name_given;     /* what the tag was held against */
};
void landmark_checked_text(struct report_out *out, const struct landmark_checked *told, bool is_ja);
void landmark_checked_json(struct report_out *out, const struct landmark_checked *told);
void landmark_unchecked_json(struct report_out *out, const char *why);

/* `landmark check`: no key of one's own, no network. */
struct landmark_check_words {
    const char *transcript, *note, *ledger, *format, *lang, *out;
    const char *attest, *sig, *ak, *record, *nv_name; /* of an asset tag */
    struct option_list vkeys;
    double max_km; /* 0: none */
};
int landmark_check_run(const struct landmark_check_words *words);

#endif
