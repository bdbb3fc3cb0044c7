#!/usr/bin/python3
"""The form of a survey: of an invented inventory over the sample register, counted by hand; merged, compared,
interrupted and gone on with; its page tried in Chromium as a supervisor would."""
import csv
import io
import os
import pathlib
import resource
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "story"))
from azekura import *  # noqa: E402,F403

# Addresses that are only in the list made here: their regions are what the provider says.
LIST = {"syncToken": "1755789425", "createDate": "2026-08-22-00-00-00", "ipv6_prefixes": [], "prefixes": [
    {"ip_prefix": prefix, "region": region, "service": "EC2", "network_border_group": region}
    for prefix, region in (("52.192.0.0/15", "ap-northeast-1"), ("52.24.0.0/14", "us-west-2"), ("52.28.0.0/16", "eu-central-1"))]}
SERVERS = """name,address,operator,dataset,country,class,sector
smart-1,52.192.0.1,aoba,smart-meter-readings,JP,,
smart-2,52.192.0.2,aoba,smart-meter-readings,JP,,
bank-1,52.192.0.3,keyaki-bank,bank-ledger,JP,,
bank-2,52.24.0.1,keyaki-bank,bank-ledger,JP,,
mail-1,52.24.0.2,aoba,intranet-mail,US,,
mail-2,52.28.0.1,aoba,intranet-mail,,,
stray-1,52.192.0.4,,,,,
stray-2,52.24.0.3,,,,,
inner-1,10.81.0.9,aoba,plant-telemetry,JP,,
open-1,203.0.113.5,aoba,plant-telemetry,,,
"""


def made():
    out = folder("made")
    (out / "ip-ranges.json").write_text(json.dumps(LIST))
    (out / "servers.csv").write_text(SERVERS)
    return out


def survey(*words, check=True, **more):
    done = run(AZEKURA, "survey", *words, check=False, **more)
    assert not check or done.returncode == 0, (done.returncode, done.stderr)
    return done


def words_of(out, file="servers.csv"):
    return [out / file, "--cloud", f"aws={out / 'ip-ranges.json'}", "--register", ROOT / "examples" / "register",
            "--rulebook", ROOT / "examples" / "rulebooks", "--resolver", "none", "--as-of", "2026-11-22", "--home", "JP"]


def it_counts_what_was_built():
    out = made()
    told = json.loads(survey(*words_of(out), "--format", "json").stdout)
    servers = {s["name"]: s for s in told["servers"]}
    assert servers["bank-1"]["answer"] == "inside" and servers["bank-1"]["foreign_law"], servers["bank-1"]
    assert servers["bank-2"]["answer"] == "outside" and servers["bank-2"]["countries"][0]["country"] == "US"
    assert servers["bank-2"]["comparison"] == {"declared": "contradicted", "allowed": "refused", "clauses": ["aoba-own/keep.at-home", "aoba-own/reach.foreign"]}, servers["bank-2"]["comparison"]
    form = told["form"]
    assert form["servers"] == 10 and form["answers"]["outside"] == 4, form["answers"]
    by = {line["name"]: line for line in form["operators"]}
    assert by["keyaki-bank"]["answers"]["outside"] == 1 and by["aoba"]["answers"]["outside"] == 2 and by[None]["servers"] == 2, by
    assert by["aoba"]["word"] == {"en": "Aoba Electric Power", "ja": "青葉電力"}, by["aoba"]
    assert [line["word"]["ja"] for line in form["sectors"] if line["name"] == "electricity"] == ["電力"]
    classes = {line["name"]: line["answers"]["outside"] for line in form["classes"]}
    assert classes["critical"] == 1 and classes["ordinary"] == 2 and classes[None] == 1, classes
    assert form["undeclared"]["servers"] == 2, form["undeclared"]
    kinds = {line["name"]: line["servers"] for line in form["kinds"]}
    assert kinds["payment"] == 2 and kinds["mail"] == 2 and kinds["personal"] == 4, kinds
    not_allowed = [f for f in form["findings"] if f["kind"] == "not-allowed"]
    assert [(f["subject"], f["verdict"], f["clauses"]) for f in not_allowed if f["verdict"] == "refused"] == [
        ("bank-2/bank-ledger", "refused", ["aoba-own/keep.at-home", "aoba-own/reach.foreign"])], not_allowed
    rows = list(csv.DictReader(io.StringIO(survey(*words_of(out), "--form", "--format", "csv").stdout)))
    assert sum(int(row["servers"]) for row in rows) == 10
    assert sum(int(row["servers"]) for row in rows if row["country"] == "US") == 3
    text = survey(*words_of(out), "--form").stdout
    assert text.split("\n")[0].startswith("10 servers: "), text[:200]
    places = json.loads(survey(*words_of(out), "--format", "geojson").stdout)["features"]
    assert {(p["properties"].get("country"), p["properties"]["precision"]) for p in places} >= {("US", "country"), ("DE", "country")}, places
    for wrong in (["--format", "pdf"], ["--form", "--format", "jsonl"], ["--lang", "fr"], ["--resume"], ["--diff", out / "x", "--format", "html"]):
        done = survey(*words_of(out), *wrong, check=False)
        assert done.returncode == 2, (wrong, done.returncode, done.stderr)


