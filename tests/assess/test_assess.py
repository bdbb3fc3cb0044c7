#!/usr/bin/env python3
"""Assessments and duties from the command line: verdicts as predicted, the same bytes from the same
knowledge in any order, and nothing unknown that turns a failure into a pass.

Usage: test_assess.py AZEKURA SOURCE-ROOT"""
import itertools
import json
import os
import random
import re
import subprocess
import sys
import tempfile

AZEKURA, ROOT = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
HERE = os.path.join(ROOT, "tests/assess")
RULES = os.path.join(HERE, "rules.yaml")
REGISTER = open(os.path.join(HERE, "register.yaml"), encoding="utf-8").read()
DAY = "2026-02-01"


def run(*words, folder=None):
    done = subprocess.run([AZEKURA, *words], capture_output=True, text=True, cwd=folder, check=False)
    return done.returncode, done.stdout, done.stderr


def write(folder, text, name="register.yaml"):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


def assess(text, *options, rules=(RULES,), day=DAY):
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, text)
        words = ["assess", "--register", path, "--as-of", day, "--what-if", "--format", "json"]
        for rule in rules:
            words += ["--rulebook", rule]
        code, out, err = run(*words, *options)
        assert code in (0, 1, 3), err
        return code, json.loads(out), out


def verdicts(document):
    return {(r["clause"], r["subject"]): r["verdict"] for r in document["rows"]}


def verdicts_are_as_predicted():
    code, document, _ = assess(REGISTER)
    assert code == 1
    expected = {
        ("copy.home", "d1@east"): "pass", ("copy.home", "d1@west"): "fail",
        ("copy.home", "d2@east"): "not-applicable", ("copy.home", "d3@?"): "unknown",
        ("dataset.copies", "d1"): "pass", ("dataset.copies", "d2"): "not-applicable",
        ("dataset.copies", "d3"): "fail",  # the one that this store keeps, and no other
        ("site.quake", "east"): "pass", ("site.quake", "west"): "fail",
        ("thing.owned", "e1"): "pass", ("thing.owned", "e2"): "fail", ("thing.owned", "e3"): "pass",
        ("thing.supported", "e1"): "pass", ("thing.supported", "e2"): "fail",
        ("thing.supported", "e3"): "unknown",
        ("thing.maker", "e1"): "pass", ("thing.maker", "e2"): "fail", ("thing.maker", "e3"): "unknown",
        ("thing.reviewed", "e1"): "pass", ("thing.reviewed", "e2"): "fail",
        ("thing.reviewed", "e3"): "not-applicable",
        ("system.assessed", "s1"): "attested", ("system.assessed", "s2"): "unknown",
        ("paper.court", "c1"): "pass", ("paper.court", "c2"): "fail",
        ("paper.court", "c3"): "not-applicable",
        ("outage", "i1"): "unknown", ("outage", "i2"): "fail", ("outage", "i3"): "unknown",
        # An event is judged by the rules of its day, and by no others.
        ("outage", "i0"): "not-applicable", ("outage.until-2020", "i0"): "fail",
    }
    assert verdicts(document) == expected, {
        k: (verdicts(document).get(k), expected.get(k))
        for k in set(expected) | set(verdicts(document)) if verdicts(document).get(k) != expected.get(k)}
    assert [(n["clause"], n["reason"]) for n in document["not_checkable"]] == [("read.home", "gate")]
    for row in document["rows"]:
        for key in ("rulebook", "clause", "about", "subject", "verdict", "facts", "sources", "basis", "strength",
                    "effect"):
            assert key in row, (key, row)
        assert ("change" in row) == (row["verdict"] in ("fail", "unknown", "excepted")), row
    total = document["coverage"]["verdicts"]
    assert sum(total.values()) == len(document["rows"])


def ten_facts_change_exactly_the_predicted_verdicts():
    before = verdicts(assess(REGISTER)[1])
    changes = [  # what is written, what is written instead, the verdicts that change
        ("{id: west, kind: data-centre, country: US", "{id: west, kind: data-centre, country: JP",
         {("copy.home", "d1@west"): "pass"}),
        ("hazard: {quake_30y: 10 %}", "hazard: {quake_30y: 20 %}", {}),
        ("hazard: {quake_30y: 10 %}", "hazard: {quake_30y: 20.001 %}", {("site.quake", "east"): "fail"}),
        ("{id: d2, operator: op, class: ordinary", "{id: d2, operator: op, class: critical",
         {("copy.home", "d2@east"): "pass", ("dataset.copies", "d2"): "fail"}),
        ("support_end: 2020-01-01", "support_end: 2026-02-02", {("thing.supported", "e2"): "pass"}),
        ("support_end: 2020-01-01", "support_end: 2026-02-01", {}),
        ("{id: maker-us, country: US}", "{id: maker-us, country: JP}", {("thing.maker", "e2"): "pass"}),
        ("items: [e1]}, date", "items: [e1, e2]}, date", {("thing.reviewed", "e2"): "pass"}),
        ("items: [s1]}, date", "items: [s2]}, date",
         {("system.assessed", "s1"): "unknown", ("system.assessed", "s2"): "attested"}),
        ("kind: cloud, court: US", "kind: own, court: US", {("paper.court", "c2"): "not-applicable"}),
        ("{id: e2, category: router, operator: op,", "{id: e2, category: router, operator: op, site: east,",
         {("thing.owned", "e2"): "pass"}),
    ]
    for was, becomes, predicted in changes:
        assert REGISTER.count(was) == 1, was
        after = verdicts(assess(REGISTER.replace(was, becomes))[1])
        changed = {k: after.get(k) for k in set(before) | set(after) if before.get(k) != after.get(k)}
        assert changed == predicted, (was, becomes, changed)


