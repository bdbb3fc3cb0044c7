#!/usr/bin/env python3
"""The shipped rulebooks over the sample register, through the program: sample.py AZEKURA SOURCE_ROOT."""
import json
import pathlib
import subprocess
import sys
import unittest

AZEKURA, ROOT = sys.argv[1], pathlib.Path(sys.argv[2])
REGISTER = ["--register", ROOT / "examples/register", "--register", ROOT / "examples/sectors"]
RULES = ["--rulebook", ROOT / "rulebooks", "--rulebook", ROOT / "examples/rulebooks"]


def ask(*words):
    done = subprocess.run([AZEKURA, *map(str, words)], capture_output=True, text=True)
    if done.returncode not in (0, 1, 3) or not done.stdout:
        raise AssertionError(f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def explained(word, subject, at):
    return ask("explain", word, *REGISTER, *RULES, "--subject", subject, "--at", at, "--format", "json")["clauses"]


def warning(word, subject, at):
    return {f"{c['rulebook']}/{c['clause']}" for c in explained(word, subject, at) if c["effect"] != "allow"}


class Sample(unittest.TestCase):
    def test_the_outage_of_2018_is_reportable_under_the_law_of_that_day(self):
        """30.6 million lines for 4 h 25 min on 2018-12-06: law, form and deadlines."""
        rows = ask("assess", *REGISTER, *RULES, "--as-of", "2018-12-07", "--format", "json")["rows"]
        row = next(r for r in rows if (r["rulebook"], r["clause"], r["subject"]) ==
                   ("jp-tba-accidents", "art28.serious", "outage-2018-12-06"))
        self.assertEqual((row["verdict"], row["strength"]), ("pass", "law"))
        clauses = explained("incident", "outage-2018-12-06", "2018-12-06T18:04:00+09:00")
        clause = next(c for c in clauses if c["clause"] == "art28.serious")
        self.assertEqual(clause["applies"], "true")
        self.assertIn("Telecommunications Business Act Art. 28", clause["title"])
        first, full = clause["duties"]
        self.assertEqual((first["stage"], first["to"], first["start"]), ("first", ["mic"], "incident.occurred"))
        self.assertEqual((full["stage"], full["to"], full["form"]), ("full", ["mic"], "form 50-3 of the Regulation"))
        self.assertIn("promptly", json.dumps(first["within"]))
        self.assertIn("30 d", json.dumps(full["within"]))

    def test_it_was_not_the_day_before_the_rulebook(self):
        clauses = ask("explain", "incident", *RULES, "--what-if", "--at", "2015-03-31T14:59:59Z", "--format", "json",
                      "--fact", 'operator.designations=["telecom-carrier"]', "--fact", "incident.kind=suspension")["clauses"]
        self.assertNotIn("jp-tba-accidents", {c["rulebook"] for c in clauses})

    def test_a_feeder_fault_of_eight_minutes_is_not_reportable(self):
        rows = ask("assess", *REGISTER, *RULES, "--as-of", "2026-08-15", "--format", "json")["rows"]
        row = next(r for r in rows if (r["clause"], r["subject"]) == ("3.supply", "feeder-2026-08"))
        self.assertEqual(row["verdict"], "not-applicable")
        self.assertIn("incident.impacts", {f["path"] for f in row["facts"]})

    def test_editions_answer_differently_for_the_same_register(self):
        """Meter readings in Oregon: each edition warns by its own clause, and the newest says nothing of place."""
        for day, clause in (("2020-01-01", "jp-guideline-2019/data.at-home"), ("2024-03-08", "jp-guideline-2023/5.1.1.3.law"),
                            ("2026-03-08", "jp-guideline-2025/5.5.law")):
            said = warning("put", "smart-meter-readings@oregon", day)
            self.assertIn(clause, said, day)
            self.assertEqual({c.split("/")[0] for c in said}, {clause.split("/")[0]}, day)
        said = warning("put", "smart-meter-readings@oregon", "2026-11-21")
        self.assertFalse([c for c in said if c.startswith(("jp-guideline", "jp-unified"))], said)


unittest.main(argv=sys.argv[:1], verbosity=1)
