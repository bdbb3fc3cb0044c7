#!/usr/bin/env python3
"""What S3's reference lets a client send and no client at hand sends: each step says what went wrong
with it once. Signed byte for byte, against a store of the sample."""
import base64
import hashlib
import hmac
import re
import zlib

from azekura import Store, encode, exchange, head_bytes, ok, refused, story

store = None
BUCKET = "dialect"


def crc32(data):
    return base64.b64encode(zlib.crc32(data).to_bytes(4, "big")).decode()


def begin():
    global store
    store = Store()
    store.root.bucket(BUCKET)


def put_in_chunks(key, data, payload, end):
    """A body whose checksum comes in the trailer; `end` is what the checksum's line ends in."""
    root, path = store.root, f"/{BUCKET}/{encode(key)}"
    headers = [("Host", root.address), ("content-encoding", "aws-chunked"), ("x-amz-decoded-content-length", len(data)),
               ("x-amz-trailer", "x-amz-checksum-crc32")]
    headers = root.signer.headers("PUT", path, "", headers, payload)
    line = f"x-amz-checksum-crc32:{crc32(data)}".encode()
    if "HMAC" in payload:
        body = root.signer.chunk(data) + root.signer.chunk(b"")[:-2]
        text = "\n".join(["AWS4-HMAC-SHA256-TRAILER", root.signer.stamp, root.signer.scope, root.signer.seed,
                          hashlib.sha256(line + b"\n").hexdigest()])
        signature = hmac.new(root.signer.chunk_key, text.encode(), hashlib.sha256).hexdigest()
        body += line + end + b"x-amz-trailer-signature:" + signature.encode() + b"\r\n\r\n"
    else:
        body = b"%x\r\n%s\r\n0\r\n%s%s\r\n" % (len(data), data, line, end)
    return exchange(root.address, head_bytes("PUT", path, headers + [("Content-Length", len(body))]), body, "PUT")


def trailers_of_minio_go_are_taken():
    data = bytes(range(256)) * 40
    for payload in ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"):
        for end in (b"\r\n", b"\n", b"\n\r\n"):
            ok(put_in_chunks("trailer", data, payload, end))
            assert ok(store.root.get(BUCKET, "trailer")).body == data


def a_checksum_we_do_not_know_is_refused_and_not_passed_over():
    root = store.root
    for name, value in (("sha512", hashlib.sha512(b"other").digest()), ("md5", hashlib.md5(b"other").digest()),
                        ("xxhash64", bytes(8)), ("crc99", bytes(4))):
        headers = [("x-amz-checksum-" + name, base64.b64encode(value).decode())]
        reply = refused(root.put(BUCKET, "sum", b"this", headers=headers), 400, "InvalidRequest")
        assert "x-amz-checksum-" + name in reply.message, reply
    refused(root.get(BUCKET, "sum"), 404, "NoSuchKey")


def a_delete_on_condition_that_there_is_something():
    root = store.root
    refused(root.delete(BUCKET, "any", headers=[("If-Match", "*")]), 404, "NoSuchKey")
    refused(root.put(BUCKET, "any", b"1", headers=[("If-Match", "*")]), 404, "NoSuchKey")
    ok(root.put(BUCKET, "any", b"1"))
    ok(root.put(BUCKET, "any", b"2", headers=[("If-Match", "*")]))
    refused(root.delete(BUCKET, "any", headers=[("If-Match", '"nonsense"')]), 412, "PreconditionFailed")
    ok(root.delete(BUCKET, "any", headers=[("If-Match", "*")]))
    refused(root.get(BUCKET, "any"), 404, "NoSuchKey")


def one_row_with_a_strange_etag_does_not_fail_the_others():
    root = store.root
    for key in ("a", "b", "c"):
        ok(root.put(BUCKET, key, b"x"))
    rows = "".join(f"<Object><Key>{key}</Key><ETag>{tag}</ETag></Object>"
                   for key, tag in (("a", "nonsense"), ("b", "*"), ("gone", "*"), ("c", hashlib.md5(b"x").hexdigest())))
    body = f"<Delete>{rows}</Delete>".encode()
    md5 = base64.b64encode(hashlib.md5(body).digest()).decode()
    reply = ok(root.request("POST", "/" + BUCKET, "delete", body, [("Content-MD5", md5)]))
    assert re.findall(rb"<Deleted><Key>(.*?)<", reply.body) == [b"b", b"c"], reply
    assert re.findall(rb"<Error><Key>(.*?)</Key><Code>(.*?)<", reply.body) == [
        (b"a", b"PreconditionFailed"), (b"gone", b"NoSuchKey")], reply


