#!/usr/bin/env python3
"""Any table and register rank as another program ranks them: this one, which shares nothing with azekura but the format.

  independent.py AZEKURA [ROUNDS [SEED]]

SEED may stand in the environment too. Without one each run tries other tables; it prints the one it began with, by which a failure is met again.

Random events, groups, fragilities, maps, equipment, backgrounds, places, fuel, constraints, copies of today and rows that end; shapes with holes, of
several polygons, in collections, and sites on their very edges. `azekura site plan` and `rank` must give the same sets in the same order with the
same rates and the same events behind them, `explain` the same of a set that is named with the same changes, `drill` the same sites dark. What differs
by less than a part in 10^9 is the same, and the table's order or the sites' decides. Written from docs/formats/events.md, event by event and subset
by subset."""
import functools
import itertools
import json
import math
import os
import random
import subprocess
import sys
import tempfile

AZEKURA, ROUNDS = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 25
SEED = int(sys.argv[3] if len(sys.argv) > 3 else os.environ.get("SEED") or random.SystemRandom().randrange(10**9))
HOURS_PER_YEAR = 8766
GRADES = ["weak", "strong", "6-lower"]
SCHEMES = ["grid", "pref", "entity", "maker"]  # of those asked for here: they divide everything there is
TODAY, WITHHELD = "2026-11-22", {"is": "withheld"}


def is_true_today(row):
    valid = row.get("valid", {})
    return valid.get("from", "0") <= TODAY < valid.get("until", "9")


def km(a, b):
    la, lb = math.radians(a[0]), math.radians(b[0])
    h = math.sin((lb - la) / 2) ** 2 + math.cos(la) * math.cos(lb) * math.sin(math.radians(b[1] - a[1]) / 2) ** 2
    return 2 * 6371.0088 * math.asin(math.sqrt(h))


def mesh_code(lat, lon, digits):
    """The grid square of JIS X 0410, step by step: 80 km, 10 km, 1 km, 500 m, 250 m."""
    p, q = divmod(lat * 60, 40)
    u, v = int(lon) - 100, (lon - int(lon)) * 60
    code = f"{int(p):02}{u:02}{int(q / 5)}{int(v / 7.5)}{int(q % 5 * 2)}{int(v % 7.5 / 0.75)}"
    c, h = q % 0.5, v % 0.75
    code += f"{int(c / 0.25) * 2 + int(h / 0.375) + 1}{int(c % 0.25 / 0.125) * 2 + int(h % 0.375 / 0.1875) + 1}"
    return code[:digits]


def square(code):
    """Its south, west, north and east in degrees."""
    south, west, high, wide = int(code[:2]) * 40 / 60, 100 + int(code[2:4]), 40 / 60, 1
    for at, parts in ((4, 8), (6, 10)):
        if len(code) > at:
            high, wide = high / parts, wide / parts
            south, west = south + int(code[at]) * high, west + int(code[at + 1]) * wide
    for digit in code[8:]:
        high, wide = high / 2, wide / 2
        south, west = south + (int(digit) - 1) // 2 * high, west + (int(digit) - 1) % 2 * wide
    return south, west, south + high, west + wide


def middle(site):
    """Where it stands, and how far from there it may be."""
    if "mesh" not in site:
        return (site["lat"], site["lon"]), 0.0
    south, west, north, east = square(site["mesh"])
    at = ((south + north) / 2, (west + east) / 2)
    return at, max(km(at, corner) for corner in itertools.product((south, north), (west, east)))


def halves(rng, low, high):
    """On a grid of half degrees, where edges run too."""
    return rng.randint(2 * low, 2 * high) / 2


def ring(rng):
    """A triangle, a box or an L, its corners on the grid."""
    south, west, high, wide = halves(rng, 30, 42), halves(rng, 129, 142), rng.randint(3, 10) / 2, rng.randint(3, 10) / 2
    north, east = south + high, west + wide
    corners = rng.choice([[(west, south), (east, south), (rng.choice([west, east]), north)],
                          [(west, south), (east, south), (east, north), (west, north)],
                          [(west, south), (east, south), (east, south + 0.5), (west + 0.5, south + 0.5), (west + 0.5, north), (west, north)]])
    corners = corners if rng.random() < 0.5 else corners[::-1]
    return [list(c) for c in [*corners, corners[0]]]


