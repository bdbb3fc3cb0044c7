/* Requests that must be refused: shapes by which one program was made to see two requests where
 * another saw one. Each is followed, where it fits, by a second request that must never be reached.
 */
#ifndef AZEKURA_TESTS_HTTP_VECTORS_H
#define AZEKURA_TESTS_HTTP_VECTORS_H

#include "base/str.h"

#define SMUGGLED "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n"
#define POST     "POST / HTTP/1.1\r\nHost: h\r\n"
#define CHUNKED  POST "Transfer-Encoding: chunked\r\n\r\n"

static const struct {
    const char *name;
    str bytes;
} smuggling[] = {
    {"length and coding",
     STR(POST "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"coding and length",
     STR(POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"two different lengths", STR(POST "Content-Length: 5\r\nContent-Length: 0\r\n\r\n" SMUGGLED)},
    {"two equal lengths", STR(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345" SMUGGLED)},
    {"a list of lengths", STR(POST "Content-Length: 5, 5\r\n\r\n12345" SMUGGLED)},
    {"length with a plus", STR(POST "Content-Length: +5\r\n\r\n12345" SMUGGLED)},
    {"length below zero", STR(POST "Content-Length: -1\r\n\r\n" SMUGGLED)},
    {"length in hex", STR(POST "Content-Length: 0x5\r\n\r\n12345" SMUGGLED)},
    {"length with a letter", STR(POST "Content-Length: 5x\r\n\r\n12345" SMUGGLED)},
    {"length with a space inside", STR(POST "Content-Length: 1 0\r\n\r\n1234567890" SMUGGLED)},
    {"empty length", STR(POST "Content-Length:\r\n\r\n" SMUGGLED)},
    {"length over 18 digits", STR(POST "Content-Length: 0000000000000000005\r\n\r\n12345")},
    {"length that wraps", STR(POST "Content-Length: 18446744073709551621\r\n\r\n12345" SMUGGLED)},
    {"length with a tab behind", STR(POST "Content-Length: 5\t\r\n\r\n12345" SMUGGLED)},
    {"space before the colon", STR(POST "Content-Length : 5\r\n\r\n12345" SMUGGLED)},
    {"tab before the colon", STR(POST "Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"coding twice",
     STR(POST
         "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"coding listed twice",
     STR(POST "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"identity", STR(POST "Transfer-Encoding: identity\r\n\r\n" SMUGGLED)},
    {"gzip, chunked", STR(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"xchunked", STR(POST "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"chunked behind a vertical tab",
     STR(POST "Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"quoted chunked", STR(POST "Transfer-Encoding: \"chunked\"\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"coding with HTTP/1.0",
     STR("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"folded coding", STR(POST "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" SMUGGLED)},
    {"folded header", STR(POST "X: 1\r\n Content-Length: 5\r\n\r\n" SMUGGLED)},
    {"first header begins with space",
     STR("POST / HTTP/1.1\r\n Host: h\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"NUL in a value", STR(POST "X: a\0b\r\n\r\n" SMUGGLED)},
    {"NUL in a name", STR(POST "X\0: a\r\n\r\n" SMUGGLED)},
    {"bare CR in a value", STR(POST "X: a\rTransfer-Encoding: chunked\r\n\r\n" SMUGGLED)},
    {"bare LF ends a line", STR(POST "X: a\nTransfer-Encoding: chunked\r\n\r\n" SMUGGLED)},
    {"bare LF ends the head", STR("GET / HTTP/1.1\nHost: h\n\n" SMUGGLED)},
    {"LF CR LF ends the head", STR("GET / HTTP/1.1\r\nHost: h\r\n\n" SMUGGLED)},
    {"DEL in a value", STR(POST "X: a\x7f\r\n\r\n" SMUGGLED)},
    {"no name", STR(POST ": a\r\n\r\n" SMUGGLED)},
    {"no colon", STR(POST "Content-Length 5\r\n\r\n12345" SMUGGLED)},
    {"bare LF in a chunk extension", STR(CHUNKED "5;a\nb\r\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"bare LF behind a chunk size", STR(CHUNKED "5\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"bare CR in a chunk extension", STR(CHUNKED "5;a\rb\r\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"chunk size with a letter", STR(CHUNKED "5x\r\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"chunk size with 0x", STR(CHUNKED "0x5\r\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"chunk size with a plus", STR(CHUNKED "+5\r\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"chunk size below zero", STR(CHUNKED "-1\r\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"chunk size with a space", STR(CHUNKED "5 \r\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"empty chunk size", STR(CHUNKED "\r\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"chunk size that wraps", STR(CHUNKED "10000000000000005\r\n12345\r\n0\r\n\r\n" SMUGGLED)},
    {"chunk data without CR LF", STR(CHUNKED "5\r\n12345"
                                             "0\r\n\r\n" SMUGGLED)},
    {"chunk data with LF", STR(CHUNKED "5\r\n12345\n0\r\n\r\n" SMUGGLED)},
    {"chunk data with two other bytes", STR(CHUNKED "5\r\n12345xx0\r\n\r\n" SMUGGLED)},
    {"trailer with bare LF", STR(CHUNKED "0\r\nX: a\nY: b\r\n\r\n" SMUGGLED)},
    {"trailer that frames", STR(CHUNKED "0\r\nContent-Length: 5\r\n\r\n" SMUGGLED)},
    {"trailer with a space before the colon", STR(CHUNKED "0\r\nX : a\r\n\r\n" SMUGGLED)},
    {"folded trailer", STR(CHUNKED "0\r\nX: a\r\n b\r\n\r\n" SMUGGLED)},
    {"no Host", STR("GET / HTTP/1.1\r\n\r\n" SMUGGLED)},
    {"two Hosts", STR("GET / HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n" SMUGGLED)},
    {"two equal Hosts", STR("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"two Hosts in HTTP/1.0", STR("GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"a path in the Host", STR("GET / HTTP/1.1\r\nHost: h/x\r\n\r\n" SMUGGLED)},
    {"a user in the Host", STR("GET / HTTP/1.1\r\nHost: u@h\r\n\r\n" SMUGGLED)},
    {"a list of Hosts", STR("GET / HTTP/1.1\r\nHost: h, i \r\n\r\n" SMUGGLED)},
    {"target of another Host", STR("GET http://i/ HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"space in the target", STR("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"two spaces before the target", STR("GET  / HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"tab before the version", STR("GET /\tHTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"fragment in the target", STR("GET /#a HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"byte over 0x7f in the target", STR("GET /\xe9 HTTP/1.1\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"HTTP/0.9", STR("GET /\r\n" SMUGGLED)},
    {"HTTP/1.10", STR("GET / HTTP/1.10\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"lower-case http/1.1", STR("GET / http/1.1\r\nHost: h\r\n\r\n" SMUGGLED)},
    {"two empty lines before", STR("\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")},
};

/* And some that are right, so that refusing everything is no way to pass. */
static const str well_formed[] = {
    STR("GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
    STR("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"),
    STR("HEAD /b/k?versionId=null HTTP/1.1\r\nHost: s3.example:9000\r\nConnection: close\r\n\r\n"),
    STR("GET http://h/a?b=c HTTP/1.1\r\nHost: H\r\n\r\n"),
    STR("OPTIONS * HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\n\r\n"),
    STR("GET / HTTP/1.0\r\n\r\n"),
    STR("GET / HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\n\r\n"),
    STR("PUT /b/%E6%A0%A1 HTTP/1.1\r\nHost: [::1]:9000\r\nContent-Length: 5\r\n\r\n12345"),
    STR("DELETE /b/k HTTP/1.1\r\nhost:h\r\nX-Empty:\r\nX-Tab: a\tb\t\r\nX-High: "
        "\xe6\xa0\xa1\r\n\r\n"),
    STR(POST "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n"),
    STR(POST "Content-Length: 000000000000000003  \r\n\r\nabc"),
    STR(CHUNKED "5\r\n12345\r\n00000A\r\n1234567890\r\n0\r\n\r\n"),
    STR(CHUNKED "5;name=value\r\n12345\r\n0;last\r\nX-Trailer: t\r\nY:\r\n\r\n"),
    STR(CHUNKED "1;q=\"a b;c\"\r\nx\r\n0\r\n\r\n"),
    STR("POST /b?delete HTTP/1.1\r\nHost: h\r\ntransfer-encoding: ChUnKeD \r\n\r\n"
        "3\r\nabc\r\n0\r\n\r\n"),
    STR("PUT /b/k HTTP/1.1\r\nHost: grid.example\r\nContent-Length: 3\r\nExpect: 100-Continue\r\n"
        "x-amz-content-sha256: UNSIGNED-PAYLOAD\r\nx-amz-date: 20261121T080910Z\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=AK/20261121/r/s3/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=00\r\nUser-Agent: test/1 (x; y)\r\n\r\nabc"),
};

#endif
