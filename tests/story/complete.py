#!/usr/bin/python3
"""Uploads in parts: a Complete whose reply was lost is asked again and answered the same, also after a
kill, and 10,000 parts are taken, listed and dropped while others write.

A Complete of 10,000 parts that succeeds needs 50 GB, since S3 wants 5 MiB in each but the last, and so
is none of this test: here the 10,000 are small, and Complete refuses them by name after reading a
document of 10,000 rows. The one that succeeds has 40 full parts."""
from azekura import *

MIB = 1 << 20
store = None


def begin():
    global store
    store = Store()
    store.root.bucket("grid-a")


def create(key):
    made = ok(store.root.object("POST", "grid-a", key, query="uploads"))
    return re.search(rb"<UploadId>([^<]+)<", made.body).group(1).decode()


def part(key, upload, number, body):
    return ok(store.root.put("grid-a", key, body, query=f"partNumber={number}&uploadId={upload}"))["ETag"]


def document(etags):
    rows = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>" for n, etag in sorted(etags.items()))
    return f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()


def complete(key, upload, body):
    return store.root.object("POST", "grid-a", key, body, query=f"uploadId={upload}")


def a_lost_reply():
    pieces = [bytes_of(5 * MIB, 1), bytes_of(5 * MIB, 2), b"end"]
    upload = create("lost")
    body = document({n: part("lost", upload, n, piece) for n, piece in enumerate(pieces, 1)})
    # sends the Complete and goes away without reading what it says
    headers = store.root.signer.headers("POST", "/grid-a/lost", f"uploadId={upload}", [("Host", store.s3)], hashlib.sha256(body).hexdigest())
    size = store.ledger_size()
    with socket.create_connection(tuple(store.s3.rsplit(":", 1))) as s:
        s.sendall(head_bytes("POST", f"/grid-a/lost?uploadId={upload}", headers + [("Content-Length", len(body))]) + body)
        until(lambda: store.ledger_size() > size)
    size = store.ledger_size()
    answers = [ok(complete("lost", upload, body)) for _ in range(2)]
    tags = {re.search(rb"<ETag>([^<]+)<", a.body).group(1) for a in answers}
    expected = hashlib.md5(b"".join(hashlib.md5(p).digest() for p in pieces)).hexdigest() + "-3"
    assert len(tags) == 1 and expected.encode() in tags.pop(), answers
    assert store.ledger_size() == size, "asked again it is the same act: no new entry"
    # and it survives a kill
    store.kill()
    store.start()
    assert expected.encode() in ok(complete("lost", upload, body)).body
    assert ok(store.root.get("grid-a", "lost")).body == b"".join(pieces)


def at_once():
    """Two at the same time: one object, one entry."""
    upload = create("twice")
    body = document({1: part("twice", upload, 1, bytes_of(1000))})
    size = store.ledger_size()
    together(8, lambda n: ok(complete("twice", upload, body)))
    assert store.ledger_size() == size + 1


def ten_thousand_parts():
    """They are taken, listed, refused as too small and dropped, and every writer beside them goes on."""
    upload, etags = create("many"), {}

    def send(worker):
        for number in range(worker + 1, 10001, 8):
            etags[number] = part("many", upload, number, b"%d" % number)
    together(8, send)
    refused(store.root.put("grid-a", "many", b"x", query=f"partNumber=10001&uploadId={upload}"), 400, "InvalidArgument")
    listed, marker = 0, 0
    while True:
        page = ok(store.root.object("GET", "grid-a", "many", query=f"part-number-marker={marker}&uploadId={upload}")).body
        listed += page.count(b"<Part>")
        if b"<IsTruncated>true<" not in page:
            break
        marker = int(re.search(rb"<NextPartNumberMarker>(\d+)<", page).group(1))
    assert listed == 10000
    body, slowest, going = document(etags), [0.0] * 4, [True]

    def write(worker):
        if worker == 4:
            try:
                for _ in range(3):
                    refused(complete("many", upload, body), 400, "EntityTooSmall")
            finally:
                going[0] = False
            return
        number = 0
        while going[0]:
            begun = time.monotonic()
            ok(store.root.put("grid-a", f"beside-{worker}-{number}", b"x"))
            slowest[worker] = max(slowest[worker], time.monotonic() - begun)
            number += 1
        assert number > 0
    together(5, write)
    print(f"   slowest PUT beside a Complete that names 10,000 parts: {max(slowest) * 1000:.0f} ms (no promise on a loaded machine)")
    ok(store.root.object("DELETE", "grid-a", "many", query=f"uploadId={upload}"), 204)
    assert "beside-0-0" in [k.decode() for k in store.root.keys("grid-a")]


def many_full_parts():
    """As many full parts as a test's disk may hold."""
    upload, piece = create("full"), bytes_of(5 * MIB, 9)
    digest, etags = hashlib.md5(piece).digest(), {}

    def send(worker):
        for number in range(worker + 1, 41, 4):
            etags[number] = part("full", upload, number, piece)
    together(4, send)
    done = ok(complete("full", upload, document(etags)))
    assert (hashlib.md5(digest * 40).hexdigest() + "-40").encode() in done.body
    assert ok(store.root.head("grid-a", "full"))["content-length"] == str(40 * 5 * MIB)
    edge = ok(store.root.get("grid-a", "full", headers=[("Range", f"bytes={5 * MIB - 2}-{5 * MIB + 1}")]), 206).body
    assert edge == piece[-2:] + piece[:2]
    assert "verified" in store.verify(bodies=False).stdout
    store.stop()


story(begin, a_lost_reply, at_once, ten_thousand_parts, many_full_parts)
