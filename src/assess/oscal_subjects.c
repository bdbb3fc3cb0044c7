/* UUIDs made from what they name, and the subjects of an OSCAL document: where each row's subject-uuid
 * leads. Equipment is inventory, systems are components, sites locations, entities parties; OSCAL has
 * no kinds for datasets, copies, contracts, papers and events, which are resources of the back matter.
 *
 * Source: OSCAL 1.2.1 assessment-results JSON schema; RFC 4122 section 4.3 (name-based UUIDs). */
#include "assess/oscal.h"

#include <stdlib.h>

/* ---- names ---- */

/* The namespace of our names: drawn once, never to change. */
static const unsigned char name_space[16] = {0x5b, 0x0c, 0x6e, 0x1d, 0x92, 0x7a, 0x4f, 0x38,
                                             0xa6, 0x41, 0x0e, 0x87, 0xc3, 0x5d, 0x29, 0xf4};

struct naming {
    struct sha1 h;
};
static struct naming naming_begin(const struct assessment *a, const char *what) {
    struct naming n;
    char at[CLOCK_TEXT_BYTES];
    sha1_begin(&n.h);
    sha1_add(&n.h, name_space, sizeof name_space);
    sha1_add(&n.h, what, strlen(what) + 1);
    sha1_add(&n.h, a->rules.at, DIGEST_BYTES);
    sha1_add(&n.h, a->register_digest.at, DIGEST_BYTES);
    sha1_add(&n.h, at, clock_iso_write(a->at_ns, at));
    sha1_add(&n.h, a->filter.at, a->filter.len);
    return n;
}
static void naming_add(struct naming *n, str part) {
    unsigned char len[4];
    write_be32(len, (uint32_t)part.len);
    sha1_add(&n->h, len, sizeof len);
    sha1_add(&n->h, part.at, part.len);
}
static str naming_end(struct naming *n, char out[UUID_TEXT_BYTES]) {
    unsigned char b[SHA1_BYTES];
    sha1_end(&n->h, b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x50); /* version 5 */
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80); /* variant of RFC 4122 */
    static const size_t groups[] = {4, 2, 2, 2, 6};
    size_t from = 0, at = 0;
    for (size_t g = 0; g < COUNT_OF(groups); g++) {
        if (g > 0) out[at++] = '-';
        hex_write(b + from, groups[g], out + at);
        from += groups[g];
        at += 2 * groups[g];
    }
    out[at] = 0;
    return str_of(out, at);
}

str oscal_uuid_of(const struct assessment *a, const char *what, char out[UUID_TEXT_BYTES]) {
    struct naming n = naming_begin(a, what);
    return naming_end(&n, out);
}
str oscal_uuid_of_row(const struct assessment *a, const char *what, const struct assess_row *row,
                      char out[UUID_TEXT_BYTES]) {
    struct naming n = naming_begin(a, what);
    naming_add(&n, row->clause->rulebook->name);
    naming_add(&n, row->clause->id);
    naming_add(&n, row->subject);
    naming_add(&n, str_from_c(assess_verdict_name(row->verdict)));
    return naming_end(&n, out);
}
str oscal_uuid_of_subject(const struct assess_row *row, char out[UUID_TEXT_BYTES]) {
    struct naming n;
    sha1_begin(&n.h);
    sha1_add(&n.h, name_space, sizeof name_space);
    naming_add(&n, str_from_c(rulebook_about_name(row->clause->about)));
    naming_add(&n, row->subject);
    return naming_end(&n, out);
}

/* ---- subjects ---- */

const char *oscal_subject_type(enum rulebook_about about) {
    switch (about) {
    case RULEBOOK_ABOUT_EQUIPMENT: return "inventory-item";
    case RULEBOOK_ABOUT_SITE: return "location";
    case RULEBOOK_ABOUT_ENTITY: return "party";
    case RULEBOOK_ABOUT_SYSTEM: return "component";
    default: return "resource";
    }
}

static int subject_order(const struct assess_row *a, const struct assess_row *b) {
    if (a->clause->about != b->clause->about) return a->clause->about < b->clause->about ? -1 : 1;
    return str_compare(a->subject, b->subject);
}
static int rows_order(const void *a, const void *b) {
    return subject_order(*(const struct assess_row *const *)a,
                         *(const struct assess_row *const *)b);
}

