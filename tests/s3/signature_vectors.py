#!/usr/bin/env python3
"""Writes tests/s3/signature_vectors.h: request heads as botocore signs them.

Another implementation's signatures are the cross-check of ours. The key is the one AWS publishes in
its documentation; the clock is fixed. Run with the python3-boto3 of Debian or any newer one:

    python3 tests/s3/signature_vectors.py > tests/s3/signature_vectors.h
"""
import datetime
import unittest.mock
import urllib.parse

import botocore
import botocore.auth
import botocore.awsrequest
import botocore.credentials

KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
NOW = datetime.datetime(2026, 11, 21, 8, 9, 10)


class FixedClock(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return NOW

    @classmethod
    def now(cls, tz=None):
        return NOW.replace(tzinfo=tz)


def sign(method, path, params, headers, body, query_auth):
    url = "http://s3.example.test:9000" + urllib.parse.quote(path, safe="/~")
    request = botocore.awsrequest.AWSRequest(method=method, url=url, params=params, headers=headers, data=body)
    request.context["client_config"] = None
    request.context["payload_signing_enabled"] = True
    credentials = botocore.credentials.Credentials(KEY, SECRET)
    if query_auth:
        auth = botocore.auth.S3SigV4QueryAuth(credentials, "s3", "ap-northeast-1", expires=900)
    else:
        auth = botocore.auth.S3SigV4Auth(credentials, "s3", "ap-northeast-1")
    patches = [unittest.mock.patch("botocore.auth.datetime.datetime", FixedClock)] if hasattr(
        botocore.auth, "datetime") and hasattr(botocore.auth.datetime, "datetime") else []
    if hasattr(botocore.auth, "get_current_datetime"):
        patches.append(unittest.mock.patch("botocore.auth.get_current_datetime", lambda remove_tzinfo=True: NOW))
    for patch in patches:
        patch.start()
    auth.add_auth(request)
    for patch in patches:
        patch.stop()
    prepared = request.prepare()
    parts = urllib.parse.urlsplit(prepared.url)
    target = parts.path + ("?" + parts.query if parts.query else "")
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    for name, value in prepared.headers.items():
        value = value.decode() if isinstance(value, bytes) else value
        if name.lower() not in ("host", "content-length", "expect"):
            lines.append(f"{name}: {value}")
    return "\r\n".join(lines) + "\r\n\r\n"


def c_string(text):
    out = []
    for line in text.split("\r\n")[:-1]:
        data = (line + "\r\n").encode()
        piece = ""
        for byte in data:
            char = chr(byte)
            if char in '"\\':
                piece += "\\" + char
            elif char == "\r":
                piece += "\\r"
            elif char == "\n":
                piece += "\\n"
            elif 32 <= byte < 127:
                piece += char
            else:
                piece += f"\\{byte:03o}"
        out.append(f'     "{piece}"')
    return "\n".join(out)


CASES = [
    ("list the service", "GET", "/", {}, {}, b"", False),
    ("a plain key", "GET", "/grid-telemetry/2026/11/21/feeder-7.json", {}, {}, b"", False),
    ("spaces and plus", "GET", "/b-ucket/a b+c&d=e.txt", {}, {}, b"", False),
    ("Japanese", "PUT", "/b-ucket/発電所/計測 1.csv", {}, {"Content-Type": "text/csv"}, b"x", False),
    ("dots stay", "GET", "/b-ucket/a/../b/./c", {}, {}, b"", False),
    ("double slash stays", "GET", "/b-ucket//a//b", {}, {}, b"", False),
    ("percent in the key", "GET", "/b-ucket/100%25.txt", {}, {}, b"", False),
    ("every printable", "GET", "/b-ucket/!\"#$&'()*,-./09:;<=>?@AZ[\\]^_`az{|}~", {}, {}, b"", False),
    ("query sorted", "GET", "/b-ucket", {"prefix": "a/b c+", "list-type": "2", "delimiter": "/", "max-keys": "7"}, {}, b"", False),
    ("query without value", "GET", "/b-ucket", {"uploads": ""}, {}, b"", False),
    ("query beyond ASCII", "GET", "/b-ucket", {"prefix": "é~", "marker": "~"}, {}, b"", False),
    ("metadata with blanks", "PUT", "/b-ucket/k", {}, {"x-amz-meta-a": "  one   two ", "x-amz-meta-B": "three"}, b"body", False),
    ("range and conditions", "GET", "/b-ucket/k", {}, {"Range": "bytes=0-9", "If-Match": "\"abc\""}, b"", False),
    ("copy source", "PUT", "/b-ucket/k", {}, {"x-amz-copy-source": "/other/a%20b?versionId=3"}, b"", False),
    ("presigned", "GET", "/b-ucket/a b+c.txt", {}, {}, b"", True),
    ("presigned with parameters", "GET", "/b-ucket/k", {"response-content-type": "text/plain; charset=utf-8", "versionId": "null"}, {}, b"", True),
    ("presigned put", "PUT", "/b-ucket/発電所", {}, {"x-amz-meta-a": "b"}, b"", True),
]

print("/* Made by tests/s3/signature_vectors.py with botocore; do not edit. */\n/* clang-format off */")
print("static const struct {")
print("    const char *name, *head;")
print("} botocore_vectors[] = {")
for name, *case in CASES:
    print(f'    {{"{name}",')
    print(c_string(sign(*case)) + "},")
print("};")
