#!/usr/bin/env python3
"""What a planned rulebook would change of a register with more rows than a person reads: rows fold by
clause, verdict and operator, and the sums are those of rows told one by one.

Usage: test_impact.py AZEKURA SOURCE-ROOT"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile

AZEKURA, ROOT = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
OPERATORS = ["east-gas", "west-water", ""]
REGISTER = """operators:
  - {id: east-gas, sectors: [gas]}
  - {id: west-water, sectors: [water]}
sites:
  - {id: east, country: JP, owner: east-gas}
  - {id: west, country: JP, owner: west-water}
services:
  - {id: heat, operator: east-gas}
  - {id: pumps, operator: west-water, systems: [scada]}
  - {id: bills, operator: west-water}
systems:
  - {id: boiler, operator: east-gas, services: [heat], sites: [east]}
  - {id: scada, operator: west-water, sites: [west]}
adopts:
  - {id: a, rulebook: own-line, from: 2026-01-01}
"""
RULES = """rulebook: own-2026
line: own-line
issuer: Own
title: {en: Own}
in_force: {from: "2026-01-01"}
clauses:
  - id: supported
    about: equipment
    source: {basis: own, where: x}
    strength: own
    require:
      - equipment.support_end > 2026-06-01
"""
# Support must last longer, and be told; sites must be elsewhere; a clause of its own from May.
NEXT = """rulebook: own-2027
line: own-line
issuer: Own
title: {en: Own}
in_force: {from: "2027-04-01"}
clauses:
  - id: supported
    about: equipment
    source: {basis: own, where: x}
    strength: own
    require:
      - equipment.support_end > 2029-06-01
  - id: elsewhere
    about: site
    source: {basis: own, where: x}
    strength: own
    require:
      - place.country in ["SE"]
  - id: placed
    about: equipment
    source: {basis: own, where: x}
    strength: own
    in_force: {from: "2027-05-01"}
    require:
      - equipment.site known
