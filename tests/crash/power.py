#!/usr/bin/env python3
"""A store on a disk whose power goes: work for the recorder, and the check of what a cut has left.

usage: power.py work SERVER DIR [WRONG]              a bounded workload, started by powercut under the recorder
       power.py check AZEKURA AZEKURA-VERIFY DIR MARKS

       power.py small SERVER DIR                    a handful of acts, one after the other: for every boundary
       power.py succession SERVER DIR               an older copy is put back, and a new log begun; debts of both
       power.py check-succession AZEKURA AZEKURA-VERIFY DIR MARKS

`powercut try` runs the first once and the second for each folder that a cut could have left (tests/lab). SERVER is
azekura, on the epoll back end since the recorder sees calls of the C library; or serve_sabotaged with the names
of what is WRONG, "tap-ring" among them, which records io_uring and is nothing wrong."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

mode, words = sys.argv[1], sys.argv[2:]
sys.argv[1:] = words  # the harness of the stories takes its programs from there
wrong = words[2] if mode == "work" and len(words) > 2 else None

import owes  # noqa: E402  (reads sys.argv)
import writers as w  # noqa: E402
from azekura import AZEKURA, SEED, Store, folder, ok, run, skip, story  # noqa: E402
from book import Book  # noqa: E402

WRITERS, STEPS = 6, 14
LINES = ["write-buffer-mib: 1", "write-ahead-log-mib: 2", "low-water-mib: 16", "reactors: 2", "minimum-part-kib: 16",
         "backend: uring" if wrong and "tap-ring" in wrong else "backend: epoll"]
SMALL = w.configuration(*LINES)


class Stop(threading.Event):
    """Says stop after so many questions."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def is_set(self):
        self.steps -= 1
        return self.steps < 0


def work():
    environment = dict(os.environ, **({"AZEKURA_SABOTAGE": wrong} if wrong else {}))
    journal = w.Journal(tape=environment["AZEKURA_TAPE"])
    store = Store(data=words[1], config=SMALL, env=environment, start=False)
    try:
        store.start()
    except AssertionError as why:
        if "tap-ring" in (wrong or "") and "io_uring" in str(why):
            skip(f"there is no io_uring here: {why}")
        raise
    journal.write({"ready": [store.vkey, store.key]})
    w.buckets_make(store)
    everyone = [w.Writer(n, journal, SEED, big=False) for n in range(WRITERS)]
    if wrong and wrong != "tap-ring":  # bodies in files, where two of the three wrongs lie: fewer cuts find them
        for one in everyone:
            one.size = lambda dice=one.dice: dice.randrange(17000, 60000)
    for restart in (False, True):
        if restart:
            store.restart()
        started = [w.start_together([e], store, Stop(STEPS)) for e in everyone]
        for one in started:
            w.end_together(one)
    store.stop()


def small():
    """Each kind of act once, by one writer."""
    journal = w.Journal(tape=os.environ["AZEKURA_TAPE"])
    store = Store(data=words[1], config=SMALL)
    journal.write({"ready": [store.vkey, store.key]})
    w.buckets_make(store)
    one = w.Writer(0, journal, SEED)
    one.connect(store)
    sizes = iter([0, 5000, 40000, 3000, 20000, 7, 30000, 40, 2000])
    one.size = lambda: next(sizes)
    for key in ("w00/empty", "w00/row", "w00/file", "w00/row"):  # the last one over the second
        one.put(w.PLAIN, key)
    one.upload = ("w00/parts", one.ask({"o": "create", "b": w.PLAIN, "k": "w00/parts"}, "POST", "uploads=")["u"], [])
    one.part(20000)
    one.part(100)
    one.complete()
    one.delete(w.PLAIN, "w00/file")
    for _ in range(2):
        one.put(w.VERSIONED, "w00/v")
    one.delete(w.VERSIONED, "w00/v")
    one.remove("w00/v")
    store.stop()


def copy_durably(source, target):
    """With calls that the recorder sees; shutil lets the kernel copy."""
    for path in sorted(source.iterdir()):
        if path.is_dir():
            (target / path.name).mkdir(mode=0o700)
            copy_durably(path, target / path.name)
        elif path.is_file():
            with open(target / path.name, "wb", buffering=0) as file:
                os.fchmod(file.fileno(), path.stat().st_mode)
                file.write(path.read_bytes())
                os.fsync(file.fileno())
    fd = os.open(target, os.O_RDONLY)
    os.fsync(fd)
    os.close(fd)


def succession():
    """What was lost is prepared beside the folder; the new log, and what is owed and settled under it, are recorded."""
    place, owing = folder("prepared") / "data", owes.configuration(*LINES)
    store = Store(data=place, config=owing)
    ok(store.root.request("PUT", "/" + w.PLAIN))
    ok(store.root.put(w.PLAIN, "kept", b"kept" * 9000))
    owed = owes.begin(store)
    store.stop()
    shutil.copytree(place / "rocks", place.parent / "rocks")
    store.start()
    ok(store.root.put(w.PLAIN, "lost", b"lost" * 9000))
    owes.lose(store)
    store.stop()
    shutil.rmtree(place / "rocks")
    shutil.copytree(place.parent / "rocks", place / "rocks")
    copy_durably(place, pathlib.Path(words[1]))
    journal = w.Journal(tape=os.environ["AZEKURA_TAPE"])
    journal.write({"prepared": owed})
    subprocess.run([words[0], "ledger", "succeed", "--data", words[1], "--config", owing, "--reason", "a copy was put back"],
                   check=True, stdout=subprocess.DEVNULL)
    journal.write({"succeeded": True})
    store = Store(data=words[1], config=owing)
    ok(store.root.put(w.PLAIN, "after", b"after" * 9000))
    journal.write({"after": True})
    owes.go_on(store, owed, journal)
    store.stop()


def check_succession():
    rows = w.read_journal(words[3])
    marks = {name for row in rows for name in row}
    if "prepared" not in marks:
        return  # the copy is not whole yet: that is nothing a store did
    owing = owes.configuration(*LINES)
    store = Store(data=words[2], config=owing, start=False)
    try:
        store.start()
    except AssertionError as why:
        assert "succeeded" not in marks, f"a new log was begun, and it does not start: {why}"
        assert "azekura ledger succeed" in str(why), f"no way out is named: {why}"
        run(AZEKURA, "ledger", "succeed", "--data", store.data, "--config", owing, "--reason", "cut while it was done")
        store.start()
    assert re.match(r".*/2\+", store.vkey), f"there is one successor and no more: {store.vkey}"
    assert ok(store.root.get(w.PLAIN, "kept")).body == b"kept" * 9000
    if "after" in marks:
        assert ok(store.root.get(w.PLAIN, "after")).body == b"after" * 9000
    owes.check(store, rows)
    ok(store.root.put(w.PLAIN, "more", b"it goes on"))
    out = store.export()
    said = run(w.azekura.VERIFY, "--key", store.vkey, "--ledger", out / "ledger").stdout
    assert "1 succession" in said, said
    store.stop()


def check():
    book = Book().read(w.read_journal(words[3]))
    store = Store(data=words[2], config=SMALL)
    book.check(store)
    w.verified(store, book)
    w.buckets_make(store)  # and it goes on
    ok(store.root.put(w.PLAIN, "after", b"the power came back"))
    store.stop()


story({"work": work, "check": check, "small": small, "succession": succession, "check-succession": check_succession}[mode])
