"""Writers: each has a few keys of its own and puts, overwrites, deletes and uploads in parts, one request
after the other on one connection. What it is about to do and what was acknowledged goes to a journal."""
import hashlib
import http.client
import itertools
import json
import os
import pathlib
import random
import re
import struct
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "story"))
sys.dont_write_bytecode = True

import azekura  # noqa: E402  (the harness of the stories)
from book import PLAIN, VERSIONED, content  # noqa: E402

numbers = itertools.count()


class Journal:
    """Lines to a file, or to the recorder's tape as marks: there they stand among the writes of the store."""

    def __init__(self, path=None, tape=None):
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
        self.file = os.open(path, flags, 0o600) if path else None
        self.tape = os.open(tape, os.O_WRONLY | os.O_APPEND) if tape else None
        self.rows, self.lock = [], threading.Lock()

    def write(self, row):
        line = json.dumps(row, separators=(",", ":")).encode()
        with self.lock:
            self.rows.append(row)
            if self.file is not None:
                os.write(self.file, line + b"\n")
            if self.tape is not None:  # layout: tests/lab/tape.h; kind 15 is a mark
                os.write(self.tape, b"TAPE" + struct.pack(">IIIQQQ", 15, 0, len(line), 0, 0, 0) + line)

    def take(self):
        with self.lock:
            taken, self.rows = self.rows, []
        return taken