def operators_are_merged_and_time_is_told():
    out = made()
    head = SERVERS.split("\n")[0]
    lines = SERVERS.strip().split("\n")[1:]
    (out / "a.csv").write_text("\n".join([head] + lines[:5]) + "\n")
    (out / "b.csv").write_text("\n".join([head] + lines[4:]) + "\n")
    for name in "ab":
        survey(*words_of(out, f"{name}.csv"), "--format", "json", "-o", out / f"{name}.json")
    merged = json.loads(survey("--merge", out / "a.json", out / "b.json", "--format", "json").stdout)
    assert merged["form"]["servers"] == 10 and merged["form"]["again"] == 1, merged["form"]
    assert [r["same"] for r in merged["repeated"]] == ["52.24.0.2"], merged["repeated"]
    done = survey("--merge", out / "a.json", out / "servers.csv", check=False)
    assert done.returncode == 4 and "servers.csv is no survey" in done.stderr, done.stderr
    survey(*words_of(out), "--format", "json", "-o", out / "before.json")
    (out / "moved.csv").write_text(SERVERS.replace("52.192.0.3", "52.24.0.9").replace("stray-2,52.24.0.3,,,,,\n", ""))
    text = survey(*words_of(out, "moved.csv"), "--diff", out / "before.json").stdout
    assert text.startswith("new 0, gone 1, answered otherwise 1, unchanged 8"), text
    assert "answered otherwise: bank-1: inside (2026-11-22) → outside US" in text, text
    survey(*words_of(out, "moved.csv"), "--format", "json", "-o", out / "moved.json")
    moved = (out / "moved.json").read_text().replace('"2026-11-22T', '"2026-11-23T', 1)
    (out / "moved.json").write_text(moved)
    flapping = json.loads(survey(*words_of(out), "--diff", out / "before.json", "--diff", out / "moved.json", "--format", "json").stdout)
    assert [c["subject"] for c in flapping["changes"] if c["flapping"]] == ["bank-1"], flapping