bool oscal_subjects_gather(const struct assessment *a, struct oscal_subjects *out) {
    const struct assess_row **at = calloc(a->row_count + 1, sizeof *at);
    *out = (struct oscal_subjects){at, 0};
    if (at == NULL) return false;
    for (size_t i = 0; i < a->row_count; i++) at[i] = &a->rows[i];
    qsort(at, a->row_count, sizeof *at, rows_order);
    for (size_t i = 0; i < a->row_count; i++)
        if (out->count == 0 || subject_order(at[out->count - 1], at[i]) != 0)
            at[out->count++] = at[i];
    return true;
}

void oscal_subjects_release(struct oscal_subjects *subjects) {
    free(subjects->at);
}

static bool has_type(const struct oscal_subjects *subjects, const char *type) {
    for (size_t i = 0; i < subjects->count; i++)
        if (strcmp(oscal_subject_type(subjects->at[i]->clause->about), type) == 0) return true;
    return false;
}

static void put_uuid(struct report_json *j, const struct assess_row *row) {
    char uuid[UUID_TEXT_BYTES];
    report_json_object(j);
    report_json_put(j, "uuid", oscal_uuid_of_subject(row, uuid));
}

static void put_location(struct report_json *j, const struct assess_row *row) {
    put_uuid(j, row);
    report_json_put(j, "title", row->subject);
    report_json_object_end(j);
}

static void put_party(struct report_json *j, const struct assess_row *row) {
    put_uuid(j, row);
    report_json_put_c(j, "type", "organization");
    report_json_put(j, "name", row->subject);
    report_json_object_end(j);
}

static void put_item(struct report_json *j, const struct assess_row *row) {
    put_uuid(j, row);
    report_json_put(j, "description", row->subject);
    report_json_object_end(j);
}

/* A system is in the register because it is in use. */
static void put_component(struct report_json *j, const struct assess_row *row) {
    put_uuid(j, row);
    report_json_put_c(j, "type", "system");
    report_json_put(j, "title", row->subject);
    report_json_put(j, "description", row->subject);
    report_json_key(j, "status");
    report_json_object(j);
    report_json_put_c(j, "state", "operational");
    report_json_object_end(j);
    report_json_object_end(j);
}

static void put_resource(struct report_json *j, const struct assess_row *row) {
    char room[1024];
    struct text t = text_into(room, sizeof room);
    text_format(&t, "%s %.*s", rulebook_about_name(row->clause->about), STR_FMT(row->subject));
    put_uuid(j, row);
    report_json_put(j, "title", text_str(&t));
    report_json_object_end(j);
}

static void put_all(struct report_json *j, const struct oscal_subjects *subjects, const char *type,
                    void (*put)(struct report_json *j, const struct assess_row *row)) {
    for (size_t i = 0; i < subjects->count; i++)
        if (strcmp(oscal_subject_type(subjects->at[i]->clause->about), type) == 0)
            put(j, subjects->at[i]);
}

static void put_list(struct report_json *j, const struct oscal_subjects *subjects, const char *key,
                     const char *type,
                     void (*put)(struct report_json *j, const struct assess_row *row)) {
    if (!has_type(subjects, type)) return; /* the schema has no empty lists */
    report_json_key(j, key);
    report_json_array(j);
    put_all(j, subjects, type, put);
    report_json_array_end(j);
}

void oscal_put_locations(struct report_json *j, const struct oscal_subjects *subjects) {
    put_list(j, subjects, "locations", "location", put_location);
}
void oscal_put_parties(struct report_json *j, const struct oscal_subjects *subjects) {
    put_list(j, subjects, "parties", "party", put_party);
}
void oscal_put_resources(struct report_json *j, const struct oscal_subjects *subjects) {
    put_all(j, subjects, "resource", put_resource);
}
void oscal_put_local_definitions(struct report_json *j, const struct oscal_subjects *subjects) {
    if (!has_type(subjects, "component") && !has_type(subjects, "inventory-item")) return;
    report_json_key(j, "local-definitions");
    report_json_object(j);
    put_list(j, subjects, "components", "component", put_component);
    put_list(j, subjects, "inventory-items", "inventory-item", put_item);
    report_json_object_end(j);
}
