#!/usr/bin/python3
"""The pages and maps of `azekura site`, made of the sample register, tried in Chromium as a planner would."""
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "story"))
from azekura import *  # noqa: E402,F403

REGISTER = ["--register", ROOT / "examples" / "register", "--as-of", "2026-11-22"]
PLAN = ["plan", *REGISTER, "--dataset", "patient-records", "--copies", "2", "--country", "JP", "--disjoint", "grid", "--store-site", "sendai"]
EVENTS = """events:
- id: coast
  rate: 0.01
  name: {en: Wave on the coast, ja: 海岸の津波}
  outage_h: 100
  footprint:
  - {p_loss: 0.2, p_down: 1, circle: {lat: 38.3, lon: 140.9, km: 30}}
  - {p_loss: 0.1, p_down: 1, type: Polygon, coordinates: [[[141, 42.9], [141.6, 42.9], [141.6, 43.3], [141, 43.3], [141, 42.9]]]}
"""


def site(*words):
    return run(AZEKURA, "site", *words, check=False)


def maps_for_others():
    file = folder("events") / "coast.yaml"
    file.write_text(EVENTS)
    told = json.loads(site("drill", "coast", *REGISTER, "--events", file, "--format", "geojson").stdout)
    assert told["type"] == "FeatureCollection"
    points = {f["id"]: f for f in told["features"] if "id" in f}
    areas = [f for f in told["features"] if "id" not in f]
    assert points["sendai"]["geometry"] == {"type": "Point", "coordinates": [140.8722, 38.26874]}, points["sendai"]
    assert points["sendai"]["properties"]["state"] == "answers" and points["sendai"]["properties"]["bridged"], points["sendai"]
    assert (points["sapporo"]["properties"]["state"], points["sapporo"]["properties"]["from_h"]) == ("dark", 96), points["sapporo"]
    assert points["aws.af-south-1"]["geometry"] is None
    assert len(areas) == 2 and all(f["properties"]["event"] == "coast" for f in areas)
    for area in areas:
        for ring in (ring for polygon in area["geometry"]["coordinates"] for ring in polygon):
            assert ring[0] == ring[-1] and len(ring) >= 5
            # RFC 7946 3.1.6: an outer ring runs counter-clockwise
            assert sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:])) > 0, ring[:3]
    best = json.loads(site(*PLAN, "--format", "json").stdout)["sets"][0]["sites"]
    told = json.loads(site(*PLAN, "--format", "geojson").stdout)
    assert sorted(f["id"] for f in told["features"] if f["properties"].get("best")) == sorted(best)
    told = json.loads(site("rank", *REGISTER, "--format", "geojson").stdout)
    assert [f["properties"]["rank"] for f in told["features"][:3]] == [1, 2, 3]
    done = site("rank", *REGISTER, "--format", "pdf")
    assert done.returncode == 2 and "pdf" in done.stderr, done.stderr


def a_planner_reads_it_in_chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None or not (HERE / "node_modules" / "playwright-core").is_dir():
        print("SKIPPED: chromium or playwright-core is not installed; tools/setup test installs both", flush=True)
        return
    out = folder("pages")
    (out / "coast.yaml").write_text(EVENTS)
    for language in ("en", "ja"):
        words = ("--lang", language, "--format", "html")
        for name, ask in (("rank", ["rank", *REGISTER]), ("plan", PLAN),
                          ("explain", ["explain", *REGISTER, "--dataset", "patient-records", "--store-site", "sendai", "--country", "JP"]),
                          ("drill", ["drill", "coast", *REGISTER, "--events", out / "coast.yaml", "--store-site", "sendai"])):
            done = site(*ask, *words, "-o", out / f"{language}-{name}.html")
            assert done.returncode == 0, done.stderr
    done = run("node", "--test", HERE / "site.test.mjs", check=False, timeout=200, env=dict(os.environ, PAGES=str(out), CHROMIUM=program))
    assert done.returncode == 0, done.stdout[-6000:]


STEPS = [maps_for_others, a_planner_reads_it_in_chromium]
if __name__ == "__main__":
    story(*STEPS)
