/* DeleteObject and DeleteObjects. */
#include "s3/ops/ops.h"

static bool shows_marker(const struct gate_delete *row) {
    return row->deleted.marker_made || row->deleted.marker_removed;
}

enum error_code s3_object_delete(struct s3_request *r, struct error *e) {
    struct gate_delete row = {.key = r->address.key};
    TRY(s3_request_version(r, &row.with_version, &row.version, e));
    TRY(s3_condition_of_write(r, &row.condition, e));
    if (row.condition.if_none)
        return error_set(e, FAIL_NOT_IMPLEMENTED,
                         "A header you provided implies functionality that is not implemented: "
                         "a delete takes If-Match");
    TRY(gate_delete(&r->visit, r->address.bucket, &row, 1, &r->answer, e));
    if (row.code != OK) return error_set(e, row.code, "%.*s", STR_FMT(row.message));
    if (shows_marker(&row)) s3_reply_header(r, STR("x-amz-delete-marker"), STR("true"));
    s3_reply_header(r, STR("x-amz-version-id"),
                    row.with_version ? row.version : row.deleted_version);
    return s3_reply_send(r, 204, STR_EMPTY, e);
}

static void row_write(struct s3_xml *x, const struct gate_delete *row, bool quiet) {
    if (row->code != OK) {
        s3_xml_open(x, "Error");
        s3_xml_text(x, "Key", row->key);
        if (row->with_version) s3_xml_text(x, "VersionId", row->version);
        s3_xml_text(x, "Code", str_from_c(error_s3_name(row->code)));
        s3_xml_text(x, "Message",
                    error_http_status(row->code) == 500
                        ? STR("We encountered an internal error. Please try again.")
                        : row->message);
        s3_xml_close(x, "Error");
    } else if (!quiet) {
        s3_xml_open(x, "Deleted");
        s3_xml_text(x, "Key", row->key);
        if (row->with_version) s3_xml_text(x, "VersionId", row->version);
        if (shows_marker(row)) {
            s3_xml_bool(x, "DeleteMarker", true);
            s3_xml_text(x, "DeleteMarkerVersionId",
                        row->with_version ? row->version : row->deleted_version);
        }
        s3_xml_close(x, "Deleted");
    }
}

static enum error_code rows_make(struct s3_request *r, const struct s3_document *document,
                                 struct gate_delete **out, struct error *e) {
    struct gate_delete *rows = arena_new(r->visit.arena, struct gate_delete, document->count);
    if (rows == NULL) return error_set(e, FAIL_MEMORY, "no room for the keys to delete");
    for (size_t i = 0; i < document->count; i++) {
        const struct s3_delete_row *from = &document->deletes[i];
        rows[i] = (struct gate_delete){
            .key = from->key, .with_version = from->version.len > 0, .version = from->version};
        s3_condition_match(from->etag, &rows[i].condition);
    }
    *out = rows;
    return OK;
}

static enum error_code delete_rows(struct s3_request *r, const struct s3_document *document,
                                   struct error *e) {
    struct gate_delete *rows = NULL;
    struct s3_xml x;
    TRY(rows_make(r, document, &rows, e));
    TRY(gate_delete(&r->visit, r->address.bucket, rows, document->count, &r->answer, e));
    s3_reply_xml_begin(r, &x, e);
    s3_xml_open_root(&x, "DeleteResult");
    for (size_t i = 0; i < document->count; i++) row_write(&x, &rows[i], document->quiet);
    s3_xml_close(&x, "DeleteResult");
    return s3_reply_xml_end(r, &x, e);
}

enum error_code s3_delete_objects(struct s3_request *r, struct error *e) {
    struct s3_document document;
    struct s3_wide *wide = s3_wide_take(r);
    enum error_code code =
        s3_body_document(r, S3_DOCUMENT_DELETE, true, r->visit.arena, &document, e);
    s3_document_release(&document);
    if (code == OK) code = delete_rows(r, &document, e);
    s3_wide_give(r, wide);
    return code;
}
