#!/usr/bin/env python3
"""Any table and register rank as another program ranks them: this one, which shares nothing with azekura but the format.

  independent.py AZEKURA [ROUNDS [SEED]]

Without SEED each run tries other tables; it prints the one it began with, by which a failure is met again.

Random events, groups, fragilities, maps, equipment, backgrounds, places, fuel and constraints; `azekura site plan` and `rank` must give the same sets in the same
order with the same rates. Written from docs/formats/events.md, event by event and subset by subset."""
import itertools
import json
import math
import random
import subprocess
import sys
import tempfile

AZEKURA, ROUNDS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 25
SEED = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(10**9)
HOURS_PER_YEAR = 8766
GRADES = ["weak", "strong", "6-lower"]


def km(a, b):
    la, lb = math.radians(a[0]), math.radians(b[0])
    h = math.sin((lb - la) / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


def make(rng):
    """A register and a table, as the files have them."""
    count = rng.randint(4, 8)
    sites = []
    for i in range(count):
        site = {"id": f"s{i}", "country": rng.choice(["JP", "JP", "US"])}
        if rng.random() < 0.9:
            site |= {"lat": round(rng.uniform(31, 44), 3), "lon": round(rng.uniform(130, 144), 3)}
        if rng.random() < 0.7:
            site["fuel"] = f"{rng.randint(0, 96)} h"
        if rng.random() < 0.8 and site["country"] == "JP":
            site["grid"] = {"area": rng.choice(["tokyo", "tohoku"])}
        if rng.random() < 0.5:
            site["groups"] = rng.sample(["hall", "river", "basin:north", "basin:south"], rng.randint(1, 2))
        if rng.random() < 0.7 and site["country"] == "JP":
            site["region"] = rng.choice(["JP-13", "JP-27"])
        if rng.random() < 0.5:
            site["carriers"] = rng.sample(["north-net", "south-net"], rng.randint(1, 2))
        if rng.random() < 0.6:
            site["entity"] = rng.choice(["acme", "other"])
        if rng.random() < 0.4:
            site["fragility"] = "hard"
        if rng.random() < 0.6:
            site["hazard"] = {"quake_30y": f"{rng.randint(1, 90)} %"}
        sites.append(site)
    equipment = [{"id": f"q{i}", "site": rng.choice(sites)["id"], "maker": rng.choice(["acme", "other"]),
                  **({"category": "software", "model": rng.choice(["base", "other"])} if rng.random() < 0.4 else {})} for i in range(rng.randint(0, 6))]

    def part():
        kind = rng.randrange(4)
        if kind == 0:
            body = {"sites": rng.sample([s["id"] for s in sites], rng.randint(1, 3))}
        elif kind == 1:
            body = {"circle": {"lat": rng.uniform(31, 44), "lon": rng.uniform(130, 144), "km": rng.uniform(50, 700)}}
        elif kind == 2:
            south, west, d = rng.uniform(30, 40), rng.uniform(129, 140), rng.uniform(1, 6)
            body = {"type": "Polygon", "coordinates": [[[west, south], [west + d, south], [west + d, south + d], [west, south + d], [west, south]]]}
        else:
            body = {"groups": [rng.choice(["grid:tokyo", "grid:tohoku", "hall", "river", "pref:JP-13", "maker:acme", "basin:north", "carrier:north-net"])]}
        if rng.random() < 0.5:
            return body | {"grade": rng.choice(GRADES)}
        return body | {"p_loss": round(rng.random(), 2), "p_down": round(rng.random(), 2)}

    events = []
    for i in range(rng.randint(2, 6)):
        lo = rng.uniform(0, 0.02)
        event = {"id": f"e{i}", "rate_lo": lo, "rate_hi": lo * rng.uniform(1, 5), "branches": []}
        left = 1.0
        for _ in range(rng.randint(1, 3)):
            branch = {"prob": round(left * rng.random(), 3), "footprint": [part() for _ in range(rng.randint(1, 2))]}
            left -= branch["prob"]
            if rng.random() < 0.5:
                branch["outage_h"] = rng.randint(1, 100)
            if rng.random() < 0.5:
                branch["repair_h"] = rng.randint(1, 100)
            event["branches"].append(branch)
        if rng.random() < 0.3:
            event["within"] = [rng.choice(["country:JP", "pref:JP-27", "hall"])]
        if rng.random() < 0.3:
            south, west = rng.uniform(30, 36), rng.uniform(129, 134)
            event["mapped"] = {"type": "Polygon", "coordinates": [[[west, south], [west + 8, south], [west + 8, south + 8], [west, south + 8], [west, south]]]}
        if rng.random() < 0.2:
            del event["rate_lo"], event["rate_hi"]
            event |= {"p30_lo": 0.05, "p30_hi": 0.4}
        if rng.random() < 0.3:
            event["kind"] = "quake"
        events.append(event)
    groups = []
    for i in range(rng.randint(0, 3)):
        group = {"id": rng.choice(["hall", "river", "grid:tokyo", "grid:tohoku", "maker:*", "software:*", "entity:*", "carrier:*"]), "rate": rng.uniform(0, 0.05), "p_loss": round(rng.random(), 2),
                 "p_down": round(rng.random(), 2), "repair_h": rng.randint(0, 60)}
        if any(g["id"] == group["id"] for g in groups):
            continue
        if rng.random() < 0.4:
            group["kind"] = "grid"
        if rng.random() < 0.3 and not group["id"].endswith(":*"):
            group["members"] = rng.sample([s["id"] for s in sites], 2)
        groups.append(group)
    fragility = [{"id": name, "loss": {g: round(rng.random(), 2) for g in GRADES}, "down": {g: round(rng.random(), 2) for g in GRADES}}
                 for name in ("default", "hard")]
    hazards = [{"name": "quake_30y", "unit": "%", "values": [{"circle": {"lat": 36, "lon": 138, "km": 300}, "low": 3, "high": 8},
                                                             {"circle": {"lat": 35, "lon": 136, "km": 250}, "value": 20}]}] if rng.random() < 0.5 else []
    copies = rng.randint(1, 4)
    names = [{"id": i} for i in ("acme", "other", "north-net", "south-net")]
    register = {"entities": names, "sites": sites, "datasets": [{"id": "d", "store": "here"}]} | ({"equipment": equipment} if equipment else {})
    return register, {"events": events, "groups": groups, "fragility": fragility} | ({"hazards": hazards} if hazards else {}), {
        "copies": copies, "tolerate": rng.randrange(copies), "rebuild_h": rng.choice([24, 720, 2160]), "down_h": rng.choice([0, 4, 24]),
        "by": rng.choice(["loss", "down"]), "min_km": rng.choice([0, 0, 100, 400]), "country": rng.choice([None, None, "JP"]),
        "disjoint": rng.sample(["grid", "pref", "entity", "maker", "hall", "river", "basin:north"], rng.choice([0, 0, 1, 2]))}


def groups_of(site):
    return site["all groups"]


def gather(register):
    """Each site with the groups that its row and its equipment put it in."""
    for site in register["sites"]:
        groups = set(site.get("groups", [])) | {"country:" + site["country"]}
        groups |= {"grid:" + site["grid"]["area"]} if "grid" in site else set()
        groups |= {"pref:" + site["region"]} if "region" in site else set()
        groups |= {"entity:" + site["entity"]} if "entity" in site else set()
        groups |= {"carrier:" + c for c in site.get("carriers", [])}
        for thing in register.get("equipment", []):
            if thing["site"] == site["id"]:
                groups.add("maker:" + thing["maker"])
                if thing.get("category") == "software":
                    groups.add("software:" + thing["model"])
        site["all groups"] = groups


def scheme(group):
    return group.split(":")[0] + ":" if ":" in group else None


def is_of(groups, prefix):
    return any(g.startswith(prefix) for g in groups)


def in_none_of(mine, group):
    """Where it is known of a site that it is in no group of this one's scheme that it does not name: it names another, or stands abroad."""
    abroad = group.startswith("pref:") and is_of(mine, "country:") and "country:" + group[5:7] not in mine
    return is_of(mine, scheme(group)) or abroad


def within_box(shape, site):
    (west, south), _, (east, north), *_ = shape["coordinates"][0]
    return west < site["lon"] < east and south < site["lat"] < north


def reaches(event, part, site):
    """'in', 'out' or 'maybe'."""
    if site["id"] in part.get("sites", []):
        return "in"
    mine, answer = groups_of(site), "out"
    for group in part.get("groups", []):
        if group in mine:
            return "in"
        if scheme(group) and not part.get("sites") and not in_none_of(mine, group):
            answer = "maybe"
    if "circle" not in part and "coordinates" not in part:
        return answer
    if "lat" not in site:
        return "maybe"
    if "circle" in part:
        c = part["circle"]
        held = km((c["lat"], c["lon"]), (site["lat"], site["lon"])) <= c["km"]
    else:
        held = within_box(part, site)
    if held:
        return "in"
    return "maybe" if "mapped" in event and not within_box(event["mapped"], site) else answer


def is_away(event, site):
    """Known to stand outside of all that the event is within."""
    limits = event.get("within", [])
    return bool(limits) and all(g not in groups_of(site) and (scheme(g) is None or in_none_of(groups_of(site), g)) for g in limits)


def fragility_of(table, site):
    return next(f for f in table["fragility"] if f["id"] == site.get("fragility", "default"))


def harm(table, event, parts, site, which, end):
    worst = 0.0
    if is_away(event, site):
        return worst
    for part in parts:
        reach = reaches(event, part, site)
        if reach == "in" or (reach == "maybe" and end == 1):
            p = part.get("p_" + which)
            worst = max(worst, fragility_of(table, site)[which][part["grade"]] if p is None else p)
    return worst


def lasts(branch, site, end, longer_h):
    bridged, median = longer_h, branch.get("repair_h", 0)
    if branch.get("outage_h", 0) > 0:
        median = branch["outage_h"]
        if "fuel" in site:
            bridged += float(site["fuel"].split()[0])
        elif end == 0:
            return 0.0
    return 2 ** (-bridged / median) if median > 0 else 1.0


def yearly(event, end):
    if "p30_lo" in event:
        return -math.log(1 - event["p30_lo" if end == 0 else "p30_hi"]) / 30
    return event.get("rate", event.get("rate_lo" if end == 0 else "rate_hi"))


def groups_as_events(register, table):
    """A group with members is an event over them; one with a star is one of each that a site names."""
    named = {g["id"] for g in table["groups"]}
    for group in table["groups"]:
        ids = [group["id"]]
        if group["id"].endswith(":*"):
            prefix = group["id"][:-1]
            said = {g for s in register["sites"] for g in groups_of(s) if g.startswith(prefix)}
            ids = sorted(said - named) if said else [prefix + "?"]  # nobody has told: they may share one
        for one in ids:
            branch = {"repair_h": group["repair_h"], "prob": 1}
            if group.get("kind") == "grid":
                branch["outage_h"] = group["repair_h"]
            part = {"groups": [one], "sites": group.get("members", []), "p_loss": group["p_loss"], "p_down": group["p_down"]}
            yield {"rate": group["rate"], "branches": [branch | {"footprint": [part]}]}


def told(table, site):
    """The chance of a strong quake: the row's, else the worst of the maps that hold the place. (low, high) in %, None: not known."""
    if "hazard" in site:
        return (float(site["hazard"]["quake_30y"].split()[0]),) * 2
    values = [(v.get("value", v.get("low")), v.get("value", v.get("high"))) for m in table.get("hazards", []) for v in m["values"]
              if "lat" in site and km((v["circle"]["lat"], v["circle"]["lon"]), (site["lat"], site["lon"])) <= v["circle"]["km"]]
    return (max(v[0] for v in values), max(v[1] for v in values)) if values else None


def named_rate(table, site, end):
    """How often named quakes surely reach the site, as harmful as its own or worse: the map has counted them."""
    own = fragility_of(table, site)["loss"]["6-lower"]
    return sum(yearly(e, end) * b["prob"] for e in table["events"] if e.get("kind") == "quake" for b in e["branches"]
               if not is_away(e, site) and any(reaches(e, p, site) == "in" for p in b["footprint"])
               and harm(table, e, b["footprint"], site, "loss", 0) >= own)


def background(table, site, end):
    chance = told(table, site)
    if chance is None:
        return 2e-4 if end == 0 else 0.01
    return max(2e-4, -math.log(1 - chance[end] / 100) / 30 - named_rate(table, site, 1 - end))


def rows_of(register, table, ask, which, end):
    """[(rate, {site: p})], one for each branch."""
    rows = []
    for event in [*table["events"], *groups_as_events(register, table)]:
        for branch in event["branches"]:
            p = {}
            for site in register["sites"]:
                p[site["id"]] = harm(table, event, branch["footprint"], site, which, end)
                if which == "down":
                    p[site["id"]] *= lasts(branch, site, end, ask["down_h"])
            rows.append((yearly(event, end) * branch["prob"], p))
    for site in register["sites"]:
        p = {s["id"]: fragility_of(table, site)[which]["6-lower"] if s is site else 0.0 for s in register["sites"]}
        rows.append((background(table, site, end), p))
    return rows


def subsets(among):
    return [frozenset(c) for n in range(1, len(among) + 1) for c in itertools.combinations(sorted(among), n)]


def rates(rows, placement):
    """{sites: how often one event strikes exactly these of the placement}"""
    rate_of = dict.fromkeys(subsets(placement), 0.0)
    for rate, p in rows:
        if rate > 0 and any(p[s] > 0 for s in placement):
            for struck in rate_of:
                rate_of[struck] += rate * math.prod(p[s] if s in struck else 1 - p[s] for s in placement)
    return rate_of


def q(rate_of, rest, need, d, window):
    """More than may be lost is struck out of the rest before the window ends, the next event being the d-th further one."""
    if need <= 0:
        return 1.0
    if need > len(rest):
        return 0.0
    return window / d * sum(rate * q(rate_of, rest - struck, need - len(struck & rest), d + 1, window)
                            for struck, rate in rate_of.items() if rate > 0 and struck & rest)


def joint(rows, placement, tolerate, window):
    rate_of, s = rates(rows, placement), frozenset(placement)
    return sum(rate * q(rate_of, s - struck, tolerate + 1 - len(struck), 1, window) for struck, rate in rate_of.items() if rate > 0)


def may(ask, placement):
    """Whether the sites keep what was asked of the set. Where a place is not known it is not known to be far enough."""
    for a in placement:
        if ask["country"] and a["country"] != ask["country"]:
            return False
    for a, b in itertools.combinations(placement, 2):
        if ask["min_km"] and not ("lat" in a and "lat" in b and km((a["lat"], a["lon"]), (b["lat"], b["lon"])) >= ask["min_km"]):
            return False
        if any(g == wanted or g.startswith(wanted + ":") for g in groups_of(a) & groups_of(b) for wanted in ask["disjoint"]):
            return False
    return True


def close(a, b):
    return abs(a - b) <= 2e-6 * max(abs(a), abs(b)) + 1e-300


def azekura(folder, *words):
    run = subprocess.run([AZEKURA, "site", *words, "--register", f"{folder}/register.yaml", "--events", f"{folder}/events.yaml", "--format", "json"],
                         capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    return json.loads(run.stdout)


def check(seed):
    register, table, ask = make(random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("register", register), ("events", table)):
            with open(f"{folder}/{name}.yaml", "w", encoding="utf-8") as file:
                json.dump(content, file)
        plan = azekura(folder, "plan", "--dataset", "d", "--copies", str(ask["copies"]), "--tolerate", str(ask["tolerate"]),
                       "--rebuild", f"{ask['rebuild_h']} h", "--down-longer-than", f"{ask['down_h']} h", "--by", ask["by"],
                       *(["--min-km", str(ask["min_km"])] if ask["min_km"] else []), *(["--country", ask["country"]] if ask["country"] else []),
                       *(word for group in ask["disjoint"] for word in ("--disjoint", group)))
        ranked = azekura(folder, "rank", "--down-longer-than", f"{ask['down_h']} h")
    gather(register)
    window = ask["rebuild_h"] / HOURS_PER_YEAR
    rows = {(w, end): rows_of(register, table, ask, w, end) for w in ("loss", "down") for end in (0, 1)}
    for row in ranked["sites"]:
        for w in ("loss", "down"):
            for end in (0, 1):
                mine = joint(rows[w, end], [row["site"]], 0, 0)
                assert close(mine, row[w + "_per_year"][end]), (seed, row["site"], w, end, mine, row)
    all_sets = {tuple(s["id"] for s in c): joint(rows[ask["by"], 1], [s["id"] for s in c], ask["tolerate"], window)
                for c in itertools.combinations(register["sites"], ask["copies"]) if may(ask, c)}
    order = sorted(all_sets.values())
    assert plan["proved"] and len(plan["sets"]) == min(8, len(order)), (seed, plan["looked_at"])
    for place, found in enumerate(plan["sets"]):
        sites = tuple(sorted(found["sites"]))
        assert close(all_sets[sites], order[place]), (seed, place, sites, all_sets[sites], order[place])
        for w in ("loss", "down"):
            for end in (0, 1):
                mine = joint(rows[w, end], sites, ask["tolerate"], window)
                assert close(mine, found[w + "_per_year"][end]), (seed, sites, w, end, mine, found)
    return len(order)


print(f"independent.py {AZEKURA} {ROUNDS} {SEED}", flush=True)
looked = 0
for number in range(ROUNDS):
    try:
        looked += check(SEED + number)
    except BaseException:
        print(f"seed {SEED + number}: independent.py {AZEKURA} 1 {SEED + number}", file=sys.stderr)
        raise
print(f"{ROUNDS} tables and registers, {looked} sets: ranked as here")
