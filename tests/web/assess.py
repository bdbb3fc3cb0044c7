#!/usr/bin/python3
"""The page of an assessment, tried in Chromium as an inspector would: from files alone, beside a store's
ledger, and as if every rulebook were adopted."""
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "story"))
from azekura import *  # noqa: E402,F403

AMERICAN = ("X-Forwarded-For", "8.8.8.8")
FILES = ["--register", ROOT / "examples" / "register", "--rulebook", ROOT / "rulebooks", "--rulebook", ROOT / "examples" / "rulebooks",
         "--store-site", "sendai"]
made = {}


def assess(*more):
    done = run(AZEKURA, "assess", *FILES, *more, check=False)
    assert done.returncode in (0, 1, 3), done.stderr
    return done.stdout


def keeps_something():
    """Two debts owed and one met, seven reads, three refused within a minute (the ledger folds what is
    alike: one), and an exception that two people made."""
    s = made["store"] = Store("--trust-proxy", "127.0.0.0/8")
    c = s.root
    for bucket in ("medical-a", "aoba-sample-telecom-a"):
        c.bucket(bucket)
    ok(c.put("medical-a", "record", b"x-ray"))
    for key in ("a", "b", "c"):
        ok(c.put("aoba-sample-telecom-a", key, b"call"))
    ok(c.delete("aoba-sample-telecom-a", "c"))
    for _ in range(7):
        ok(c.get("medical-a", "record"))
    for _ in range(3):
        refused(c.get("medical-a", "record", headers=[AMERICAN]), 403)
    tanaka = s.credentials(s.client("tanaka", ("*", "all,admin")))
    s.command("exception", "propose", "aoba-own/read.at-home", "--dataset", "patient-records", "--until",
              (now() + datetime.timedelta(days=9)).strftime("%Y-%m-%d"), "--reason", "second opinion abroad", "--measure", "read by name only",
              "--credentials", tanaka)
    waiting = json.loads(s.command("exception", "list", "--format", "json").stdout)["exceptions"]
    s.command("exception", "approve", waiting[0]["id"])


def same_places_as_the_gate(s):
    """Verdicts are those of the files, with places laid over the tables that the store's gate decides by, unless others are named."""
    words = ("--as-of", "2026-11-22", "--what-if", "--format", "json")
    rows = lambda *more: json.loads(assess(*words, *more))["rows"]  # noqa: E731
    beside = rows("--data", s.data)
    assert beside == rows("--events", ROOT / "events") != rows()
    shared = next(f["value"] for r in beside for f in r["facts"] if f["path"] == "copies.shared" and "grid:tohoku" in str(f["value"]))
    assert "miyagi-oki" in str(shared), shared
    other = folder() / "other.yaml"
    other.write_text("groups:\n- {id: sendai-hall, rate: 0.01, p_loss: 0.1, p_down: 1, members: [sendai]}\n")
    assert rows("--data", s.data, "--events", other) not in (beside, rows())


def counts_what_the_ledger_says():
    s = made["store"]
    told = json.loads(assess("--data", s.data, "--format", "json"))
    gate = {t["clause"]: (t["allowed"], t["warned"], t["refused"]) for t in told["ledger"]["gate"]}
    assert gate["read.at-home"] == (7, 0, 1) and gate["read.recorded"] == (8, 0, 0), gate
    debts = [(d["dataset"], d["owed"], d["late"], d["met"]) for d in told["ledger"]["debts"]]
    assert debts == [("call-records", 2, 0, 1)] and "next_due" in told["ledger"]["debts"][0], told["ledger"]["debts"]
    exception, = told["exceptions"]
    assert (exception["clause"], exception["dataset"], exception["approver"]) == ("aoba-own/read.at-home", "patient-records", "local/local"), exception
    text = assess("--data", s.data)
    assert "allowed 7, warned 0, refused 1" in text and "2 owed, 0 late, 1 met" in text, text[-1500:]
    # Before the store had any act there is nothing to count, and the exception was not yet.
    before = json.loads(assess("--data", s.data, "--as-of", "2026-11-01", "--format", "json"))
    assert before["ledger"]["acts"] == 0 and before["exceptions"] == [], before["ledger"]
    assert "ledger" not in json.loads(assess("--format", "json"))
    same_places_as_the_gate(s)
    # Who may not look is told so; where nothing lies is no store.
    nobody = s.credentials(s.client("nobody", ("medical-a", "read")))
    done = run(AZEKURA, "assess", *FILES, "--data", s.data, "--credentials", nobody, check=False)
    assert done.returncode == 4 and "denied" in done.stderr.lower(), (done.returncode, done.stderr)
    assert run(AZEKURA, "assess", *FILES, "--credentials", nobody, check=False).returncode == 2


def an_inspector_reads_it_in_chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None or not (HERE / "node_modules" / "playwright-core").is_dir():
        print("SKIPPED: chromium or playwright-core is not installed; tools/setup test installs both", flush=True)
        return
    out = folder("pages")
    for language in ("en", "ja"):
        words = ("--lang", language, "--format", "html")
        assess(*words, "--as-of", "2026-11-22", "-o", out / f"{language}.html")
        assess(*words, "--what-if", "--as-of", "2026-11-22", "-o", out / f"{language}-all.html")
        assess(*words, "--data", made["store"].data, "-o", out / f"{language}-kept.html")
    done = run("node", "--test", HERE / "assess.test.mjs", check=False, timeout=240, env=dict(os.environ, PAGES=str(out), CHROMIUM=program))
    assert done.returncode == 0, done.stdout[-6000:]


def without_a_server_too():
    s = made["store"]
    s.stop()
    told = json.loads(assess("--data", s.data, "--format", "json"))
    assert told["ledger"]["acts"] > 10 and told["exceptions"], told["ledger"]
    same_places_as_the_gate(s)


STEPS = [keeps_something, counts_what_the_ledger_says, an_inspector_reads_it_in_chromium, without_a_server_too]
if __name__ == "__main__":
    story(*STEPS)
