#!/usr/bin/python3
"""A bundle made by the program is what two programs of different making take for good: azekura-verify,
and the page it carries. Anything changed in it, both report."""
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "story"))
from azekura import *  # noqa: E402,F403

AMERICAN = ("X-Forwarded-For", "8.8.8.8")
DAY = "%Y-%m-%d"
made = {}


def workload(s):
    """Over 256 entries with refusals, so that a tile is full and a bundle not; and an exception."""
    c = s.root
    c.bucket("medical-a")
    c.bucket("grid-a")
    together(8, lambda n: [ok(c.put("grid-a", f"reading-{n}-{i}", b"41 kW")) for i in range(40)])
    ok(c.put("medical-a", "record", b"x-ray"))
    refused(c.get("medical-a", "record", headers=[AMERICAN]), 403)
    s.command("exception", "propose", "aoba-own/read.at-home", "--dataset", "patient-records", "--until",
              (now() + datetime.timedelta(days=9)).strftime(DAY), "--reason", "second opinion abroad",
              "--measure", "read by name only", "--credentials", s.credentials(s.client("tanaka", ("*", "all,admin"))))


def bundle(s, out, *more, check=True, period=None):
    since, to = period or ((now() - datetime.timedelta(days=1)).strftime(DAY), now().strftime(DAY))
    return s.command("prove", "--bundle", "--from", since, "--to", to, "--for", "Inspector, Sendai", "-o", out, *more, check=check)


def makes_one():
    s = Store("--trust-proxy", "127.0.0.0/8")
    workload(s)
    out = folder("bundle") / "b"
    said = bundle(s, out, "--register", ROOT / "examples" / "register", "--rulebook", ROOT / "rulebooks",
                  "--rulebook", ROOT / "examples" / "rulebooks").stdout
    assert s.vkey in said and "verify.html" in said, said
    made.update(store=s, out=out, key=s.vkey)
    cover = json.loads((out / "cover.json").read_text())
    assert cover["counts"]["decision"]["refuse"] == 1, cover["counts"]
    assert cover["counts"]["type"]["put"] == 321, cover["counts"]
    assert cover["for"] == "Inspector, Sendai" and cover["assessment"]["totals"]["unknown"] > 0, cover
    assert cover["entries"] == cover["size"] > 256, (cover["entries"], cover["size"])


def the_page_takes_it_and_nothing_else():
    need("node")
    done = run("node", "--test", HERE / "bundle.test.mjs", check=False,
               env=dict(os.environ, BUNDLE=str(made["out"]), VKEY=made["key"]))
    assert done.returncode == 0, done.stdout[-6000:]


STEPS = [makes_one, the_page_takes_it_and_nothing_else]
if __name__ == "__main__":
    story(*STEPS)
