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
    tanaka = s.credentials(s.client("tanaka", ("*", "all,admin")))
    s.command("exception", "propose", "aoba-own/read.at-home", "--dataset", "patient-records", "--until",
              (now() + datetime.timedelta(days=9)).strftime(DAY), "--reason", "second opinion abroad",
              "--measure", "read by name only", "--credentials", tanaka)
    waiting = json.loads(s.command("exception", "list", "--format", "json").stdout)["exceptions"]
    s.command("exception", "approve", waiting[0]["id"])


def bundle(s, out, *more, check=True, period=None):
    since, to = period or ((now() - datetime.timedelta(days=1)).strftime(DAY), now().strftime(DAY))
    return s.command("prove", "--bundle", "--from", since, "--to", to, "--for", "Inspector, Sendai", "-o", out, *more, check=check)


def verify(where, key, check=True):
    return run(VERIFY, "--key", key, "--bundle", where, check=check)


def not_verified(where, key, what):
    done = verify(where, key, check=False)
    assert done.returncode == 1, f"{what}: taken for good ({done.returncode}): {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


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
    done = run("node", "--test", HERE / "bundle.test.mjs", check=False, timeout=300,
               env=dict(os.environ, BUNDLE=str(made["out"]), VKEY=made["key"]))
    assert done.returncode == 0, done.stdout[-6000:]


def an_inspector_reads_it_in_chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None or not (HERE / "node_modules" / "playwright-core").is_dir():
        print("SKIPPED: chromium or playwright-core is not installed; tools/setup test installs both", flush=True)
        return
    done = run("node", "--test", HERE / "chromium.test.mjs", check=False, timeout=240,
               env=dict(os.environ, BUNDLE=str(made["out"]), VKEY=made["key"], CHROMIUM=program))
    assert done.returncode == 0, done.stdout[-6000:]


def azekura_verify_takes_it_and_nothing_else():
    said = verify(made["out"], made["key"]).stdout
    assert said.startswith("signed by the operator alone\n") and "verified" in said, said
    assert "cover sheet" in said and "from 20" in said, said
    files = sorted(p for p in made["out"].rglob("*") if p.is_file())
    rulebooks = [p for p in files if p.parent.name == "rulebooks"]
    assert len(files) - len(rulebooks) == 11 and len(rulebooks) > 20, files
    files = [p for p in files if p not in rulebooks[1:]]
    for path in files:
        whole = path.read_bytes()
        for at in sorted({dice.randrange(len(whole)) for _ in range(4)} | {0, len(whole) - 1}):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1:])
            not_verified(made["out"], made["key"], f"{path.name} at {at}")
        path.write_bytes(whole + b"\n")
        not_verified(made["out"], made["key"], f"{path.name} longer")
        path.unlink()
        not_verified(made["out"], made["key"], f"{path.name} missing")
        path.write_bytes(whole)
    more = made["out"] / "ledger" / "note"
    more.write_text("hello")
    assert "note" in not_verified(made["out"], made["key"], "a file more")
    more.unlink()
    other = Store()
    not_verified(made["out"], other.vkey, "another key")
    other.stop()
    verify(made["out"], made["key"])


def periods_without_a_server():
    """Made by the command itself when no server runs; an empty period is a bundle too."""
    s = made["store"]
    s.stop()
    out = folder("bundle")
    bundle(s, out / "empty", period=("2020-01-01", "2020-01-31"))
    assert "0, numbers 0 until before 0" in verify(out / "empty", made["key"]).stdout
    assert json.loads((out / "empty" / "cover.json").read_text())["entries"] == 0
    bundle(s, out / "bare", "--open", "none")
    assert (out / "bare" / "opened").read_bytes() == b""
    verify(out / "bare", made["key"])
    for wrong, words in (("not empty", ()), ("no field", ("--open", "colour")), ("period is empty", None)):
        where = out / ("bare" if wrong == "not empty" else wrong.replace(" ", "-"))
        done = bundle(s, where, *(words or ()), check=False, period=("2026-01-02", "2026-01-01") if words is None else None)
        assert done.returncode == 1 and wrong in done.stderr, (wrong, done.stderr)
    verify(out / "bare", made["key"])


