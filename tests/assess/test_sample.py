#!/usr/bin/env python3
"""Facts of the sample register are changed, one at a time: exactly the predicted verdicts change. And
things are held against the rules before they are bought, however they are written down.

Usage: test_sample.py AZEKURA SOURCE-ROOT"""
import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

AZEKURA, ROOT = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
REGISTER = f"{ROOT}/examples/register"
COMMON = ["--register", f"{ROOT}/rulebooks/lists", "--rulebook", f"{ROOT}/rulebooks", "--rulebook", f"{ROOT}/examples/rulebooks", "--store-site", "sendai", "--as-of", "2026-11-22"]


def assess(register, *more, form="json"):
    done = subprocess.run([AZEKURA, "assess", "--register", register, *COMMON, "--format", form, *more], capture_output=True, text=True,
                          check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    return json.loads(done.stdout) if form == "json" else done.stdout


def verdicts(document):
    return {(f"{r['rulebook']}/{r['clause']}", r["subject"]): r["verdict"] for r in document["rows"]}


US = "jp-unified-standards-2026"
HELD_BY_AOBA = ["airport-operations@sendai", "bank-ledger@osaka", "bank-ledger@sendai", "call-records@sendai", "card-transactions@sendai",
                "container-moves@sendai", "flight-plans@sendai", "gas-flow@sendai", "parcel-scans@sendai", "patient-records@osaka",
                "patient-records@sendai", "plant-telemetry@sendai", "process-data@sendai", "refinery-telemetry@sendai",
                "resident-register@sendai", "smart-meter-readings@niigata", "smart-meter-readings@sendai", "train-positions@sendai",
                "water-quality@sendai"]
REGION = ["airport-ops", "card-authorisation", "core-banking", "cracker-control", "flight-ops", "gas-telemetry", "mobile-core",
          "parcel-tracking", "refinery-control", "residents", "terminal-operation", "train-control", "water-telemetry"]
KEYS = "    keys: {holder: aoba, countries: {complete: true, as_of: 2026-11-01, items: [JP]}, colocated: yes, algorithm: aes-256-gcm}\n"
CALLS = ("    systems: [mobile-core]\n    designations: {complete: true, as_of: 2026-11-01, items: []}\n" + KEYS +
         "    copies: {complete: true, as_of: 2026-11-01, items: [")
DIAGRAM = ("  - {id: %s-2026, kind: %s, operator: aoba, covers: [scada], date: 2026-10-01, signed_by: [Network office], "
           "valid: {from: 2026-10-01, until: 2027-10-01}}\n")
OSAKA = "ja: 青葉電力 大阪バックアップ拠点}\n    kind: data-centre\n    country: "
REGION_UNTIL = "language: ja, valid: {from: 2026-06-30, until: "
DELETION = "    deletion: Keys are destroyed and the ledger shows it.\n"
# What is done, the file, what is written there, what is written instead, the verdicts that change and to what.
CHANGES = [
    ("the camera turns out to be of a maker that stands on no list", "equipment.yaml", "maker: unnamed-camera-maker", "maker: hirose-net",
     {("aoba-own/purchase.us-889", "camera-gate-3"): "pass"}),
    ("the border routers turn out to be of a maker on the list", "entities.yaml", "{en: Nordlys Routers AS,", "{en: ZTE Corporation,",
     {("aoba-own/purchase.us-889", "router-edge-1"): "fail"}),
    ("somebody says where the concentrators stand", "equipment.csv", "1.9,340,aoba,,", "1.9,340,aoba,sendai,",
     {(f"{US}/3.3.1", "concentrator-kc1"): "pass"}),
    ("patient records are only important", "datasets.yaml", "sector: medicine\n    class: critical", "sector: medicine\n    class: important",
     {("aoba-own/keep.at-home", "patient-records@osaka"): "not-applicable", ("aoba-own/keep.at-home", "patient-records@sendai"): "not-applicable"}),
    ("Osaka lies abroad", "sites.yaml", OSAKA + "JP", OSAKA + "US",
     {("aoba-own/keep.at-home", "bank-ledger@osaka"): "fail", ("aoba-own/keep.at-home", "patient-records@osaka"): "fail",
      ("jp-medical-provider/6.1", "patient-records@osaka"): "fail"}),
    ("the other systems that the mail contractor touches are named", "contracts.yaml", "contractor, purpose: operation of mail, countries",
     "contractor, systems: [scada], purpose: operation of mail, countries", {(f"{US}/3.2.9", "support-cloud"): "pass"}),
    ("call records get a backup off line", "datasets.yaml", CALLS, CALLS + "{site: osaka, kind: backup, isolation: offline}",
     {("aoba-own/keep.at-home", "call-records@osaka"): "pass", ("aoba-own/reach.foreign", "call-records@osaka"): "pass",
      (f"{US}/3.4.3.3", "call-records"): "unknown", (f"{US}/3.4.3.3.isolated", "call-records"): "pass"}),
    ("the law of the United States reaches the keeper", "entities.yaml",
     "items: [JP], by: document, source: legal-opinion-2026}\n", "items: [JP, US], by: document, source: legal-opinion-2026}\n",
     {("aoba-own/reach.foreign", copy): "fail" for copy in HELD_BY_AOBA}),
    ("the network of the control system is drawn, and its data flows", "papers.yaml", "documents:\n",
     "documents:\n" + DIAGRAM % ("network", "network-diagram") + DIAGRAM % ("flows", "data-flow-diagram"),
     {(f"{US}/3.3.1.diagrams", "scada"): "attested"}),
    ("the network alone is drawn", "papers.yaml", "documents:\n", "documents:\n" + DIAGRAM % ("network", "network-diagram"), {}),
    ("the bank's contract forbids subcontracting", "contracts.yaml", DELETION + "  - id: hosting-government",
     DELETION + "    states: [subcontracting]\n  - id: hosting-government", {(f"{US}/3.2.9.subcontract", "hosting-finance"): "pass"}),
    ("the region's risk assessment ran out", "papers.yaml", REGION_UNTIL + "2027-06-30", REGION_UNTIL + "2026-11-22",
     {(f"{US}/3.3.4", system): "unknown" for system in REGION}),
    ("it runs out tomorrow", "papers.yaml", REGION_UNTIL + "2027-06-30", REGION_UNTIL + "2026-11-23", {}),
    ("Sendai has fuel for a day less", "sites.yaml", "    fuel: 120 h", "    fuel: 96 h", {}),
]


def changed_register(folder, name, was, becomes):
    register = os.path.join(folder, "register")
    shutil.copytree(REGISTER, register)
    path = os.path.join(register, name)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    assert was in text, (name, was)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(was, becomes, 1))
    return register