def metadata_without_a_value_is_kept():
    ok(store.root.put(BUCKET, "meta", b"x", headers=[("x-amz-meta-empty", ""), ("x-amz-meta-full", "v")]))
    reply = ok(store.root.head(BUCKET, "meta"))
    assert reply.headers["x-amz-meta-empty"] == "" and reply["x-amz-meta-full"] == "v", reply


def a_304_has_no_length_of_its_own():
    ok(store.root.put(BUCKET, "seen", b"x" * 100))
    etag = ok(store.root.head(BUCKET, "seen"))["ETag"]
    reply = ok(store.root.get(BUCKET, "seen", headers=[("If-None-Match", etag)]), 304)
    assert reply.headers["Content-Length"] is None and reply["ETag"] == etag, reply


def copy(target, source, *headers):
    return store.root.put(BUCKET, target, headers=[("x-amz-copy-source", f"/{BUCKET}/{source}")] + list(headers))


def a_copy_says_its_checksums_type_and_may_be_onto_itself_where_something_changes():
    ok(store.root.put(BUCKET, "from", b"source"))
    assert b"<ChecksumType>FULL_OBJECT</ChecksumType>" in ok(copy("to", "from")).body
    refused(copy("from", "from"), 400, "InvalidRequest")
    ok(copy("from", "from", ("x-amz-storage-class", "STANDARD")))
    ok(copy("from", "from", ("x-amz-server-side-encryption", "AES256")))
    assert ok(store.root.get(BUCKET, "from")).body == b"source"


def uploaded(key, algorithm, parts):
    """In parts, with a checksum of each."""
    root = store.root
    name, digest = f"x-amz-checksum-{algorithm.lower()}", {"SHA256": sha256, "CRC32": crc32}[algorithm]
    made = ok(root.object("POST", BUCKET, key, query="uploads", headers=[("x-amz-checksum-algorithm", algorithm)]))
    number, rows = element(made, "UploadId"), ""
    for at, part in enumerate(parts, 1):
        sent = ok(root.put(BUCKET, key, part, query=f"partNumber={at}&uploadId={number}", headers=[(name, digest(part))]))
        rows += f"<Part><PartNumber>{at}</PartNumber><ETag>{sent['ETag']}</ETag><Checksum{algorithm}>{digest(part)}</Checksum{algorithm}></Part>"
    body = f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()
    return ok(root.object("POST", BUCKET, key, body, query=f"uploadId={number}"))


