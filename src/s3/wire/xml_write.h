/* XML for replies, into a buffer that leaves piece by piece.
 *
 * Text is escaped as S3 does it: control characters become character references, which XML 1.0
 * readers refuse; clients with such keys ask for encoding-type=url. The first failure of `flush` is
 * kept, and what is written after it goes nowhere. */
#ifndef AZEKURA_S3_WIRE_XML_WRITE_H
#define AZEKURA_S3_WIRE_XML_WRITE_H

#include "base/base.h"

struct s3_xml {
    struct text to;
    /* Takes what is in `to` away; NULL: it must all fit. */
    enum error_code (*flush)(void *self, str piece, struct error *e);
    void *self;
    enum error_code code;
    struct error *e;
};

struct s3_xml s3_xml_into(void *memory, size_t cap, struct error *e);
void s3_xml_start(struct s3_xml *x); /* the XML declaration */
void s3_xml_open(struct s3_xml *x, const char *name);
void s3_xml_open_root(struct s3_xml *x, const char *name); /* with S3's namespace */
void s3_xml_close(struct s3_xml *x, const char *name);
void s3_xml_text(struct s3_xml *x, const char *name, str text); /* <name>text</name>, escaped */
void s3_xml_raw(struct s3_xml *x, str markup);                  /* as it is */
void s3_xml_number(struct s3_xml *x, const char *name, uint64_t number);
void s3_xml_bool(struct s3_xml *x, const char *name, bool yes);
void s3_xml_time(struct s3_xml *x, const char *name,
                 int64_t wall_ns); /* 2026-11-21T08:09:10.000Z */
/* OK, what flush said, or FAIL_LIMIT when it did not fit. */
enum error_code s3_xml_done(struct s3_xml *x) MUST_USE;

#endif