def order_changes_nothing():
    r = random.Random(7)
    plain = assess(REGISTER, "--threads", "1")[2]
    assert plain == assess(REGISTER, "--threads", "4")[2]
    for _ in range(6):
        parts = re.split(r"(?m)^(?=[a-z])", REGISTER)
        shuffled = []
        for part in filter(None, parts):
            head, *lines = part.splitlines()
            rows = [line for line in lines if line.lstrip().startswith("- ")]
            rest = [line for line in lines if not line.lstrip().startswith("- ")]
            r.shuffle(rows)
            shuffled.append("\n".join([head, *rest, *rows]))
        r.shuffle(shuffled)
        assert assess("\n".join(shuffled) + "\n", "--threads", str(r.randint(1, 5)))[2] == plain


def unknown_facts_and_open_lists_never_turn_a_failure_into_a_pass():
    before = verdicts(assess(REGISTER)[1])
    fields = r"\b(country|class|kind|quake_30y|site|maker|support_end|category|court|date|entity|operator|store)"
    spans = [m.span(2) for m in re.finditer(fields + r": ([^,}\[\]{\n]+)", REGISTER)]
    mutants = [REGISTER[:a] + "unknown" + REGISTER[b:] for a, b in spans]
    for m in re.finditer(r"\{complete: true, as_of: 2026-01-01, items: (\[[^\]]*\])\}", REGISTER):
        mutants.append(REGISTER[:m.start()] + m.group(1) + REGISTER[m.end():])
    mutants.append(REGISTER.replace("  complete: true\n  as_of: 2026-01-01\n", ""))
    assert len(mutants) > 50
    judged = 0
    for mutant in mutants:
        with tempfile.TemporaryDirectory() as folder:
            path = write(folder, mutant)
            code, out, _ = run("assess", "--register", path, "--rulebook", RULES, "--what-if", "--as-of", DAY,
                               "--format", "json")
        if code == 4:
            continue  # the loader wants that one said
        judged += 1
        for key, verdict in verdicts(json.loads(out)).items():
            assert not (before.get(key) == "fail" and verdict in ("pass", "attested")), (key, verdict)
    assert judged > 40, judged


def equal_rows_fold_above_the_limit():
    things = "".join(f"  - {{id: x{i:03}, category: router, operator: op}}\n" for i in range(200))
    text = REGISTER.replace("contracts:\n", things + "contracts:\n", 1)
    whole, folded = assess(text)[1], assess(text, "--rows", "60")[1]
    assert folded["folded"] and not whole["folded"] and len(folded["rows"]) < 100
    assert whole["coverage"] == folded["coverage"]
    rest = [r for r in folded["rows"] if r.get("count", 1) > 1]
    assert rest and all(len(r["examples"]) > 1 for r in rest)
    assert sum(r.get("count", 1) for r in folded["rows"]) == len(whole["rows"])


