#!/usr/bin/env python3
"""A clock that is wrong: ahead by an hour, set right again, that is back, and caught up.

The store, or a landmark that times it, runs with a library (shift.c) that shifts the wall clock it asks for; the kernel's own
stays."""
import datetime
import pathlib
import select
import sys

import azekura
from azekura import *

SHIFT = str(pathlib.Path(sys.argv[3]).absolute())
HOUR_S = 3600


def seconds_set(path, seconds):
    (path.parent / "next").write_text(str(seconds))
    (path.parent / "next").rename(path)


class Clock:
    """The store's clock, and that of its clients: what is signed is never too far off."""

    def __init__(self):
        self.path, self.real = folder("clock") / "seconds", azekura.now
        self.set(0)
        azekura.now = lambda: self.real() + datetime.timedelta(seconds=self.shift)

    def set(self, seconds):
        seconds_set(self.path, seconds)
        self.shift = seconds


clock = Clock()
environment = dict(os.environ, LD_PRELOAD=SHIFT, SHIFT=str(clock.path))
put = lambda s, body: ok(s.root.put("plain", "k", body))["x-amz-version-id"]


def signs(s):
    """A checkpoint over all of the ledger comes, as one does each second."""
    size = s.ledger_size()
    until(lambda: s.metric("ledger_signed_size") >= size)


def checkpoints_do_not_wait_for_the_wall_clock():
    """They waited until a time of the wall's clock: after it was set back by an hour none came for an hour."""
    clock.set(HOUR_S)
    s = Store(env=environment)
    ok(s.root.request("PUT", "/plain"))
    ok(s.root.request("PUT", "/plain", "versioning=", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"))
    put(s, b"an hour ahead")
    signs(s)
    assert s.metric("clock_behind_seconds") == 0 and not s.events("clock-behind")
    s.stop()


def a_clock_set_back_is_told_and_nothing_goes_back():
    clock.set(HOUR_S)
    s = Store(env=environment)
    ok(s.root.request("PUT", "/plain"))
    ok(s.root.request("PUT", "/plain", "versioning=", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"))
    versions = [put(s, b"ahead")]
    clock.set(0)
    versions.append(put(s, b"set back"))
    told = until(lambda: s.events("clock-behind"))[-1]
    assert HOUR_S - 600 < told["seconds"] <= HOUR_S, told
    assert s.metric("clock_behind_seconds") > HOUR_S - 600
    signs(s)
    s.restart()  # and a start is told of it too, once
    assert len(until(lambda: len(s.events("clock-behind")) == 2 and s.events("clock-behind"))) == 2
    versions.append(put(s, b"after a start"))
    assert versions == sorted(versions) and ok(s.root.get("plain", "k")).body == b"after a start", versions
    assert not s.events("clock-caught-up")
    clock.set(HOUR_S + 60)
    until(lambda: s.events("clock-caught-up"))
    assert s.metric("clock_behind_seconds") == 0
    versions.append(put(s, b"and on"))
    assert versions == sorted(versions), versions
    assert "verified" in s.verify().stdout
    s.stop()


# ---- a landmark's clock

SITE = """
sites:
  - {{id: sendai, name: Sendai, kind: data-centre, country: JP, lat: 38.268737, lon: 140.872183,
     landmarks: [{{name: sendai.test, vkey: "{vkey}", lat: 38.26880, lon: 140.87220}}]}}
operators: [{{id: op, name: Op, home: JP}}]
networks: [{{id: here, name: here, cidr: [127.0.0.0/8], here: true}}]
datasets: [{{id: free, name: Free, operator: op, class: internal, sector: power, buckets: ["free*"]}}]
"""
PIECES = 16


class Between(threading.Thread):
    """Passes datagrams on; at the one of that number the clock is set."""

    def __init__(self, to, number, path, seconds):
        super().__init__(daemon=True)
        host, port = to.rsplit(":", 1)
        self.to, self.number, self.path, self.seconds, self.passed = (host, int(port)), number, path, seconds, 0
        self.front, self.back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.front.bind(("127.0.0.1", 0))
        self.back.connect(self.to)
        self.address = "127.0.0.1:%d" % self.front.getsockname()[1]
        self.start()

    def run(self):
        asker = None
        while True:
            for end in select.select([self.front, self.back], [], [])[0]:
                if end is self.back:
                    self.front.sendto(self.back.recv(2048), asker)
                    continue
                data, asker = self.front.recvfrom(2048)
                self.passed += 1
                if self.passed == self.number:
                    seconds_set(self.path, self.seconds)
                self.back.send(data)


def a_landmark_whose_clock_is_set_says_what_can_be_verified():
    """A clock set back in the midst of a session made a report that was older than what it reports: nobody could verify it."""
    clock.set(0)
    key, kept = folder("key") / "key", folder("kept")
    vkey = run(AZEKURA, "landmark", "key", "--name", "sendai.test", "--key", key).stdout.strip()
    register = folder("register") / "own.yaml"
    register.write_text(SITE.format(vkey=vkey))
    s = Store("--site", "sendai", "--landmark", "127.0.0.1:0", "--register", register, config=folder("config") / "azekura.yaml", start=False)
    s.config.write_text("log-level: info\n")
    s.start()
    s.root.bucket("free-a")
    for i in range(8):
        ok(s.root.put("free-a", f"k{i}", b"x" * 5000))
    path = folder("landmark") / "seconds"

    def session(name, before, after, number, *more):
        """One with a clock that many seconds off before the datagram of that number, and after it."""
        between = Between(s.said["landmark"], number, path, after)
        seconds_set(path, before)
        done = run(AZEKURA, "landmark", "challenge", between.address, "--site", "sendai", "--key", key, "--rounds", PIECES,
                   "--transcript", kept / name, "--format", "json", *more, env=dict(os.environ, LD_PRELOAD=SHIFT, SHIFT=str(path)))
        assert between.passed > number + PIECES / 2, (between.passed, number)  # it was in the midst of it
        said = json.loads(done.stdout)
        assert said["pieces"] == PIECES and said["wrong"] == 0 and 0 < said["min_ms"] <= said["p95_ms"] < 1000, (name, said)
        run(AZEKURA, "landmark", "check", kept / name, "--vkey", vkey, "--ledger", s.vkey)
        run(VERIFY, "--key", s.vkey, "--location", kept / name, "--landmark", vkey)
        page = ok(s.page("/")).body.decode()
        assert "contradict" not in page, page[:2000]
        return said

    midst = random.Random(SEED).randrange(6, PIECES)  # hello, open and head come before
    print(f"   set at datagram {midst}", flush=True)
    right = session("right", 0, 0, midst)
    assert right["recorded"], right
    for name, before, after in (("set-right-from-ahead", HOUR_S, 0), ("set-right-from-behind", -HOUR_S, 0)):
        said = session(name, before, after, midst)
        assert said["recorded"], said
    for name, before, after in (("set-ahead", 0, HOUR_S), ("set-back", 0, -HOUR_S), ("ahead", HOUR_S, HOUR_S), ("behind", -HOUR_S, -HOUR_S)):
        said = session(name, before, after, midst)
        assert not said["recorded"] and "set the clock" in said["not_recorded"], said
    assert session("right-again", 0, 0, midst)["recorded"]
    assert "verified" in s.verify().stdout
    s.stop()


story(checkpoints_do_not_wait_for_the_wall_clock, a_clock_set_back_is_told_and_nothing_goes_back,
      a_landmark_whose_clock_is_set_says_what_can_be_verified)
