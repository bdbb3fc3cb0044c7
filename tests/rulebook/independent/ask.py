#!/usr/bin/env python3
"""Asks `azekura` about rulebooks, registers and facts at random and compares with what the language means.

    ask.py AZEKURA [--requests N] [--seed N] [--keep DIR]

Every disagreement is printed with the seed of its request: `--seed N --requests 1` asks that one again, and
`--keep DIR` leaves its files there.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

import yaml

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from invent import ABOUT, ACTS, ROWS, Inventor, Registrar
from rules import Request, World, about_of
from values import instant, of_yaml
from world import request_of

# libyaml's where it is there: ten times as fast.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
TRUTHS = {True: "true", False: "false", None: "unknown"}


def read(path, documents=False):
    with open(path, encoding="utf-8") as file:
        loaded = list(yaml.load_all(file, Loader=LOADER))
    return loaded if documents else loaded[0]


def write(path, documents):
    with open(path, "w", encoding="utf-8") as file:
        yaml.dump_all(documents, file, Dumper=DUMPER, sort_keys=False, width=10000, allow_unicode=True)


def azekura(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, timeout=120)
    if done.returncode not in ((0, 1, 3) if arguments[0] == "assess" else (0,)):
        raise AssertionError("azekura %s: %s%s" % (" ".join(arguments), done.returncode, done.stderr))
    return json.loads(done.stdout)


def short(paths):
    """A parameter is told by its short name or its long one."""
    return sorted({"param." + path.rsplit("/", 1)[-1].removeprefix("param.") if path.startswith("param.") else path
                   for path in paths})


def told(answer):
    """What the program said of a clause, in the words of rules.Asked.answer."""
    return {
        "applies": answer["applies"], "truth": answer["truth"], "verdict": answer["verdict"], "effect": answer["effect"],
        "strength": answer["strength"], "paths": short(fact["path"] for fact in answer["facts"]),
        "requires": [one["truth"] for one in answer["requires"]],
    }


def meant(answer):
    return {**answer, "applies": TRUTHS[answer["applies"]], "truth": TRUTHS[answer["truth"]],
            "paths": short(answer["paths"]), "requires": [TRUTHS[one] for one in answer["requires"]]}


def differences(answers, decision, said):
    """Lines that say where the program and the meaning part ways."""
    found = []
    if decision != said["decision"]:
        found.append("decision: %s, means %s" % (said["decision"], decision))
    spoke = {(one["rulebook"], one["clause"]): told(one) for one in said["clauses"]}
    mine = {key: meant(one) for key, one in answers.items()}
    for key in sorted(set(spoke) ^ set(mine)):
        found.append("%s/%s: %s" % (*key, "should have spoken" if key in mine else "should not have spoken"))
    for key in sorted(set(spoke) & set(mine)):
        for what in mine[key]:
            if mine[key][what] != spoke[key][what]:
                found.append("%s/%s: %s: %s, means %s" % (*key, what, spoke[key][what], mine[key][what]))
    return found


def ask_facts(program, seed, folder):
    """Facts alone, everything adopted: `azekura explain ASKED --what-if --facts FILE`."""
    inventor = Inventor(random.Random(seed))
    asked = inventor.one(ACTS + ABOUT)
    about = list(about_of(asked)[0]) + [inventor.one(ABOUT)]
    books = [inventor.rulebook("book-%d" % i, about, 6) for i in range(inventor.one((1, 2, 3)))]
    act = inventor.one(ACTS) if asked in ABOUT and inventor.chance(3) else None
    rules, facts, at = os.path.join(folder, "rules.yaml"), os.path.join(folder, "facts.yaml"), inventor.moment()
    write(rules, books)
    write(facts, [inventor.facts()])
    arguments = ["explain", asked, "--what-if", "--rulebook", rules, "--facts", facts, "--at", at, "--format", "json"]
    arguments += ["--fact", "act=" + act] if act else []
    said = azekura(program, *arguments)
    known = {name: of_yaml([]) for name in ("reviews", "documents")}  # an empty register: open lists of nothing
    known.update({path: of_yaml(node) for path, node in read(facts).items()})
    answers, decision = World(read(rules, documents=True)).decide(Request(asked, known, instant(at), act=act))
    return len(answers), arguments, differences(answers, decision, said)


def ask_register(program, seed, folder):
    """A register whose operators adopt: `azekura explain KIND --subject ID`, and `azekura assess` of everything."""
    inventor = Registrar(random.Random(seed))
    books, at = inventor.books(), inventor.moment()
    rules, rows = os.path.join(folder, "rules.yaml"), os.path.join(folder, "register.yaml")
    write(rules, books)
    write(rows, [{**inventor.register(), "adopts": inventor.adopts(books), "exceptions": inventor.exceptions(books)}])
    files = ["--register", rows, "--rulebook", rules, "--format", "json"]
    register, loaded = read(rows), read(rules, documents=True)
    world = World(loaded, register["adopts"], register["exceptions"])
    key = inventor.one(ROWS)
    row = inventor.one(register[key])
    arguments = ["explain", ROWS[key][0], "--subject", row["id"], "--at", at, *files]
    answers, decision = world.decide(request_of(register, key, row, instant(at)))
    found = differences(answers, decision, azekura(program, *arguments))
    return len(answers), arguments, found + assessed(program, world, register, at, files)


def assessed(program, world, register, at, files):
    """Where the assessment of every row parts ways with what the rules mean."""
    said = {}
    for one in azekura(program, "assess", "--as-of", at, *files)["rows"]:
        paths = short(fact["path"] for fact in one["facts"])
        said[(one["rulebook"], one["clause"], one["subject"])] = (one["verdict"], one["strength"], one["effect"], paths)
    means = {}
    for key in ROWS:
        for row in register[key]:
            for clause, one in world.asked(request_of(register, key, row, instant(at))).items():
                answer = one.answer()
                verdict = {"lifted": "excepted"}.get(answer["verdict"], answer["verdict"])
                means[(*clause, row["id"])] = (verdict, answer["strength"], answer["effect"], short(answer["paths"]))
                if one.applies is False:
                    means[(*clause, row["id"])] = ("not-applicable",)
    found = ["assess: %s/%s of %s: %s" % (*key, "is told" if key in said else "is not told") for key in set(said) ^ set(means)]
    for key in sorted(set(said) & set(means)):
        if said[key][:len(means[key])] != means[key]:
            found.append("assess: %s/%s of %s: %s, means %s" % (*key, said[key], means[key]))
    return found


WAYS = (ask_facts, ask_facts, ask_register)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--requests", type=int, default=120)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--keep", default=None)
    options = parser.parse_args()
    given = options.seed if options.seed is not None else os.environ.get("SEED")
    first = int(given) if given is not None else random.SystemRandom().randrange(10**9)
    print("seed %d, %d requests" % (first, options.requests))
    wrong = clauses = 0
    for seed in range(first, first + options.requests):
        with tempfile.TemporaryDirectory() as temporary:
            folder = options.keep or temporary
            os.makedirs(folder, exist_ok=True)
            count, arguments, found = WAYS[seed % len(WAYS)](options.program, seed, folder)
            clauses += count
            for line in found:
                print("seed %d (azekura %s): %s" % (seed, " ".join(arguments), line))
            wrong += bool(found)
    print("%d requests, %d clauses spoke, %d requests were answered otherwise than the rules mean" %
          (options.requests, clauses, wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