def large_equipment_is_walked_to_the_same_verdicts():
    head = "id,category,operator,site,maker,support_end\n"
    r = random.Random(3)
    rows = [f"w{i:06},{r.choice(['router', 'meter'])},op,{r.choice(['east', 'west', ''])},"
            f"{r.choice(['maker-jp', 'maker-us', ''])},{r.choice(['2030-01-01', '2020-01-01', 'unknown', ''])}\n"
            for i in range(120000)]
    with tempfile.TemporaryDirectory() as large, tempfile.TemporaryDirectory() as small:
        write(large, REGISTER), write(small, REGISTER)
        write(large, head + "".join(rows), "equipment.csv")
        assert os.path.getsize(os.path.join(large, "equipment.csv")) > 4 << 20
        common = ["--rulebook", RULES, "--what-if", "--as-of", DAY, "--format", "json"]
        walked = json.loads(run("assess", "--register", large, *common)[1])
        tally = {}
        for first in range(0, 120000, 30000):  # the same rows, held
            write(small, head + "".join(rows[first:first + 30000]), "equipment.csv")
            held = json.loads(run("assess", "--register", small, *common)[1])
            for c in held["clauses"]:
                for verdict in held["coverage"]["verdicts"]:
                    key = (c["clause"], verdict)
                    tally[key] = tally.get(key, 0) + c[verdict]
        base = assess(REGISTER)[1]
        for c in walked["clauses"]:
            if c["about"] != "equipment":
                continue
            own = next(b for b in base["clauses"] if b["clause"] == c["clause"])
            for verdict in base["coverage"]["verdicts"]:
                assert c[verdict] == tally[c["clause"], verdict] - 3 * own[verdict], (c, verdict)
        for bad, said in (("w000000,router,op,east,,\n", "stands in"), ("z,router,op,nowhere,,\n", ":120002:"),
                          ("z,router,op,east,,2030-13-01\n", ":120002:"), ("z,router\n", ":120002:")):
            write(large, head + "".join(rows) + bad, "equipment.csv")
            code, _, err = run("assess", "--register", large, *common)
            assert code == 4 and said in err, (code, err)


def large_equipment_says_what_cannot_be():
    """Rows too many to hold were held against no word list and no range; all that is wrong is said, and counted."""
    head = "id,category,operator,site,maker,count\n"
    rows = [f"w{i:06},router,op,east,maker-jp,{'-1' if i in bad else '7'}\n" for bad in [{5, 60000, 149999}] for i in range(150000)]
    with tempfile.TemporaryDirectory() as large:
        write(large, REGISTER), write(large, head + "".join(rows), "equipment.csv")
        path = os.path.join(large, "equipment.csv")
        assert os.path.getsize(path) > 4 << 20
        code, _, err = run("assess", "--register", large, "--rulebook", RULES, "--what-if", "--as-of", DAY)
        assert code == 4 and "3 mistakes, and nothing was judged" in err, (code, err)
        for line in (7, 60002, 150001):
            assert f'equipment.csv:{line}:33: expected at least 0 for "count", found "-1"' in err, err
        code, out, err = run("register", "check", large)
        assert code == 1 and "equipment.csv:60002:33:" in out and "3 errors: this register would not be taken" in out, (code, out, err)
        write(large, head + "".join(r.replace("-1", "7") for r in rows), "equipment.csv")
        code, out, err = run("register", "check", "--format", "json", large)
        assert code == 0 and json.loads(out)["rows"] > 150000, (code, out, err)
        write(large, head + "".join(f"w{i:06},router,op,east,maker-jp,-1\n" for i in range(150000)), "equipment.csv")
        code, out, err = run("register", "check", large)
        assert code == 1 and "150000 errors" in out and out.count("\n") < 1100, (code, len(out), out[-300:])


def words_that_are_nearly_asked_for_are_told_of_walked_equipment_too():
    """A thing of category "ruoter" was asked nothing that routers are, and only of equipment few enough to hold was that said."""
    head = "id,category,operator,site,maker\n"
    slips = {7: "ruoter", 60000: "Router", 60001: "ruoter", 149990: "routr", 149995: "rauter", 149999: "routr"}
    rows = [f"w{i:06},{slips.get(i, 'router' if i % 2 else 'meter')},op,east,maker-jp\n" for i in range(150000)]
    with tempfile.TemporaryDirectory() as large:
        write(large, REGISTER), write(large, head + "".join(rows), "equipment.csv")
        path = os.path.join(large, "equipment.csv")
        assert os.path.getsize(path) > 4 << 20
        common = ["--register", large, "--rulebook", RULES, "--what-if", "--as-of", DAY, "--format", "json"]
        for _ in range(3):  # whichever thread comes to which part first
            code, out, err = run("assess", *common)
            said = [w for w in json.loads(out)["warnings"] if "nearly" in w or "did you mean" in w]
            assert said == [
                *(f'{path}:{i + 2}:9: equipment "w{i:06}" says "{slips[i]}" for category, which no adopted rulebook asks for; '
                  'did you mean "router"?' for i in (7, 60000, 149990)),
                "and 3 times more equipment says a word that no adopted rulebook asks for, though one that is nearly the same"], said
        write(large, head + "".join(f"w{i:06},router,op,east,maker-jp\n" for i in range(150000)), "equipment.csv")
        assert not any("did you mean" in w for w in json.loads(run("assess", *common)[1])["warnings"])


