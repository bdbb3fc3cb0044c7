#!/usr/bin/env python3
"""A store on a disk whose power goes: work for the recorder, and the check of what a cut has left.

usage: power.py work SERVER DIR [WRONG]              a bounded workload, started by powercut under the recorder
       power.py check AZEKURA AZEKURA-VERIFY DIR MARKS

`powercut try` runs the first once and the second for each folder that a cut could have left (tests/lab). The
epoll back end is used, since the recorder sees calls of the C library. SERVER is azekura, or serve_sabotaged
with the name of what is built WRONG."""
import os
import pathlib
import sys
import threading

mode, words = sys.argv[1], sys.argv[2:]
sys.argv[1:] = words  # the harness of the stories takes its programs from there
wrong = words[2] if mode == "work" and len(words) > 2 else None

import writers as w  # noqa: E402  (reads sys.argv)
from azekura import SEED, Store, ok, story  # noqa: E402
from book import Book  # noqa: E402

WRITERS, STEPS = 6, 14
SMALL = w.configuration("write-buffer-mib: 1", "write-ahead-log-mib: 2", "low-water-mib: 16", "reactors: 2", "backend: epoll")


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
    store = Store(data=words[1], config=SMALL, env=environment)
    journal.write({"ready": [store.vkey, store.key]})
    w.buckets_make(store)
    everyone = [w.Writer(n, journal, SEED, big=False) for n in range(WRITERS)]
    if wrong:  # bodies in files, where two of the three wrongs lie: fewer cuts find them
        for one in everyone:
            one.size = lambda dice=one.dice: dice.randrange(17000, 60000)
    for restart in (False, True):
        if restart:
            store.restart()
        started = [w.start_together([e], store, Stop(STEPS)) for e in everyone]
        for one in started:
            w.end_together(one)
    store.stop()


def check():
    book = Book().read(w.read_journal(words[3]))
    store = Store(data=words[2], config=SMALL)
    book.check(store)
    w.verified(store, book)
    w.buckets_make(store)  # and it goes on
    ok(store.root.put(w.PLAIN, "after", b"the power came back"))
    store.stop()


story({"work": work, "check": check}[mode])
