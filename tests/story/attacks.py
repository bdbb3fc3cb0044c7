#!/usr/bin/python3
"""What other stores were broken by, tried here: each request is refused in the right words, and the
store was not touched: same names, same versions, same ledger."""
import base64

from azekura import *

SECRET = b"what nobody else may read"
STREAMING_UNSIGNED, STREAMING_SIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
store = low = None


def begin():
    """A store with something to lose, and a user who may write one bucket of it and no other."""
    global store, low
    store = Store()
    for bucket in ("grid-secret", "grid-open"):
        store.root.bucket(bucket)
        ok(store.root.put(bucket, "object", SECRET))
    low = store.client("low", ("grid-open", "read,write,list,delete"))


def state():
    names = {b: store.root.keys(b) for b in ("grid-secret", "grid-open")}
    versions = {b: ok(store.root.request("GET", "/" + b, "versions")).body.split(b"<Version>", 1)[-1] for b in names}
    uploads = {b: re.findall(rb"<UploadId>", ok(store.root.request("GET", "/" + b, "uploads")).body) for b in names}
    return names, versions, uploads, store.ledger_size(), store.metric("turns_total")


class untouched:
    """What is done inside leaves no trace in names, versions, uploads, turns and ledger."""

    def __init__(self, what):
        self.what = what

    def __enter__(self):
        self.before = state()

    def __exit__(self, kind, error, trace):
        assert kind or state() == self.before, f"the store was touched by: {self.what}"


def settle():
    """What a delete left is tidied up a moment later, in a turn of its own: not what `untouched` looks for."""
    turns, since = store.metric("turns_total"), time.monotonic()
    while time.monotonic() - since < 1.5:
        time.sleep(0.1)
        if store.metric("turns_total") != turns:
            turns, since = store.metric("turns_total"), time.monotonic()


def send(method, target, headers, body=b"", length=True):
    headers = [("Host", store.s3)] + list(headers)
    if length and (body or method in ("PUT", "POST")):
        headers.append(("Content-Length", len(body)))
    reply = exchange(store.s3, head_bytes(method, target, headers), body, method)
    assert SECRET not in reply.body, f"it answered with the secret: {reply}"
    return reply


def denied(reply, status=403, code=None):
    refused(reply, status, code)
    assert not reply.decision and not reply["x-azekura-receipt"], f"it reached the gate: {reply}"
    return reply


def chunked(data):
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(data), data)


def row_1_unsigned_streams_want_a_signature():
    signer = Signer(store.key, "a secret made up by somebody")
    more = [("Host", store.s3), ("x-amz-decoded-content-length", "5"), ("x-amz-trailer", "x-amz-checksum-crc32")]
    with untouched("a made-up signature over an unsigned stream"):
        for payload in (STREAMING_UNSIGNED, STREAMING_SIGNED, "UNSIGNED-PAYLOAD", STREAMING_SIGNED + "-TRAILER"):
            signed = signer.headers("PUT", "/grid-open/evil", "", more, payload)
            denied(send("PUT", "/grid-open/evil", signed[1:], chunked(b"evil!")), 403, "SignatureDoesNotMatch")
        # row 2: the credentials in the query, no Authorization
        query = signer.presign("PUT", store.s3, "/grid-open/evil")
        denied(send("PUT", "/grid-open/evil?" + query, [("x-amz-content-sha256", STREAMING_UNSIGNED)] + more[1:], chunked(b"evil!")), 403)
        denied(send("PUT", f"/grid-open/evil?X-Amz-Credential={store.key}/20261122/us-east-1/s3/aws4_request",
                    [("x-amz-content-sha256", STREAMING_UNSIGNED)] + more[1:], chunked(b"evil!")), 400)
        # row 3: nor by a sibling: archives, forms, posted objects
        for extra in (("x-amz-meta-snowball-auto-extract", "true"), ("x-minio-extract", "true")):
            signed = signer.headers("PUT", "/grid-open/evil.tar", "", more + [extra], STREAMING_UNSIGNED)
            denied(send("PUT", "/grid-open/evil.tar", signed[1:], chunked(b"evil!")), 403, "SignatureDoesNotMatch")
        form = b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\nevil\r\n--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--\r\n'
        denied(send("POST", "/grid-open", [("Content-Type", "multipart/form-data; boundary=b")], form), 403, "AccessDenied")
        # row 4: anonymous, a bearer token, a basic password, a seed that nobody checks
        for authorization in (None, "Bearer eyJhbGciOiJub25lIn0.e30.", "Basic cm9vdDpyb290", f"AWS {store.key}:c2ln", "AWS4-HMAC-SHA256",
                              "AWS4-HMAC-SHA256 Credential=,SignedHeaders=,Signature="):
            for payload in (STREAMING_UNSIGNED, STREAMING_SIGNED, EMPTY):
                headers = [("x-amz-content-sha256", payload)] + more[1:] + ([("Authorization", authorization)] if authorization else [])
                assert send("PUT", "/grid-open/evil", headers, chunked(b"evil!")).status in (400, 403)