def what_must_be_told_does_not_pass_while_nobody_tells_it():
    """A report a year overdue was a pass that rested on no fact; and of things and changes nobody could say that they were notified."""
    rule = """rulebook: r
issuer: i
clauses:
  - {id: day, about: incident, source: {basis: own, where: w}, strength: law, title: {en: Day},
     duty: [{stage: first, start: incident.detected, within: 24 h, to: [minister]}]}
  - {id: prompt, about: incident, source: {basis: own, where: w}, strength: law,
     duty: [{stage: first, start: incident.detected, within: promptly, to: [minister]}]}
  - {id: thing, about: equipment, source: {basis: own, where: w}, strength: law,
     duty: [{stage: notified, start: equipment.introduced, within: 4 months, to: [minister]}]}
"""
    def report(at, stage="first"):
        return f"reports: [{{stage: {stage}, to: minister, at: '{at}'}}]"
    register = "operators: [{id: o}]\nincidents:\n" + "".join(f"  - {{id: {i}, operator: o, {more}}}\n" for i, more in (
        ("a", f"detected: '2026-01-10T00:00:00Z', {report('2026-01-11T00:00:00Z')}"),
        ("b", f"detected: '2026-01-10T00:00:00Z', {report('2026-01-11T00:00:01Z')}"),
        ("c", "detected: '2026-01-10T00:00:00Z'"), ("d", "detected: '2026-01-11T00:00:00Z'"),
        ("e", "occurred: '2026-01-09', detected: unknown"), ("f", "occurred: '2026-02-01'"),
        ("g", f"detected: '2026-01-10T00:00:00Z', {report('2026-01-10T01:00:00Z', 'full')}"))) + (
        "equipment:\n  - {id: told, operator: o, introduced: '2025-06-01', " + report("2025-07-01", "notified") + "}\n"
        "  - {id: untold, operator: o, introduced: '2025-06-01'}\n  - {id: new, operator: o, introduced: '2025-12-01'}\n"
        "  - {id: whenever, operator: o}\n")
    adopted = "adopts: [{id: r, rulebook: r, by: board%s}]\n"
    with tempfile.TemporaryDirectory() as there:
        write(there, rule, "rule")
        def judged(more="", lang="en", at="2026-01-12", extra=""):
            with tempfile.TemporaryDirectory() as here:
                write(here, register + adopted % more + extra)
                code, out, err = run("assess", "--register", here, "--rulebook", os.path.join(there, "rule"), "--as-of", at,
                                     "--lang", lang, "--format", "json")
                assert code in (0, 1, 3), (code, err)
                return {(r["clause"], r["subject"]): r for r in json.loads(out)["rows"]}
        rows = judged()
        wanted = {"a": "pass", "b": "fail", "c": "fail", "d": "pass", "e": "unknown", "g": "fail"}
        assert {s: r["verdict"] for (c, s), r in rows.items() if c == "day"} == wanted, rows
        wanted = {"a": "pass", "b": "pass", "c": "unknown", "d": "unknown", "e": "unknown", "g": "unknown"}
        assert {s: r["verdict"] for (c, s), r in rows.items() if c == "prompt"} == wanted, rows
        wanted = {"told": "pass", "untold": "fail", "new": "pass", "whenever": "unknown"}
        assert {s: r["verdict"] for (c, s), r in rows.items() if c == "thing"} == wanted, rows
        assert rows["day", "b"]["change"] == 'the report "first" was sent 2026-01-11T00:00:01Z, and due by 2026-01-11T00:00:00Z', rows["day", "b"]
        assert rows["day", "c"]["change"] == 'report "first" to minister; it was due by 2026-01-11T00:00:00Z', rows["day", "c"]
        assert rows["day", "e"]["change"].startswith("first say: incident.detected (unknown)"), rows["day", "e"]
        assert "set within_first at adoption" in rows["prompt", "c"]["change"], rows["prompt", "c"]
        assert {"incident.detected", "incident.reports"} <= {f["path"] for f in rows["day", "c"]["facts"]}, rows["day", "c"]
        assert "期限は2026-01-11T00:00:00Zだった" in judged(lang="ja")["day", "c"]["change"]
        assert judged(at="2026-01-11T00:00:00Z")["day", "c"]["verdict"] == "pass"
        assert judged(at="2026-01-11T00:00:01Z")["day", "c"]["verdict"] == "fail"
        own = judged(", params: {within_first: 12 h}")  # the operator's own value stands in for "promptly" alone
        assert (own["prompt", "c"]["verdict"], own["day", "d"]["verdict"]) == ("fail", "pass"), own
        excepted = judged(extra="exceptions: [{id: x, clause: r/day, reason: typhoon, measure: by telephone, requester: a, approver: b, "
                                "from: '2026-01-01', until: '2026-02-01'}]\n")
        assert excepted["day", "c"]["verdict"] == "excepted" and excepted["prompt", "c"]["verdict"] == "unknown", excepted


