/* What round trips prove: only too fast an answer says anything, and what it says is where the machine
 * is not. */
#include "geo/geo.h"

/* Great circles on the sphere are off by so much at most; see geo_distance_km. */
static const double sphere_error = 0.0056;

double geo_bound_km(int64_t rtt_ns) {
    assert(rtt_ns >= 0);
    return (double)rtt_ns / 1e6 * GEO_KM_PER_MS;
}

int64_t geo_bound_ns(double distance_km) {
    assert(distance_km >= 0 && distance_km < 1e6);
    return (int64_t)(distance_km / GEO_KM_PER_MS * 1e6);
}

/* How much nearer the disc would have to be for the landmark's answer to come from it; 0 or less: it
 * may. */
static double missing_km(const struct geo_landmark *landmark, const struct geo_disc *disc) {
    double apart_km = geo_distance_km(landmark->at, disc->at) * (1 - sphere_error);
    return apart_km - disc->radius_km - landmark->error_km - geo_bound_km(landmark->rtt_ns);
}

bool geo_landmarks_exclude(const struct geo_landmark *landmarks, size_t count,
                           const struct geo_disc *disc, size_t *by) {
    double most_km = 0;
    for (size_t i = 0; i < count; i++) {
        double km = missing_km(&landmarks[i], disc);
        if (km <= most_km) continue;
        most_km = km;
        *by = i;
    }
    return most_km > 0;
}

bool geo_landmarks_exclude_all(const struct geo_landmark *landmarks, size_t count,
                               const struct geo_disc *discs, size_t disc_count) {
    size_t by;
    for (size_t i = 0; i < disc_count; i++)
        if (!geo_landmarks_exclude(landmarks, count, &discs[i], &by)) return false;
    return disc_count > 0;
}

bool geo_landmarks_agree(const struct geo_landmark *landmarks, size_t count, size_t *first,
                         size_t *second) {
    for (size_t i = 0; i < count; i++) {
        double reach_km = geo_bound_km(landmarks[i].rtt_ns) + landmarks[i].error_km;
        struct geo_disc disc = {landmarks[i].at, reach_km};
        for (size_t j = i + 1; j < count; j++) {
            if (missing_km(&landmarks[j], &disc) <= 0) continue;
            *first = i;
            *second = j;
            return false;
        }
    }
    return true;
}