def facts_of_the_sample_change_exactly_the_predicted_verdicts():
    before = verdicts(assess(REGISTER))
    for what, name, was, becomes, predicted in CHANGES:
        with tempfile.TemporaryDirectory() as folder:
            after = verdicts(assess(changed_register(folder, name, was, becomes)))
        changed = {k: after.get(k) for k in set(before) | set(after) if before.get(k) != after.get(k)}
        assert changed == predicted, (what, {k: (changed.get(k), predicted.get(k)) for k in set(changed) ^ set(predicted)} or changed)


# ---- before buying ----

LISTS = """lists:
  - id: house
    name: {en: Whom the house does not buy from}
    entries:
      - {name: Grim Cameras Ltd, prefixes: [A0B1C2]}
      - {name: Grim Meters Ltd, prefixes: [A0B1C31]}
      - {name: Grim Gateways Ltd, prefixes: [A0B1C4D34]}
  - id: registry
    kind: registry
    name: {en: Who holds which block}
    entries:
      - {name: Calm Cameras Ltd, prefixes: [A0B1C2F]}
      - {name: Calm Meters Ltd, prefixes: [A0B1C3, A0B1C4]}
entities:
  - {id: grim, name: {en: Grim Cameras Limited}, lists: {complete: true, as_of: 2026-11-01, items: []}}
  - {id: calm, name: {en: Calm Cameras Ltd}, lists: {complete: true, as_of: 2026-11-01, items: []}}
"""
RULE = """rulebook: house-buys
issuer: Board
title: {en: What the house buys}
in_force: {from: "2026-01-01"}
sets: {house: ["house"]}
clauses:
  - id: makers
    about: equipment
    title: {en: Nothing of makers the house does not buy from}
    source: {basis: own, where: board decision}
    strength: own
    applies: {act: [purchase]}
    require:
      - equipment.maker.lists disjoint $house
"""
# What the house has seen of things: LLDP names somebody, and once an inspector read the plate. Two rows alike but for what was seen
# are judged apart.
OBSERVED = """equipment:
  - {id: unseen, category: router, operator: aoba, maker: calm}
  - {id: seen, category: router, operator: aoba, maker: calm, observations: [{means: lldp, maker: Grim Cameras, says: GRIM-OS 4, first_seen: 2026-02-03}]}
  - {id: seen-otherwise, category: router, operator: aoba, maker: calm, observations: [{means: lldp, maker: Calm Cameras, says: CALM, first_seen: 2026-02-03}]}
  - {id: inspected, category: router, operator: aoba, maker: {value: calm, by: inspected}, observations: [{means: lldp, maker: Grim Cameras, says: GRIM-OS 4}]}
  - {id: explained, category: router, operator: aoba, maker: calm, components: [{name: modem, maker: grim}], observations: [{means: lldp, maker: Grim Cameras}]}
  - {id: seen-alone, category: router, operator: aoba, observations: [{means: sysobjectid, maker: Grim Cameras, says: 1.3.6.1.4.1.99999.1, first_seen: 2026-02-03}]}
"""
OBSERVED_VERDICTS = {"unseen": ("pass", False), "seen": ("unknown", True), "seen-otherwise": ("pass", False), "inspected": ("pass", False),
                     "explained": ("pass", False), "seen-alone": ("unknown", True)}
