/* Inner: what a landmark's challenge found, told. */
#ifndef AZEKURA_APP_LANDMARKS_H
#define AZEKURA_APP_LANDMARKS_H

#include "landmark/landmark.h"
#include "report/report.h"

#include <stdio.h>

struct landmark_told {
    const struct landmark_found *found;
    const struct landmark_peer *peers;
    size_t peer_count;
    double max_km; /* 0: none asked for */
};
void landmark_text(struct report_out *out, const struct landmark_told *told, bool is_ja);
void landmark_json(struct report_out *out, const struct landmark_told *told);

#endif
