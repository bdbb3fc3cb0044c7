#!/usr/bin/python3
"""`azekura explain` and `azekura assess` say the same of the same facts: every subject of the sample register, by what it adopts
and by every shipped rulebook as if adopted.

An assessment judges an event by the rules of its own day, and `explain` by those of the day it is asked to: of events the clauses
of other days' editions are other questions, as are verdicts over other facts. Without a day `explain` takes the event's. Of a
clause with duties both judge the clocks too: there an assessment names what began them beside what the conditions read."""
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
AZEKURA = os.path.abspath(sys.argv[1])
DAY = "2026-11-21"
EVENTS = ("incident", "transfer", "change", "drill", "request", "session")
SAID_BY = ["--register", str(ROOT / "examples" / "register"), "--rulebook", str(ROOT / "rulebooks"),
           "--rulebook", str(ROOT / "examples" / "rulebooks")]


def ask(*words):
    done = subprocess.run([AZEKURA, *words, *SAID_BY, "--format", "json"], capture_output=True, text=True, timeout=300)
    assert done.stdout, f"{' '.join(words)}: {done.stderr}"
    return json.loads(done.stdout)


def plain(facts):
    """Facts but lists, of which an assessment shows a summary."""
    return {f["path"]: (f["value"], f["known"]) for f in facts if not isinstance(f["value"], (dict, list))}


def subjects(rows):
    """{(about, subject): {clause: (verdict, facts)}} of what was asked; what does not apply explain does not tell."""
    told = {}
    for row in rows:
        verdicts = told.setdefault((row["about"], row["subject"]), {})
        if row["verdict"] != "not-applicable":
            verdicts[f"{row['rulebook']}/{row['clause']}"] = (row["verdict"], plain(row["facts"]))
    return told


def differ(about, assessed, explained):
    if assessed is None or explained is None:
        return about not in EVENTS
    has_clocks = explained[2]
    same = explained[1].items() <= assessed[1].items() if has_clocks else assessed[1] == explained[1]
    return assessed[0] != explained[0] and same


def compare(about, subject, assessed, more):
    words = ["explain", about, "--at", DAY, *more]
    if subject != "-":
        words += ["--subject", subject.removesuffix("@?")]
    explained = {f"{c['rulebook']}/{c['clause']}": (c["verdict"], plain(c["facts"]), "duties" in c) for c in ask(*words)["clauses"]}
    return {name: (assessed.get(name), explained.get(name)) for name in assessed.keys() | explained.keys()
            if differ(about, assessed.get(name), explained.get(name))}


def agree(*more):
    told = subjects(ask("assess", "--as-of", DAY, *more)["rows"])
    assert len(told) > 50, len(told)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = {pool.submit(compare, about, subject, verdicts, more): (about, subject)
                for (about, subject), verdicts in told.items()}
        wrong = {jobs[job]: job.result() for job in concurrent.futures.as_completed(jobs) if job.result()}
    assert not wrong, f"of {len(told)} subjects {len(wrong)} differ (assess, explain): " + "; ".join(
        f"{' '.join(subject)}: {what}" for subject, what in sorted(wrong.items())[:8])
    print(f"{len(told)} subjects, {sum(map(len, told.values()))} verdicts: the same{' ' + ' '.join(more) if more else ''}")


agree()
agree("--what-if")
