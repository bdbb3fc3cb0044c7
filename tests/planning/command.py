#!/usr/bin/env python3
"""`azekura site` as scripts call it, over a register and a table of its own. Usage: command.py AZEKURA"""
import json
import os
import subprocess
import sys
import tempfile

azekura = os.path.abspath(sys.argv[1])
folder = tempfile.TemporaryDirectory(prefix="azekura-site ")


def file(name, text):
    path = os.path.join(folder.name, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


register = file("register.yaml", """
operators: [{id: op, name: Op, home: JP}]
sites:
- {id: a, country: JP, lat: 35, lon: 135, fuel: 24 h}
- {id: b, country: JP, lat: 43, lon: 141, fuel: 72 h}
datasets:
- {id: d, operator: op, sector: power, class: critical, kinds: {complete: true, as_of: 2026-01-01, items: [k]}, store: external,
   copies: {complete: true, as_of: 2026-01-01, items: [{site: a}]}}
""")
events = file("events.yaml", """
events:
- {id: quake, rate: 0.02, outage_h: 60, footprint: {sites: [a], p_loss: 0.3, p_down: 1}}
- {id: update, rate: 0.000001, footprint: {sites: [a, b], p_loss: 0.001, p_down: 1}}
""")
rules = file("rules.yaml", """
rulebook: far
issuer: test
in_force: {from: "2020-01-01"}
clauses:
- id: far
  about: dataset
  source: {basis: own, where: test}
  strength: own
  require:
  - copies.distance_km >= 100 km
""")


def site(*words, status=0):
    done = subprocess.run([azekura, "site", *words, "--register", register, "--events", events], capture_output=True, text=True, timeout=60)
    assert done.returncode == status, (words, done)
    return done.stdout if status != 2 else done.stderr


# `check` is written as CSV and OSCAL, too, says --help; --format took neither.
asked = ("check", "--rulebook", rules, "--what-if")
assert site(*asked, "--format", "csv", status=1).startswith("rulebook,clause,"), site(*asked, "--format", "csv", status=1)
assert "assessment-results" in json.loads(site(*asked, "--format", "oscal", status=1))
assert len(json.loads(site(*asked, "--format", "json", status=1))["rows"]) == 1
for words in (("rank",), ("plan", "--dataset", "d", "--copies", "1"), ("drill", "quake"), ("explain", "a")):
    assert "csv" in site(*words, "--format", "csv", status=2)
assert "geojson" in site(*asked, "--format", "geojson", status=2)

# An interruption of three months was told as one of 2.14e+03 h, a remedy as one that makes loss 6.57e+04 times rarer.
told = site("drill", "quake", "--outage", "90 d")
assert "dark from hour 24 for 2136 h" in told and "e+0" not in told, told
assert "dark from hour 24 for 36.5 h" in site("drill", "quake", "--outage", "3630 min")
told = site("explain", "a")
assert "e+0" not in told and "times rarer)" in told, told

# No copies at all were told as a number that nobody said.
assert "--copies takes 1 to 8, not 0" in site("plan", "--dataset", "d", "--copies", "0", status=2)
assert "--copies is missing" in site("plan", "--dataset", "d", status=2)