def lists_that_are_not_there_are_told():
    """A rule about a list of makers was unknown for everybody where nobody gave the list, and nothing said why."""
    rule = ("rulebook: r\nissuer: i\nclauses:\n  - id: c\n    about: equipment\n    source: {basis: own, where: w}\n    strength: own\n"
            "    require:\n      - equipment.maker.lists disjoint $shunned\n")
    register = "operators: [{id: o}]\nequipment: [{id: e, operator: o}]\nadopts: [{id: r, rulebook: r, by: board}]\n"
    with tempfile.TemporaryDirectory() as here, tempfile.TemporaryDirectory() as rules:
        write(rules, rule, "rule")
        for more, told in (("", True), ("lists: [{id: shunned, edition: '1', source: s}]\n", False)):
            write(here, register + more)
            out = json.loads(run("assess", "--register", here, "--rulebook", os.path.join(rules, "rule"), "--format", "json")[1])
            said = any("r reads the list shunned, which the register does not have then" in w for w in out["warnings"])
            assert said == told, out["warnings"]


def what_binds_one_dataset_is_not_told_of_another():
    """Two datasets that look alike to a clause were asked as one: adopted for the second alone, it bound neither."""
    rule = ("rulebook: r\nissuer: i\nclauses:\n  - id: c\n    about: dataset\n    source: {basis: own, where: w}\n"
            "    strength: own\n    require:\n      - dataset.owner known\n")
    register = "operators: [{id: o}]\ndatasets: [{id: d1, operator: o}, {id: d2, operator: o}, {id: d3, operator: o}]\n"
    adopted = "adopts: [{rulebook: r, datasets: [d2], by: board}]\n"
    excepted = ("adopts: [{rulebook: r, by: board}]\nexceptions: [{id: x, clause: r/c, dataset: d2, reason: r, requester: a, "
                "approver: b, from: 2026-01-01, until: 2027-01-01}]\n")
    for more, expected in ((adopted, {("c", "d2"): "fail"}),
                           (excepted, {("c", "d1"): "fail", ("c", "d2"): "excepted", ("c", "d3"): "fail"})):
        with tempfile.TemporaryDirectory() as folder:
            words = ["--register", write(folder, register + more), "--rulebook", write(folder, rule, "r.yaml")]
            _, out, err = run("assess", *words, "--as-of", DAY, "--format", "json")
            assert verdicts(json.loads(out)) == expected, (out, err)


def what_is_bought_is_asked_about_alone():
    offer = "equipment:\n  - {id: new, category: router, operator: op, site: east, maker: maker-us}\n"
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, offer, "offer.yaml")
        _, document, _ = assess(REGISTER, "--equipment", path)
        assert {r["subject"] for r in document["rows"]} == {"new"}
        assert verdicts(document)["thing.maker", "new"] == "fail"
        _, document, _ = assess(REGISTER, "--equipment", path, "--act", "install")
        assert verdicts(document)["thing.maker", "new"] == "not-applicable"
        # only the first mistake of an offer was told, so that it took as many rounds as there were
        wrong = write(folder, "equipment:\n  - {id: a, count: many}\n  - {id: b, makr: x}\n  - {id: c}\n", "wrong.yaml")
        status, out, told = run("assess", "--register", write(folder, REGISTER), "--equipment", wrong)
        assert status == 4 and out == "", (status, out)
        assert "wrong.yaml:2:" in told and "wrong.yaml:3:" in told and "2 mistakes, and nothing was judged" in told, told


def a_difference_names_the_fact_that_moved():
    with tempfile.TemporaryDirectory() as folder:
        earlier = write(folder, assess(REGISTER)[2], "earlier.json")
        moved = REGISTER.replace("{id: maker-us, country: US}", "{id: maker-us, country: JP}")
        with_new = moved.replace("systems:\n", "systems:\n  - {id: s0, operator: op}\n")
        path = write(folder, with_new.replace("  - {id: c3, operator: op, kind: own}\n", ""))
        common = ["assess", "--register", path, "--rulebook", RULES, "--what-if", "--as-of", DAY, "--diff", earlier]
        document = json.loads(run(*common, "--format", "json")[1])
        told = {(c["change"], c["clause"], c["subject"]): c for c in document["changes"]}
        assert set(told) == {("changed", "thing.maker", "e2"), ("appeared", "system.assessed", "s0"),
                             ("vanished", "paper.court", "c3")}, set(told)
        fact, = told["changed", "thing.maker", "e2"]["moved"]
        assert (fact["path"], fact["before"], fact["after"]) == ("entity.country", "US", "JP")
        assert "entity.country: \"US\" → \"JP\"" in run(*common)[1]


