"""The book: what was asked of a store and what it acknowledged, and what it must therefore hold.

A journal is lines of JSON. A request is written down before it is sent ("i", what it wants), its outcome
after the answer came ("a" acknowledged, "n" answered with an error). A request without an outcome, or with
an error, may have happened or not, but never by half: until something later on the same key is acknowledged
the key has several states it may be in. One writer owns a key, so its requests stand in order.

`Book.check` holds a running store against this; `Book.check_listing` holds an export against it."""
import hashlib
import pathlib
import re
import urllib.parse
import xml.etree.ElementTree as xml

PLAIN, VERSIONED = "crash-plain", "crash-versions"


def content(name, size):
    """The bytes of a request: its name makes them, so that none is like another."""
    return hashlib.shake_128(name.encode()).digest(size)


class Broken(AssertionError):
    """A promise that was not kept, in words."""


class Thing:
    """An object as it was sent; a delete marker has no etag."""

    def __init__(self, row):
        self.size, self.etag, self.sha = row.get("s", 0), row.get("e"), row.get("h")
        self.index = None
        self.whole = row["o"] == "put"  # its digest is that of the bytes, not of parts

    def matches(self, etag, size):
        return self.etag == etag and self.size == size

    def __repr__(self):
        return f"{self.size} bytes {self.etag}" if self.etag else "a marker"


