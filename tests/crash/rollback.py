#!/usr/bin/env python3
"""An older copy of the data put back: refused at start by whatever knows better, and the way out.

usage: rollback.py AZEKURA AZEKURA-VERIFY

What knows better is the watermark beside the log (the rest was put back), an anchor on another disk, or a
witness (everything was put back). The refusal names `azekura ledger succeed`; after it a new log stands that
says what was lost, and verifies together with the old log and with what is in the store: every object, from before and from
after, has its entry and its proof. Unguarded, the copy starts, and says so."""
import re
import shutil
import subprocess
import threading

import writers as w
from azekura import AZEKURA, SEED, VERIFY, Store, after, folder, ok, run, story, until
from book import Book


def used(store, journal, number):
    """Some work by four writers."""
    class Stop(threading.Event):
        left = 25

        def is_set(self):
            self.left -= 1
            return self.left < 0

    for n in range(4):
        w.end_together(w.start_together([w.Writer(10 * number + n, journal, SEED, big=False)], store, Stop()))


def a_copy_and_more(store, seen=lambda: True):
    """Leaves the store stopped, once `seen`; the copy, and the book of then."""
    journal, then, now = w.Journal(), Book(), Book()
    w.buckets_make(store)
    used(store, journal, 1)
    store.stop()
    rows = journal.take()
    then.read(rows)
    now.read(rows)
    copy = folder("copy") / "data"
    shutil.copytree(store.data, copy)
    store.start()
    used(store, journal, 2)
    now.read(journal.take())
    now.check(store)
    until(seen)
    store.stop()
    return copy, then


def put_back(store, copy, *but):
    """The copy takes the place of the data, except for some files that stay as they are."""
    kept = {name: (store.data / name).read_bytes() for name in but}
    shutil.rmtree(store.data)
    shutil.copytree(copy, store.data)
    for name, content in kept.items():
        (store.data / name).write_bytes(content)


def refused(store, who):
    said = store.start_refused()
    assert re.search(r"knows \d+ entries|\d+ entries were signed|has cosigned \d+ entries|this is another history", said), said
    assert "azekura ledger succeed" in said, f"no way out is named: {said}"
    assert who in said, f"{who} is not named: {said}"
    again = store.start_refused()  # a refusal changes nothing
    assert who in again, again


def proves(store, then):
    """An object from before and one from after, by proof files, under the new log's key."""
    before = next(key for key, states in then.plain.items() if states[0])
    for key, steps in ((before, True), ("after", False)):
        proof = folder("proof") / "p"
        store.command("prove", w.PLAIN, key, "--open", "key", "-o", proof)
        said = run(VERIFY, "--key", store.vkey, proof).stdout
        assert ("earlier log: " in said) == steps and "type: " in said, said


def way_out(store, then, *options):
    """The succession, and a store that is whole again under a new log."""
    before = run(AZEKURA, "ledger", "succeed", "--data", store.data, *options, check=False)
    assert before.returncode == 2 and "--reason" in before.stderr, before.stderr
    said = run(AZEKURA, "ledger", "succeed", "--data", store.data, "--reason", "a copy was put back by a test", *options).stdout
    known, left = map(int, re.search(r"known up to (\d+) entries; (\d+) are left", said).groups())
    assert known > left > 0, said
    store.start()
    assert re.match(r".*/2\+", store.vkey), f"the new log's name: {store.vkey}"
    receipts, then.ready, then.receipts = then.receipts, None, {}  # a new log has another key and counts anew
    then.check(store)
    ok(store.root.put(w.PLAIN, "after", b"it goes on"))
    out = store.export()
    verified = run(VERIFY, "--key", store.vkey, "--ledger", out / "ledger", "--store", out / "store").stdout
    assert "1 succession" in verified and f"lost of it: entries {left} to {known - 1}" in verified, verified
    then.receipts = receipts  # what was acknowledged under the old log stands under its entries
    then.check_listing(out / "store")
    print("  " + said.strip().replace("\n", " "))
    store.stop()
    store.start()  # and the start after that
    again = run(AZEKURA, "ledger", "succeed", "--data", store.data, "--reason", "twice", *options, check=False)
    assert again.returncode == 1, "a store that runs, or is whole, was given one more log"
    store.stop()


def by_watermark():
    store = Store(config=w.configuration())
    copy, then = a_copy_and_more(store)
    put_back(store, copy, "ledger/signed")
    refused(store, "signed")
    way_out(store, then)


def by_anchor():
    anchor = folder("anchor") / "checkpoint"
    store = Store("--anchor", anchor, config=w.configuration())
    copy, then = a_copy_and_more(store)
    put_back(store, copy)
    refused(store, "the anchor")
    way_out(store, then, "--anchor", anchor)


def by_witness():
    place = folder("witness")
    vkey = run(AZEKURA, "witness", "--generate", "witness.example.jp/test", "--key", place / "key").stdout.split()[-1]
    first = Store(config=w.configuration())  # to learn what the log is called
    log = first.vkey
    first.stop()
    words = [AZEKURA, "witness", "--listen", "127.0.0.1:0", "--key", str(place / "key"), "--log", log, "--state", str(place / "state")]
    witness = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    after(witness.wait)
    after(witness.kill)
    line = witness.stdout.readline()
    address = re.search(r"\d+\.\d+\.\d+\.\d+:\d+", line).group(0)
    config = w.configuration("witnesses:", f'  - {{name: test, vkey: "{vkey}", url: "http://{address}"}}')
    store = Store(data=first.data, config=config)
    copy, then = a_copy_and_more(store, lambda: store.metric("ledger_cosigners") == 1)
    put_back(store, copy)
    refused(store, "witness")
    way_out(store, then, "--config", config)


def unguarded():
    """Nobody knows better: it starts, and its reports say that nobody would."""
    store = Store(config=w.configuration())
    copy, then = a_copy_and_more(store)
    put_back(store, copy)
    store.start()
    then.check(store)
    assert "unguarded" in ok(store.page("/")).body.decode() + store.log(), "it does not say that it is unguarded"
    store.stop()


story(by_watermark, by_anchor, by_witness, unguarded)
