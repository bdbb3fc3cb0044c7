/* expat, kept on a short lead. */
#include "s3/wire/xml_read.h"

#include <expat.h>
#include <stdlib.h>

/* expat asks its memory functions without a user pointer, so each block knows its size and the
 * parser being fed is found here: parsing never parks, and a thread feeds one parser at a time. */
static _Thread_local struct s3_xml_reader *feeding;

struct block {
    _Alignas(max_align_t) size_t bytes;
};

static void *memory_resize(void *old, size_t bytes) {
    struct block *block = old != NULL ? (struct block *)old - 1 : NULL;
    size_t had = block != NULL ? block->bytes : 0;
    if (feeding == NULL || bytes > S3_XML_MEMORY_BYTES ||
        feeding->memory_used - had + bytes > S3_XML_MEMORY_BYTES)
        return NULL;
    struct block *grown = realloc(block, sizeof *grown + bytes);
    if (grown == NULL) return NULL;
    feeding->memory_used += bytes - had;
    grown->bytes = bytes;
    return grown + 1;
}
static void *memory_take(size_t bytes) {
    return memory_resize(NULL, bytes);
}
static void memory_give(void *old) {
    if (old == NULL) return;
    struct block *block = (struct block *)old - 1;
    if (feeding != NULL) feeding->memory_used -= block->bytes;
    free(block);
}

static void stop(struct s3_xml_reader *reader, enum error_code code) {
    if (reader->code == OK) reader->code = code;
    XML_StopParser(reader->parser, XML_FALSE);
}

static enum error_code malformed(struct s3_xml_reader *reader, const char *why) {
    return error_set(reader->e, FAIL_MALFORMED_XML,
                     "The XML you provided was not well-formed or did not validate against our "
                     "published schema: line %lu: %s",
                     (unsigned long)XML_GetCurrentLineNumber(reader->parser), why);
}

static int element_find(const struct s3_xml_reader *reader, const char *name) {
    int parent = reader->depth > 0 ? reader->stack[reader->depth - 1] : -1;
    for (int i = 0; i < reader->shape->count; i++)
        if (reader->shape->at[i].parent == parent && strcmp(reader->shape->at[i].name, name) == 0)
            return i;
    return -1;
}

static void XMLCALL on_open(void *self, const XML_Char *name, const XML_Char **attributes) {
    struct s3_xml_reader *reader = self;
    if (reader->code != OK) return;
    int element = element_find(reader, name);
    if (element < 0) {
        stop(reader, malformed(reader, "an element that has no place there"));
        return;
    }
    if (reader->depth == LIMIT_XML_DEPTH) {
        stop(reader, malformed(reader, "nested too deeply"));
        return;
    }
    reader->stack[reader->depth++] = element;
    reader->text_len = 0;
    enum error_code code = reader->open(reader->self, element, reader->e);
    if (code != OK) stop(reader, code);
}

static void XMLCALL on_close(void *self, const XML_Char *name) {
    struct s3_xml_reader *reader = self;
    if (reader->code != OK) return;
    assert(reader->depth > 0); /* expat matches tags */
    int element = reader->stack[--reader->depth];
    str text = STR_EMPTY;
    if (reader->shape->at[element].is_text) text = str_of(reader->text, reader->text_len);
    reader->text_len = 0;
    reader->root_closed = reader->depth == 0;
    enum error_code code = reader->close(reader->self, element, text, reader->e);
    if (code != OK) stop(reader, code);
}

static bool is_blank(const XML_Char *at, int len) {
    for (int i = 0; i < len; i++)
        if (strchr(" \t\r\n", at[i]) == NULL) return false;
    return true;
}

static void XMLCALL on_text(void *self, const XML_Char *at, int len) {
    struct s3_xml_reader *reader = self;
    if (reader->code != OK || reader->depth == 0) return;
    size_t count = (size_t)len;
    if (!reader->shape->at[reader->stack[reader->depth - 1]].is_text) {
        if (!is_blank(at, len)) stop(reader, malformed(reader, "text between elements"));
    } else if (count > sizeof reader->text - reader->text_len) {
        stop(reader, malformed(reader, "a text that is too long"));
    } else {
        memcpy(reader->text + reader->text_len, at, count);
        reader->text_len += count;
    }
}

static void XMLCALL on_doctype(void *self, const XML_Char *name, const XML_Char *system_id,
                               const XML_Char *public_id, int has_subset) {
    struct s3_xml_reader *reader = self;
    stop(reader, malformed(reader, "a DOCTYPE"));
}

enum error_code s3_xml_begin(struct s3_xml_reader *reader, const struct s3_xml_shape *shape,
                             enum error_code (*open)(void *self, int element, struct error *e),
                             enum error_code (*close)(void *self, int element, str text,
                                                      struct error *e),
                             void *self, struct error *e) {
    static const XML_Memory_Handling_Suite memory = {memory_take, memory_resize, memory_give};
    *reader = (struct s3_xml_reader){.shape = shape, .open = open, .close = close, .self = self};
    feeding = reader;
    reader->parser = XML_ParserCreate_MM("UTF-8", &memory, NULL);
    feeding = NULL;
    if (reader->parser == NULL) return error_set(e, FAIL_MEMORY, "no room for an XML parser");
    XML_SetUserData(reader->parser, reader);
    XML_SetElementHandler(reader->parser, on_open, on_close);
    XML_SetCharacterDataHandler(reader->parser, on_text);
    XML_SetStartDoctypeDeclHandler(reader->parser, on_doctype);
    return OK;
}

/* `piece` is at most INT_MAX here: bodies are bounded far below. */
static enum error_code parse(struct s3_xml_reader *reader, str piece, bool is_last,
                             struct error *e) {
    reader->e = e;
    feeding = reader;
    enum XML_Status status =
        XML_Parse(reader->parser, piece.at, (int)piece.len, is_last ? XML_TRUE : XML_FALSE);
    feeding = NULL;
    if (reader->code != OK) return reader->code;
    if (status == XML_STATUS_OK) return OK;
    enum XML_Error why = XML_GetErrorCode(reader->parser);
    reader->code = malformed(reader, XML_ErrorString(why));
    return reader->code;
}

enum error_code s3_xml_feed(struct s3_xml_reader *reader, str piece, struct error *e) {
    assert(reader->code == OK);
    if (piece.len > LIMIT_XML_BYTES - reader->bytes) {
        reader->e = e;
        reader->code = malformed(reader, "the body is over 2 MiB");
        return reader->code;
    }
    reader->bytes += piece.len;
    return piece.len > 0 ? parse(reader, piece, false, e) : OK;
}

enum error_code s3_xml_end(struct s3_xml_reader *reader, struct error *e) {
    assert(reader->code == OK);
    if (reader->bytes == 0) return error_set(e, FAIL_MISSING_BODY, "Request Body is empty");
    TRY(parse(reader, STR(""), true, e));
    assert(reader->root_closed); /* expat calls a document without its end malformed */
    return OK;
}

void s3_xml_release(struct s3_xml_reader *reader) {
    if (reader->parser != NULL) XML_ParserFree(reader->parser);
    reader->parser = NULL;
}
