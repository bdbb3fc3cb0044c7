#!/usr/bin/env python3
"""A survey that is killed, wherever that is, and gone on with tells what one tells that nobody interrupted, byte for byte.

Kills fall where the dice say (AZEKURA_TEST_SEED), by how much has been written. Usage: test_resume.py AZEKURA"""
import ipaddress
import os
import random
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

azekura = sys.argv[1]
SEED = int(os.environ.get("AZEKURA_TEST_SEED", "20261121"))
dice = random.Random(SEED)
folder = tempfile.TemporaryDirectory()
TRIES = 4


def path(*names):
    return os.path.join(folder.name, *names)


def file(name, text):
    os.makedirs(os.path.dirname(path(name)), exist_ok=True)
    with open(path(name), "w", encoding="utf-8") as out:
        out.write(text)
    return path(name)


def read(name):
    with open(name, "rb") as source:
        return source.read()


# ---- a resolver that knows every name of ours

def answer(query):
    at = 12
    while query[at]:
        at += 1 + query[at]
    is_a = struct.unpack("!H", query[at + 1:at + 3]) == (1,)
    packed = ipaddress.ip_address("203.104.%d.%d" % (query[13] % 200, at % 250)).packed
    body = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + packed if is_a else b""
    return query[:2] + struct.pack("!HHHHH", 0x8180, 1, is_a, 0, 0) + query[12:at + 5] + body


def serve(resolver):
    while True:
        query, peer = resolver.recvfrom(4096)
        resolver.sendto(answer(query), peer)


resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
resolver.bind(("127.0.0.1", 0))
threading.Thread(target=serve, args=(resolver,), daemon=True).start()

# ---- sources of several kinds, and what is told of them

def some_address():
    return "%d.%d.%d.%d" % (dice.randrange(1, 224), dice.randrange(256), dice.randrange(256), dice.randrange(256))


addresses = [some_address() for _ in range(8000)]
sources = [
    file("list.txt", "".join(f"{address}\n" for address in addresses) + "34.208.0.0/14\n"),
    file("names.csv", "host,country\n" + "".join(f"h{i}.example.jp,JP\n" for i in range(60))),
    file("again.csv", "host,address,country\n" + "".join(f"s{i}.example.jp,{address},US\n" for i, address in enumerate(addresses[:3000]))),
    file("z/x.jp.zone", "$INCLUDE more\nwww A 203.104.1.1\n"),
    file("plant/hosts", "[web]\nweb[1:400]\n"),
]
file("z/more", "ftp A 203.104.1.2\n")
file("plant/group_vars/web.yml", "country: JP\n")
file("plant/host_vars/web7.yml", "ansible_host: 203.104.1.7\n")


def words(out, *more):
    return [azekura, "survey", "--no-cloud-lists", *sources, "--resolver", "127.0.0.1:%d" % resolver.getsockname()[1], "--format", "jsonl",
            "--resume", "-o", out, *more]


def run(out, *more, status=0):
    done = subprocess.run(words(out, *more), capture_output=True, text=True, timeout=300)
    assert done.returncode == status, (done.returncode, done.stderr)
    return done.stderr


def kill(out, bytes_told):
    """One that is killed once so much has been told; False: it came to its end before."""
    process = subprocess.Popen(words(out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    while process.poll() is None:
        if os.path.exists(out + ".new") and os.path.exists(out + ".resume") and os.path.getsize(out + ".new") >= bytes_told:
            process.kill()
        else:
            time.sleep(0.0005)
    _, told = process.communicate()
    assert process.returncode in (0, -9), (process.returncode, told)
    return process.returncode != 0


print(f"seed {SEED}")
run(path("whole"))
whole = read(path("whole"))
lines = whole.count(b"\n")
assert lines > 8000 and whole.endswith(b"\n") and b'"web7"' in whole and b'"ftp.x.jp"' in whole, lines

killed = torn = 0
for attempt in range(TRIES):
    out = path(f"out{attempt}")
    for _ in range(dice.randrange(1, 4)):
        if not kill(out, dice.randrange(len(whole))):
            break
        killed += 1
        left = os.path.getsize(out + ".new")
        if left > 0 and dice.random() < 0.5:  # what a full disk or the next kill leaves of a line
            os.truncate(out + ".new", left - dice.randrange(min(left, 700)))
            torn += 1
        assert not os.path.exists(out)
        assert whole.startswith(read(out + ".new")), "what was told is no beginning of the whole"
    if not os.path.exists(out):
        run(out)
    assert read(out) == whole, f"attempt {attempt} tells something else"
    assert not os.path.exists(out + ".new") and not os.path.exists(out + ".resume")
assert killed > 0, "the dice never met a survey on its way"

# ---- nothing was told yet; the lines of another survey lie there
out = path("early")
while not kill(out, 0):
    os.remove(out)
os.remove(out + ".new")
run(out)
assert read(out) == whole
out = path("stale")
file("stale.new", "{}\n" * 100)
run(out)
assert read(out) == whole

# ---- a state that is torn, or of another question, is told and nothing is mixed
out = path("state")
while not kill(out, len(whole) // 3):
    os.remove(out)
state, told = read(out + ".resume"), read(out + ".new")
for part in (b"", state[:dice.randrange(1, len(state) - 2)], b"{}\n"):
    with open(out + ".resume", "wb") as torn_state:
        torn_state.write(part)
    assert "is not what an interrupted survey leaves: remove it to begin anew" in run(out, status=4)
    assert read(out + ".new") == told
with open(out + ".resume", "wb") as again:
    again.write(state)
for name, other in (("plant/host_vars/web7.yml", "ansible_host: 203.104.1.8\n"), ("z/more", "ftp A 203.104.1.3\n"), ("names.csv", "host\na.jp\n")):
    before = read(path(name)).decode()
    file(name, other)
    assert "is not what" in run(out, status=2), name
    assert read(out + ".new") == told
    file(name, before)
for more in (("--reverse",), ("--as-of", "2026-05-17"), ("--lang", "ja"), ("--home", "US")):  # the first two were not asked about
    assert "is not what" in run(out, *more, status=2), more
    assert read(out + ".new") == told
run(out)
assert read(out) == whole
print(f"{killed} kills, {torn} torn lines: {lines} lines each time")
