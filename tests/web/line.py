#!/usr/bin/python3
"""A bundle whose period reaches into logs that were succeeded holds their entries too; azekura-verify and the
page take it as it is, and nothing that was changed in it."""
import os
import pathlib
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "story"))
from azekura import *  # noqa: E402,F403

DAY = "%Y-%m-%d"
made = {}


def bundle(s, out, since, to):
    return s.command("prove", "--bundle", "--from", since, "--to", to, "--for", "Inspector, Sendai", "--open", "key", "-o", out)


def verify(where, key, check=True):
    return run(VERIFY, "--key", key, "--bundle", where, check=check)


def history_is_lost(s, backup, number):
    """What was written since the backup, but for the watermark that knows of it."""
    ok(s.root.put("grid-a", "lost", b"2"))
    s.stop()
    signed = "ledger/signed" if number == 1 else f"ledger/log-{number}/signed"
    known = (s.data / signed).read_bytes()
    shutil.rmtree(s.data)
    shutil.copytree(backup, s.data)
    (s.data / signed).parent.mkdir(exist_ok=True)
    (s.data / signed).write_bytes(known)
    assert "history was lost" in s.start_refused()
    run(AZEKURA, "ledger", "succeed", "--data", s.data, "--reason", "restored")
    s.start()


def backup_of(s):
    s.stop()
    to = folder("backup") / "data"
    shutil.copytree(s.data, to)
    s.start()
    return to


def a_line_of_four_logs():
    """Of the third nothing is left: the fourth follows the second."""
    s = Store()
    s.root.bucket("grid-a")
    together(8, lambda n: [ok(s.root.put("grid-a", f"first-{n}-{i}", b"41 kW")) for i in range(40)])
    history_is_lost(s, backup_of(s), 1)
    for i in range(5):
        ok(s.root.put("grid-a", f"second-{i}", b"41 kW"))
    of_second = backup_of(s)
    history_is_lost(s, of_second, 2)
    ok(s.root.put("grid-a", "third", b"41 kW"))
    history_is_lost(s, of_second, 3)
    ok(s.root.put("grid-a", "fourth", b"41 kW"))
    assert s.vkey.split("+")[0].endswith("/4"), s.vkey
    out = folder("bundle")
    today = (now() - datetime.timedelta(days=1)).strftime(DAY), now().strftime(DAY)
    bundle(s, out / "b", *today)
    bundle(s, out / "before", "2020-01-01", "2020-01-31")
    later = now() + datetime.timedelta(days=9)
    bundle(s, out / "after", later.strftime(DAY), (later + datetime.timedelta(days=1)).strftime(DAY))
    s.stop()
    made.update(store=s, out=out, key=s.vkey)


def entries_of_earlier_logs_are_in_it():
    """They were told of on the cover alone, and what codes of theirs meant nowhere."""
    where = made["out"] / "b"
    cover = json.loads((where / "cover.json").read_text())
    earlier = cover["earlier"]
    assert [row.get("number") for row in earlier] == [1, 2, None], earlier
    assert [row.get("in_bundle") for row in earlier] == [True, True, None], earlier
    assert earlier[2]["is_there"] is False and earlier[2]["left"] == 0, earlier
    assert earlier[0]["entries"] > 320 and cover["counts"]["type"]["put"] == 320 + 5 + 1, cover["counts"]["type"]
    assert cover["counts"]["type"]["succession"] == 3, cover["counts"]["type"]
    assert not [name for table in cover["counts"].values() for name in table if name.split()[0] in ("act", "site", "class")], cover["counts"]
    assert cover["entries"] == sum(row.get("entries", 0) for row in earlier) + cover["end"] - cover["first"]
    said = verify(where, made["key"]).stdout
    origin = made["key"].split("+")[0].removesuffix("/4")
    for part in (f"of {origin}\n", f"of {origin}/2\n", "with the newest log's key, under its own name",
                 # of one that was lost whole nothing was said
                 f"earlier log: {origin}/3, as entry 0 of {origin}/4 names it\n", "0 entries: it was lost whole", "lost of it: entries 0 to "):
        assert part in said, (part, said)
    opened = (where / "opened-1").read_text()
    assert opened.count("\n") >= 320, len(opened)