def row_4_the_first_chunk_hangs_on_the_seed():
    signer = Signer(low.signer.key, low.signer.secret)
    headers = signer.headers("PUT", "/grid-open/evil", "", [("Host", store.s3), ("x-amz-decoded-content-length", "5")], STREAMING_SIGNED)
    good = signer.chunk(b"evil!")
    last = signer.chunk(b"")
    with untouched("a chunk whose signature does not hold"):
        for body in (good.replace(b"evil!", b"EVIL!") + last, good + last.replace(last[20:30], b"0" * 10), good, b"5\r\nevil!\r\n0\r\n\r\n",
                     good[:-8] + last, b"5;chunk-signature=" + b"0" * 64 + b"\r\nevil!\r\n" + last):
            reply = send("PUT", "/grid-open/evil", headers[1:], body)
            assert reply.status in (400, 403), reply
    # row 5: nothing of one request's stream is left for the next
    ok(low.put("grid-open", "object", SECRET[::-1]))
    assert ok(low.get("grid-open", "object")).body == SECRET[::-1]


def row_6_every_header_that_counts_is_signed():
    with untouched("headers that nobody signed"):
        for extra in ("x-amz-copy-source", "x-amz-meta-a", "x-amz-tagging", "x-amz-acl", "x-amz-storage-class"):
            headers = low.signer.headers("PUT", "/grid-open/evil", "", [("Host", store.s3)], EMPTY)
            denied(send("PUT", "/grid-open/evil", headers[1:] + [(extra, "/grid-open/object")]), 403)
        for signed in ([], ["x-amz-date"], ["x-amz-content-sha256", "x-amz-date"], ["host", "host"], ["host", "not-there", "x-amz-date"], [""]):
            headers = low.signer.headers("PUT", "/grid-open/evil", "", [("Host", store.s3)], EMPTY, signed=signed)
            reply = send("PUT", "/grid-open/evil", headers[1:])
            assert reply.status in (400, 403), (signed, reply)


def row_7_a_link_signs_no_copy():
    query = low.signer.presign("PUT", store.s3, "/grid-open/evil")
    with untouched("a presigned PUT with a copy source that nobody signed"):
        denied(send("PUT", "/grid-open/evil?" + query, [("x-amz-copy-source", "/grid-open/object")]), 403)
    query = store.root.signer.presign("PUT", store.s3, "/grid-open/evil")  # root's link in a stranger's hand
    with untouched("the same with the link of somebody who may read the source"):
        denied(send("PUT", "/grid-open/evil?" + query, [("x-amz-copy-source", "/grid-secret/object")]), 403)
        query = store.root.signer.presign("GET", store.s3, "/grid-open/object")
        denied(send("PUT", "/grid-open/object?" + query, []), 403, "SignatureDoesNotMatch")
        denied(send("GET", "/grid-secret/object?" + query, []), 403, "SignatureDoesNotMatch")
        denied(send("GET", "/grid-open/object?" + query + "&versionId=null", []), 403)


