#!/usr/bin/env python3
"""A clock that is wrong: ahead by an hour, set right again, that is back, and caught up.

The store runs with a library (shift.c) that shifts the wall clock it asks for; the kernel's own stays."""
import datetime
import pathlib
import sys

import azekura
from azekura import *

SHIFT = str(pathlib.Path(sys.argv[3]).absolute())
HOUR_S = 3600


class Clock:
    """The store's clock, and that of its clients: what is signed is never too far off."""

    def __init__(self):
        self.path, self.real = folder("clock") / "seconds", azekura.now
        self.set(0)
        azekura.now = lambda: self.real() + datetime.timedelta(seconds=self.shift)

    def set(self, seconds):
        (self.path.parent / "next").write_text(str(seconds))
        (self.path.parent / "next").rename(self.path)
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


story(checkpoints_do_not_wait_for_the_wall_clock, a_clock_set_back_is_told_and_nothing_goes_back)