def read_journal(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


class Lost(Exception):
    """No answer came: what was asked may have happened."""


class Writer:
    def __init__(self, number, journal, seed, big=True):
        self.number, self.journal, self.big = number, journal, big
        self.dice = random.Random(f"{seed}/{number}")
        self.connection = None
        self.versions = {}   # key -> versions acknowledged, oldest first
        self.upload = None   # (key, id, [(etag, name, size)]): one begun and not completed
        self.done = 0
        self.statuses = {}

    def connect(self, store):
        self.store, self.signer = store, azekura.Signer(store.key, store.secret)
        host, port = store.s3.rsplit(":", 1)
        if self.connection is not None:
            self.connection.close()
        self.connection = http.client.HTTPConnection(host, int(port), timeout=60)

    def ask(self, want, method, query="", body=b""):
        """Journals, sends, journals the outcome. The reply, or None when it was an error."""
        number = next(numbers)
        self.journal.write({"i": number, **want})
        path = f"/{want['b']}/{azekura.encode(want['k'])}"
        headers = self.signer.headers(method, path, query, [("Host", self.store.s3)], hashlib.sha256(body).hexdigest())
        try:
            self.connection.request(method, path + ("?" + query if query else ""), body, dict(headers))
            reply = self.connection.getresponse()
            answer = reply.read()
        except (OSError, http.client.HTTPException) as why:
            self.connection.close()
            raise Lost(why)
        self.statuses[reply.status] = self.statuses.get(reply.status, 0) + 1
        if reply.status not in (200, 204):
            self.journal.write({"n": number, "status": reply.status})
            return None
        outcome = {"a": number}
        receipt = reply.headers.get("x-azekura-receipt")
        if receipt:
            outcome["r"] = int(receipt.rpartition("#")[2])
        elif want["o"] != "part":
            raise AssertionError(f"{want} was acknowledged without a receipt: {dict(reply.headers)}")
        if reply.headers.get("x-amz-version-id"):
            outcome["v"] = reply.headers["x-amz-version-id"]
        if want["o"] == "create":
            outcome["u"] = re.search(rb"<UploadId>([^<]+)<", answer).group(1).decode()
        self.journal.write(outcome)
        self.done += 1
        return outcome

    # ---- what it does ----

    def size(self):
        kind = self.dice.random()
        if kind < 0.06:
            return 0
        if kind < 0.60:
            return self.dice.randrange(1, 6000)
        if kind < 0.75:
            return 16384 + self.dice.randrange(-1, 2)
        if kind < 0.80:
            return 65536 + self.dice.randrange(-1, 2)
        return self.dice.randrange(16385, 200000)

    def name(self):
        return f"{self.number}/{self.dice.random()}"

    def key(self, count=10):
        return f"w{self.number:02}/{self.dice.randrange(count)}"

    def put(self, bucket, key):
        body = content(self.name(), self.size())
        got = self.ask({"o": "put", "b": bucket, "k": key, "s": len(body), "e": hashlib.md5(body).hexdigest(),
                        "h": hashlib.sha256(body).hexdigest()}, "PUT", body=body)
        if got and bucket == VERSIONED:
            self.versions.setdefault(key, []).append(got["v"])

    def delete(self, bucket, key):
        got = self.ask({"o": "delete", "b": bucket, "k": key}, "DELETE")
        if got and bucket == VERSIONED:
            self.versions.setdefault(key, []).append(got["v"])

    def remove(self, key):
        """One version for good."""
        version = self.versions[key].pop(self.dice.randrange(len(self.versions[key])))
        self.ask({"o": "remove", "b": VERSIONED, "k": key, "v": version}, "DELETE", f"versionId={version}")

    def part(self, size):
        key, upload, parts = self.upload
        name = self.name()
        body = content(name, size)
        etag, number = hashlib.md5(body).hexdigest(), len(parts) + 1
        if self.ask({"o": "part", "b": PLAIN, "k": key, "u": upload, "p": number, "e": etag, "s": size}, "PUT",
                    f"partNumber={number}&uploadId={upload}", body):
            parts.append((etag, name, size))

    def upload_step(self):
        """An upload is begun in one step, fed and completed in later ones, also over a kill."""
        if self.upload is None:
            key = self.key()
            got = self.ask({"o": "create", "b": PLAIN, "k": key}, "POST", "uploads=")
            self.upload = (key, got["u"], []) if got else None
            return
        key, upload, parts = self.upload
        if not parts and self.big and self.dice.random() < 0.05:
            self.part(5 << 20)
            return
        if not parts or parts[-1][2] == 5 << 20:
            self.part(self.size() + 1)
            return
        self.complete()

    def complete(self):
        key, upload, parts = self.upload
        whole, sums = hashlib.sha256(), hashlib.md5()
        for etag, name, size in parts:
            whole.update(content(name, size))
            sums.update(bytes.fromhex(etag))
        listing = "".join(f"<Part><PartNumber>{n + 1}</PartNumber><ETag>{p[0]}</ETag></Part>" for n, p in enumerate(parts))
        self.upload = None
        self.ask({"o": "complete", "b": PLAIN, "k": key, "u": upload, "s": sum(p[2] for p in parts),
                  "e": f"{sums.hexdigest()}-{len(parts)}", "h": whole.hexdigest()}, "POST", f"uploadId={upload}",
                 f"<CompleteMultipartUpload>{listing}</CompleteMultipartUpload>".encode())

    def step(self):
        kind = self.dice.random()
        if kind < 0.50:
            self.put(PLAIN, self.key())
        elif kind < 0.62:
            self.delete(PLAIN, self.key())
        elif kind < 0.76:
            self.put(VERSIONED, self.key(3))
        elif kind < 0.80:
            self.delete(VERSIONED, self.key(3))
        elif kind < 0.90:
            for key in [k for k, v in self.versions.items() if len(v) > 3]:
                self.remove(key)
        else:
            self.upload_step()

    def run(self, stop):
        """Until told to stop, or until the store is gone."""
        try:
            while not stop.is_set():
                self.step()
        except Lost:
            pass


def configuration(*lines, register=azekura.ROOT / "examples/register", rulebooks=()):
    """The sample's site and rules without address data, with more keys where a test wants them."""
    path = azekura.folder("config") / "azekura.yaml"
    books = ", ".join(map(str, [azekura.ROOT / "rulebooks", azekura.ROOT / "examples/rulebooks", *rulebooks]))
    path.write_text("\n".join(["site: sendai", f"register: {register}", f"rulebooks: [{books}]", "log-level: warning",
                               *lines, ""]))
    return path


def buckets_make(store):
    """Both buckets, also where a cut left only one, or one that is not versioned yet."""
    for bucket in (PLAIN, VERSIONED):
        azekura.ok(store.root.request("PUT", "/" + bucket), 200, 409)
    azekura.ok(store.root.request("PUT", f"/{VERSIONED}", "versioning=",
                                  b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"))


def start_together(writers, store, stop):
    """Their threads; a failure of one is raised by end_together."""
    failures = []

    def work(writer):
        try:
            writer.run(stop)
        except Exception as why:  # noqa: BLE001  (told by end_together)
            failures.append(why)

    threads = []
    for writer in writers:
        writer.connect(store)
        threads.append(threading.Thread(target=work, args=(writer,)))
    for thread in threads:
        thread.start()
    return threads, failures


def end_together(started):
    threads, failures = started
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "a writer waits for an answer that does not come"
    if failures:
        raise failures[0]


def verified(store, book):
    """Exports ledger and store, holds one against the other, and both against the book."""
    out = store.export()
    said = azekura.run(azekura.VERIFY, "--key", store.vkey, "--ledger", out / "ledger", "--store", out / "store").stdout
    book.check_listing(out / "store")
    azekura.run("rm", "-r", out)
    return re.search(r"entries in the log: (\d+)", said).group(1)