def polygon(rng):
    if rng.random() < 0.6:
        return [ring(rng)]
    south, west = halves(rng, 30, 40), halves(rng, 129, 140)
    def box(d, size):
        return [[west + x, south + y] for x, y in ((d, d), (size - d, d), (size - d, size - d), (d, size - d), (d, d))]
    return [box(0, 4), box(1, 4)] if rng.random() < 0.7 else [box(0, 6), box(1, 3), [[west + x, south + y] for x, y in ((4, 4), (5, 4), (5, 5), (4, 4))]]


def shape(rng, depth=0):
    kind = rng.randrange(4 if depth < 5 else 3)  # a file is not nested without end
    if kind < 2:
        return {"type": "Polygon", "coordinates": polygon(rng)}
    if kind == 2:
        return {"type": "MultiPolygon", "coordinates": [polygon(rng) for _ in range(rng.randint(1, 3))]}
    return {"type": "GeometryCollection", "geometries": [shape(rng, depth + 1) for _ in range(rng.randint(1, 2))]}


def make(rng):
    """A register and a table, as the files have them."""
    count = rng.randint(4, 8)
    sites = []
    for i in range(count):
        site = {"id": f"s{i}", "country": rng.choice(["JP", "JP", "US"])}
        if rng.random() < 0.15:
            site["mesh"] = mesh_code(halves(rng, 31, 44) + rng.random(), halves(rng, 130, 144) + rng.random(), rng.choice([4, 6, 8, 9, 10]))
        elif rng.random() < 0.9:
            site |= {"lat": halves(rng, 31, 44), "lon": halves(rng, 130, 144)} if rng.random() < 0.5 else {
                "lat": round(rng.uniform(31, 44), 3), "lon": round(rng.uniform(130, 144), 3)}
        elif rng.random() < 0.5:
            site |= {"lat": WITHHELD, "lon": 135.5}
        if rng.random() < 0.7:
            site["fuel"] = rng.choice([f"{rng.randint(0, 96)} h", f"{rng.randint(0, 4000)} min", WITHHELD,
                                       {"value": f"{rng.randint(0, 96)} h", "by": "inspected", "until": rng.choice(["2026-01-01", "2027-01-01"])}])
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
    for gone in range(rng.randint(0, 2)):  # rows that are true at other times
        sites.append({"id": f"gone{gone}", "country": "JP", "lat": 35, "lon": 135, "valid": rng.choice([{"until": "2026-06-01"}, {"from": "2027-01-01"}])})
    equipment = [{"id": f"q{i}", "site": rng.choice(sites[:count])["id"], "maker": rng.choice(["acme", "other"]),
                  **({"valid": {"until": "2026-06-01"}} if rng.random() < 0.2 else {}),
                  **({"category": "software", "model": rng.choice(["base", "other"])} if rng.random() < 0.4 else {})} for i in range(rng.randint(0, 6))]

    def part():
        kind = rng.randrange(6)
        if kind == 0:
            body = {"sites": rng.sample([s["id"] for s in sites], rng.randint(1, 3))}
        elif kind == 1:
            body = {"circle": {"lat": rng.uniform(31, 44), "lon": rng.uniform(130, 144), "km": rng.uniform(50, 700)}}
        elif kind == 2:
            body = shape(rng)
        elif kind == 3:
            body = {"area": rng.choice([shape(rng), {"type": "Feature", "properties": {}, "geometry": shape(rng)}])} | (
                {"sites": [rng.choice(sites)["id"]]} if rng.random() < 0.3 else {})
        elif kind == 4:
            body = {"type": "FeatureCollection", "grade": rng.choice(GRADES), "features": [
                {"type": "Feature", "properties": {"grade": rng.choice(GRADES)} if rng.random() < 0.6 else {}, "geometry": shape(rng)} for _ in range(rng.randint(1, 3))]}
            return body if rng.random() < 0.5 else {"grade": body.pop("grade"), "area": body}
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
            event["mapped"] = rng.choice([shape(rng), {"circle": {"lat": 37, "lon": 137, "km": rng.uniform(100, 900)}}])
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
            group["kind"] = rng.choice(["grid", "fault"])
        if rng.random() < 0.3 and not group["id"].endswith(":*"):
            group["members"] = rng.sample([s["id"] for s in sites], 2)
        groups.append(group)
    fragility = [{"id": name, "loss": {g: round(rng.random(), 2) for g in GRADES}, "down": {g: round(rng.random(), 2) for g in GRADES}}
                 for name in ("default", "hard")]
    hazards = [{"name": "quake_30y", "unit": "%", "values": [{"circle": {"lat": 36, "lon": 138, "km": 300}, "low": 3, "high": 8},
                                                             {"circle": {"lat": 35, "lon": 136, "km": 250}, "value": 20}]}] if rng.random() < 0.5 else []
    copies = rng.randint(1, 4)
    names = [{"id": i} for i in ("acme", "other", "north-net", "south-net")]
    listed = [rng.choice([{"site": rng.choice(sites)["id"]}, {"site": rng.choice(sites[:count])["id"]}, {"site": WITHHELD},
                          {"site": rng.choice(sites)["id"], "valid": {"until": "2026-06-01"}}, {"country": "JP"}]) for _ in range(rng.randint(0, 4))]
    dataset = {"id": "d", "store": rng.choice(["here", "external"]), "copies": {"complete": True, "as_of": "2026-11-01", "items": listed}}
    register = {"entities": names, "sites": sites, "datasets": [dataset]} | ({"equipment": equipment} if equipment else {})
    return register, {"events": events, "groups": groups, "fragility": fragility} | ({"hazards": hazards} if hazards else {}) | (
        {"background": rng.choice(["6-lower", "weak"])} if rng.random() < 0.7 else {}), {
        "copies": copies, "tolerate": rng.randrange(copies), "rebuild_h": rng.choice([24, 720, 2160]), "down_h": rng.choice([0, 4, 24]),
        "by": rng.choice(["loss", "down"]), "min_km": rng.choice([0, 0, 100, 400]), "country": rng.choice([None, None, "JP"]),
        "disjoint": rng.sample(["grid", "pref", "entity", "maker", "hall", "river", "basin:north", "fault"], rng.choice([0, 0, 1, 2]))}