def row_8_a_copy_reads_its_source():
    made = ok(low.object("POST", "grid-open", "parts", query="uploads"))
    upload = re.search(rb"<UploadId>([^<]+)<", made.body).group(1).decode()
    with untouched("a copy from a bucket without a grant"):
        for source in ("/grid-secret/object", "grid-secret/object", "/grid-secret/object?versionId=null", "grid-secret%2Fobject",
                       "/grid-open/../grid-secret/object"):
            reply = low.put("grid-open", "evil", headers=[("x-amz-copy-source", source)])
            assert reply.status in (400, 403, 404), (source, reply)
            reply = low.put("grid-open", "parts", query=f"partNumber=1&uploadId={upload}", headers=[("x-amz-copy-source", source)])
            assert reply.status in (400, 403, 404), (source, reply)
        for condition in ("x-amz-copy-source-if-none-match", "x-amz-copy-source-if-match"):  # nor tells what is there
            reply = low.put("grid-open", "evil", headers=[("x-amz-copy-source", "/grid-secret/object"), (condition, '"x"')])
            refused(reply, 403, "AccessDenied")
        for query in ("versionId=null", "attributes", "tagging", "acl"):
            headers = [("x-amz-object-attributes", "ETag")] if query == "attributes" else []
            refused(low.get("grid-secret", "object", query=query, headers=headers), 403, "AccessDenied")
    ok(low.object("DELETE", "grid-open", "parts", query=f"uploadId={upload}"), 204)
    settle()


def row_9_a_key_names_itself_and_nothing_else():
    targets = ["..", "../grid-secret/object", "%2e%2e/grid-secret/object", "..%2fgrid-secret%2fobject", "//grid-secret/object", "\\..\\grid-secret",
               "/etc/passwd", "a/../../grid-secret/object"]
    with untouched("a name that tries to be a path"):
        for target in targets:
            path = "/grid-open/" + target
            reply = low.request("GET", path)
            assert reply.status in (400, 404) and SECRET not in reply.body, (target, reply)
            reply = low.put("grid-open", "evil", headers=[("x-amz-copy-source", path)])
            assert reply.status in (400, 403, 404), (target, reply)
        for path in ("/grid-open/%00", "/grid-open/a%00b", "/grid-open/" + "x" * 1025, "/grid-open/%ff%fe", "/grid-open/%zz", "/grid-open/%"):
            assert low.request("PUT", path, body=b"evil").status in (400, 403), path
        for bucket in ("..", ".", "%2e%2e", "a..b", "-a", "A", "a" * 64, "a%2fb", "a%00b"):
            assert store.root.request("PUT", "/" + bucket).status in (400, 403), bucket
    ok(low.put("grid-open", "../grid-secret/object", b"named so"))
    assert ok(store.root.get("grid-secret", "object")).body == SECRET
    assert ok(low.get("grid-open", "../grid-secret/object")).body == b"named so"
    ok(low.delete("grid-open", "../grid-secret/object"))
    body = b"<Delete><Object><Key>../grid-secret/object</Key></Object><Object><Key>%2e%2e/grid-secret/object</Key></Object></Delete>"
    ok(low.request("POST", "/grid-open", "delete", body, [("Content-MD5", base64.b64encode(hashlib.md5(body).digest()).decode())]))
    assert ok(store.root.get("grid-secret", "object")).body == SECRET
    settle()


def row_10_a_form_writes_nothing():
    """Posted forms, whose fields have named other buckets than the one that was checked, are not served."""
    policy = base64.b64encode(b'{"expiration":"2099-01-01T00:00:00Z","conditions":[{"bucket":"grid-open"},["starts-with","$key",""]]}').decode()
    fields = [("bucket", "grid-secret"), ("key", "object"), ("policy", policy), ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
              ("x-amz-credential", f"{low.signer.key}/{now():%Y%m%d}/us-east-1/s3/aws4_request"), ("x-amz-signature", "0" * 64), ("file", "evil")]
    form = "".join(f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in fields).encode() + b"--b--\r\n"
    kind = ("Content-Type", "multipart/form-data; boundary=b")
    with untouched("a posted form"):
        for path in ("/grid-open", "/grid-open/", "/grid-secret"):
            denied(send("POST", path, [kind], form), 403, "AccessDenied")
        assert low.request("POST", "/grid-open", "", form, [kind]).status in (400, 405, 501)


