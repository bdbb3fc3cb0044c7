/* What the files that write OSCAL share. */
#ifndef AZEKURA_ASSESS_OSCAL_H
#define AZEKURA_ASSESS_OSCAL_H

#include "assess/written.h"

enum { UUID_TEXT_BYTES = 37 };

/* Name-based: the same assessment gives the same, whenever it is written. */
str oscal_uuid_of(const struct assessment *a, const char *what, char out[UUID_TEXT_BYTES]);
str oscal_uuid_of_row(const struct assessment *a, const char *what, const struct assess_row *row,
                      char out[UUID_TEXT_BYTES]);
/* The same subject has the same UUID whatever is said of it, in every assessment. */
str oscal_uuid_of_subject(const struct assess_row *row, char out[UUID_TEXT_BYTES]);

const char *oscal_subject_type(enum rulebook_about about); /* "inventory-item" */

/* A row for each subject there is. */
struct oscal_subjects {
    const struct assess_row **at; /* owned; freed by oscal_subjects_release */
    size_t count;
};
/* false: no memory. */
bool oscal_subjects_gather(const struct assessment *a, struct oscal_subjects *out) MUST_USE;
void oscal_subjects_release(struct oscal_subjects *subjects);

/* Members of the metadata, of a result, and items of the back matter's resources. */
void oscal_put_locations(struct report_json *j, const struct oscal_subjects *subjects);
void oscal_put_parties(struct report_json *j, const struct oscal_subjects *subjects);
void oscal_put_local_definitions(struct report_json *j, const struct oscal_subjects *subjects);
void oscal_put_resources(struct report_json *j, const struct oscal_subjects *subjects);

#endif