"""
HEAD = "id,category,operator,site,support_end,systems[]\n"


def things(count, seed):
    r = random.Random(seed)
    out = []
    for i in range(count):
        operator = r.choice(OPERATORS)
        end = r.choice(["2030-01-01", "2028-01-01", "2026-02-02", "", "unknown"])
        out.append((f"w{i:06}", operator, r.choice(["east", "west", "unknown"]), end,
                    r.choice(["", "boiler", "scada", "boiler;scada"])))
    return out


def line(thing):
    name, operator, site, end, systems = thing
    return f"{name},router,{operator},{site},{end},{systems}\n"


def impact(rows, *options, code=1, text=False):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("register.yaml", REGISTER), ("equipment.csv", HEAD + "".join(map(line, rows)))):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.write(content)
        os.mkdir(os.path.join(folder, "rules"))
        for name, content in (("rules/now.yaml", RULES), ("next.yaml", NEXT)):
            with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
                out.write(content)
        os.mkdir(os.path.join(folder, "r"))
        for name in ("register.yaml", "equipment.csv"):
            os.rename(os.path.join(folder, name), os.path.join(folder, "r", name))
        done = subprocess.run([AZEKURA, "rulebook", "impact", "next.yaml", "--register", "r", "--rulebook", "rules",
                               "--as-of", "2026-03-01", *([] if text else ["--format", "json"]), *options],
                              capture_output=True, text=True, cwd=folder, check=False)
        assert done.returncode == code, (done.returncode, done.stderr, done.stdout[-500:])
        return done.stdout if text else json.loads(done.stdout)


# What a person would say of each thing, from the rules above.
def expected(rows):
    sums, services = collections.Counter(), collections.Counter()
    for name, operator, site, end, systems in rows:
        now = "unknown" if end in ("", "unknown") else "fail" if end < "2026-06-02" else "pass"
        then = "unknown" if end in ("", "unknown") else "fail" if end < "2029-06-02" else "pass"
        said = []
        if then == "fail" and now != "fail" or then == "unknown" and now not in ("fail", "unknown"):
            said.append(("supported", then))
        if site == "unknown":
            said.append(("placed", "fail"))
        for clause, verdict in said:
            sums[clause, verdict, operator] += 1
            for system in filter(None, systems.split(";")):
                services[{"boiler": "heat", "scada": "pumps"}[system], verdict] += 1
    for site, operator, service in (("east", "east-gas", "heat"), ("west", "west-water", "pumps")):
        sums["elsewhere", "fail", operator] += 1
        services[service, "fail"] += 1
    return sums, services


def sums_of(answer):
    sums = collections.Counter()
    for row in answer["rows"]:
        sums[row["clause"], row["verdict"], row["operator"]] += row.get("count", 1)
    return sums


def services_of(answer):
    out = collections.Counter()
    for s in answer["services"]:
        for verdict in ("fail", "unknown"):
            if s["newly_" + verdict] > 0:
                out[s["service"], verdict] = s["newly_" + verdict]
    return out


def agrees(answer, rows):
    sums, services = expected(rows)
    assert sums_of(answer) == sums, (sums_of(answer), sums)
    assert services_of(answer) == services, (services_of(answer), services)
    assert answer["newly_fail"] == sum(n for (_, v, _), n in sums.items() if v == "fail")
    assert answer["newly_unknown"] == sum(n for (_, v, _), n in sums.items() if v == "unknown")
    assert answer["looked_at"] == 2 * len(rows) + 2


def folded_rows_add_up_to_those_told_one_by_one():
    rows = things(600, 7)
    whole, folded = impact(rows), impact(rows, "--rows", "30")
    agrees(whole, rows), agrees(folded, rows)
    assert not whole["folded"] and folded["folded"], "above --rows it folds, and says so"
    assert all("count" not in r for r in whole["rows"]) and len(folded["rows"]) < 60 < len(whole["rows"])
    assert folded["services"] == whole["services"]
    one_by_one = {(r["clause"], r["subject"]): r for r in whole["rows"]}
    for row in folded["rows"]:
        first = one_by_one[row["clause"], row["subject"]]
        assert {k: v for k, v in row.items() if k not in ("count", "examples")} == first
        for example in row.get("examples", []):
            other = one_by_one[row["clause"], example]
            assert (other["operator"], other["verdict"]) == (row["operator"], row["verdict"]), "folded over operators"
    assert {r["by"] for r in whole["rows"] if r["clause"] == "placed"} == {"2027-05-01T00:00:00Z"}
    befores = {(r["clause"], r["before"]) for r in whole["rows"]}
    assert befores == {("supported", "pass"), ("placed", "not-bound"), ("elsewhere", "not-bound")}, befores


def a_person_is_told_that_rows_stand_for_many():
    rows = things(600, 7)
    said = impact(rows, "--rows", "30", text=True)
    assert "some stand for many" in said and " more" in said, said[:500]
    said = impact(rows, "--rows", "30", "--lang", "ja", text=True)
    assert said.startswith("採択した場合：") or "\n採択した場合：" in said, "adoption had another word here than everywhere else"
    assert "まとめて" in said and "ほか" in said, said[:500]


def an_operators_rows_are_those_of_all():
    rows = things(600, 8)
    for operator in OPERATORS[:2]:
        whole, alone = impact(rows), impact(rows, "--operator", operator)
        assert alone["rows"] == [r for r in whole["rows"] if r["operator"] == operator]
        folded, alone = impact(rows, "--rows", "30"), impact(rows, "--operator", operator, "--rows", "30")
        mine = {k: n for k, n in sums_of(folded).items() if k[2] == operator}
        assert sums_of(alone) == mine, "sums join over operators"


def more_rows_than_the_limit_once_ended_the_command():
    """120,000 things in a file that is walked; of the two services counts are whole, and each operator has its rows."""
    rows = things(120000, 9)
    assert sum(len(line(r)) for r in rows) > 4 << 20, "walked, not held"
    answer = impact(rows)
    agrees(answer, rows)
    assert not answer["folded"] and len(answer["rows"]) < 100000 < answer["looked_at"], "today needs no rows"
    every = [(n, o, "unknown", "2028-01-01", s) for n, o, _, _, s in rows]
    most = impact(every)
    agrees(most, every)
    assert most["folded"] and most["newly_fail"] == 240002, "new on each day: more than 100,000"
    assert len(most["rows"]) <= 6 * 1000 + 2


def main():
    for check in (folded_rows_add_up_to_those_told_one_by_one, a_person_is_told_that_rows_stand_for_many, an_operators_rows_are_those_of_all,
                  more_rows_than_the_limit_once_ended_the_command):
        check()
        print("ok", check.__name__.replace("_", " "), flush=True)


main()