def groups_of(site):
    return site["all groups"]


def gather(register, table):
    """Each site with the groups that its row, its equipment and the table's lists of members put it in."""
    register["sites"] = [s for s in register["sites"] if is_true_today(s)]
    for site in register["sites"]:
        groups = set(site.get("groups", [])) | {"country:" + site["country"]}
        groups |= {"grid:" + site["grid"]["area"]} if "grid" in site else set()
        groups |= {"pref:" + site["region"]} if "region" in site else set()
        groups |= {"entity:" + site["entity"]} if "entity" in site else set()
        groups |= {"carrier:" + c for c in site.get("carriers", [])}
        for thing in register.get("equipment", []):
            if thing["site"] == site["id"] and is_true_today(thing):
                groups.add("maker:" + thing["maker"])
                if thing.get("category") == "software":
                    groups.add("software:" + thing["model"])
        site["all groups"] = groups | {g["id"] for g in table["groups"] if site["id"] in g.get("members", [])}


def scheme(group):
    return group.split(":")[0] + ":" if ":" in group else None


def is_of(groups, prefix):
    return any(g.startswith(prefix) for g in groups)


def in_none_of(mine, group):
    """Where it is known of a site that it is in no group of this one's scheme that it does not name: it names another, or stands abroad."""
    abroad = group.startswith("pref:") and is_of(mine, "country:") and "country:" + group[5:7] not in mine
    return is_of(mine, scheme(group)) or abroad


def around(corners, x, y):
    """-1 outside of the ring, 0 on it, 1 within: by the angles' quadrants, with no division (exact on the grid)."""
    wound = 0
    for (ax, ay), (bx, by) in itertools.pairwise(corners):
        cross = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if abs(cross) < 1e-12 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return 0
        if (ay <= y) != (by <= y) and (cross > 0) == (by > ay):
            wound += 1 if by > ay else -1
    return 1 if wound else -1