def exit_status_tells_fail_from_unknown():
    calm = "operators:\n  - {id: op}\nequipment:\n  - {id: e, category: meter, operator: op, site: x%s}\n" \
           "sites:\n  - {id: x, kind: office, country: JP}\n"
    assert assess(calm % ", maker: m, support_end: 2030-01-01" + "entities:\n  - {id: m, country: JP}\n")[0] == 0
    assert assess(calm % "")[0] == 3
    scored = assess(calm % ", maker: m, support_end: 2020-01-01" + "entities:\n  - {id: m, country: JP}\n")
    assert scored[0] == 0 and verdicts(scored[1])["thing.supported", "e"] == "fail"
    assert run("assess")[0] == 2 and run("assess", "--register", "/nowhere")[0] == 4


def what_is_asked_of_nobody_does_not_pass():
    """A sector nobody has and an adopted rulebook that is not there ended with status 0; a word misspelt was told nowhere."""
    calm = "operators:\n  - {id: op}\nequipment:\n  - {id: e, category: meter, operator: op, site: x, maker: m, " \
           "support_end: 2030-01-01}\nentities:\n  - {id: m, country: JP}\n" \
           "sites:\n  - {id: x, kind: office, country: JP}\n"
    with tempfile.TemporaryDirectory() as folder:
        code, _, err = run("assess", "--register", write(folder, calm), "--rulebook", RULES, "--sector", "gass")
        assert code == 4 and "nothing in the register is of the sector \"gass\"" in err, (code, err)
        for rulebook, status in (("t", 0), ("tt", 3)):
            path = write(folder, calm + "adopts:\n  - {rulebook: %s, from: 2018-01-01}\n" % rulebook)
            code, out, err = run("assess", "--register", path, "--rulebook", RULES, "--as-of", DAY, "--format", "json")
            assert code == status, (rulebook, code, err)
        assert any("tt is adopted, but no rulebook" in one for one in json.loads(out)["warnings"])
        path = write(folder, "operators:\n  - {id: op}\ndatasets:\n  - {id: d, operator: op, class: critcal}\n"
                             "adopts:\n  - {rulebook: t, from: 2018-01-01}\n")
        out = run("assess", "--register", path, "--rulebook", RULES, "--as-of", DAY, "--format", "json")[1]
        assert any(":4:34: dataset \"d\" says \"critcal\"" in one for one in json.loads(out)["warnings"]), out


def duties_tell_clocks_and_what_bounds_them():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, REGISTER + "adopts:\n  - {id: a, rulebook: t, from: 2018-01-01, "
                                        "params: {within_share: 48 h}}\n")
        common = ["--register", path, "--rulebook", RULES, "--as-of", DAY]
        code, out, err = run("duties", *common, "--format", "json")
        assert code == 1, err
        rows = {(d["subject"], d["stage"]): d for d in json.loads(out)["duties"]}
        assert rows["i1", "first"]["state"] == "met" and rows["i1", "first"]["sent"] == "2026-01-10T20:00:00Z"
        assert rows["i2", "first"]["state"] == "overdue"
        assert rows["i2", "first"]["deadline"] == "2026-01-11T00:00:00Z" and rows["i2", "first"]["seconds_left"] < 0
        unknown = rows["i3", "first"]
        assert unknown["state"] == "unknown" and unknown["urgent"]
        assert unknown["overdue_no_later_than"] == "2026-01-13T00:00:00Z" and unknown["counted_from"] == "detected"
        share = rows["i2", "share"]
        assert share["no_number_in_text"] and share["own_value"] and share["deadline"] == "2026-01-12T00:00:00Z"
        assert json.loads(out)["duties"][0]["state"] == "overdue"
        # Both sides of the deadline.
        for day, state in (("2026-01-11T00:00:00Z", "open"), ("2026-01-11T00:00:01Z", "overdue")):
            out = run("duties", "show", "i2", "--stage", "first", "--register", path, "--rulebook", RULES, "--as-of",
                      day, "--format", "json")[1]
            assert json.loads(out)["duties"][0]["state"] == state, day
        # What is to happen later was told as open on an earlier day.
        out = run("duties", "--register", path, "--rulebook", RULES, "--as-of", "2018-06-01", "--format", "json")[1]
        assert not [d for d in json.loads(out)["duties"] if d["subject"] in ("i1", "i2", "i3")], out
        for lang, blank in (("en", "[not known yet]"), ("ja", "［現時点で不明］")):
            code, out, _ = run("duties", "draft", "i3", "--stage", "first", "--lang", lang, *common)
            assert code == 0 and "mic" in out and blank in out
        assert run("duties", "draft", "i3", "--stage", "never", *common)[0] == 4


