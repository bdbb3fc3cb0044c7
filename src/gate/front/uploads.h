/* Uploads in parts. A part's body comes by gate_put_open; here is what stands around it. */
#ifndef AZEKURA_GATE_FRONT_UPLOADS_H
#define AZEKURA_GATE_FRONT_UPLOADS_H

#include "gate/front/objects.h"

struct gate_upload_new {
    str bucket, key;
    struct store_pairs headers, tags;
    enum store_checksum_kind checksum_kind;
    bool checksum_composite;
};
enum error_code gate_upload_create(struct gate_visit *visit, const struct gate_upload_new *new,
                                   struct store_upload_id *id, struct gate_answer *answer,
                                   struct error *e) MUST_USE;
/* The upload itself, for ListParts and for judging checksums. FAIL_NO_SUCH_UPLOAD. */
enum error_code gate_upload_get(struct gate_visit *visit, str bucket, str key,
                                struct store_upload_id id, struct store_upload *out,
                                struct gate_answer *answer, struct error *e) MUST_USE;
/* Its parts after number `after`, at most `max`. */
enum error_code
gate_part_list(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
               uint16_t after, uint32_t max,
               enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
               void *self, bool *truncated, struct gate_answer *answer, struct error *e) MUST_USE;
/* All its parts, for whoever is about to complete it: asks for the right to write, and decides
 * nothing, since completing is decided. FAIL_NO_SUCH_UPLOAD. */
enum error_code
gate_part_look(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
               enum error_code (*each)(void *self, const struct store_part *part, struct error *e),
               void *self, struct error *e) MUST_USE;
/* A finished upload asked again within 24 h gives the same result. `checksum` NULL: none kept. */
enum error_code
gate_upload_complete(struct gate_visit *visit, str bucket, str key, struct store_upload_id id,
                     const struct store_part_claim *claims, size_t count,
                     const struct store_checksum *checksum, const struct store_condition *condition,
                     struct gate_stored *out, struct gate_answer *answer, struct error *e) MUST_USE;
enum error_code gate_upload_abort(struct gate_visit *visit, str bucket, str key,
                                  struct store_upload_id id, struct gate_answer *answer,
                                  struct error *e) MUST_USE;
enum error_code
gate_upload_list(struct gate_visit *visit, str bucket, const struct store_listing *listing,
                 struct store_upload_id after_id,
                 enum error_code (*each)(void *self, const struct store_upload *upload,
                                         str prefix_only, struct error *e),
                 void *self, struct store_listed *out, struct store_upload_id *next_id,
                 struct gate_answer *answer, struct error *e) MUST_USE;

#endif
