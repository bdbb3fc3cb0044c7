#!/usr/bin/python3
"""A second reader of what we give out, written from docs/formats and c2sp.org alone, with nothing but Python: it takes
exports and proofs as they are, and finds wrong what azekura-verify finds wrong, also where a succession lies between."""
import base64

from azekura import *


class Wrong(Exception):
    pass


def need_that(holds, what):
    if not holds:
        raise Wrong(what)


def b64(text):
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError as e:
        raise Wrong(f"base64: {e}")
    need_that(base64.b64encode(value) == text, "base64 with another spelling")
    return value


# ---- Ed25519, RFC 8032 section 5.1: verification only ----

P, L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def x_of(y, sign):
    need_that(y < P, "a point's y over the field")
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    need_that((x * x - square) % P == 0 and (x or not sign), "no point of the curve")
    return P - x if x & 1 != sign else x


def point(data):
    value = int.from_bytes(data, "little")
    y = value & (1 << 255) - 1
    return x_of(y, value >> 255), y, 1


def plus(a, b):
    """Projective twisted Edwards addition."""
    (x1, y1, z1), (x2, y2, z2) = a, b
    A = z1 * z2 % P
    B, C, E = A * A % P, x1 * x2 % P, y1 * y2 % P
    F = D * C * E % P
    G, H = (B - F) % P, (B + F) % P
    return A * G * ((x1 + y1) * (x2 + y2) - C - E) % P, A * H * (E + C) % P, G * H % P


def times(n, p):
    out = (0, 1, 1)
    while n:
        out, p, n = plus(out, p) if n & 1 else out, plus(p, p), n >> 1
    return out


BASE = (x_of(4 * pow(5, -1, P) % P, 0), 4 * pow(5, -1, P) % P, 1)


def signed(key, message, signature):
    need_that(len(signature) == 64, "a signature of another length")
    s = int.from_bytes(signature[32:], "little")
    need_that(s < L, "a signature's s over the group's order")
    h = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    (x1, y1, z1), (x2, y2, z2) = times(s, BASE), plus(point(signature[:32]), times(h, point(key)))
    need_that((x1 * z2 - x2 * z1) % P == 0 and (y1 * z2 - y2 * z1) % P == 0, "the signature does not belong to these bytes")


# ---- trees, notes, tiles ----

def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def leaf(data):
    return sha(b"\0", data)


def root(hashes):
    if not hashes:
        return sha()
    if len(hashes) == 1:
        return hashes[0]
    k = 1 << (len(hashes) - 1).bit_length() - 1
    return sha(b"\1", root(hashes[:k]), root(hashes[k:]))


def climb(at, size, h, path):
    """RFC 9162 section 2.1.3.2."""
    need_that(at < size, "a leaf outside of its tree")
    last = size - 1
    for p in path:
        need_that(last, "a path too long")
        if at & 1 or at == last:
            h = sha(b"\1", p, h)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            h = sha(b"\1", h, p)
        at, last = at >> 1, last >> 1
    need_that(last == 0, "a path too short")
    return h


def open_checkpoint(note, vkey):
    name, key_id, key = vkey.split("+", 2)
    key = b64(key.encode())
    need_that(sha(name.encode(), b"\n", key)[:4].hex() == key_id and key[0] == 1, "no key of Ed25519")
    text, mark, lines = note.rpartition(b"\n\n")
    need_that(mark and lines.endswith(b"\n"), "a note without its empty line")
    text += b"\n"
    found = False
    for line in lines.split(b"\n")[:-1]:
        match = re.fullmatch("\u2014 (\\S+) (\\S+)".encode(), line)
        need_that(match, "a line that is no signature")
        value = b64(match[2])
        if match[1] == name.encode() and value[:4].hex() == key_id:
            signed(key[1:], text, value[4:])
            found = True
    need_that(found, "not signed with the key")
    origin, size, digest = text.split(b"\n")[:3]
    need_that(origin == name.encode() and re.fullmatch(rb"0|[1-9]\d*", size) and len(b64(digest)) == 32, "no checkpoint of this log")
    return int(size), b64(digest)