def an_interrupted_survey_goes_on_to_the_same_bytes():
    out = made()
    words = words_of(out) + ["--format", "jsonl"]
    survey(*words, "-o", out / "whole.jsonl")
    whole = (out / "whole.jsonl").read_bytes()
    file = out / "broken.jsonl"
    survey(*words, "-o", file, "--resume")
    assert file.read_bytes() == whole and not (out / "broken.jsonl.resume").exists()
    state = interrupted(words, file)
    for cut in [0, 1, len(whole) // 3, whole.index(b"\n") + 1, len(whole) - 1, len(whole)]:
        file.unlink(missing_ok=True)
        (out / "broken.jsonl.new").write_bytes(whole[:cut])
        (out / "broken.jsonl.resume").write_bytes(state)
        survey(*words, "-o", file, "--resume")
        assert file.read_bytes() == whole, cut
    (out / "broken.jsonl.resume").write_bytes(state)
    done = survey(*words, "--home", "DE", "-o", file, "--resume", check=False)
    assert done.returncode == 2 and "begin anew" in done.stderr, done.stderr
    (out / "broken.jsonl.resume").write_text("{}")
    done = survey(*words, "-o", file, "--resume", check=False)
    assert done.returncode == 4 and "broken.jsonl.resume" in done.stderr, done.stderr


def interrupted(words, file):
    """What stands beside the lines of a survey that ended before it was whole: here no file may grow past its state."""
    gone = folder("gone") / "x.jsonl"
    done = survey(*words, "-o", gone, "--resume", check=False, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (512, 512)))
    assert done.returncode != 0 and not gone.exists(), done
    state = (gone.parent / "x.jsonl.resume").read_bytes()
    blocked = folder("blocked") / "x.jsonl"
    blocked.mkdir()  # a folder of that name: nothing is begun, and nothing left behind
    assert survey(*words, "-o", blocked, "--resume", check=False).returncode == 4
    assert not (blocked.parent / "x.jsonl.resume").exists()
    return state


def a_ledger_keeps_answers_and_tells_what_flaps():
    out, store = made(), Store()
    file = out / "servers.csv"

    def on(day, text, *more):
        file.write_text(text)
        words = words_of(out)
        words[words.index("--as-of") + 1] = day
        return survey(*words, "--data", store.data, *more)

    moved = SERVERS.replace("52.192.0.3", "52.24.0.9")
    first = on("2026-11-20", SERVERS, "--record").stderr
    again = on("2026-11-20", SERVERS, "--record").stderr
    assert ", 0 are gone" in first and " 0 of them new or changed, 0 are gone" in again, (first, again)
    told = on("2026-11-21", moved, "--record", "--history").stdout
    assert told.startswith("new 0, gone 0, answered otherwise 1, unchanged 9"), told
    told = json.loads(on("2026-11-22", SERVERS, "--history", "--format", "json").stdout)
    flapping = [c for c in told["changes"] if c["flapping"]]
    assert [c["subject"] for c in flapping] == ["bank-1"], told
    assert [then["answer"] for then in flapping[0]["history"]] == ["inside", "outside", "inside"], flapping
    findings = json.loads(store.command("finding", "list", "--kind", "survey", "--format", "json").stdout)["findings"]
    refused_by = {f["subject"]: f["clauses"] for f in findings if f["verdict"] == "refused"}
    assert refused_by["bank-1/bank-ledger"] == ["aoba-own/keep.at-home", "aoba-own/reach.foreign"], refused_by
    text = json.loads(store.command("finding", "list", "--kind", "survey-answer", "--subject", "bank-1", "--format", "json").stdout)
    assert text["findings"][0]["text"] == "2026-11-21 outside US; 2026-11-20 inside JP", text
    store.stop()
    done = survey(*words_of(out), "--data", folder("none") / "nothing", "--history", check=False)
    assert done.returncode == 4, done.stderr


def a_supervisor_reads_it_in_chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None or not (HERE / "node_modules" / "playwright-core").is_dir():
        print("SKIPPED: chromium or playwright-core is not installed; tools/setup test installs both", flush=True)
        return
    out = made()
    for language in ("en", "ja"):
        survey(*words_of(out), "--format", "html", "--lang", language, "-o", out / f"{language}.html")
        survey(*words_of(out), "--format", "json", "-o", out / "one.json")
        survey("--merge", out / "one.json", "--format", "html", "--lang", language, "-o", out / f"{language}-merge.html")
    done = run("node", "--test", HERE / "survey.test.mjs", check=False, timeout=200, env=dict(os.environ, PAGES=str(out), CHROMIUM=program))
    assert done.returncode == 0, done.stdout[-6000:]


STEPS = [it_counts_what_was_built, operators_are_merged_and_time_is_told, an_interrupted_survey_goes_on_to_the_same_bytes,
         a_ledger_keeps_answers_and_tells_what_flaps, a_supervisor_reads_it_in_chromium]
if __name__ == "__main__":
    story(*STEPS)
