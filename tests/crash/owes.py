"""What a store owes, before an older copy is put back and under the log that follows.

In the bucket OWES a clause asks for two copies within a day, which nobody makes: each object is a debt, named by
the log and the index of the entry that says so. Indexes begin anew with each log, so debts of two logs that
have one index must not meet; and a debt's row, its account's count and its object are of one turn."""
import json
import re
import shutil

import writers as w
from azekura import ROOT, folder, ok

OWES = "crash-owes"
RULES = """rulebook: crash-debts
issuer: "the tests"
title: {en: "Two copies", ja: "二つの写し"}
in_force: {from: "2020-01-01"}
clauses:
  - id: two
    about: copy
    source: {basis: own, where: "here"}
    strength: own
    applies: {act: [put, copy], dataset.class: [crash]}
    oblige:
      copies: {value: 2, within: 24 h}
"""
REGISTER = """datasets:
  - {id: crash-owes, operator: aoba, owner: aoba, sector: electricity, class: crash, store: here, buckets: ["crash-owes"], contract: own-use,
     kinds: {complete: true, as_of: 2026-11-01, items: [crash]}, placement_rule: anywhere}
documents:
  - {id: crash-paper, kind: certificate, operator: aoba, date: 2026-11-01, sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855}
adopts:
  - {id: crash-debts, rulebook: crash-debts, from: 2020-01-01, by: "the tests"}
"""
KEPT, AFTER = [f"kept-{n}" for n in range(6)], [f"after-{n}" for n in range(10)]


def configuration(*lines):
    """w.configuration, with a clause that owes."""
    register, books = folder("register") / "register", folder("rulebooks")
    shutil.copytree(ROOT / "examples/register", register)
    (register / "crash-debts.yaml").write_text(REGISTER)
    (books / "crash-debts.yaml").write_text(RULES)
    return w.configuration(*lines, register=register, rulebooks=[books])


def listed(store):
    """{key: id} of what is owed, each once."""
    rows = store.as_json("debt", "list")["debts"]
    assert all(row["bucket"] == OWES and row["state"] == "owed" for row in rows), rows
    owed = {row["key"]: row["id"] for row in rows}
    assert len(owed) == len(rows), f"a debt is there twice: {rows}"
    return owed


def begin(store):
    """The state of the copy: all of KEPT owed but the last, which a document has shown as done."""
    ok(store.root.request("PUT", "/" + OWES))
    for key in KEPT:
        if key == KEPT[3]:  # a put that owes takes two entries: from here on they stand at the other parity
            ok(store.root.put(w.PLAIN, "owes nothing", b""))
        ok(store.root.put(OWES, key, b"two copies, please"))
    owed = listed(store)
    assert sorted(owed) == KEPT, owed
    store.command("debt", "pay", owed[KEPT[-1]], "--by", "crash-paper")
    return owed


def lose(store):
    """What comes after the copy was taken: a debt more and one less, both forgotten with it."""
    ok(store.root.put(OWES, "lost", b"two copies, please"))
    ok(store.root.delete(OWES, KEPT[2]))


def go_on(store, owed, journal):
    """Debts of the new log, and debts of both settled: by the object's going and by a document."""
    def act(name, call):
        journal.write({"ask": name})
        call()
        journal.write({"done": name})

    for key in AFTER:
        act(f"put {key}", lambda key=key: ok(store.root.put(OWES, key, b"two copies, please")))
    act(f"gone {KEPT[0]}", lambda: ok(store.root.delete(OWES, KEPT[0])))
    act(f"paid {KEPT[1]}", lambda: store.command("debt", "pay", owed[KEPT[1]], "--by", "crash-paper"))
    act(f"gone {AFTER[1]}", lambda: ok(store.root.delete(OWES, AFTER[1])))
    index = lambda name: name.rpartition("#")[2]
    new = {index(name) for key, name in listed(store).items() if key in AFTER}
    assert new & {index(name) for name in owed.values()}, f"no index is of both logs: {owed}, {new}"


def check(store, rows):
    """Each debt that must be there is, under its own name, once; each that is settled is; and the counts agree."""
    prepared = next(row["prepared"] for row in rows if "prepared" in row)
    asked, done = ({row[what] for row in rows if what in row} for what in ("ask", "done"))
    owed, there = listed(store), [key.decode() for key in store.root.keys(OWES)]
    for key in KEPT + AFTER:
        settles = {f"gone {key}", f"paid {key}"}
        must = (key in KEPT[:-1] or f"put {key}" in done) and not settles & asked
        must_not = bool(settles & done) or key == KEPT[-1] or (key in AFTER and f"put {key}" not in asked)
        assert not (must and key not in owed), f"{key} is owed no more: {owed}"
        assert not (must_not and key in owed), f"{key} is owed: {owed}"
        if key in KEPT and key in owed:
            assert owed[key] == prepared[key], f"{key} is another debt than it was: {owed[key]}, not {prepared[key]}"
        if key in AFTER:
            assert (key in owed) == (key in there), f"{key} and its debt are of one turn: {owed}, {there}"
            assert key not in owed or re.search(r"/2#\d+$", owed[key]), owed
    assert set(owed) <= set(KEPT + AFTER), f"nobody knows of that: {owed}"
    for key, how in ((KEPT[-1], "paid"), (KEPT[1], "paid"), (KEPT[0], "gone")):
        shown = json.loads(store.command("debt", "show", prepared[key], "--format", "json").stdout)
        settled = key == KEPT[-1] or f"{how} {key}" in done
        assert shown["key"] == key and (shown["state"] == "met" or not settled), shown
        assert key == KEPT[-1] or shown["state"] != "met" or "/2#" in shown["settled"], f"settled in the new log: {shown}"
    assert store.metric("debts_owed") == len(owed), f"the counts say {store.metric('debts_owed')}: {owed}"
    ok(store.root.put(OWES, "more", b"and it goes on"))
    assert store.metric("debts_owed") == len(owed) + 1 and "more" in listed(store)
