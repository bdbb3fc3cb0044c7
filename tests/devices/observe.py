#!/usr/bin/env python3
"""`azekura register observe` from files to a verdict: what was seen becomes rows, seen again it is the same
rows with a later day, and a rule suspects whom it suggests until a record says more.

Usage: observe.py AZEKURA SOURCE-ROOT"""
import json
import os
import subprocess
import sys
import tempfile

AZEKURA, ROOT = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
NEIGH = """10.0.0.1 dev eth0 lladdr 4c:bd:8f:00:00:01 REACHABLE
10.0.0.2 dev eth0 lladdr 00:00:00:01:02:03 STALE
10.0.0.3 dev eth0 FAILED
fe80::1 dev eth0 lladdr 02:aa:bb:cc:dd:01 router DELAY
"""
LLDP = {"lldp": {"interface": {"eth0": {"via": "LLDP", "chassis": {"switch-1": {
    "id": {"type": "mac", "value": "00:00:00:01:02:03"}, "descr": "Cisco IOS Software, C2960 Software", "mgmt-ip": "10.0.0.2"}},
    "port": {"id": {"type": "ifname", "value": "Gi0/1"}}}}}}
WALK = """.1.3.6.1.2.1.1.1.0 = STRING: "none"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.39165.1.1
.1.3.6.1.2.1.1.5.0 = STRING: "recorder"
.1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 4C BD 8F 00 00 05
.1.3.6.1.2.1.4.20.1.1.10.0.0.5 = IpAddress: 10.0.0.5
"""
SIGHTINGS = """address,means,says,seen
10.0.0.1,certificate,"CN=cam,O=Hangzhou Hikvision Digital Technology Co.\\,Ltd.",2026-02-01
10.0.0.77,banner,Linux,2026-02-02
,banner,nobody,2026-02-02
10.0.0.78,banner
"""


def register(*words, code=0):
    done = subprocess.run([AZEKURA, "register", *words], capture_output=True, text=True)
    assert done.returncode == code, (words, done.returncode, done.stdout[-800:], done.stderr)
    return done


def rows(path):
    done = register("observe", "--into", path, "--format", "json", "--at", "2026-11-20", EMPTY)
    return {row["id"]: row for row in json.loads(done.stdout)["equipment"]}


with tempfile.TemporaryDirectory() as folder:
    def file(name, text):
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)
        return path

    EMPTY = file("none.csv", "")
    seen = os.path.join(folder, "seen.yaml")
    neigh, lldp, walk, sightings = (file("neigh.txt", NEIGH), file("lldp.json", json.dumps(LLDP)), file("walk.txt", WALK),
                                    file("sightings.csv", SIGHTINGS))

    # What was seen, once.
    done = register("observe", neigh, lldp, walk, "--at", "2026-03-01", "-o", seen)
    assert "4 of them for the first time; 4 rows" in done.stderr, done.stderr
    first = rows(seen)
    assert set(first) == {"seen-4cbd8f000001", "seen-000000010203", "seen-02aabbccdd01", "seen-4cbd8f000005"}, first.keys()
    switch = first["seen-000000010203"]
    assert switch["name"] == "switch-1" and switch["addresses"] == ["10.0.0.2"], switch
    assert {o["means"]: o.get("maker") for o in switch["observations"]["items"]} == {
        "mac": "XEROX CORPORATION", "lldp": "Cisco Systems, Inc."}, switch
    recorder = {o["means"]: o.get("maker") for o in first["seen-4cbd8f000005"]["observations"]["items"]}
    assert recorder == dict.fromkeys(("mac", "sysobjectid"), "Hangzhou Hikvision Digital Technology Co.,Ltd.") | {"sysdescr": None}, recorder
    assert "maker" not in first["seen-4cbd8f000001"] and "maker" not in recorder
    register("check", seen)

    # A month later, with a row that is no sighting: told, and the others are read.
    done = register("observe", neigh, sightings, "--at", "2026-04-01", "--into", seen, "-o", seen, code=1)
    assert "sightings.csv:4:" in done.stderr and "expected a mac, an address or a name" in done.stderr, done.stderr
    assert "sightings.csv:5:11: expected 4 cells, found fewer" in done.stderr, done.stderr
    second = rows(seen)
    assert set(second) == set(first) | {"seen-10.0.0.77"}, second.keys()
    camera = {o["means"]: o for o in second["seen-4cbd8f000001"]["observations"]["items"]}
    assert camera["mac"]["first_seen"] == "2026-03-01T00:00:00Z" and camera["mac"]["last_seen"] == "2026-04-01T00:00:00Z", camera
    assert camera["certificate"]["maker"] == "Hangzhou Hikvision Digital Technology Co.,Ltd.", camera
    assert camera["certificate"]["first_seen"] == camera["certificate"]["last_seen"] == "2026-02-01T00:00:00Z", camera

    # Declared otherwise: a warning, and a verdict that stays open; an inspector's word ends it.
    text = open(seen, encoding="utf-8").read()
    more = file("more.yaml", "operators: [{id: op}]\nentities:\n  - {id: calm, name: Calm Cameras, lists: {complete: true, as_of: 2026-11-01, items: []}}\n"
                "adopts: [{rulebook: us-ndaa-889}, {rulebook: us-fcc-covered-list}]\n")

    def verdicts(maker):
        declared = text.replace('  - id: "seen-4cbd8f000001"\n', f'  - id: "seen-4cbd8f000001"\n    operator: op\n    category: camera\n{maker}')
        assert declared != text
        path = file("declared.yaml", declared)
        said = register("check", path, more).stdout
        done = subprocess.run([AZEKURA, "assess", "--register", more, "--register", f"{ROOT}/rulebooks/lists", "--rulebook", f"{ROOT}/rulebooks",
                               "--equipment", path, "--what-if", "--format", "json", "--as-of", "2026-11-20"], capture_output=True, text=True)
        found = [row for row in json.loads(done.stdout)["rows"] if row["subject"] == "seen-4cbd8f000001" and "lists" in json.dumps(row["facts"])]
        assert found, done.stderr
        return said, {row["verdict"] for row in found if row.get("suspected")}

    for maker, warns, suspected in (("", False, {"unknown"}), ("    maker: calm\n", True, {"unknown"}),
                                    ("    maker: {value: calm, by: inspected}\n", True, set())):
        said, found = verdicts(maker)
        assert ('suggests "Hangzhou Hikvision' in said) == warns, (maker, said)
        assert found == suspected, (maker, found)

    # A file that holds the operator's own words goes on as well, and is found inside a register's folder.
    register("observe", neigh, "--at", "2026-05-01", "--register", os.path.join(folder), "--into", os.path.join(folder, "declared.yaml"), code=1)
    os.remove(seen)
    done = register("observe", neigh, "--at", "2026-05-01", "--register", more, "--into", os.path.join(folder, "declared.yaml"))
    assert 'maker: {"value":"calm","by":"inspected"}' in done.stdout, done.stdout

    # Wrong words.
    for words, says in ((("--at", "soon"), "--at takes a day or time"), (("--as", "fax"), "--as takes ip-neigh"),
                        (("--format", "csv"), "--format takes yaml or json"), (("--data", folder), "register import")):
        done = register("observe", neigh, *words, code=2)
        assert says in done.stderr, (words, done.stderr)
    done = register("observe", neigh, "--into", more, code=2)
    assert "holds operators as well" in done.stderr, done.stderr