def tile_path(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    return f"tile/{level}/" + "/".join(groups) + (f".p/{width}" if width < 256 else "")


def read(path):
    try:
        return path.read_bytes()
    except OSError as e:
        raise Wrong(str(e))


def entries_of(where, size, wanted):
    """All entries, each hash tile made again."""
    entries = []
    for at in range(0, size, 256):
        data, width = read(where / tile_path("entries", at // 256, min(256, size - at))), min(256, size - at)
        for _ in range(width):
            n = int.from_bytes(data[:2], "big")
            need_that(len(data) >= 2 + n > 2, "a bundle cut short")
            entries.append(data[2:2 + n])
            data = data[2 + n:]
        need_that(not data, "a bundle with more than its entries")
    level, hashes = 0, [leaf(e) for e in entries]
    need_that(root(hashes) == wanted, "the entries do not make the root")
    while hashes:
        for at in range(0, len(hashes), 256):
            part = hashes[at:at + 256]
            need_that(read(where / tile_path(level, at // 256, len(part))) == b"".join(part), f"tile {level}/{at // 256}")
        level, hashes = level + 1, [root(hashes[at:at + 256]) for at in range(0, len(hashes) // 256 * 256, 256)]
    return entries


# ---- entries, docs/formats/entry.md ----

class Bytes:
    def __init__(self, data):
        self.data = data

    def take(self, n):
        need_that(len(self.data) >= n, "it ends too early")
        out, self.data = self.data[:n], self.data[n:]
        return out

    def number(self, n):
        return int.from_bytes(self.take(n), "big")

    def hashes(self, n):
        return [self.take(32) for _ in range(n)]


ACT_FIELDS, RECORD_FIELDS = list(range(1, 13)), [6, 7, 8, 9, 10, 11, 13, 14]
PARTS = {1: "rfg", 2: "fo", 3: "c", 4: "f", 5: "fs", 16: "rdtf", 17: "rdtf", 21: "rdtf", 33: "rdfs", 48: "rfg", 49: "rfg", 50: "f",
         56: "rdfg", 64: "rdfs", 65: "rdfs", 66: "rdfs", 68: "rfg", 69: "rfg",
         **{n: "rdf" for n in (18, 19, 20, 22, 23, 24, 25, 26, 27, 32, 51, 52, 53, 54, 55, 67)}}


def entry_read(data):
    b = Bytes(data)
    need_that(b.take(4) == b"AZKE" and b.number(1) == 1, "no entry of format 1")
    kind = b.number(1)
    need_that(kind in PARTS, f"type {kind}")
    e = {"type": kind, "minute": b.number(4), "ids": [] if kind == 3 else ACT_FIELDS if 16 <= kind <= 33 else RECORD_FIELDS}
    for part in PARTS[kind]:
        if part in "rtg":
            b.take(32)
        elif part == "f":
            e["fields"] = b.take(32)
        elif part == "s":
            need_that(b.number(8) + b.number(8) < 2**64, "a span over 2^64")
        elif part == "d":
            e["codes"] = [("act", b.number(2))]
            need_that(b.number(1) <= 2, "a decision")
            e["codes"] += [("sector", b.number(2)), ("class", b.number(2))]
            clauses = [(b.number(4), b.number(1)) for _ in range(b.number(2))]
            sites = [b.number(2) for _ in range(b.number(1))]
            for codes in ([c for c, _ in clauses], sites):
                need_that(codes == sorted(set(codes)) and 0 not in codes, "codes out of order")
            need_that(all(effect & 127 <= 5 for _, effect in clauses), "an effect")
        elif part == "c":
            e["code"], e["text"] = (b.number(1), b.number(4)), b.take(b.number(2)).decode()
            need_that(1 <= e["code"][0] <= 5 and e["code"][1] > 0, "a code")
        elif part == "o":
            e.update(prior=b.take(b.number(1)).decode(), known=b.number(8), known_root=b.take(32), left=b.number(8), left_root=b.take(32))
    need_that(not b.data, "bytes behind an entry")
    return e


def ledger_holds(where, vkey):
    """The newest log, and all that its first entries lead to: how many entries there are."""
    size, wanted = open_checkpoint(read(where / "checkpoint"), vkey)
    below, count = where, 0
    while True:
        entries = [entry_read(data) for data in entries_of(below, size, wanted)]
        minutes = [e["minute"] for e in entries]
        need_that(minutes == sorted(minutes), "time goes back")
        count += size
        before = [e for e in entries if e["type"] == 2]
        need_that(before == entries[:len(before)], "a succession that is no first entry")
        left = [e for e in before if e["left"]]
        if not left:
            return count
        base, _, number = vkey.split("+")[0].rpartition("/")
        name = left[-1]["prior"]
        number = 1 if name == base else int(name.removeprefix(base + "/"))
        below, size, wanted = where / "old" / str(number), left[-1]["left"], left[-1]["left_root"]


# ---- proofs, docs/formats/proof.md and opening.md ----

def proof_holds(data, vkey):
    """The fields that were opened, by number."""
    lines, mark, note = data.partition(b"\n\n")
    lines = lines.split(b"\n")
    need_that(mark and lines[0] == b"c2sp.org/tlog-proof@v1" and len(lines) >= 3, "no proof file")
    need_that(lines[1].startswith(b"extra ") and re.fullmatch(rb"index (0|[1-9]\d*)", lines[2]), "no extra, no index")
    size, wanted = open_checkpoint(note, vkey)
    index, path = int(lines[2][6:]), [b64(line) for line in lines[3:]]
    need_that(all(len(h) == 32 for h in path), "a hash of another length")
    b = Bytes(b64(lines[1][6:]))
    need_that(b.take(4) == b"AZKX", "no extra of ours")
    form = b.number(1)
    need_that(form in (1, 2), "another format")
    for _ in range(b.number(1) if form == 2 else 0):
        step = b.take(b.number(2))
        need_that(climb(index, size, leaf(step), path) == wanted, "the way there")
        prior = entry_read(step)
        need_that(prior["type"] == 2, "a step that is no succession")
        size, wanted, index, path = prior["left"], prior["left_root"], b.number(8), b.hashes(b.number(1))
    data = b.take(b.number(2))
    need_that(climb(index, size, leaf(data), path) == wanted, "the entry is not in the tree")
    entry, opened, before = entry_read(data), {}, 0
    for _ in range(b.number(1)):
        number, salt = b.number(2), b.take(16)
        value = b.take(b.number(2))
        need_that(number in entry["ids"] and number > before, "a field that is none")
        commitment = sha(b"azekura-field-v1\0", number.to_bytes(2, "big"), salt, len(value).to_bytes(4, "big"), value)
        up = climb(entry["ids"].index(number), len(entry["ids"]), leaf(commitment), b.hashes(b.number(1)))
        need_that(up == entry["fields"], "a field that was not committed to")
        opened[number], before = value, number
    names = set()
    for _ in range(b.number(2)):
        at, name = b.number(8), b.take(b.number(2))
        code, up = entry_read(name), b.hashes(b.number(1))
        need_that(code["type"] == 3 and code["code"] not in names, "two names for a code")
        names.add(code["code"])
        need_that(not up and size > 1 or climb(at, size, leaf(name), up) == wanted, "a name that is not in the tree")
    need_that(not b.data, "bytes behind an extra")
    return opened


# ---- held against each other ----

made = {}


def holds(check, *words):
    try:
        check(*words)
        return True
    except (Wrong, UnicodeDecodeError, ValueError, IndexError):
        return False


def a_store_with_a_succession():
    s = Store()
    s.root.bucket("grid-a")
    together(4, lambda n: [ok(s.root.put("grid-a", f"old-{n}-{i}", b"41 kW")) for i in range(70)])
    s.stop()
    backup = folder("backup") / "data"
    shutil.copytree(s.data, backup)
    s.start()
    ok(s.root.put("grid-a", "lost", b"2"))
    s.stop()
    known = (s.data / "ledger/signed").read_bytes()
    shutil.rmtree(s.data)
    shutil.copytree(backup, s.data)
    (s.data / "ledger/signed").write_bytes(known)
    run(AZEKURA, "ledger", "succeed", "--data", s.data, "--reason", "restored")
    s.start()
    ok(s.root.put("grid-a", "new", b"43 kW"))
    where = folder("given")
    for key in ("old-3-7", "new"):
        s.command("prove", "grid-a", key, "--open", "key", "--open", "size", "--open", "time", "-o", where / key)
    s.command("ledger", "export", "--to", where / "ledger")
    s.stop()
    made.update(where=where, key=s.vkey)


def what_it_gives_out_holds():
    where, key = made["where"], made["key"]
    for name in ("old-3-7", "new"):
        opened = proof_holds((where / name).read_bytes(), key)
        assert opened[2] == name.encode() and int.from_bytes(opened[4], "big") == 5, opened
    assert ledger_holds(where / "ledger", key) > 280
    run(VERIFY, "--key", key, "--ledger", where / "ledger")


def both_find_the_same_proofs_wrong():
    where, key = made["where"], made["key"]
    bent = where / "bent"
    for name in ("old-3-7", "new"):
        whole = (where / name).read_bytes()
        lines = whole.split(b"\n")
        extra = b64(lines[1][6:])
        bend = [whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1:] for at in dice.sample(range(len(whole)), 60)]
        bend += [whole[:-9], whole + b"\n", whole.replace(b"index ", b"index 0")]
        for at in dice.sample(range(len(extra)), 60):  # a byte of what lies in the base64
            other = extra[:at] + bytes([extra[at] ^ 1 << dice.randrange(8)]) + extra[at + 1:]
            bend.append(b"\n".join([lines[0], b"extra " + base64.b64encode(other)] + lines[2:]))
        for data in bend:
            bent.write_bytes(data)
            theirs = run(VERIFY, "--key", key, bent, check=False)
            assert (theirs.returncode == 0) == holds(proof_holds, data, key), (theirs.returncode, theirs.stdout, data)
            assert theirs.returncode != 0, data


def both_find_the_same_exports_wrong():
    where, key = made["where"] / "ledger", made["key"]
    files = sorted(p for p in where.rglob("*") if p.is_file() and p != where / "old" / "1" / "checkpoint")
    assert len(files) >= 8, files
    for path in files:
        whole = path.read_bytes()
        for at in {0, len(whole) - 1, dice.randrange(len(whole))}:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1:])
            assert not holds(ledger_holds, where, key), f"{path.name} at {at}"
            assert run(VERIFY, "--key", key, "--ledger", where, check=False).returncode == 1, f"{path.name} at {at}"
        path.unlink()
        assert not holds(ledger_holds, where, key) and run(VERIFY, "--key", key, "--ledger", where, check=False).returncode == 1
        path.write_bytes(whole)
    what_it_gives_out_holds()


story(a_store_with_a_succession, what_it_gives_out_holds, both_find_the_same_proofs_wrong, both_find_the_same_exports_wrong)
