"""The bench, run tiny: each line it promises comes out with a figure, and where one cannot be made it
ends there, with a reason. How fast anything was is not looked at.

usage: test_run.py BUILD-FOLDER"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.abspath(sys.argv[1])
TARGETS = [
    "signed GET 4 KiB, cached: CPU each",
    "GET 64 MiB encrypted, a core",
    "GET 64 MiB unencrypted, per core against nginx's sendfile",
    "durable PUT 4 KiB",
    "durable PUT 4 KiB: CPU each",
    "durable PUT 4 KiB: bytes written each",
    "durable PUT 4 KiB: flushes a turn",
    "evidence: CPU a put, the committer's thread",
    "evidence: bytes a put",
    "p99 of PUT 4 KiB, 64 connections, beside 1 Completes of 50 parts",
    "signed GET 4 KiB, rows and bodies both past caches of 8 MiB, in the page cache: CPU each",
    "resident with 20 idle TLS connections, caches empty",
    "a decision, 200 contexts in random order, 500 clauses",
]
BESIDE = [
    "nginx's GET of 4 KiB files", "GET 4 KiB against nginx", "GET 64 MiB encrypted, a core", "GET 64 MiB unencrypted, a core",
    "GET 64 MiB encrypted, per core against nginx's sendfile", "puts in a turn", "PUT 64 KiB durable", "LIST", "tables of decisions",
    "evidence: CPU a put, whole process",
]


def bench(folder, build=BUILD, path=os.environ["PATH"] + ":/usr/sbin"):  # where Debian has nginx
    """Exit code, all that was said, and the results in `folder`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("RADOSGW")} | {"PATH": path}
    done = subprocess.run([sys.executable, f"{ROOT}/bench/run.py", "--tiny", "--build", build, "--out", folder],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, timeout=200)
    return done.returncode, done.stdout, glob.glob(folder + "/*")


def build_without(folder, program, instead):
    """A build folder like ours in which `program` is another one."""
    for name in ["src/app/azekura", "src/verify/azekura-verify", "bench/azekura-load", "bench/bench_decide", "bench/bench_evidence"]:
        os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
        if name != program:
            os.symlink(f"{BUILD}/{name}", f"{folder}/{name}")
    with open(f"{folder}/{program}", "w") as file:
        file.write(f"#!/bin/sh\n{instead}\n")
    os.chmod(f"{folder}/{program}", 0o755)
    return folder


def each_line_has_a_figure(folder):
    code, said, files = bench(folder)
    assert code == 0, said
    assert sorted(os.path.splitext(f)[1] for f in files) == [".json", ".md"] and all("-tiny." in f for f in files), files
    with open(next(f for f in files if f.endswith(".json"))) as file:
        results = json.load(file)
    got = {row["what"]: row for row in results["targets"]}
    got = {re.sub(r", on the \d+ rounds with a fast disk$", "", what): row for what, row in got.items()}
    assert sorted(got) == sorted(TARGETS), (sorted(got), sorted(TARGETS))
    for what, row in got.items():
        uncounted = what.endswith("flushes a turn") and "/proc/diskstats" in row["note"]  # of disks that count none
        assert re.match(r"[0-9]", row["measured"]) or uncounted, row
    text = open(next(f for f in files if f.endswith(".md"))).read()
    for line in BESIDE:
        assert re.search(rf"^\| {re.escape(line)}[^|]*\| [0-9]", text, re.M), (line, text)
    for name, rows in results["measured"].items():
        for row in rows if isinstance(rows, list) else []:
            for who in ("ours", "other"):
                if who in row:
                    assert row[who]["ops"] > 0 and row[who]["errors"] == 0 and row[who]["server_cpu_us_per_op"] >= 0, (name, row)
    print("ok: each line has a figure")


def fails_loudly(why, *words, **how):
    with tempfile.TemporaryDirectory() as folder:
        code, said, files = bench(folder, **how)
    assert code != 0 and not files, (why, said)
    assert "Traceback" not in said and all(word in said for word in words), (why, said)
    print("ok: fails loudly where", why)


def main():
    with tempfile.TemporaryDirectory() as folder:
        each_line_has_a_figure(folder)
    # Without nginx there is nothing to compare with.
    with tempfile.TemporaryDirectory() as bin_:
        for name in ["git", "timeout", "openssl"]:
            if shutil.which(name):
                os.symlink(shutil.which(name), f"{bin_}/{name}")
        fails_loudly("nginx is missing", "bench: nginx", "No such file", path=bin_)
    for program, instead, words in [
            ("src/app/azekura", "echo no such option >&2; exit 2", ["the server did not start", "no such option"]),
            ("bench/azekura-load", "echo connecting to nobody >&2; exit 1", ["azekura-load", "connecting to nobody"]),
            ("src/verify/azekura-verify", "echo the signature is another one >&2; exit 1", ["ended with 1", "the signature is another one"])]:
        with tempfile.TemporaryDirectory() as folder:
            fails_loudly(f"{program} fails", *words, build=build_without(folder, program, instead))


main()