def row_12_nobody_sets_what_is_ours():
    """Headers by which servers speak among themselves, or we to clients, are nothing when a client sends them."""
    strange = [("x-azekura-decision", "allow"), ("x-azekura-receipt", "ledger.example#0"), ("x-azekura-clauses", "none"), ("x-rgw-quota", "0"),
               ("x-minio-internal-server-side-encryption-sealed-key", "AAAA"), ("x-minio-source-replication-request", "true"),
               ("x-amz-replication-status", "REPLICA"), ("x-amz-meta-x-minio-internal-compression", "klauspost/compress/s2"),
               ("x-amz-meta-x-amz-server-side-encryption", "none"), ("x-amz-server-side-encryption", "AES256")]
    made = ok(low.put("grid-open", "strange", b"plain", headers=strange))
    assert made["x-azekura-receipt"] != "ledger.example#0" and made["x-azekura-clauses"] != "none"
    upload = re.search(rb"<UploadId>([^<]+)<", ok(low.object("POST", "grid-open", "strange-parts", query="uploads", headers=strange)).body).group(1).decode()
    tag = ok(low.put("grid-open", "strange-parts", b"part", query=f"partNumber=1&uploadId={upload}"))["ETag"]
    body = f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{tag}</ETag></Part></CompleteMultipartUpload>".encode()
    ok(low.object("POST", "grid-open", "strange-parts", body, query=f"uploadId={upload}"))
    for key, content in (("strange", b"plain"), ("strange-parts", b"part")):
        got = ok(low.get("grid-open", key))
        assert got.body == content and got["x-amz-server-side-encryption"] == "AES256", got
        shown = {n.lower() for n in got.headers} & {n for n, _ in strange}
        assert shown <= {"x-azekura-decision", "x-azekura-receipt", "x-azekura-clauses", "x-amz-server-side-encryption",
                         "x-amz-meta-x-minio-internal-compression", "x-amz-meta-x-amz-server-side-encryption"}, shown
    settle()