def explain_said_pass_of_an_incident_whose_report_is_late():
    """The conditions of its clause are met; what had to be told was told too late, or is overdue, or nobody knows."""
    wanted = {"i1": ("pass", "met"), "i2": ("fail", "overdue"), "i3": ("unknown", "unknown")}
    with tempfile.TemporaryDirectory() as folder:
        late = write(folder, REGISTER.replace("at: 2026-01-10T20:00:00Z", "at: 2026-01-11T00:00:01Z"), "late.yaml")
        path = write(folder, REGISTER)
        adopts = write(folder, "adopts:\n  - {id: a, rulebook: t, from: 2018-01-01, params: {within_share: 60 d}}\n", "adopts.yaml")

        def told(register, incident, *more):
            return run("explain", "incident", "--subject", incident, "--register", register, "--register", adopts,
                       "--rulebook", RULES, *more)[1]
        for register, incident, (verdict, state) in [(path, *one) for one in wanted.items()] + [(late, "i1", ("fail", "late"))]:
            clauses = [c for c in json.loads(told(register, incident, "--at", DAY, "--format", "json"))["clauses"] if "duties" in c]
            first = [d for c in clauses for d in c["duties"] if d["stage"] == "first"]
            assert [d["state"] for d in first] == [state], (incident, clauses)
            with_first = [c for c in clauses if first[0] in c["duties"]][0]
            assert with_first["verdict"] == verdict, (incident, with_first)
            assert ("to_pass" in with_first) == (verdict != "pass"), (incident, with_first)
            rows = json.loads(run("assess", "--register", register, "--register", adopts, "--rulebook", RULES, "--as-of", DAY,
                                  "--format", "json")[1])["rows"]
            assessed = {r["clause"]: r for r in rows if r["subject"] == incident}
            for clause in clauses:
                assert assessed[clause["clause"]]["verdict"] == clause["verdict"], (incident, clause)
                assert assessed[clause["clause"]]["effect"] == clause["effect"], (incident, clause)
        for lang, words in (("en", ("late; deadline: 2026-01-11T00:00:00Z; sent: 2026-01-11T00:00:01Z", "was sent")),
                            ("ja", ("遅れて済、期限：2026-01-11T00:00:00Z", "通すには"))):
            out = told(late, "i1", "--at", DAY, "--lang", lang)
            assert all(word in out for word in words), out


COPIES = """rulebook: copies
issuer: Office
clauses:
  - id: there
    about: copy
    source: {basis: own, where: decision}
    strength: own
    require:
      - copies.count <= 1
      - copies.countries subset of ["US"]
"""


def the_stores_own_copy_was_none_beside_a_copy_elsewhere():
    """Of a dataset that the store keeps, a copy elsewhere was judged as if it were the only one: all copies in one country
    passed, while the store's stood in another, or nobody had said where."""
    at = "complete: true, as_of: 2026-01-01"
    text = ("sites: [{id: jp, country: JP}, {id: us, country: US}]\ndatasets:\n"
            f"  - {{id: here, store: here, copies: {{{at}, items: [{{site: us}}]}}}}\n"
            f"  - {{id: away, store: external, copies: {{{at}, items: [{{site: us}}]}}}}\n")
    with tempfile.TemporaryDirectory() as folder:
        common = ["--register", write(folder, text), "--rulebook", write(folder, COPIES, "copies.yaml"), "--what-if", "--format", "json"]

        def told(*more):
            rows = json.loads(run("assess", *common, "--as-of", DAY, *more)[1])["rows"]
            return {r["subject"]: (r["verdict"], {f["path"]: f["value"] for f in r["facts"]}) for r in rows}
        all_copies = {"copies.count": 2, "copies.countries": ["JP", "US"]}
        only = {"copies.count": 1, "copies.countries": ["US"]}
        placed = told("--store-site", "jp")
        assert placed == {"here@jp": ("fail", all_copies), "here@us": ("fail", all_copies), "away@us": ("pass", only)}, placed
        open_there = {"copies.count": 2, "copies.countries": {"complete": False, "items": ["US"]}}
        unplaced = told()
        assert unplaced == {"here@?": ("fail", open_there), "here@us": ("fail", open_there), "away@us": ("pass", only)}, unplaced
        for subject, (verdict, _) in unplaced.items():
            clause = json.loads(run("explain", "copy", "--subject", subject.removesuffix("@?"), *common, "--at", DAY)[1])["clauses"][0]
            assert clause["verdict"] == verdict, (subject, clause)


OFFICE = """rulebook: office
issuer: Office
title: {en: Reports in working days}
in_force: {from: "2026-01-01", zone: "+09:00"}
calendars:
  office: {country: JP, zone: "+09:00", days: office, rests: [saturday, sunday], holidays: ["2026-11-23"], known: {from: "2026-11-01", until: "2026-12-01"}}
  bare: {country: JP, zone: "+09:00", days: bare, rests: [saturday, sunday]}
clauses:
  - id: report
    about: incident
    title: {en: An outage is reported}
    source: {basis: own, where: decision}
    strength: own
    applies: {incident.kind: suspension}
    duty:
      - {stage: first, start: incident.detected, within: {first_of: [24 h, 1 business-day office]}, to: [mic]}
      - {stage: second, start: incident.detected, within: 1 business-day office, to: [mic]}
      - {stage: full, start: incident.detected, within: 2 business-days office, to: [mic]}
      - {stage: bare, start: incident.detected, within: 1 business-day bare, to: [mic]}
"""