# Things offered: id, maker, hardware address, the verdict, is it only suspected.
OFFERED = [
    ("named", "grim", "", "fail", False),
    ("clean", "calm", "", "pass", False),
    ("bits-24", "calm", "A0:B1:C2:00:00:01", "unknown", True),
    ("within-24-28-of-others", "calm", "A0:B1:C2:F0:00:01", "pass", False),  # the longer block is somebody else's
    ("bits-28", "calm", "A0-B1-C3-1A-00-01", "unknown", True),
    ("beside-28", "calm", "A0-B1-C3-2A-00-01", "pass", False),
    ("bits-36", "calm", "a0b1.c4d3.4001", "unknown", True),
    ("beside-36", "calm", "a0b1.c4d3.5001", "pass", False),
    ("named-and-bits", "grim", "A0:B1:C2:00:00:01", "fail", False),  # what is declared is no suspicion
    ("nobody", "", "", "unknown", False),
    ("nobody-but-bits", "", "A0:B1:C2:00:00:01", "unknown", True),
]
NAMES = {"grim": "Grim Cameras Limited", "calm": "Calm Cameras Ltd"}


def offer_yaml():
    rows = [f"  - {{id: {i}, category: router, operator: aoba" + (f", maker: {maker}" if maker else "") +
            (f', macs: ["{mac}"]' if mac else "") + "}" for i, maker, mac, *_ in OFFERED]
    return "offer.yaml", "equipment:\n" + "\n".join(rows) + "\n"


def offer_csv():
    rows = [f"{mac},{i},aoba,{maker},router" for i, maker, mac, *_ in OFFERED]
    return "equipment.csv", "macs[],id,operator,maker,category\n" + "\n".join(rows) + "\n"