class Book:
    def __init__(self):
        self.asked = {}     # id -> row
        self.plain = {}     # key -> the states it may be in: a list of Thing or None
        self.versions = {}  # key -> {version: Thing}
        self.maybe = {}     # key -> things that may have become a version
        self.leaving = {}   # key -> versions that may be gone
        self.uploads = {}   # (bucket, key, upload) -> {part number: (etag, size)}; open ones
        self.receipts = {}  # index -> row
        self.ready = None   # what a start said: vkey and root's key
        self.touched = set()

    # ---- reading the journal ----

    def read(self, lines):
        for row in lines:
            if "ready" in row:
                if self.ready not in (None, row["ready"]):
                    raise Broken(f"the store came back as another one: {self.ready}, then {row['ready']}")
                self.ready = row["ready"]
            elif "a" in row:
                self._acknowledged(self.asked.pop(row["a"]), row)
            elif "n" in row:
                self.asked.pop(row["n"])  # it stays what it was when it was asked: possible
            else:
                self.asked[row["i"]] = row
                self._asked(row)
        return self

    def _asked(self, row):
        key, thing = row["k"], Thing(row)
        self.touched.add((row["b"], key))
        if row["o"] in ("create", "part"):
            return
        if row["o"] in ("complete", "abort"):
            self.uploads.pop((row["b"], key, row["u"]), None)
            if row["o"] == "abort":
                return
        if row["b"] == PLAIN:
            row["before"] = self.plain.get(key, [None])
            self.plain[key] = row["before"] + [None if row["o"] == "delete" else thing]
        elif row["o"] == "remove":
            self.leaving.setdefault(key, set()).add(row["v"])
        else:
            self.maybe.setdefault(key, []).append(thing)
        row["thing"] = thing

    def _acknowledged(self, row, ack):
        key, thing = row["k"], row.get("thing")
        if "r" in ack:
            if ack["r"] in self.receipts:
                raise Broken(f"receipt {ack['r']} was given twice: {self.receipts[ack['r']]} and {row}")
            self.receipts[ack["r"]] = row
        if row["o"] == "create":
            self.uploads[(row["b"], key, ack["u"])] = {}
        elif row["o"] == "part":
            self.uploads[(row["b"], key, row["u"])][row["p"]] = (row["e"], row["s"])
        elif row["o"] == "abort":
            pass
        elif row["b"] == PLAIN:
            thing.index = ack["r"]
            self.plain[key] = [None if row["o"] == "delete" else thing]
        elif row["o"] == "remove":
            self.leaving[key].discard(row["v"])
            self.versions[key].pop(row["v"])
        else:
            thing.index = ack["r"]
            self.maybe[key].remove(thing)
            self.versions.setdefault(key, {})[ack["v"]] = thing

    # ---- against a running store ----

    def check(self, store, reads=None, dice=None):
        """Everything by its listing, and of `reads` keys (all when None) every byte."""
        if self.ready is not None and self.ready != [store.vkey, store.key]:
            raise Broken(f"the store came back as another one: {self.ready}, now {store.vkey} {store.key}")
        size = store.ledger_size()
        if self.receipts and max(self.receipts) >= size:
            raise Broken(f"entry {max(self.receipts)} was acknowledged; the ledger has {size}")
        self._check_plain(store)
        self._check_versions(store)
        self._check_uploads(store)
        things = [(PLAIN, k, None, t[0]) for k, t in self.plain.items() if t[0] is not None]
        things += [(VERSIONED, k, v, t) for k, vs in self.versions.items() for v, t in vs.items() if t.etag]
        if reads is not None and len(things) > reads:
            recent = [t for t in things if t[:2] in self.touched]
            things = dice.sample(recent, min(len(recent), reads)) + dice.sample(things, reads // 4)
        for thing in things:
            self._read(store, *thing)
        self.touched.clear()
        return len(things)

    def _check_plain(self, store):
        there = {key: (etag, size) for key, _, etag, size in listed(store, PLAIN)} if self.plain else {}
        for key in there.keys() - self.plain.keys():
            raise Broken(f"{PLAIN}/{key} is there and nobody sent it")
        for key, states in self.plain.items():
            seen = there.get(key)
            fits = [t for t in states if (t is None if seen is None else t is not None and t.matches(*seen))]
            if not fits:
                raise Broken(f"{PLAIN}/{key} should be {' or '.join(map(str, states))}; the store has {seen}")
            self.plain[key] = [fits[-1]]  # from now on it is so

    def _check_versions(self, store):
        there, keys = {}, self.versions.keys() | self.maybe.keys()
        for key, version, etag, size in listed(store, VERSIONED) if keys else []:
            there.setdefault(key, {})[version] = (etag, size)
        for key in there.keys() - keys:
            raise Broken(f"{VERSIONED}/{key} is there and nobody sent it")
        for key in keys:
            seen, known = there.get(key, {}), self.versions.setdefault(key, {})
            for version in list(known):
                if version in seen and not known[version].matches(*seen[version]):
                    raise Broken(f"{VERSIONED}/{key} version {version} should be {known[version]}; it is {seen[version]}")
                if version not in seen and version not in self.leaving.get(key, ()):
                    raise Broken(f"{VERSIONED}/{key} version {version} was acknowledged and is gone")
                if version not in seen:
                    del known[version]
            for version in seen.keys() - known.keys():
                fits = [t for t in self.maybe.get(key, []) if t.matches(*seen[version])]
                if not fits:
                    raise Broken(f"{VERSIONED}/{key} version {version} {seen[version]} is there and nobody sent it")
                known[version] = fits[0]
                self.maybe[key].remove(fits[0])
            self.maybe[key] = []
            self.leaving[key] = set()

    def _check_uploads(self, store):
        for (bucket, key, upload), parts in self.uploads.items():
            if not parts:
                continue
            reply = store.root.object("GET", bucket, key, query=f"uploadId={upload}")
            if reply.status != 200:
                raise Broken(f"upload {upload} of {bucket}/{key} was begun and is gone: {reply}")
            seen = {int(text(p, "PartNumber")): (text(p, "ETag").strip('"'), int(text(p, "Size"))) for p in rows(reply.body, "Part")}
            for number, part in parts.items():
                if seen.get(number) != part:
                    raise Broken(f"part {number} of {bucket}/{key} should be {part}; the store has {seen.get(number)}")

    def _read(self, store, bucket, key, version, thing):
        reply = store.root.get(bucket, key, query=f"versionId={version}" if version else "")
        if reply.status != 200 or hashlib.sha256(reply.body).hexdigest() != thing.sha:
            raise Broken(f"{bucket}/{key} {version or ''} should be {thing}; reading gave {reply}")

    # ---- against an export ----

    def check_listing(self, path, log="1"):
        """Every receipt has its row, and what is there stands under the receipt that was given for it: by the
        log that was written then. An index is LOG:INDEX."""
        seen = {}
        for line in (pathlib.Path(path) / "listing").read_text().splitlines():
            words = line.split(" ")
            if words[0] in ("version", "marker", "act"):
                if words[1] == "-":
                    raise Broken(f"a row without an entry: {line[:200]}")
                its_log, _, index = words[1].partition(":")
                if its_log == log:
                    seen[int(index)] = words
        for index, row in self.receipts.items():
            if row["o"] not in ("create", "abort") and index not in seen:
                raise Broken(f"receipt {index} of {row} has no row in the listing")
        now = [(PLAIN, k, "null", t[0]) for k, t in self.plain.items() if t[0] is not None]
        now += [(VERSIONED, k, v, t) for k, vs in self.versions.items() for v, t in vs.items()]
        for bucket, key, version, thing in now:
            if thing.index is None:
                continue  # it happened, and its answer was lost
            words = seen[thing.index]
            names = [urllib.parse.unquote(w) for w in (words[4:7] if words[0] == "version" else words[2:5])]
            if words[0] == "act" or names != [bucket, key, version]:
                raise Broken(f"{bucket}/{key} {version} has receipt {thing.index}; the listing has {words[:7]}")
            if thing.whole and thing.etag and words[2:4] != [str(thing.size), thing.sha]:
                raise Broken(f"{bucket}/{key} {version} should be {thing} {thing.sha}; the listing has {words[:7]}")


# ---- listings ----

def rows(body, *names):
    return [row for row in xml.fromstring(body) if row.tag.rpartition("}")[2] in names]


def text(row, name):
    for child in row:
        if child.tag.rpartition("}")[2] == name:
            return child.text or ""
    return ""


def listed(store, bucket):
    """(key, version, etag or None for a marker, size) of everything in the bucket."""
    found, after = [], ""
    while True:
        reply = store.root.request("GET", f"/{bucket}", after + "versions=")
        if reply.status == 404:
            return found
        if reply.status != 200:
            raise Broken(f"listing {bucket}: {reply}")
        for row in rows(reply.body, "Version", "DeleteMarker"):
            is_version = row.tag.endswith("}Version")
            found.append((text(row, "Key"), text(row, "VersionId"), text(row, "ETag").strip('"') if is_version else None,
                          int(text(row, "Size")) if is_version else 0))
        marks = [re.search(rb"<%s>([^<]*)<" % name, reply.body) for name in (b"NextKeyMarker", b"NextVersionIdMarker")]
        if marks[0] is None:
            return found
        names = [urllib.parse.quote(m.group(1).decode(), safe="-_.~") if m else "" for m in marks]
        after = f"key-marker={names[0]}&version-id-marker={names[1]}&"