def enters(corners, site):
    """Whether an edge of the ring runs within the site's square: a corner does, or it crosses one of the sides."""
    south, west, north, east = (v + d for v, d in zip(square(site["mesh"]), (1e-7, 1e-7, -1e-7, -1e-7), strict=True))
    sides = [((west, south), (east, south)), ((east, south), (east, north)), ((east, north), (west, north)), ((west, north), (west, south))]

    def left(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    return any(west <= x <= east and south <= y <= north for x, y in corners) or any(
        left(a, b, c) * left(a, b, d) <= 0 and left(c, d, a) * left(c, d, b) <= 0 for a, b in itertools.pairwise(corners) for c, d in sides)


def holds(area, site):
    """'in', 'out' or, of a site known by its grid square, 'part'; whoever stands on an edge is in it."""
    at, within = middle(site)
    if "circle" in area:
        c = area["circle"]
        far = km((c["lat"], c["lon"]), at)
        return "in" if far + within <= c["km"] else "out" if far - within > c["km"] else "part"
    kind = area["type"]
    if kind == "Polygon":
        if "mesh" in site and any(enters(r, site) for r in area["coordinates"]):
            return "part"
        outline, *holes = (around(r, at[1], at[0]) for r in area["coordinates"])
        return "in" if outline == 0 or (outline == 1 and all(h <= 0 for h in holes)) else "out"
    if kind == "MultiPolygon":
        found = {holds({"type": "Polygon", "coordinates": p}, site) for p in area["coordinates"]}
    elif kind == "Feature":
        return holds(area["geometry"], site)
    else:
        found = {holds(g, site) for g in area["geometries" if kind == "GeometryCollection" else "features"]}
    return "in" if "in" in found else "part" if "part" in found else "out"


def parts_of(branch):
    """A collection is a part for each feature; the grade beside it goes for those without one."""
    for part in branch["footprint"]:
        collection = part if part.get("type") == "FeatureCollection" else part.get("area", {})
        if collection.get("type") != "FeatureCollection":
            yield part
            continue
        for feature in collection["features"]:
            yield {"area": feature["geometry"], "grade": feature["properties"].get("grade", part.get("grade"))}


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
    area = part.get("area", part if "circle" in part or "type" in part else None)
    if area is None:
        return answer
    if not has_place(site):
        return "maybe"
    if holds(area, site) != "out":
        return "in" if holds(area, site) == "in" else "maybe"
    return "maybe" if "mapped" in event and holds(event["mapped"], site) != "in" else answer


def has_place(site):
    return "mesh" in site or ("lat" in site and site["lat"] != WITHHELD)


def fuel_h(site):
    """Hours, or None where nobody knows: not said, withheld, or no longer good."""
    fuel = site.get("fuel")
    if isinstance(fuel, dict):
        fuel = fuel["value"] if fuel.get("until", "0") > TODAY else None
    if fuel is None:
        return None
    number, unit = fuel.split()
    return float(number) / (60 if unit == "min" else 1)


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
        if fuel_h(site) is not None:
            bridged += fuel_h(site)
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
            yield {"id": group["id"], "rate": group["rate"], "branches": [branch | {"footprint": [part]}]}


def told_of_quakes(table, site):
    """The chance of a strong quake: the row's, else the worst of the maps that hold the place. (low, high) in %, None: not known."""
    if "hazard" in site:
        return (float(site["hazard"]["quake_30y"].split()[0]),) * 2
    values = [(holds(v, site), v.get("value", v.get("low")), v.get("value", v.get("high"))) for m in table.get("hazards", []) for v in m["values"]
              if has_place(site)]
    sure = [low for side, low, _ in values if side == "in"]
    return (max(sure), max(high for side, _, high in values if side != "out")) if sure else None


def named_rate(table, site, end):
    """How often named quakes surely reach the site, as harmful as its own or worse: the map has counted them."""
    own = fragility_of(table, site)["loss"][table["background"]]
    return sum(yearly(e, end) * b["prob"] for e in table["events"] if e.get("kind") == "quake" for b in e["branches"]
               if not is_away(e, site) and any(reaches(e, p, site) == "in" for p in parts_of(b))
               and harm(table, e, list(parts_of(b)), site, "loss", 0) >= own)


def background(table, site, end):
    if "background" not in table:
        return 0.0
    chance = told_of_quakes(table, site)
    if chance is None:
        return 2e-4 if end == 0 else 0.01
    return max(2e-4, -math.log(1 - chance[end] / 100) / 30 - named_rate(table, site, 1 - end))


def rows_of(register, table, ask, which, end):
    """[(event, rate, {site: p})], one for each branch, in the table's order."""
    rows = []
    for event in [*table["events"], *groups_as_events(register, table)]:
        for branch in event["branches"]:
            p = {}
            for site in register["sites"]:
                p[site["id"]] = harm(table, event, list(parts_of(branch)), site, which, end)
                if which == "down":
                    p[site["id"]] *= lasts(branch, site, end, ask["down_h"])
            rows.append((event["id"], yearly(event, end) * branch["prob"], p))
    for site in register["sites"]:
        p = {s["id"]: fragility_of(table, site)[which][table.get("background", "weak")] if s is site else 0.0 for s in register["sites"]}
        rows.append(("background:" + site["id"], background(table, site, end), p))
    return rows


def subsets(among):
    return [frozenset(c) for n in range(1, len(among) + 1) for c in itertools.combinations(sorted(among), n)]


def rates(rows, placement):
    """{sites: how often one event strikes exactly these of the placement}"""
    rate_of = dict.fromkeys(subsets(placement), 0.0)
    for _, rate, p in rows:
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


def order_of(a, b):
    """-1, 0 or 1: what differs by the last bits of a sum is the same."""
    return 0 if abs(a - b) <= 1e-9 * max(a, b) else -1 if a < b else 1


@functools.cmp_to_key
def least_first(a, b):
    """Of (rates in the order of their weight, what decides between equals)."""
    for one, other in zip(a[0], b[0], strict=True):
        if order_of(one, other) != 0:
            return order_of(one, other)
    return (a[1] > b[1]) - (a[1] < b[1])


@functools.cmp_to_key
def most_first(a, b):
    """The same, but that what decides between equals stays as it is."""
    for one, other in zip(a[0], b[0], strict=True):
        if order_of(one, other) != 0:
            return order_of(other, one)
    return (a[1] > b[1]) - (a[1] < b[1])


def causes(rows, placement, tolerate, window):
    """{event: losses a year that it begins}, in the table's order"""
    rate_of, s, of = rates(rows, placement), frozenset(placement), {}
    for event in dict.fromkeys(row[0] for row in rows):
        mine = rates([row for row in rows if row[0] == event], placement)
        of[event] = sum(rate * q(rate_of, s - struck, tolerate + 1 - len(struck), 1, window) for struck, rate in mine.items() if rate > 0)
    return of


def is_beyond(table, site):
    """No event of the table speaks of where it stands, and nobody has told the chance of its own quakes."""
    has_own = "background" in table and told_of_quakes(table, site) is not None
    return not has_own and all(is_away(e, site) for e in table["events"])


def check_top(found, rows, placement, tolerate, window, told):
    """The three events that contribute most; of equals the first in the table."""
    of = causes(rows, placement, tolerate, window)
    mine = sorted(((rate,), number, event) for number, (event, rate) in enumerate(of.items()) if rate > 0)
    mine = [event for _, _, event in sorted(mine, key=most_first)[:3]]
    assert mine == [t["id"] for t in found["top_events"]], (told, placement, mine, found["top_events"])
    assert all(close(of[t["id"]], t["per_year"]) for t in found["top_events"]), (told, placement, of, found["top_events"])


def check_rank(ranked, register, table, rows, told):
    """By loss, then by time out of service, the high end first; last those of which no event of the table speaks."""
    ends = [("loss", 1), ("loss", 0), ("down", 1), ("down", 0)]
    mine = [(([float(is_beyond(table, s))] + [joint(rows[of], [s["id"]], 0, 0) for of in ends]), s["id"]) for s in register["sites"]]
    assert [site for _, site in sorted(mine, key=least_first)] == [row["site"] for row in ranked["sites"]], (told, mine)
    for row in ranked["sites"]:
        check_top(row, rows["loss", 1], [row["site"]], 0, 0, told)


def check_sets(found, all_sets, rows, by, tolerate, window, told):
    """The best eight: by the objective at the high end, then the other result, then both at the low one, then the sites."""
    other = "down" if by == "loss" else "loss"
    last = sorted(all_sets.values())[min(8, len(all_sets)) - 1]
    near = [([rate, *(joint(rows[of], sites, tolerate, window) for of in ((other, 1), (by, 0), (other, 0)))], sites)
            for sites, rate in all_sets.items() if order_of(rate, last) <= 0]
    mine = [sites for _, sites in sorted(near, key=least_first)[:8]]
    assert mine == [tuple(sorted(f["sites"])) for f in found], (told, mine, found)
    for one in found:
        check_top(one, rows[by, 1], one["sites"], tolerate, window, told)


def check_explained(found, register, table, ask, rows, named, window, told):
    """Every event's part, and the one site to change, to add, or to learn of, that betters the objective by half a percent."""
    by, other = ask["by"], "down" if ask["by"] == "loss" else "loss"
    parts = {w: causes(rows[w, 1], named, len(named) - 1, window) for w in (by, other)}
    mine = [((parts[by][e], parts[other][e]), number, e) for number, e in enumerate(parts[by]) if parts[by][e] > 0 or parts[other][e] > 0]
    assert [m[2] for m in sorted(mine, key=most_first)] == [e["id"] for e in found["events"]], (told, named, mine, found["events"])
    now = joint(rows[by, 1], named, len(named) - 1, window)

    def of(sites):
        return joint(rows[by, 1], sites, len(sites) - 1, window)

    def best(places):
        least = (now, None, None)
        for position in places:
            for site in register["sites"]:
                if site["id"] in named or is_beyond(table, site):
                    continue
                rate = of(named[:position] + [site["id"]] + named[position + 1:])
                if order_of(rate, least[0]) < 0:
                    least = (rate, site["id"], named[position] if position < len(named) else None)
        return least

    changes = {"swap": best(range(len(named))), "add": best([len(named)])}
    for kind, (rate, site, instead) in changes.items():
        listed = [c for c in found["changes"] if c["kind"] == kind]
        if abs(rate - 0.995 * now) <= 1e-6 * now:
            continue  # neither better by half a percent nor not
        assert bool(listed) == (rate < 0.995 * now), (told, named, kind, rate, now, found["changes"])
        for change in listed:
            assert (site, instead) == (change["site"], change.get("instead_of")), (told, named, kind, rate, site, instead, change)
            assert close(rate, change["per_year"][1]), (told, named, kind, rate, change)
    for change in (c for c in found["changes"] if c["kind"] == "learn"):
        rate = joint(learnt(rows[by, 0], rows[by, 1], table, register, change["site"]), named, len(named) - 1, window)
        assert close(rate, change["per_year"][1]), (told, named, rate, change)
    gains = [c["per_year"][1] for c in found["changes"]]
    assert all(order_of(a, b * (1 + 1e-6)) <= 0 for a, b in itertools.pairwise(gains)), (told, found["changes"])


def learnt(low, high, table, register, site):
    """The high end, but for one site what strikes it at the low one, and as rarely if its own quakes are what nobody knew."""
    is_known = told_of_quakes(table, next(s for s in register["sites"] if s["id"] == site)) is not None
    own = "background:" + site
    return [(event, least if event == own and not is_known else rate, p | {site: spared[site]})
            for (_, least, spared), (event, rate, p) in zip(low, high, strict=True)]


def stands_in(table, site, group):
    """'in', 'out' or 'maybe', of one group by its id."""
    if group in groups_of(site):
        return "in"
    is_listed = any(g["id"] == group and g.get("members") for g in table["groups"])
    return "maybe" if scheme(group) and not is_listed and not in_none_of(groups_of(site), group) else "out"


def may_share(table, register, a, b, wanted):
    """Whether both are, or may be, in one group that the word means: a scheme, a kind of the table's groups, or one group."""
    said = {g for s in register["sites"] for g in groups_of(s)} | {g["id"] for g in table["groups"]}
    kinds = [g["id"].removesuffix("*") for g in table["groups"] if g.get("kind") == wanted]
    meant = {g for g in said if g == wanted or g.startswith(wanted + ":") or any(g == k or (k.endswith(":") and g.startswith(k)) for k in kinds)}
    schemes = {wanted} if wanted in SCHEMES or any(g.startswith(wanted + ":") for g in said) else set()
    schemes |= {k.removesuffix(":") for k in kinds if k.endswith(":")}
    meant |= {wanted} if ":" in wanted else set()
    for of in schemes:
        meant |= {f"pref:{s['country']}-?" for s in register["sites"]} if of == "pref" else {of + ":?"}
    return any(stands_in(table, a, g) != "out" and stands_in(table, b, g) != "out" for g in meant if not g.endswith("*"))


def least_km(a, b):
    (one, within), (other, further) = middle(a), middle(b)
    return max(0.0, km(one, other) - within - further)


def may(ask, table, register, placement):
    """Whether the sites keep what was asked of the set. Where a place is not known it is not known to be far enough."""
    for a in placement:
        if ask["country"] and a["country"] != ask["country"]:
            return False
    for a, b in itertools.combinations(placement, 2):
        if ask["min_km"] and not (has_place(a) and has_place(b) and least_km(a, b) >= ask["min_km"]):
            return False
        if any(may_share(table, register, a, b, wanted) for wanted in ask["disjoint"]):
            return False
    return True


def close(a, b):
    return abs(a - b) <= 2e-6 * max(abs(a), abs(b)) + 1e-300


def azekura(folder, *words):
    run = subprocess.run([AZEKURA, "site", *words, "--register", f"{folder}/register.yaml", "--events", f"{folder}/events.yaml", "--format", "json",
                          "--as-of", TODAY],
                         capture_output=True, text=True, check=False)
    assert run.returncode in (0, 1), run.stderr
    return json.loads(run.stdout)


def agree(rows, found, sites, tolerate, window, told):
    for w in ("loss", "down"):
        for end in (0, 1):
            mine = joint(rows[w, end], sites, tolerate, window)
            assert close(mine, found[w + "_per_year"][end]), (told, sites, w, end, mine, found)


def today_of(register, store_site):
    """The sites of today's copies, in any order, and how many copies more there are of which nobody knows where."""
    dataset, known, sites, unplaced = register["datasets"][0], {s["id"] for s in register["sites"]}, set(), 0
    if dataset["store"] == "here":
        sites |= {store_site} if store_site else set()
        unplaced += not store_site
    for copy in dataset["copies"]["items"]:
        if is_true_today(copy):
            place = copy.get("site", WITHHELD)
            is_known = place != WITHHELD and place in known
            sites |= {place} if is_known else set()
            unplaced += not is_known
    return sites, unplaced


def check_drill(register, table, event, found, seed):
    """The branch of the most expected sites, each site by its worst part, fuel first."""
    def parts_harm(branch, site, which):
        return harm(table, event, list(parts_of(branch)), site, which, 1)

    weights = [sum(parts_harm(b, s, "loss") + parts_harm(b, s, "down") for s in register["sites"]) for b in event["branches"]]
    branch, most = None, -1.0
    for candidate, weight in zip(event["branches"], weights, strict=True):
        if weight > most * (1 + 1e-9):  # the same but for the last bits is the same, and the first stands
            branch, most = candidate, weight
    outage = branch.get("outage_h", 0)
    assert found["outage_h"] == outage, (seed, event["id"], found["outage_h"], outage)
    for site, row in zip(sorted(register["sites"], key=lambda s: s["id"]), found["sites"], strict=True):
        parts = [(reaches(event, p, site), p) for p in parts_of(branch)]
        reach = "outside" if is_away(event, site) or all(r == "out" for r, _ in parts) else "inside" if any(r == "in" for r, _ in parts) else "unmapped"
        p_down, fuel = parts_harm(branch, site, "down"), fuel_h(site)
        lasts_h = outage if outage > 0 else branch.get("repair_h", 0)
        state = "answers"
        if reach != "outside" and p_down > 0 and not (outage > 0 and fuel is not None and fuel >= lasts_h):
            is_sure = reach == "inside" and p_down >= 1 and (outage == 0 or fuel is not None)
            state = "dark" if is_sure else "may-be-dark"
        mine = (site["id"], reach, state)
        assert mine == (row["id"], row["reach"], row["state"]), (seed, event["id"], mine, row)
        assert close(p_down, row["p_down"]) and close(parts_harm(branch, site, "loss"), row["p_loss"]), (seed, event["id"], row)
        if state != "answers":
            assert close(row["from_h"], fuel if outage > 0 and fuel else 0), (seed, row)
            assert close(row.get("until_h", 0), lasts_h), (seed, row)


def check(seed):
    rng = random.Random(seed)
    register, table, ask = make(rng)
    store_site = rng.choice([None, *(s["id"] for s in register["sites"] if is_true_today(s))])
    there = ["--store-site", store_site] if store_site else []
    named = sorted(rng.sample([s["id"] for s in register["sites"] if is_true_today(s)], rng.randint(1, 4)))
    struck = rng.choice(table["events"])
    named_groups = {g for s in register["sites"] if is_true_today(s) for g in s.get("groups", [])} | {g["id"] for g in table["groups"]} | {g.get("kind") for g in table["groups"]}
    ask["disjoint"] = [d for d in ask["disjoint"] if d not in ("hall", "river", "fault") or d in named_groups]  # a name of nothing is refused
    waits = ["--rebuild", rng.choice([f"{ask['rebuild_h']} h", f"{ask['rebuild_h'] * 60}min", f"{ask['rebuild_h']} hours", f"{ask['rebuild_h'] // 24} days"]), "--down-longer-than", f"{ask['down_h']} h"]
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (("register", register), ("events", table)):
            with open(f"{folder}/{name}.yaml", "w", encoding="utf-8") as file:
                json.dump(content, file)
        plan = azekura(folder, "plan", "--dataset", "d", "--copies", str(ask["copies"]), "--tolerate", str(ask["tolerate"]),
                       *waits, "--by", ask["by"], *there,
                       *(["--min-km", str(ask["min_km"])] if ask["min_km"] else []), *(["--country", ask["country"]] if ask["country"] else []),
                       *(word for group in ask["disjoint"] for word in ("--disjoint", group)))
        ranked = azekura(folder, "rank", "--down-longer-than", f"{ask['down_h']} h")
        explained = azekura(folder, "explain", *named, *waits, "--by", ask["by"])
        drilled = azekura(folder, "drill", struck["id"], *there)
    gather(register, table)
    window = ask["rebuild_h"] / HOURS_PER_YEAR
    rows = {(w, end): rows_of(register, table, ask, w, end) for w in ("loss", "down") for end in (0, 1)}
    assert {row["site"] for row in ranked["sites"]} == {s["id"] for s in register["sites"]}, seed
    for row in ranked["sites"]:
        agree(rows, row, [row["site"]], 0, 0, seed)
    check_rank(ranked, register, table, rows, seed)
    all_sets = {tuple(s["id"] for s in c): joint(rows[ask["by"], 1], [s["id"] for s in c], ask["tolerate"], window)
                for c in itertools.combinations(register["sites"], ask["copies"]) if may(ask, table, register, c)}
    order = sorted(all_sets.values())
    assert plan["proved"] and len(plan["sets"]) == min(8, len(order)), (seed, plan["looked_at"])
    for place, found in enumerate(plan["sets"]):
        sites = tuple(sorted(found["sites"]))
        assert close(all_sets[sites], order[place]), (seed, place, sites, all_sets[sites], order[place])
        agree(rows, found, sites, ask["tolerate"], window, seed)
    if order:
        check_sets(plan["sets"], all_sets, rows, ask["by"], ask["tolerate"], window, seed)
    today, unplaced = today_of(register, store_site)
    assert plan["today_unplaced"] == unplaced, (seed, plan["today_unplaced"], unplaced)
    assert set(plan["today"]["sites"] if plan["today"] else []) == today, (seed, plan["today"], today)
    if today:
        agree(rows, plan["today"], sorted(today), max(0, len(today) - (ask["copies"] - ask["tolerate"])), window, seed)
    if plan["one_more"]:
        more = [joint(rows[ask["by"], 1], [s["id"] for s in c], ask["tolerate"] + 1, window)
                for c in itertools.combinations(register["sites"], ask["copies"] + 1) if may(ask, table, register, c)]
        agree(rows, plan["one_more"], sorted(plan["one_more"]["sites"]), ask["tolerate"] + 1, window, seed)
        assert close(min(more), plan["one_more"][ask["by"] + "_per_year"][1]), (seed, min(more), plan["one_more"])
    agree(rows, explained, named, len(named) - 1, window, seed)
    check_explained(explained, register, table, ask, rows, named, window, seed)
    check_drill(register, table, struck, drilled, seed)
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
