#!/usr/bin/env python3
"""Kill -9 at random moments under 64 writers, again and again on the same store.

usage: kill.py AZEKURA AZEKURA-VERIFY; CRASH_KILLS says how often (16). After each kill the store must start, and
hold everything that was acknowledged and nothing by half; sometimes it is killed while it starts, too. Every
tenth time and at the end its export is verified. At last the test shows that it can fail: a store whose log
lost its tail, and one that lost a body, must be found."""
import os
import shutil
import subprocess
import threading
import time

import writers as w
from azekura import SEED, Store, dice, folder, story
from book import Book, Broken

KILLS = int(os.environ.get("CRASH_KILLS", "16"))
WRITERS = 64


def checkpoint_size(store):
    return int((store.data / "ledger" / "checkpoint").read_text().splitlines()[1])


def killed_while_starting(store):
    with open(store.log_path, "ab") as log:
        started = subprocess.Popen(store.words(), stdout=subprocess.DEVNULL, stderr=log)
    time.sleep(dice.random() * 0.5)
    started.kill()
    started.wait(30)


def kills():
    global book, store
    store, journal, book = Store(config=w.configuration()), w.Journal(), Book()
    w.buckets_make(store)
    journal.write({"ready": [store.vkey, store.key]})
    everyone = [w.Writer(n, journal, SEED) for n in range(WRITERS)]
    reads = starts = 0
    for number in range(KILLS):
        stop = threading.Event()
        started = w.start_together(everyone, store, stop)
        time.sleep(dice.uniform(0.02, 0.7))
        signed = checkpoint_size(store)
        store.kill()
        stop.set()
        w.end_together(started)
        if dice.random() < 0.15:
            killed_while_starting(store)
            starts += 1
        store.start()
        assert store.ledger_size() > signed, f"{signed} entries were signed; {store.ledger_size()} are there"
        book.read(journal.take())
        reads += book.check(store, 100, dice)
        if number % 10 == 9:
            entries = w.verified(store, book)
            print(f"{number + 1} kills, {entries} entries verified", flush=True)
    reads += book.check(store)
    entries = w.verified(store, book)
    print(f"{KILLS} kills, {starts} more while starting; {sum(e.done for e in everyone)} requests acknowledged, "
          f"{reads} read back, {entries} entries verified")


# ---- proof that it can fail ----

def damaged(data, damage, name):
    """Harm done behind the store's back is found: it refuses to start, or the book does not agree."""
    copy = folder("damaged") / "data"
    shutil.copytree(data, copy, ignore=shutil.ignore_patterns("*.sock"))
    damage(copy)
    harmed = Store(data=copy, config=w.configuration(), start=False)
    try:
        harmed.start()
        book.check(harmed)
    except Broken as why:
        print(f"{name}: found: {str(why)[:150]}")
    except AssertionError as why:
        assert "rolled back" in str(why) or "shorter" in str(why) or "succeed" in str(why), why
        print(f"{name}: refused at start")
    else:
        raise AssertionError(f"{name}: not found; this test proves nothing")
    finally:
        harmed.kill()


def tail_cut(data):
    """What a kill would leave of a store that keeps its log in its own memory."""
    newest = max((p for p in data.rglob("*.log") if p.parent.name != "ledger"), key=lambda p: p.stat().st_mtime)
    os.truncate(newest, newest.stat().st_size // 2)


def body_lost(data):
    """What a kill would leave of a store that acknowledges before the body is in its place."""
    for path in [p for p in (data / "blobs").rglob("*") if p.is_file()]:
        path.unlink()


def can_fail():
    journal = w.Journal()
    everyone = [w.Writer(100 + n, journal, SEED) for n in range(4)]
    stop = threading.Event()
    started = w.start_together(everyone, store, stop)
    time.sleep(1)
    stop.set()
    w.end_together(started)
    store.kill()
    book.read(journal.take())
    damaged(store.data, tail_cut, "half of the log")
    damaged(store.data, body_lost, "no body files")
    store.start()
    book.check(store)  # the store itself was whole


story(kills, can_fail)
