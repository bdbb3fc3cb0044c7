/* What the operations share. Inner to s3. */
#ifndef AZEKURA_S3_OPS_OPS_H
#define AZEKURA_S3_OPS_OPS_H

#include "s3/body.h"
#include "s3/conditions.h"
#include "s3/fields.h"
#include "s3/route.h"

/* ---- write.c ---- */

/* Streams the request's body into a writing of the gate, holds it against its promises and commits;
 * nothing of it stays when they are not kept. Parks. `kept`: as s3_body_begin. */
enum error_code s3_body_store(struct s3_request *r, const struct gate_put *put,
                              enum store_checksum_kind kept, struct gate_stored *out,
                              struct error *e) MUST_USE;

/* ---- copy.c ---- */

enum error_code s3_object_copy(struct s3_request *r, struct error *e) MUST_USE;
/* UploadPartCopy: `put` names the part. */
enum error_code s3_part_copy(struct s3_request *r, const struct gate_put *put,
                             enum store_checksum_kind kept, struct error *e) MUST_USE;

/* ---- upload.c ---- */

/* An upload id as clients see it: 32 hex digits, then the kind of its parts' checksums, how they
 * make the object's, and whether the client asked for encryption. So a part knows what to do without
 * looking its upload up; whoever changes the three characters spoils only an upload of their own. */
struct s3_upload_name {
    struct store_upload_id id;
    enum store_checksum_kind kind;
    bool composite;
    bool encrypt; /* asked for; else as the dataset says */
};
enum { S3_UPLOAD_TEXT_BYTES = STORE_UPLOAD_TEXT_BYTES + 3 };
struct s3_upload_name s3_upload_name_of(const struct store_upload *upload);
void s3_upload_name_write(const struct s3_upload_name *name, char out[S3_UPLOAD_TEXT_BYTES]);
bool s3_upload_name_read(str text, struct s3_upload_name *out);

/* ---- xml.c: elements several replies have ---- */

void s3_xml_etag(struct s3_xml *x, const char *name, const struct store_etag *etag);
void s3_xml_owner(struct s3_xml *x, const char *name, str user);
void s3_xml_checksum(struct s3_xml *x, const struct store_checksum *checksum, uint32_t parts);
void s3_xml_tags(struct s3_xml *x, struct store_pairs tags);
str s3_checksum_type_name(bool composite); /* "COMPOSITE", "FULL_OBJECT" */

/* Names in listings, encoded where the client asked for it. */
struct s3_name_writer {
    struct s3_xml *x;
    struct arena scratch; /* by copy for each name */
    bool url;
};
/* encoding-type: FAIL_INVALID_ARGUMENT when it is neither absent nor "url". */
enum error_code s3_name_writer_begin(struct s3_request *r, struct s3_xml *x,
                                     struct s3_name_writer *out, struct error *e) MUST_USE;
void s3_name_write(const struct s3_name_writer *w, const char *element, str name);
void s3_common_prefix_write(const struct s3_name_writer *w, str prefix);

#endif