def row_13_a_batch_asks_for_each_key():
    """Who may write may not therefore delete, one by one or many at once, nor by a bypass."""
    writer = store.client("writer", ("grid-open", "read,write,list"))
    body = b"<Delete><Object><Key>object</Key></Object><Object><Key>object</Key><VersionId>null</VersionId></Object></Delete>"
    md5 = ("Content-MD5", base64.b64encode(hashlib.md5(body).digest()).decode())
    bypass = ("x-amz-bypass-governance-retention", "true")
    with untouched("deletes of somebody who may only write"):
        for query in ("", "versionId=null"):
            refused(writer.delete("grid-open", "object", query=query, headers=[bypass]), 403, "AccessDenied")
        reply = writer.request("POST", "/grid-open", "delete", body, [md5, bypass])
        assert reply.status == 403 or reply.body.count(b"<Code>AccessDenied</Code>") == 2, reply
        for query in ("tagging", "versioning", "object-lock"):
            assert writer.request("DELETE", "/grid-open", query).status in (403, 405, 501), query
        refused(writer.request("DELETE", "/grid-open"), 403, "AccessDenied")
        refused(writer.request("PUT", "/grid-open", "versioning", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"), 403, "AccessDenied")


def row_14_nobody_widens_what_he_may():
    """There is no interface for identities at the S3 end, and no session token widens a key."""
    with untouched("identity calls and session tokens"):
        for query in ("Action=CreateUser&UserName=evil", "Action=AssumeRole&RoleArn=a&RoleSessionName=b", "Action=GetSessionToken"):
            assert low.request("POST", "/", query).status in (400, 405, 501), query
            assert send("POST", "/?" + query, []).status == 403, query
        for path in ("/minio/admin/v3/add-user", "/admin/user", "/rustfs/admin/v3/info"):
            assert low.request("PUT", path, body=b"{}").status in (403, 404), path
        assert low.put("grid-open", "evil", headers=[("x-amz-security-token", "eyJhbGciOiJub25lIn0.e30.")]).status in (400, 403)
    for user, pattern, rights in (("low", "grid-secret", "read"), ("low", "*", "all")):  # nor by the door, for a key without `admin`
        assert store.command("user", "grant", user, pattern, rights, "--credentials", store.credentials(low), check=False).returncode == 1


def row_11_a_stranger_learns_nothing():
    """The same answer whether a thing is there or not, whatever the condition."""
    conditions = [[], [("If-None-Match", "*")], [("If-Match", '"x"')], [("If-Modified-Since", "Sat, 01 Jan 2000 00:00:00 GMT")],
                  [("If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT")], [("Range", "bytes=0-0")], [("Range", "bytes=9999-")]]
    bad = Client(store.s3, store.key, "not the secret")

    def shape(reply, method):
        body = re.sub(rb"<(Resource|RequestId|StringToSign|StringToSignBytes|CanonicalRequest|CanonicalRequestBytes|SignatureProvided)>.*?</\1>",
                      b"", reply.body, flags=re.S)
        return reply.status, reply["etag"], reply["last-modified"], reply["x-amz-version-id"], body
    with untouched("conditions of somebody who may nothing"):
        for method in ("GET", "HEAD"):
            for condition in conditions:
                there, missing, nowhere = (shape(send(method, path, condition), method)
                                           for path in ("/grid-secret/object", "/grid-secret/missing", "/no-such-bucket/missing"))
                assert there == missing == nowhere and there[0] == 403, (method, condition, there, missing, nowhere)
                there, missing, nowhere = (shape(low.object(method, bucket, key, headers=condition), method)
                                           for bucket, key in (("grid-secret", "object"), ("grid-secret", "missing"), ("no-such-bucket", "missing")))
                assert there == missing == nowhere and there[0] == 403, (method, condition, there, missing, nowhere)
                there, missing = (shape(bad.object(method, "grid-secret", key, headers=condition), method) for key in ("object", "missing"))
                assert there == missing and there[0] == 403
        assert b"grid-secret" not in ok(low.request("GET", "/")).body


def row_16_no_page_for_the_curious():
    """What has leaked environments and heaps elsewhere is not there, at either end."""
    for path in ("/minio/bootstrap/v1/verify", "/debug/pprof/", "/debug/pprof/heap?debug=1", "/env", "/profile/cpu", "/config", "/.env", "/metrics/../log",
                 "/health/../ledger/tile/entries/000", "/rustfs/rpc/read_file_stream", "/api/v1/users"):
        for address in (store.s3, store.console):
            reply = exchange(address, head_bytes("GET", path, [("Host", address)]))
            assert reply.status in (400, 403, 404), (address, path, reply)
            assert store.secret.encode() not in reply.body and b"PATH=" not in reply.body, (address, path)
    for page in ("/", "/metrics", "/health"):
        body = ok(store.page(page)).body
        assert store.secret.encode() not in body and str(store.data).encode() not in body, page
    assert store.page("/ledger/tile/entries/000").status in (403, 404)


def row_20_no_header_is_made_of_a_parameter():
    """CR, LF and NUL in what is given back as a header are refused, and nothing follows them."""
    for end in ("%0D%0AX-Evil%3A%201", "%0AX-Evil%3A%201", "%0DX-Evil%3A%201", "%00", "a%0D%0A%0D%0Aevil"):
        for name in ("content-type", "content-disposition", "cache-control", "content-encoding", "content-language", "expires"):
            reply = low.get("grid-open", "object", query=f"response-{name}=text%2Fplain{end}")
            assert reply.status == 400 and not reply["X-Evil"] and SECRET not in reply.body, (name, end, reply)
    with untouched("a header of two lines as metadata of a link"):
        for end in ("%0D%0AX-Evil%3A%201", "%00"):
            query = low.signer.presign("PUT", store.s3, "/grid-open/evil", f"x-amz-meta-a=b{end}")
            assert send("PUT", "/grid-open/evil?" + query, []).status in (400, 403), end
    for origin in ("https://evil.example", "null"):  # and no origin is told that it may
        got = ok(low.get("grid-open", "object", headers=[("Origin", origin)]))
        assert not got["Access-Control-Allow-Origin"] and not got["Access-Control-Allow-Credentials"], got
        assert send("OPTIONS", "/grid-open/object", [("Origin", origin), ("Access-Control-Request-Method", "PUT")]).status in (403, 405)


def row_21_nothing_brings_it_down():
    pid = store.process.pid
    deep = b"<!DOCTYPE a [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><Delete><Object><Key>&b;</Key></Object></Delete>"
    nested = b"<a>" * 5000
    with untouched("what has brought others down"):
        for line in (b"\r\n\r\n", b"GET\r\n\r\n", b"GET  HTTP/1.1\r\n\r\n", b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", b"\x00" * 100 + b"\r\n\r\n",
                     b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
                     b"PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                     b"GET /" + b"a" * 70000 + b" HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"):
            with contextlib.suppress(http.client.HTTPException, OSError):
                assert exchange(store.s3, line, timeout=12).status >= 400, line
        for copy_source in ("", "/", "//", "%00", "/grid-open", "/grid-open/", "?versionId=", "x" * 5000, "/%zz/%"):
            assert low.put("grid-open", "evil", headers=[("x-amz-copy-source", copy_source)]).status in (400, 403, 404), copy_source
        for body in (deep, nested, b"", b"<", b"\xff\xfe", b"<Delete>" + b"<Object><Key>k</Key></Object>" * 1001 + b"</Delete>"):
            md5 = [("Content-MD5", base64.b64encode(hashlib.md5(body).digest()).decode())]
            reply = low.request("POST", "/grid-open", "delete", body, md5)
            assert reply.status == 400, reply
        for size in (b"zz", b"-5", b"ffffffffffffffffff", b"5 ", b"0x5", b""):
            signed = low.signer.headers("PUT", "/grid-open/evil", "", [("Host", store.s3), ("x-amz-decoded-content-length", "5"),
                                                                       ("x-amz-trailer", "x-amz-checksum-crc32")], STREAMING_UNSIGNED)
            assert send("PUT", "/grid-open/evil", signed[1:], size + b"\r\nevil!\r\n0\r\n\r\n").status == 400, size
        # clients that trickle cost a connection each, not the store
        slow = [socket.create_connection(tuple(store.s3.rsplit(":", 1))) for _ in range(200)]
        for s in slow:
            s.send(b"GET / HTTP/1.1\r\nHo")
        assert low.keys("grid-open")
        slow[-1].setblocking(False)  # answered while they were held, not after they were dropped
        with contextlib.suppress(BlockingIOError):
            raise AssertionError(f"no longer held: {slow[-1].recv(100)}")
        for s in slow:
            s.close()
    assert store.process.poll() is None and store.process.pid == pid


def row_22_time_place_and_words_are_signed():
    minute = datetime.timedelta(minutes=1)
    with untouched("a signature of another time, place or request"):
        for when in (now() - 16 * minute, now() + 16 * minute, now() - 1000 * 24 * 60 * minute):
            denied(low.put("grid-open", "evil", b"evil", when=when), 403, "RequestTimeTooSkewed")
        reply = denied(low.put("grid-open", "evil", b"evil", region="eu-west-1"), 400, "AuthorizationHeaderMalformed")
        assert b"us-east-1" in reply.body

        def link(**more):
            return low.signer.presign("GET", store.s3, "/grid-open/object", **more)
        denied(send("GET", "/grid-open/object?" + link(expires=60, when=now() - 2 * minute), []), 403, "AccessDenied")
        for expires in (604801, 0, -1, "x"):
            denied(send("GET", "/grid-open/object?" + link(expires=expires), []), 400)
        denied(send("GET", "/grid-open/object?" + link(when=now() + 20 * minute), []), 403)
        good = link()
        denied(send("GET", "/grid-open/object?" + good + "&X-Amz-Expires=604800", []), 400)
        denied(send("GET", "/grid-open/object?" + good.replace("X-Amz-Expires=300", "X-Amz-Expires=3000"), []), 403, "SignatureDoesNotMatch")
        denied(send("GET", "/grid-open/%256fbject?" + good, []), 403, "SignatureDoesNotMatch")
        denied(send("GET", "/grid-open/object?" + good[:-4] + "0000", []), 403, "SignatureDoesNotMatch")
        # the day of the date and the day of the scope are one day
        headers = low.signer.headers("PUT", "/grid-open/evil", "", [("Host", store.s3)], EMPTY)
        day = now().strftime("%Y%m%d")
        changed = [(n, v.replace(f"/{day}/", "/20200101/") if n == "Authorization" else v) for n, v in headers]
        assert send("PUT", "/grid-open/evil", changed[1:]).status in (400, 403)
        # a body that is not the signed one
        reply = low.put("grid-open", "evil", b"evil", payload=hashlib.sha256(b"good").hexdigest())
        refused(reply, 400, "XAmzContentSHA256Mismatch")


def row_22_a_replay_is_the_same_act_again_and_no_other():
    """Within its 15 minutes a signed request can be sent again, as S3 has it: it does what it said, is decided and
    recorded anew, and does nothing else. It ends with its time and with its key."""
    again = store.client("again", ("grid-open", "read,write"))
    body = b"signed once"
    head = again.signer.headers("PUT", "/grid-open/replay", "", [("Host", store.s3)], hashlib.sha256(body).hexdigest())[1:]
    size = store.ledger_size()
    receipts = {ok(send("PUT", "/grid-open/replay", head, body))["x-azekura-receipt"] for _ in range(3)}
    assert len(receipts) == 3 and store.ledger_size() >= size + 3, "each time it was recorded"
    # once only, where the client says so
    once = again.signer.headers("PUT", "/grid-open/replay-once", "", [("Host", store.s3), ("If-None-Match", "*")], hashlib.sha256(body).hexdigest(),
                                signed=["host", "if-none-match", "x-amz-content-sha256", "x-amz-date"])[1:]
    ok(send("PUT", "/grid-open/replay-once", once, body))
    settle()
    with untouched("a replay that is not the request that was signed"):
        refused(send("PUT", "/grid-open/replay-once", once, body), 412, "PreconditionFailed")
        refused(send("PUT", "/grid-open/replay", head, b"signed two!"), 400, "XAmzContentSHA256Mismatch")
        denied(send("PUT", "/grid-open/object", head, body), 403, "SignatureDoesNotMatch")
        denied(send("PUT", "/grid-secret/replay", head, body), 403, "SignatureDoesNotMatch")
        denied(send("DELETE", "/grid-open/replay", head), 403, "SignatureDoesNotMatch")
        denied(send("PUT", "/grid-open/replay?tagging", head, body), 403, "SignatureDoesNotMatch")
        denied(send("PUT", "/grid-open/replay", [(n, v) for n, v in head if n != "x-amz-date"], body), 403)
        late = again.signer.headers("PUT", "/grid-open/replay", "", [("Host", store.s3)], hashlib.sha256(body).hexdigest(),
                                    when=now() - datetime.timedelta(minutes=15, seconds=5))[1:]
        denied(send("PUT", "/grid-open/replay", late, body), 403, "RequestTimeTooSkewed")
    # the pieces of a signed stream belong to their request and stand in their order
    stream = [("Host", store.s3), ("x-amz-decoded-content-length", "10")]
    first = again.signer.headers("PUT", "/grid-open/replay", "", stream, STREAMING_SIGNED)[1:]
    pieces = [again.signer.chunk(b"first"), again.signer.chunk(b"other"), again.signer.chunk(b"")]
    ok(send("PUT", "/grid-open/replay", first, b"".join(pieces)))
    settle()
    second = again.signer.headers("PUT", "/grid-open/replay", "", stream, STREAMING_SIGNED, when=now() + datetime.timedelta(seconds=1))[1:]
    with untouched("chunks of another request, twice, or in another order"):
        for head_, body_ in ((second, pieces), (first, [pieces[1], pieces[0], pieces[2]]), (first, [pieces[0], pieces[0], pieces[2]])):
            assert send("PUT", "/grid-open/replay", head_, b"".join(body_)).status in (400, 403)
    store.command("key", "disable", again.signer.key)
    with untouched("a replay after its key has ended"):
        denied(send("PUT", "/grid-open/replay", head, body), 403, "InvalidAccessKeyId")


def row_23_the_disk_holds_no_plaintext():
    marks = [b"plain-on-disk-%d-" % n + os.urandom(8).hex().encode() for n in range(3)]
    for n, size in enumerate((1, 20000, 6 << 20)):
        ok(low.put("grid-open", f"marked-{n}", marks[n] + b"." * size))
        ok(low.put("grid-open", f"twin-{n}", marks[n] + b"." * size))
    store.stop()
    files = [p for p in store.data.rglob("*") if p.is_file()]
    for path in files:
        held = path.read_bytes()
        assert not any(mark in held for mark in marks), f"{path} holds a body in clear"
        assert store.secret.encode() not in held and low.signer.secret.encode() not in held, f"{path} holds a secret key"
    twins = [p for p in (store.data / "blobs").rglob("*") if p.is_file() and p.stat().st_size > 6 << 20]
    assert len(twins) == 2 and twins[0].read_bytes() != twins[1].read_bytes(), "the same body twice is two ciphertexts"
    pieces = [twins[0].read_bytes()[at:at + 16] for at in range(4096, 1 << 20, 65536)]
    assert len(set(pieces)) == len(pieces)
    store.start()
    low.address = store.s3
    for n in range(3):
        assert ok(low.get("grid-open", f"marked-{n}")).body.startswith(marks[n])


def row_24_no_secret_is_written_down():
    link = low.signer.presign("GET", store.s3, "/grid-open/object")
    ok(send("GET", "/grid-open/missing?" + link, []), 403)
    bodies = [low.put("grid-open", "x", payload="0" * 64).body, Client(store.s3, low.signer.key, "wrong").get("grid-open", "object").body,
              store.page("/").body, store.page("/metrics").body, store.page("/health").body]
    words = [store.secret, low.signer.secret, link.rsplit("=", 1)[1], "AWS4-HMAC-SHA256 Credential", SECRET.decode()]
    for word in words:
        assert word not in store.log(), f"the log holds {word[:12]}…"
        assert not any(word.encode() in body for body in bodies), f"an answer holds {word[:12]}…"
    # and the doors that need no key show no names: health, metrics and the page
    assert not any(b"grid-secret" in body or low.signer.key.encode() in body for body in bodies[2:])


def after_all():
    assert ok(store.root.get("grid-secret", "object")).body == SECRET
    assert "verified" in store.verify().stdout
    store.stop()


story(begin, row_1_unsigned_streams_want_a_signature, row_4_the_first_chunk_hangs_on_the_seed, row_6_every_header_that_counts_is_signed,
      row_7_a_link_signs_no_copy, row_8_a_copy_reads_its_source, row_9_a_key_names_itself_and_nothing_else, row_10_a_form_writes_nothing,
      row_12_nobody_sets_what_is_ours, row_13_a_batch_asks_for_each_key, row_14_nobody_widens_what_he_may, row_11_a_stranger_learns_nothing,
      row_16_no_page_for_the_curious, row_20_no_header_is_made_of_a_parameter, row_21_nothing_brings_it_down,
      row_22_time_place_and_words_are_signed, row_22_a_replay_is_the_same_act_again_and_no_other, row_23_the_disk_holds_no_plaintext, row_24_no_secret_is_written_down,
      after_all)
