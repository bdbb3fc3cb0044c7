#!/usr/bin/env python3
"""Writes the register of an invented operator of any size, the same for the same numbers.

Usage: operator.py DIR [--sites N] [--equipment N] [--systems N] [--seed N]

By default 2,000 sites, 1,000,000 pieces of equipment and 50,000 systems. Nobody's register looks like
this one, but its shape is that of a large utility's: few makers and models, many places, dates all
over, holes where nobody has asked."""
import argparse
import os
import random

MAKERS = 60
MODELS = 240


def write(folder, name, head, rows):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as out:
        out.write(head + "\n")
        for row in rows:
            out.write(row + "\n")


def day(r, first, last):
    year = r.randint(first, last)
    return f"{year}-{r.randint(1, 12):02d}-{r.randint(1, 28):02d}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder")
    arguments.add_argument("--sites", type=int, default=2000)
    arguments.add_argument("--equipment", type=int, default=1000000)
    arguments.add_argument("--systems", type=int, default=50000)
    arguments.add_argument("--seed", type=int, default=1)
    a = arguments.parse_args()
    r = random.Random(a.seed)
    os.makedirs(a.folder, exist_ok=True)
    with open(os.path.join(a.folder, "parties.yaml"), "w", encoding="utf-8") as out:
        out.write("operators:\n")
        out.write("  - {id: grand, name: {en: Grand Utility, ja: 大電力}, entity: grand-kk, home: JP,\n")
        out.write("     sectors: {complete: true, as_of: 2026-11-01, items: [electricity]},\n")
        out.write("     designations: {complete: true, as_of: 2026-11-01, items: [espa]}}\n")
        out.write("entities:\n  - {id: grand-kk, country: JP, seats: [JP], roles: [operator]}\n")
        for i in range(MAKERS):
            country = r.choice(["JP", "JP", "JP", "US", "DE", "TW", "CN"])
            lists = "lists: {complete: true, as_of: 2026-11-01, items: [%s]}" % (
                "ndaa-889" if country == "CN" and i % 2 else "")
            out.write(f"  - {{id: maker-{i}, country: {country}, roles: [maker], {lists}}}\n")
        out.write("documents:\n")
        for i in range(40):
            out.write(f"  - {{id: risk-{i}, kind: risk-assessment, operator: grand, "
                      f"covers: [system-{i * 7}], date: {day(r, 2025, 2026)}}}\n")
        out.write("datasets:\n  - {id: readings, operator: grand, sector: electricity, class: critical, store: external,\n"
                  "     kinds: {complete: true, as_of: 2026-11-01, items: [meter-readings]},\n"
                  "     copies: {complete: true, as_of: 2026-11-01, items: [{site: site-0}, {site: site-1}]}}\n")
        out.write("adopts:\n  - {id: guideline, rulebook: jp-guideline, from: 2019-05-23, by: the board}\n")
    write(a.folder, "sites.csv", "id,kind,country,region,lat,lon,entity",
          (f"site-{i},{r.choice(['substation', 'data-centre', 'office', 'plant'])},JP,"
           f"JP-{r.randint(1, 47):02d},{r.uniform(31, 44):.4f},{r.uniform(130, 145):.4f},grand-kk"
           for i in range(a.sites)))
    write(a.folder, "systems.csv", "id,kind,operator,sites[],users",
          (f"system-{i},{r.choice(['control', 'accounts', 'smart-meter', 'telemetry'])},grand,"
           f"site-{r.randrange(a.sites)},{'' if i % 3 else str(r.randint(1, 5000)) + ' persons'}"
           for i in range(a.systems)))
    categories = ["router", "firewall", "server", "camera", "meter", "relay", "switch", "inverter"]

    def thing(i):
        maker = "" if r.random() < 0.02 else f"maker-{r.randrange(MAKERS)}"
        site = "" if r.random() < 0.03 else f"site-{r.randrange(a.sites)}"
        system = f"system-{r.randrange(a.systems)}" if r.random() < 0.5 else ""
        support = "" if r.random() < 0.1 else day(r, 2024, 2036)
        return (f"unit-{i},{r.choice(categories)},{maker},M-{r.randrange(MODELS)},grand,{site},"
                f"{system},{day(r, 2012, 2026)},{support},SN{i:010d}")

    write(a.folder, "equipment.csv",
          "id,category,maker,model,operator,site,systems[],introduced,support_end,serial",
          (thing(i) for i in range(a.equipment)))


if __name__ == "__main__":
    main()