def periods_beside_the_entries():
    """A period before everything leads back to the first log, which shows that there is nothing of it; one after
    everything needs no earlier log."""
    for name, earlier in (("before", True), ("after", False)):
        where = made["out"] / name
        said = verify(where, made["key"]).stdout
        assert "entries of the period" in said and (where / "ledger" / "old" / "1").exists() == earlier, said
        assert json.loads((where / "cover.json").read_text())["entries"] == 0


def azekura_verify_finds_what_is_changed():
    where = made["out"] / "b"
    files = sorted(p for p in (where / "ledger").rglob("*") if p.is_file()) + [where / "opened-1", where / "opened-2", where / "manifest"]
    assert len(files) >= 14, files
    for path in files:
        whole = path.read_bytes()
        if not whole:
            continue
        for at in sorted({dice.randrange(len(whole)) for _ in range(3)} | {0, len(whole) - 1}):
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << dice.randrange(8)]) + whole[at + 1:])
            done = verify(where, made["key"], check=False)
            assert done.returncode == 1, f"{path.relative_to(where)} at {at} was taken for good: {done.stdout}"
        path.unlink()
        assert verify(where, made["key"], check=False).returncode == 1, f"{path.name} missing"
        path.write_bytes(whole)
    verify(where, made["key"])


def what_the_operator_changed_and_signed_is_found_by_both():
    need("node")
    for name, more in (("b", {}), ("before", {"EMPTY": "1"})):
        done = run("node", "--test", HERE / "line.test.mjs", check=False, timeout=300,
                   env=dict(os.environ, BUNDLE=str(made["out"] / name), VKEY=made["key"], VERIFY=str(VERIFY), **more))
        assert done.returncode == 0, done.stdout[-6000:]


def a_bundle_that_is_cut_short_is_made_aloud():
    """Where the files of a log are gone that the period reaches, only the verifier told; the command said nothing and ended
    well. A period that does not reach it is as it was."""
    where = folder("cut")
    shutil.copytree(made["store"].data, where / "data")
    shutil.rmtree(where / "data" / "ledger" / "tile")
    (where / "data" / "ledger" / "left").unlink()
    origin = made["key"].split("+")[0].removesuffix("/4")
    yesterday, later = (now() - datetime.timedelta(days=1)).strftime(DAY), (now() + datetime.timedelta(days=9)).strftime(DAY)

    def command(name, since, to, *more):
        return run(AZEKURA, "prove", "--bundle", "--from", since, "--to", to, "--for", "Inspector, Sendai", "-o", where / name,
                   "--data", where / "data", *more, check=False)

    done = command("cut", yesterday, now().strftime(DAY))
    assert done.returncode == 1 and "wrote" in done.stdout, done
    assert re.search(f"the bundle is cut short: the files of the log {origin}, of which \\d+ entries were left, are gone", done.stderr), done.stderr
    sheet = (where / "cut" / "cover.html").read_text()
    for said in (f"The files of {origin} are gone: what of the period", f"台帳 {origin} のファイルが失われているため"):
        assert said in sheet, said
    assert "cut_short" not in (where / "cut" / "cover.json").read_text()
    refused = verify(where / "cut", made["key"], check=False)
    assert refused.returncode == 1 and f"of the log {origin} " in refused.stdout and "is not in the bundle" in refused.stdout, refused
    done = command("json", yesterday, now().strftime(DAY), "--format", "json")
    assert done.returncode == 1 and json.loads(done.stdout)["cut_short"]["log"] == origin, done
    done = command("after", later, later)
    assert done.returncode == 0 and "cut short" not in done.stderr, done
    assert "are gone: what of the period" not in (where / "after" / "cover.html").read_text()
    verify(where / "after", made["key"])


def an_inspector_reads_it_in_chromium():
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None or not (HERE / "node_modules" / "playwright-core").is_dir():
        print("SKIPPED: chromium or playwright-core is not installed; tools/setup test installs both", flush=True)
        return
    done = run("node", "--test", HERE / "line-chromium.test.mjs", check=False, timeout=300,
               env=dict(os.environ, BUNDLE=str(made["out"] / "b"), VKEY=made["key"], CHROMIUM=program))
    assert done.returncode == 0, done.stdout[-6000:]


STEPS = [a_line_of_four_logs, entries_of_earlier_logs_are_in_it, periods_beside_the_entries,
         azekura_verify_finds_what_is_changed, what_the_operator_changed_and_signed_is_found_by_both,
         a_bundle_that_is_cut_short_is_made_aloud, an_inspector_reads_it_in_chromium]
if __name__ == "__main__":
    story(*STEPS)