def sha256(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def element(reply, name):
    return re.search(f"<{name}>([^<]*)</{name}>", reply.body.decode())[1]


def a_copy_of_parts_keeps_the_algorithm_and_sums_all_bytes():
    """Copied with another algorithm than the source's, so a client that asked for SHA256 found none; and the attributes
    of an object of parts had the count behind the checksum, which S3 has only where the checksum stands alone."""
    parts = [bytes(5 << 20), b"end"]
    for algorithm, digest in (("SHA256", sha256), ("CRC32", crc32)):
        name, tag = f"x-amz-checksum-{algorithm.lower()}", f"Checksum{algorithm}"
        of_parts = digest(b"".join(base64.b64decode(digest(part)) for part in parts))
        done = uploaded("parts", algorithm, parts)
        assert element(done, tag) == of_parts + "-2" and element(done, "ChecksumType") == "COMPOSITE", done
        head = ok(store.root.head(BUCKET, "parts", headers=[("x-amz-checksum-mode", "ENABLED")]))
        assert head[name] == of_parts + "-2" and head["x-amz-checksum-type"] == "COMPOSITE", head
        for key, sum_of, kind in (("parts", of_parts, "COMPOSITE"), ("whole", digest(b"".join(parts)), "FULL_OBJECT")):
            if key == "whole":
                copied = ok(copy("whole", "parts"))
                assert element(copied, tag) == sum_of and element(copied, "ChecksumType") == kind, copied
                head = ok(store.root.head(BUCKET, key, headers=[("x-amz-checksum-mode", "ENABLED")]))
                assert head[name] == sum_of and head["x-amz-checksum-type"] == kind, head
            told = ok(store.root.get(BUCKET, key, query="attributes", headers=[("x-amz-object-attributes", "Checksum,ObjectParts")]))
            assert element(told, tag) == sum_of and element(told, "ChecksumType") == kind, told
            assert ("<PartsCount>2<" in told.body.decode()) == (key == "parts"), told


def a_copy_of_a_range_is_refused_and_not_made_whole():
    refused(copy("part-of-it", "from", ("x-amz-copy-source-range", "bytes=0-1")), 400, "InvalidArgument")
    refused(store.root.get(BUCKET, "part-of-it"), 404, "NoSuchKey")


def who_asks_from_beyond_every_object_on_is_not_sent_all_of_it():
    over = 1 << 64
    reply = store.root.get(BUCKET, "from", headers=[("Range", f"bytes={over}-")])
    refused(reply, 416, "InvalidRange")
    reply = ok(store.root.get(BUCKET, "from", headers=[("Range", f"bytes=2-{over}")]), 206)
    assert reply["Content-Range"] == "bytes 2-5/6" and reply.body == b"urce", reply


def a_delete_marker_is_no_source_of_a_copy():
    root = store.root
    root.bucket("dialect-versions")
    ok(root.request("PUT", "/dialect-versions", "versioning",
                    b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"))
    ok(root.put("dialect-versions", "k", b"1"))
    marker = ok(root.delete("dialect-versions", "k"))["x-amz-version-id"]
    source = [("x-amz-copy-source", f"/dialect-versions/k?versionId={marker}")]
    refused(root.put(BUCKET, "to", headers=source), 400, "InvalidRequest")
    source = [("x-amz-copy-source", "/dialect-versions/k")]
    refused(root.put(BUCKET, "to", headers=source), 404, "NoSuchKey")


def a_source_that_is_not_there_is_named_and_not_the_target():
    reply = refused(copy("to", "never-written"), 404, "NoSuchKey")
    assert element(reply, "Key") == "never-written", reply
    header = [("x-amz-copy-source", "/never-made/some%20key")]
    reply = refused(store.root.put(BUCKET, "to", headers=header), 404, "NoSuchBucket")
    assert element(reply, "BucketName") == "never-made", reply
    reply = refused(store.root.put("never-made", "to", headers=[("x-amz-copy-source", f"/{BUCKET}/from")]), 404, "NoSuchBucket")
    assert element(reply, "BucketName") == "never-made", reply
    header = [("x-amz-copy-source", f"/{BUCKET}/from?versionId=0000000000000001")]
    reply = refused(store.root.put(BUCKET, "to", headers=header), 404, "NoSuchVersion")
    assert (element(reply, "Key"), element(reply, "VersionId")) == ("from", "0000000000000001"), reply
    reply = refused(copy("not-there", "from", ("If-Match", "*")), 404, "NoSuchKey")
    assert element(reply, "Key") == "not-there", reply


def a_page_of_no_buckets_does_not_lead_to_itself():
    root = store.root
    refused(root.request("GET", "/", "max-buckets=0"), 400, "InvalidArgument")
    seen, token = [], ""
    while True:
        reply = ok(root.request("GET", "/", (f"continuation-token={token}&" if token else "") + "max-buckets=1"))
        seen += re.findall(rb"<Bucket><Name>(.*?)<", reply.body)
        token = re.search(rb"<ContinuationToken>(.*?)<", reply.body)
        if token is None:
            break
        token = token.group(1).decode()
    assert len(seen) > 1 and seen == sorted(set(seen)), seen


def a_row_that_was_shown_is_a_marker():
    root = store.root
    root.bucket("dialect-null")
    for key in ("x", "y"):
        ok(root.put("dialect-null", key, b"1"))
    reply = ok(root.request("GET", "/dialect-null", "key-marker=x&version-id-marker=null&versions="))
    assert re.findall(rb"<Key>(.*?)<", reply.body) == [b"y"], reply
    reply = ok(root.request("GET", "/dialect-null", "continuation-token=&list-type=2"))
    assert b"<ContinuationToken></ContinuationToken>" in reply.body, reply


story(begin, trailers_of_minio_go_are_taken, a_checksum_we_do_not_know_is_refused_and_not_passed_over,
      a_delete_on_condition_that_there_is_something, one_row_with_a_strange_etag_does_not_fail_the_others,
      metadata_without_a_value_is_kept, a_304_has_no_length_of_its_own,
      a_copy_says_its_checksums_type_and_may_be_onto_itself_where_something_changes,
      a_copy_of_parts_keeps_the_algorithm_and_sums_all_bytes,
      a_copy_of_a_range_is_refused_and_not_made_whole, who_asks_from_beyond_every_object_on_is_not_sent_all_of_it,
      a_delete_marker_is_no_source_of_a_copy,
      a_source_that_is_not_there_is_named_and_not_the_target, a_page_of_no_buckets_does_not_lead_to_itself,
      a_row_that_was_shown_is_a_marker)
