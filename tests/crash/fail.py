#!/usr/bin/env python3
"""Every kind of call fails once, or from then on for ever, at a random n-th use.

usage: fail.py AZEKURA AZEKURA-VERIFY RECORDER STARVE; CRASH_FAILS says how many uses of each kind (3).

With a failing disk the store answers 500, 503 or 507, or stops with a message; after one single failure it is
well again by itself. Where memory runs out inside RocksDB, whose C interface cannot say so, the process ends; our
own code has to answer.
Whatever happened: started again, it holds what it acknowledged, and its export is verified."""
import os
import pathlib
import re
import struct
import subprocess
import sys
import threading
import time

import writers as w
from azekura import SEED, Store, dice, folder, story, until
from book import Book, PLAIN

RECORDER, STARVE = (str(pathlib.Path(p).absolute()) for p in sys.argv[3:5])
FAILS = int(os.environ.get("CRASH_FAILS", "3"))
STEPS = 45
SMALL = w.configuration("write-buffer-mib: 1", "write-ahead-log-mib: 2", "low-water-mib: 16", "reactors: 2", "backend: epoll")
FAULT, KINDS = 16, {"write": (4,), "sync": (8, 9), "open": (1, 2, 3), "name": (10, 11, 12, 13, 14), "room": (5, 6, 7)}
WAYS = [("write", "EIO", "once"), ("write", "ENOSPC", "for-ever"), ("sync", "EIO", "once"), ("sync", "EIO", "for-ever"),
        ("open", "EMFILE", "once"), ("name", "EIO", "once"), ("name", "ENOSPC", "for-ever"), ("room", "ENOSPC", "once")]


class Stop(threading.Event):
    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def is_set(self):
        self.steps -= 1
        return self.steps < 0


def tape_kinds(path):
    """How many records of each kind; the layout is in tests/lab/tape.h."""
    tape, at, counts = path.read_bytes(), 0, {}
    while at < len(tape):
        kind, name, data = struct.unpack_from(">III", tape, at + 4)
        counts[kind] = counts.get(kind, 0) + 1
        at += 40 + name + data
    return counts


class Run:
    """One store, from its first start to its end, under a fault; then what is left, without one."""

    def __init__(self, fault=None, starve=None):
        self.data, self.tape = folder(), folder("tape") / "tape"
        self.tape.touch()
        self.journal, self.fault = w.Journal(), fault
        environment = dict(os.environ)
        if starve:
            environment.update(LD_PRELOAD=STARVE, AZEKURA_STARVE=str(starve))
        else:
            environment.update(LD_PRELOAD=RECORDER, AZEKURA_TAPE=str(self.tape), AZEKURA_TAPE_DIR=str(self.data))
        if fault:
            environment["AZEKURA_FAULT"] = fault
        self.store = Store(data=self.data, config=SMALL, env=environment, start=False)
        self.starve, self.statuses, self.ended, self.hung = starve, {}, None, False

    def hang(self):
        self.hung = True
        self.store.kill()

    def work(self):
        watch = threading.Timer(50, self.hang)
        watch.start()
        try:
            self.serve()
        finally:
            watch.cancel()
        assert not self.hung, f"it hangs: {self.story()}"

    def serve(self):
        store = self.store
        with open(store.log_path, "ab") as log:
            store.process = subprocess.Popen(store.words(), stdout=subprocess.PIPE, stderr=log, env=store.env)
        line = store.process.stdout.readline().decode()
        if line.startswith("ready "):
            self.use(dict(word.split("=", 1) for word in line.split()[1:]))
            store.process.terminate()
        self.ended = store.process.wait(60)
        store.process = None

    def use(self, said):
        store = self.store
        store.s3, store.console, store.vkey = said["s3"], said["console"], said["ledger"]
        if "access_key" not in said:
            return  # it could not read its own key, and says so by not printing it
        store.key, store.secret = said["access_key"], said["secret_key"]
        store.root = w.azekura.Client(store.s3, store.key, store.secret)
        self.journal.write({"ready": [store.vkey, store.key]})
        try:
            made = [store.root.request("PUT", "/" + PLAIN).status, store.root.request("PUT", "/" + w.VERSIONED).status,
                    store.root.request("PUT", f"/{w.VERSIONED}", "versioning=",
                                       b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>").status]
        except (OSError, w.http.client.HTTPException):
            return  # it ended
        if self.starve:
            os.kill(store.process.pid, w.azekura.signal.SIGUSR2)
        if made != [200, 200, 200]:
            self.statuses.update({s: 1 for s in made})
            return
        writer = w.Writer(0, self.journal, SEED, big=False)
        writer.connect(store)
        writer.run(Stop(STEPS))
        self.statuses = writer.statuses
        strange = set(writer.statuses) - {200, 204, 500, 503, 507}
        assert not strange, f"answered {strange}: {self.story()}"
        if self.fault and self.fault.endswith("once") and store.process.poll() is None:
            until(lambda: store.page("/health").status == 200, 20)
            writer.put(PLAIN, "w00/well")
            assert not self.journal.rows[-1].get("n"), f"it is not well again: {self.story()}"

    def hit(self):
        return "starve: no memory" in self.store.log() if self.starve else FAULT in tape_kinds(self.tape)

    def story(self):
        return f"{self.fault or self.starve}: ended {self.ended}, answered {self.statuses}\n{self.store.log()[-1500:]}"

    def check(self):
        """By a disk that is whole again, without the recorder."""
        self.store.env = None
        book = Book().read(self.journal.take())
        self.store.start()
        book.check(self.store)
        w.verified(self.store, book)
        w.buckets_make(self.store)
        self.store.stop()


def one(counts, label, **how):
    run = Run(**how)
    try:
        run.work()
        if not run.hit():
            return False
        counts["signal" if run.ended < 0 else "stopped" if run.ended else "served"] += 1
        theirs = run.starve and re.search(r"starve: no memory\n(?:(?!.*/azekura\().*\n){0,8}.*/librocksdb", run.store.log())
        assert run.ended >= 0 or theirs, f"{label} ended it by a signal: {run.story()}"
        run.check()
    except BaseException:
        print(f"{label}: {run.story()}", flush=True)
        raise
    w.azekura.shutil.rmtree(run.data)
    return True


def disk_fails():
    plain = Run()
    plain.work()
    assert plain.ended == 0 and set(plain.statuses) <= {200, 204}, plain.story()
    there = tape_kinds(plain.tape)
    plain.check()
    for kind, error, how in WAYS:
        most, counts = sum(there.get(k, 0) for k in KINDS[kind]), {"served": 0, "stopped": 0, "signal": 0}
        assert most > 0, f"no call of kind {kind}"
        for part in range(FAILS):  # one of each stretch
            n = 1 + int((part + dice.random()) * most / FAILS)
            one(counts, f"{kind} {n} of {most}", fault=f"{kind}:{n}:{error}:{how}")
        print(f"{kind} {error} {how}, {most} calls: {counts}", flush=True)


def memory_fails():
    counts, hits = {"served": 0, "stopped": 0, "signal": 0}, 0
    for _ in range(2 * FAILS):
        hits += one(counts, "memory", starve=int(10 ** dice.uniform(0, 3.3)))
    assert hits > 0, "no allocation was met"
    print(f"no memory, {hits} times: {counts}", flush=True)


story(disk_fails, memory_fails)
