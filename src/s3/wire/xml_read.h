/* XML that strangers send, by whitelist: a shape says which element may stand in which, and
 * everything else is refused at once.
 *
 * expat does the parsing, byte by byte as pieces arrive. A DOCTYPE stops it before any entity can
 * be declared; depth, size and the length of one text are bounded, and so is what the parser may
 * allocate. Source: XML 1.0; S3 API reference (bodies of its requests). */
#ifndef AZEKURA_S3_WIRE_XML_READ_H
#define AZEKURA_S3_WIRE_XML_READ_H

#include "base/base.h"

enum {
    S3_XML_TEXT_BYTES = 4096,     /* one element's text; a key has 1024, a tag's value 256 chars */
    S3_XML_MEMORY_BYTES = 1 << 20 /* what one parser may hold at once: expat's buffers, one token */
};

struct s3_xml_element {
    const char *name;
    int parent;   /* index of the element it stands in; -1: the root, which is index 0 */
    bool is_text; /* has text and no children */
};
struct s3_xml_shape {
    const struct s3_xml_element *at;
    int count;
};

struct s3_xml_reader {
    struct XML_ParserStruct *parser;
    const struct s3_xml_shape *shape;
    /* Called as elements open and close; `text` is a closing text element's, valid for the call. */
    enum error_code (*open)(void *self, int element, struct error *e);
    enum error_code (*close)(void *self, int element, str text, struct error *e);
    void *self;
    int stack[LIMIT_XML_DEPTH];
    unsigned depth;
    bool root_closed;
    uint64_t bytes;
    size_t memory_used;
    enum error_code code; /* of the callback or check that stopped the parser */
    struct error *e;
    size_t text_len;
    char text[S3_XML_TEXT_BYTES];
};

/* `reader` must not move between begin and release. FAIL_MEMORY. */
enum error_code s3_xml_begin(struct s3_xml_reader *reader, const struct s3_xml_shape *shape,
                             enum error_code (*open)(void *self, int element, struct error *e),
                             enum error_code (*close)(void *self, int element, str text,
                                                      struct error *e),
                             void *self, struct error *e) MUST_USE;
/* FAIL_MALFORMED_XML: not well-formed, not of the shape, a DOCTYPE, too deep, too long; or what a
 * callback said. After an error only release may follow. */
enum error_code s3_xml_feed(struct s3_xml_reader *reader, str piece, struct error *e) MUST_USE;
/* FAIL_MISSING_BODY when nothing came at all, FAIL_MALFORMED_XML when the root did not close. */
enum error_code s3_xml_end(struct s3_xml_reader *reader, struct error *e) MUST_USE;
void s3_xml_release(struct s3_xml_reader *reader); /* safe on a zeroed one, and twice */

#endif