def duties_count_working_days_and_holidays():
    """A Friday, a weekend and a holiday on the Monday; days begin in Japan. Beyond the days whose holidays are
    listed, nothing is told but what it cannot be earlier than."""
    text = ("operators:\n  - {id: op}\nadopts:\n  - {id: a, rulebook: office, from: 2026-01-01}\nincidents:\n"
            "  - {id: friday, operator: op, kind: suspension, detected: 2026-11-20T03:00:00Z}\n"
            "  - {id: night, operator: op, kind: suspension, detected: 2026-11-19T14:59:59Z}\n"  # still Thursday in Japan
            "  - {id: morning, operator: op, kind: suspension, detected: 2026-11-19T15:00:00Z}\n"
            "  - {id: last, operator: op, kind: suspension, detected: 2026-11-30T03:00:00Z}\n")
    deadlines = {("friday", "first"): "2026-11-21T03:00:00Z", ("friday", "second"): "2026-11-24T15:00:00Z",
                 ("friday", "full"): "2026-11-25T15:00:00Z", ("friday", "bare"): None,
                 ("night", "first"): "2026-11-20T14:59:59Z", ("night", "second"): "2026-11-20T15:00:00Z",
                 ("night", "full"): "2026-11-24T15:00:00Z", ("morning", "second"): "2026-11-24T15:00:00Z",
                 ("last", "second"): None, ("last", "first"): "2026-12-01T03:00:00Z"}
    with tempfile.TemporaryDirectory() as folder:
        words = ("--register", write(folder, text), "--rulebook", write(folder, OFFICE, "office.yaml"), "--format", "json")

        def told(day):
            code, out, err = run("duties", *words, "--as-of", day)
            assert code in (0, 1, 3), err
            return {(d["subject"], d["stage"]): d for d in json.loads(out)["duties"]}
        rows = told("2026-11-30T04:00:00Z")
        for key, deadline in deadlines.items():
            assert rows[key].get("deadline") == deadline, (key, rows[key])
        assert rows["friday", "bare"]["not_before"] == "2026-11-21T03:00:00Z", rows["friday", "bare"]
        assert rows["last", "second"]["not_before"] == "2026-12-01T03:00:00Z", rows["last", "second"]
        for day, state in (("2026-11-24T15:00:00Z", "open"), ("2026-11-24T15:00:01Z", "overdue")):
            assert told(day)["friday", "second"]["state"] == state, day


def every_format_is_whole_and_alike():
    with tempfile.TemporaryDirectory() as folder:
        path = write(folder, REGISTER)
        for form, lang in itertools.product(("text", "json", "csv", "html", "oscal"), ("en", "ja")):
            words = ["assess", "--register", path, "--rulebook", RULES, "--what-if", "--as-of", DAY, "--format", form,
                     "--lang", lang]
            target = os.path.join(folder, "report")
            assert run(*words, "-o", target)[0] == 1
            assert open(target, encoding="utf-8").read() == run(*words)[1]
            assert not os.path.exists(target + ".new")
        html = run("assess", "--register", path, "--rulebook", RULES, "--what-if", "--format", "html")[1]
        for outside in ("http://", "https://", "src=", "@import", "url(", "<script"):
            assert outside not in html, outside
        assert run("assess", "--register", path, "--format", "poem")[0] == 2


def main():
    for check in (verdicts_are_as_predicted, ten_facts_change_exactly_the_predicted_verdicts, order_changes_nothing,
                  unknown_facts_and_open_lists_never_turn_a_failure_into_a_pass, equal_rows_fold_above_the_limit,
                  large_equipment_is_walked_to_the_same_verdicts, large_equipment_says_what_cannot_be,
                  words_that_are_nearly_asked_for_are_told_of_walked_equipment_too, lists_that_are_not_there_are_told,
                  what_must_be_told_does_not_pass_while_nobody_tells_it, what_is_bought_is_asked_about_alone,
                  what_binds_one_dataset_is_not_told_of_another,
                  a_difference_names_the_fact_that_moved, exit_status_tells_fail_from_unknown,
                  what_is_asked_of_nobody_does_not_pass,
                  duties_tell_clocks_and_what_bounds_them,
                  explain_said_pass_of_an_incident_whose_report_is_late,
                  the_stores_own_copy_was_none_beside_a_copy_elsewhere,
                  duties_count_working_days_and_holidays, every_format_is_whole_and_alike):
        check()
        print("ok", check.__name__.replace("_", " "), flush=True)


main()