def a_cover_tells_the_register_of_its_period():
    """The cover of a period that is over is of what the register said at its end; that was tried with today's alone."""
    registers = folder("register") / "register"
    shutil.copytree(ROOT / "examples" / "register", registers)
    s = Store("--register", registers)
    s.root.bucket("grid-a")
    ok(s.root.put("grid-a", "reading", b"41 kW"))
    time.sleep(1.1)  # a period ends with a whole second
    over = now().strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(1.1)
    (registers / "later.yaml").write_text(
        "datasets:\n  - {id: later-readings, operator: aoba, class: critical, sector: electricity, store: external,\n"
        "     copies: {complete: true, as_of: '2026-01-01', items: [{country: US}]}}\n")
    s.command("register", "import", registers)
    s.stop()
    out = folder("bundle")
    since = (now() - datetime.timedelta(days=1)).strftime(DAY)
    covers = []
    for name, period in (("before", (since, over)), ("after", None)):
        assert "no assessment" not in bundle(s, out / name, period=period).stderr
        covers.append(json.loads((out / name / "cover.json").read_text())["assessment"])
        verify(out / name, s.vkey)
    before, after = covers
    assert before["register"] != after["register"] and before["as_of"] < over <= after["as_of"], (before, after)
    assert "later-readings" not in json.dumps(before) and "later-readings" in json.dumps(after), (before, after)
    assert sum(after["totals"].values()) > sum(before["totals"].values()), (before["totals"], after["totals"])


def rulebooks_come_with_their_signatures():
    """A line with an issuer is loaded as it was signed, or not at all; who gets the bundle asks the issuer."""
    here = folder("signed")
    own = here / "own.yaml"
    shutil.copy(ROOT / "examples" / "rulebooks" / "aoba-own.yaml", own)
    vkey = run(AZEKURA, "rulebook", "keygen", "--line", "aoba", "--key", here / "aoba.key").stdout.strip()
    again = run(AZEKURA, "rulebook", "keygen", "--line", "aoba", "--key", here / "aoba.key", check=False)
    assert again.returncode == 1 and "never written over" in again.stderr, again
    assert (here / "aoba.key").stat().st_mode & 0o777 == 0o600
    other = run(AZEKURA, "rulebook", "keygen", "--line", "aoba-own", "--key", here / "other.key").stdout.strip()
    gas = run(AZEKURA, "rulebook", "sign", "--key", here / "aoba.key", ROOT / "rulebooks" / "jp-gas.yaml", check=False)
    assert gas.returncode == 2 and "speaks only for lines aoba and aoba-" in gas.stderr, gas
    s = Store("--rulebook", ROOT / "rulebooks", "--rulebook", own, "--rulebook-issuer", vkey, start=False)
    said = s.start_refused()
    assert "is for aoba to sign, but there is no" in said, said
    run(AZEKURA, "rulebook", "sign", "--key", here / "aoba.key", own)
    said = run(AZEKURA, "rulebook", "verify", "--issuer", vkey, own).stdout
    assert "signed by aoba, issued" in said, said
    rows = json.loads(run(AZEKURA, "rulebook", "verify", "--format", "json", "--issuer", vkey, own).stdout)
    assert rows[0]["rulebook"] == "aoba-own" and rows[0]["signed_by"] == "aoba", rows
    s.start()
    s.root.bucket("grid-a")
    kept = own.read_bytes()
    own.write_bytes(kept + b"\n")
    done = run(AZEKURA, "rulebook", "verify", "--issuer", vkey, own, check=False)
    assert done.returncode == 1 and "was changed after it was signed" in done.stdout, done
    s.signal(signal.SIGHUP)
    until(lambda: "was changed after it was signed" in s.log())
    ok(s.root.put("grid-a", "reading", b"41 kW"))
    own.write_bytes(kept)
    out = folder("bundle") / "b"
    bundle(s, out)
    assert "aoba-own of line aoba-own: signature kept, issuer not given" in verify(out, s.vkey).stdout
    said = run(VERIFY, "--key", s.vkey, "--bundle", out, "--issuer", vkey).stdout
    assert "aoba-own of line aoba-own: signed by aoba, issued" in said, said
    done = run(VERIFY, "--key", s.vkey, "--bundle", out, "--issuer", other, check=False)
    assert done.returncode == 1 and "is signed by no issuer given for line aoba-own" in done.stdout + done.stderr, done
    s.stop()


STEPS = [rulebooks_come_with_their_signatures, a_cover_tells_the_register_of_its_period, makes_one, the_page_takes_it_and_nothing_else,
         an_inspector_reads_it_in_chromium, azekura_verify_takes_it_and_nothing_else, periods_without_a_server]
if __name__ == "__main__":
    story(*STEPS)