def offer_in_their_words():
    rows = [f"{i},{mac},aoba,{NAMES.get(maker, '')},router,12.50" for i, maker, mac, *_ in OFFERED]
    return "angebot.csv", "Pos,MAC-Adresse,operator,Hersteller,Art,Preis\n" + "\n".join(rows) + "\n"


def offer_cyclonedx():
    rows = []
    for i, maker, mac, *_ in OFFERED:
        thing = {"type": "device", "bom-ref": i, "name": i}
        if maker:
            thing["manufacturer"] = {"name": NAMES[maker], "bom-ref": maker}
        if mac:
            thing["properties"] = [{"name": "cdx:device:macAddress", "value": mac}]
        rows.append(thing)
    return "offer.json", json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": rows})


def what_is_offered_is_judged_before_it_is_bought():
    with tempfile.TemporaryDirectory() as folder:
        more = os.path.join(folder, "more.yaml")
        rule = os.path.join(folder, "rule.yaml")
        for path, text in ((more, LISTS + "adopts:\n  - {id: house, rulebook: house-buys, from: 2026-01-01}\n"), (rule, RULE)):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        for name, text in (offer_yaml(), offer_csv(), offer_cyclonedx(), offer_in_their_words()):
            path = os.path.join(folder, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            words = ("--register", more, "--rulebook", rule, "--equipment", path)
            if name == "angebot.csv":
                words += ("--columns", "id=Pos,macs=MAC-Adresse,maker=Hersteller", "--columns", "category=Art,-=Preis")
            told = {r["subject"]: (r["verdict"], r.get("suspected", False)) for r in assess(REGISTER, *words)["rows"]
                    if r["clause"] == "makers"}
            # A bill names its makers, and so does an offer in words of its own; that such a name stands on no other list, nobody has said.
            is_bill = name in ("offer.json", "angebot.csv")
            wanted = {i: ("unknown" if is_bill and verdict == "pass" else verdict, suspected) for i, _, _, verdict, suspected in OFFERED}
            assert told == wanted, (name, {k: (told.get(k), wanted.get(k)) for k in set(told) | set(wanted) if told.get(k) != wanted.get(k)})
            # Every form says which are only suspected: as many as there are, in words.
            suspected = sum(s for *_, s in OFFERED)
            assert assess(REGISTER, *words, form="text").count("suspected: by what was observed alone") == suspected
            assert assess(REGISTER, *words, "--lang", "ja", form="text").count("疑い：観測だけによる") == suspected
            assert assess(REGISTER, *words, form="html").count("suspected: by what was observed alone") == suspected
            table = assess(REGISTER, *words, form="csv")
            assert sum(r["suspected"] == "suspected" for r in csv.DictReader(io.StringIO(table))) == suspected, table
            assert assess(REGISTER, *words, form="oscal").count('"name":"suspected"') == suspected


def what_was_observed_is_suspected_until_a_record_says_more():
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, n) for n in ("more.yaml", "rule.yaml", "observed.yaml")]
        for path, text in zip(paths, (LISTS + "adopts:\n  - {id: house, rulebook: house-buys, from: 2026-01-01}\n", RULE, OBSERVED)):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        words = ("--register", paths[0], "--rulebook", paths[1], "--equipment", paths[2])
        rows = {r["subject"]: r for r in assess(REGISTER, *words)["rows"] if r["clause"] == "makers"}
        told = {i: (r["verdict"], r.get("suspected", False)) for i, r in rows.items()}
        assert told == OBSERVED_VERDICTS, told
        hint = [f["source"] for f in rows["seen"]["facts"] if f["path"] == "equipment.suspected_lists"]
        assert hint == ['lldp GRIM-OS 4 suggests "Grim Cameras"'], hint


def main():
    for check in (what_was_observed_is_suspected_until_a_record_says_more, facts_of_the_sample_change_exactly_the_predicted_verdicts, what_is_offered_is_judged_before_it_is_bought):
        check()
        print("ok", check.__name__.replace("_", " "), flush=True)


main()
