#!/usr/bin/env python3
"""A run of measurements: starts our server and nginx on the same files, asks both by turns with
azekura-load, and writes what came out, beside what it should have been. Started by tools/bench.

A comparison is pairs of short measurements, ours and the other by turns, and the median of the
pairs' ratios with the span that holds the middle 80 % of them. Rates depend on what else the machine
does; CPU a request carries over, so that is what targets are judged by where they name it."""
import argparse
import base64
import dataclasses
import json
import os
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "tools"))
import s3client  # noqa: E402
FAST_DISK_US = 60  # a 4 KiB write and fdatasync takes no more: rates of durable puts may be judged
DATASETS = """datasets:
  - {id: bench-sealed, operator: aoba, owner: aoba, sector: electricity, class: unclassified, store: here, buckets: ["bench-sealed"], contract: own-use,
     kinds: {complete: true, as_of: 2026-11-01, items: [unclassified]}, placement_rule: anywhere}
  - {id: bench-plain, operator: aoba, owner: aoba, sector: electricity, class: unclassified, store: here, buckets: ["bench-plain"], contract: own-use,
     kinds: {complete: true, as_of: 2026-11-01, items: [unclassified]}, placement_rule: anywhere, encrypted: no}
"""
NGINX = """{user} daemon on; worker_processes auto; pid {dir}/nginx.pid; error_log {dir}/nginx.log; worker_rlimit_nofile 4096;
events {{ worker_connections 2048; }}
http {{ access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 1000000000;
  client_body_temp_path {dir}/t1; proxy_temp_path {dir}/t2; fastcgi_temp_path {dir}/t3; uwsgi_temp_path {dir}/t4; scgi_temp_path {dir}/t5;
  server {{ listen 127.0.0.1:{port}; root {dir}/files; }} }}
"""


def say(*words):
    print(f"[{time.monotonic() - STARTED:5.0f} s]", *words, flush=True)


STARTED = time.monotonic()


def ask(*command, timeout_s=240):
    """What a program printed. One that fails ends the run in its own words: a line without its figure is no line."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise SystemExit(f"bench: {' '.join(command)}: {error}") from None
    if done.returncode != 0:
        raise SystemExit(f"bench: {' '.join(command)} ended with {done.returncode}\n{done.stderr[-2000:]}{done.stdout[-2000:]}")
    return done.stdout


@dataclasses.dataclass(frozen=True)
class Size:
    """How much is measured. Figures are made with `full`; `tiny` shows that each can be made at all."""
    name: str
    pairs: int
    seconds: float  # of one short measurement
    long_s: float  # of one whose answers are few
    warmup_s: float
    settle_s: float  # what was written is tidied up meanwhile
    patience_s: int  # for a disk whose budget of writes others spent
    large_bytes: int
    listed: int
    uploads: int
    parts: int
    past_caches: int  # objects that a cache of 8 MiB must not hold
    past_caches_least: int
    fill_s: int
    idle: int
    contexts: int
    evidence_puts: int


FULL = Size("full", 11, 1.2, 1.5, 0.2, 6, 30, 64 << 20, 5000, 5, 10000, 40000, 30000, 30, 1000, 10000, 2048)
QUICK = dataclasses.replace(FULL, name="quick", pairs=3, seconds=0.6, settle_s=1, patience_s=0, uploads=2, fill_s=8, contexts=2000)
TINY = Size("tiny", 1, 0.1, 0.1, 0.05, 0, 0, 1 << 20, 50, 1, 50, 400, 400, 10, 20, 200, 64)


# ---- the machine

def read(path, default=""):
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return default


def disk_calibrate(folder, count):
    """Microseconds of a 4 KiB write and fdatasync, median of `count`."""
    path = os.path.join(folder, "calibration")
    piece, took = os.urandom(4096), []
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.pwrite(fd, piece * 256, 0)
        os.fsync(fd)
        for i in range(count):
            begun = time.perf_counter_ns()
            os.pwrite(fd, piece, (i % 256) * 4096)
            os.fdatasync(fd)
            took.append((time.perf_counter_ns() - begun) / 1000)
    finally:
        os.close(fd)
        os.unlink(path)
    return statistics.median(took)


def disk_flushes(folder):
    """Flush requests the device has completed so far; whoever asked. Source: Documentation/admin-guide/iostats."""
    device = os.stat(folder).st_dev
    for line in read("/proc/diskstats").splitlines():
        fields = line.split()
        if (int(fields[0]), int(fields[1])) == (os.major(device), os.minor(device)) and len(fields) > 18:
            return int(fields[18])
    return None


def machine(folder):
    cpu = re.search(r"model name\s*: (.*)", read("/proc/cpuinfo"))
    memory = re.search(r"MemTotal:\s+(\d+)", read("/proc/meminfo"))
    git = lambda *words: subprocess.run(["git", "-C", ROOT, *words], capture_output=True, text=True).stdout.strip()
    return {"cpu": cpu.group(1) if cpu else platform.processor(), "cores": os.cpu_count(),
            "memory_gib": round(int(memory.group(1)) / 2**20, 1) if memory else None,
            "kernel": platform.release(), "commit": git("rev-parse", "--short=12", "HEAD") or "unknown",
            "changed_files": len(git("status", "--porcelain", "--untracked-files=no", "src", "bench").splitlines()),
            "load_before": os.getloadavg()[0], "disk_fdatasync_us": round(disk_calibrate(folder, 1000), 1)}


# ---- servers

class Server:
    """Ours, on a data folder and ports of its own."""

    def __init__(self, run, name, *more):
        self.data = os.path.join(run.folder, name)
        config = os.path.join(run.folder, name + ".yaml")
        with open(config, "w") as file:
            file.write("\n".join(more) + "\n")
        command = [os.path.join(run.build, "src/app/azekura"), "serve", "--config", config, "--data", self.data, "--s3", "127.0.0.1:0",
                   "--console", "127.0.0.1:0", "--site", "sendai", "--register", run.register, "--rulebook", f"{ROOT}/rulebooks",
                   "--rulebook", f"{ROOT}/examples/rulebooks", "--dmi", "off", "--metadata", "off", "--own-addresses", "off", "--print-keys"]
        # It logs each request, as it does unless told otherwise; nothing is kept of that.
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        words = dict(re.findall(r"(\w+)=(\S+)", line))
        if not line.startswith("ready"):
            again = subprocess.run(["timeout", "5"] + command, capture_output=True, text=True)
            raise SystemExit(f"bench: the server did not start: {again.stderr[-500:]}")
        self.tls = any(w.startswith("certificate:") for w in more)
        self.url = ("https://" if self.tls else "http://") + words["s3"]
        self.console, self.vkey, self.pid = "http://" + words["console"], words["ledger"], self.process.pid
        self.credentials = (words["access_key"], words["secret_key"])

    def metrics(self):
        text = urllib.request.urlopen(self.console + "/metrics", timeout=10).read().decode()
        return {name: float(value) for name, value in re.findall(r"^(\w+) ([0-9.e+]+)$", text, re.M)}

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Nginx:
    def __init__(self, run):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.folder, self.url = run.folder, f"http://127.0.0.1:{port}"
        config = os.path.join(run.folder, "nginx.conf")
        with open(config, "w") as file:
            # As root it would read as somebody else, who may not enter the folders above.
            file.write(NGINX.format(dir=run.folder, port=port, user="user root;" if os.geteuid() == 0 else ""))
        ask("nginx", "-c", config, "-e", os.path.join(run.folder, "nginx.log"))
        time.sleep(0.3)
        self.master = int(read(os.path.join(run.folder, "nginx.pid")))
        self.pids = [int(pid) for pid in read(f"/proc/{self.master}/task/{self.master}/children").split()]

    def stop(self):
        os.kill(self.master, signal.SIGTERM)


# ---- measuring

class Run:
    def __init__(self, arguments):
        self.size, self.build = {"quick": QUICK, "tiny": TINY}.get(arguments.size, FULL), os.path.abspath(arguments.build)
        self.pairs, self.seconds = self.size.pairs, self.size.seconds
        self.folder = tempfile.mkdtemp(prefix="bench.", dir=self.build)
        self.register = os.path.join(self.folder, "register")
        shutil.copytree(f"{ROOT}/examples/register", self.register)
        with open(os.path.join(self.register, "bench.yaml"), "w") as file:
            file.write(DATASETS)
        self.measured, self.cells = {}, []

    def load(self, url, operation, credentials=None, pids=(), fail=True, **options):
        command = [os.path.join(self.build, "bench/azekura-load"), "--json", "--url", url, "--op", operation]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        for pid in pids:
            command += ["--server-pid", str(pid)]
        environment = dict(os.environ)
        if credentials:
            environment |= {"AWS_ACCESS_KEY_ID": credentials[0], "AWS_SECRET_ACCESS_KEY": credentials[1]}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=180)
        measured = json.loads(done.stdout) if done.stdout else {}
        idle = not measured.get("ops") or (pids and measured["server_cpu_us_per_op"] == 0)
        if done.stdout and operation != "idle" and idle and measured["errors"] == 0 and options.get("seconds", 60) < 10:
            # Nobody was answered, or the kernel's clock of CPU did not tick: too short a time for this machine, not a failure.
            return self.load(url, operation, credentials, pids, fail, **options | {"seconds": options["seconds"] * 4})
        if not measured or (fail and done.returncode != 0):
            raise SystemExit(f"bench: {' '.join(command)}\n{done.stderr}{done.stdout}")
        return measured

    def ours(self, server, operation, bucket, **options):
        return self.load(server.url, operation, server.credentials, [server.pid], bucket=bucket, **options)

    def series(self, name, one, other=None, before=None):
        """`pairs` times one, and the other beside it by turns; both are functions that measure."""
        say(name)
        rows = []
        for i in range(self.pairs):
            row = {"disk_us": round(before(), 1)} if before else {}
            order = [("ours", one), ("other", other)]
            for key, measure in order if i % 2 == 0 else reversed(order):
                if measure:
                    row[key] = measure()
            rows.append(row)
        self.measured[name] = rows
        return rows


def middle(values):
    """Median, and the ends of the middle 80 %."""
    values = sorted(values)
    cut = len(values) // 10
    return {"median": statistics.median(values), "low": values[cut], "high": values[-1 - cut]}


def of(rows, key, who="ours"):
    return middle([row[who][key] for row in rows])


def ratio(rows, cost):
    """How many times better ours is than the other: `cost` gives what one answer costs."""
    return middle([cost(row["other"]) / cost(row["ours"]) for row in rows])


def gb_per_core(measured):
    return measured["size"] / 1e3 / measured["server_cpu_us_per_op"]


class Targets:
    def __init__(self):
        self.rows = []

    def add(self, what, target, got, met, note=""):
        self.rows.append({"what": what, "target": target, "measured": got, "met": met, "note": note})

    def at_most(self, what, limit, m, unit, note=""):
        off = m["median"] / limit
        self.add(what, f"≤ {limit:,} {unit}", spread(m, unit), off <= 1, note or (f"{off:.1f} times the target" if off > 1 else ""))

    def at_least(self, what, limit, m, unit, note=""):
        off = m["median"] / limit
        self.add(what, f"≥ {limit:,} {unit}", spread(m, unit), off >= 1, note or (f"{off * 100:.0f} % of the target" if off < 1 else ""))


def number(value):
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def spread(m, unit):
    return f"{number(m['median'])} {unit} ({number(m['low'])} to {number(m['high'])})"


# ---- what is measured

def files_make(run, keys, small, large):
    folder = os.path.join(run.folder, "files")
    os.makedirs(folder)
    piece = os.urandom(small)
    for i in range(keys):
        with open(os.path.join(folder, f"k{i:08d}"), "wb") as file:
            file.write(piece)
    with open(os.path.join(folder, "L00000000"), "wb") as file:
        file.write(os.urandom(large))


def gets(run, server, nginx, targets):
    seconds, warm = run.seconds, run.size.warmup_s
    rows = run.series("GET 4 KiB, 64 connections, beside nginx's unsigned GET of files",
                      lambda: run.ours(server, "get", "bench-sealed", keys=1000, seconds=seconds, warmup=warm),
                      lambda: run.load(nginx.url, "raw", pids=nginx.pids, keys=1000, seconds=seconds, warmup=warm))
    targets.at_most("signed GET 4 KiB, cached: CPU each", 20, of(rows, "server_cpu_us_per_op"), "µs")
    cost = lambda m: m["server_cpu_us_per_op"]
    run.cells.append(("nginx's GET of 4 KiB files: CPU each, the yardstick for how calm the machine was (7.4 µs for 1 KiB on a quiet one)",
                      spread(of(rows, "server_cpu_us_per_op", "other"), "µs")))
    run.cells.append(("GET 4 KiB against nginx: CPU each, ours in nginx's", spread(middle([cost(r["ours"]) / cost(r["other"]) for r in rows]), "times")))
    large = {"size": run.size.large_bytes, "prefix": "L", "keys": 1, "connections": 4, "seconds": run.size.long_s, "warmup": run.size.warmup_s}
    for bucket, name in [("bench-sealed", "encrypted"), ("bench-plain", "unencrypted")]:
        rows = run.series(f"GET 64 MiB {name}, 4 connections, beside nginx",
                          lambda: run.ours(server, "get", bucket, **large),
                          lambda: run.load(nginx.url, "raw", pids=nginx.pids, **large))
        per_core = middle([gb_per_core(r["ours"]) for r in rows])
        if bucket == "bench-sealed":
            targets.at_least("GET 64 MiB encrypted, a core", 1.6, per_core, "GB/s")
        share = ratio(rows, cost)
        share = {k: v * 100 for k, v in share.items()}
        run.cells.append((f"GET 64 MiB {name}, a core", spread(per_core, "GB/s")))
        if bucket == "bench-plain":
            targets.at_least("GET 64 MiB unencrypted, per core against nginx's sendfile", 60, share, "%")
        else:
            run.cells.append(("GET 64 MiB encrypted, per core against nginx's sendfile", spread(share, "%")))


def puts(run, server, targets):
    turns = []

    def put(size, connections=64):
        before, flushes = server.metrics(), disk_flushes(run.folder)
        measured = run.ours(server, "put", "bench-sealed", size=size, connections=connections, seconds=run.seconds, warmup=run.size.warmup_s)
        after, flushed = server.metrics(), disk_flushes(run.folder)
        turn = after["azekura_turns_total"] - before["azekura_turns_total"]
        measured["puts_per_turn"] = (after["azekura_entries_total"] - before["azekura_entries_total"]) / max(turn, 1)
        measured["flushes_per_turn"] = (flushed - flushes) / max(turn, 1) if flushes is not None else None
        turns.append(measured["puts_per_turn"])
        return measured

    calibrate = lambda: disk_calibrate(run.folder, 100)
    patience = time.monotonic() + run.size.patience_s  # a budget of writes that others spent comes back
    while calibrate() > FAST_DISK_US and time.monotonic() < patience:
        time.sleep(2)
    rows = run.series("PUT 4 KiB durable, 64 connections", lambda: put(4096), before=calibrate)
    fast = [row for row in rows if row["disk_us"] <= FAST_DISK_US]
    rate = of(fast or rows, "ops_per_s")
    if len(fast) * 2 > len(rows):
        targets.at_least(f"durable PUT 4 KiB, on the {len(fast)} rounds with a fast disk", 15000, rate, "/s")
    else:
        targets.add("durable PUT 4 KiB", "≥ 15,000 /s where a 4 KiB fdatasync takes ≤ 60 µs", spread(rate, "/s"), None,
                    f"not to be judged: the disk took {number(middle([r['disk_us'] for r in rows])['median'])} µs; the next three lines stand for it")
    targets.at_most("durable PUT 4 KiB: CPU each", 60, of(rows, "server_cpu_us_per_op"), "µs")
    targets.at_most("durable PUT 4 KiB: bytes written each", 12288, of(rows, "server_written_bytes_per_op"), "bytes")
    if rows[0]["ours"]["flushes_per_turn"] is None:
        targets.add("durable PUT 4 KiB: flushes a turn", "≤ 1", "not measured", None, "the kernel counts none for this disk (/proc/diskstats)")
    else:
        flushes = of(rows, "flushes_per_turn")
        targets.add("durable PUT 4 KiB: flushes a turn", "≤ 1", spread(flushes, ""), True if flushes["median"] <= 1.05 else None,
                    "counted at the disk: everybody's, and those of the checkpoint each second, are among them")
    run.cells.append(("puts in a turn, 64 connections", spread(of(rows, "puts_per_turn"), "")))
    rows = run.series("PUT 64 KiB durable, 64 connections", lambda: put(65536), before=calibrate)
    run.cells.append(("PUT 64 KiB durable", spread(of(rows, "ops_per_s"), "/s") + "; CPU each " + spread(of(rows, "server_cpu_us_per_op"), "µs")))


def completes(run, targets):
    """Uploads of many parts are completed one after the other while 64 connections put: how long those wait.

    Parts of 4 KiB, by configuration: S3's least part would make 50 GB of each, and a part's bytes are not
    looked at again when an upload is completed."""
    server, parts, uploads = Server(run, "parts", "minimum-part-kib: 4"), run.size.parts, run.size.uploads
    try:
        client = s3client.Client(server.url, *server.credentials)
        run.ours(server, "bucket", "bench-sealed")
        open_ones = []
        for n in range(uploads):
            reply = client.ask("POST", f"/bench-sealed/many-{n}", {"uploads": ""})[2]
            upload = re.search(rb"<UploadId>([^<]+)<", reply).group(1).decode()
            run.ours(server, "part", "bench-sealed", prefix=f"many-{n}", upload=upload, keys=parts, seconds=120)
            page = client.ask("GET", f"/bench-sealed/many-{n}", {"uploadId": upload, "max-parts": "1"})[2]
            tag = re.search(rb"<ETag>([^<]+)<", page).group(1).decode()  # every part has the same bytes
            rows = "".join(f"<Part><PartNumber>{k}</PartNumber><ETag>{tag}</ETag></Part>" for k in range(1, parts + 1))
            open_ones.append((f"/bench-sealed/many-{n}", upload, f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode()))
        put = lambda seconds: run.ours(server, "put", "bench-sealed", seconds=seconds, warmup=run.size.warmup_s)
        alone = put(run.size.long_s)
        took, failed = [], []

        def complete():  # a thread's SystemExit would end the thread alone, unheard
            time.sleep(0.25)
            for path, upload, body in open_ones:
                begun = time.monotonic()
                try:
                    status, _, reply = client.ask("POST", path, {"uploadId": upload}, body=body)
                except OSError as error:
                    status, reply = "nothing", str(error)
                took.append(time.monotonic() - begun)
                if status != 200:
                    failed.append(f"a Complete was answered {status}: {reply[:300]}")
        say(f"{uploads} Completes of {parts:,} parts, one after the other, beside 64 connections of PUT 4 KiB")
        thread = threading.Thread(target=complete)
        thread.start()
        beside = put(0.3 * uploads)
        thread.join()
    finally:
        server.stop()
    if failed:
        raise SystemExit(f"bench: {failed[0]}")
    run.measured["PUT 4 KiB beside Completes of 10,000 parts"] = {"alone": alone, "beside": beside, "complete_s": took}
    targets.add(f"p99 of PUT 4 KiB, 64 connections, beside {uploads} Completes of {parts:,} parts", "< 100 ms",
                f"{beside['p99_ms']:.1f} ms, slowest {beside['max_ms']:.1f} ms (alone {alone['p99_ms']:.1f} and {alone['max_ms']:.1f} ms)",
                beside["p99_ms"] < 100, f"a Complete took {statistics.median(took) * 1000:.0f} ms")


def lists(run, server):
    rows = run.series("LIST pages of 1,000 keys, 4 connections",
                      lambda: run.ours(server, "list", "bench-sealed", keys=run.size.listed, connections=4, prefix="p", seconds=run.seconds, warmup=run.size.warmup_s))
    run.cells.append(("LIST", spread(middle([r["ours"]["ops_per_s"] * r["ours"]["keys_per_page"] for r in rows]) if rows[0]["ours"]["keys_per_page"] else
                                     middle([r["ours"]["ops_per_s"] * 1000 for r in rows]), "keys/s") +
                      "; CPU a page " + spread(of(rows, "server_cpu_us_per_op"), "µs")))


def page_cache(run, targets):
    """Bodies in the page cache only: more of them than the caches of a small server hold."""
    server = Server(run, "small", "cache-mib: 8")
    try:
        run.ours(server, "bucket", "bench-sealed")
        filled = run.ours(server, "fill", "bench-sealed", keys=run.size.past_caches, connections=256, seconds=run.size.fill_s)
        say(f"the small server holds {filled['ops']:,} objects of 4 KiB")
        time.sleep(run.size.settle_s)  # what the writes left to be tidied up is not the reads' cost
        if filled["ops"] < run.size.past_caches_least:
            targets.add("signed GET 4 KiB, rows and bodies both past caches of 8 MiB, in the page cache: CPU each", "≤ 30 µs", "not measured", None,
                        f"only {filled['ops']:,} objects were written in time: its caches would have held them")
            return
        rows = run.series("GET 4 KiB from the page cache, 64 connections",
                          lambda: run.ours(server, "get", "bench-sealed", keys=filled["ops"], seconds=run.seconds, warmup=run.size.warmup_s))
        targets.at_most("signed GET 4 KiB, rows and bodies both past caches of 8 MiB, in the page cache: CPU each", 30, of(rows, "server_cpu_us_per_op"), "µs")
    finally:
        server.stop()


def idle(run, targets):
    name = f"{run.size.idle:,} idle TLS connections"
    say(name)
    key, certificate = os.path.join(run.folder, "tls.key"), os.path.join(run.folder, "tls.pem")
    ask("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out", certificate,
        "-days", "2", "-subj", "/CN=localhost")
    server = Server(run, "tls", f"certificate: {certificate}", f"key: {key}")
    try:
        held = run.load(server.url, "idle", pids=[server.pid], fail=False, connections=run.size.idle, seconds=2 * run.size.long_s)
    finally:
        server.stop()
    run.measured[name] = held
    mib = held["rss_bytes"] / 2**20
    targets.add(f"resident with {name}, caches empty", "≤ 200 MiB", f"{mib:.0f} MiB ({held['rss_before_bytes'] / 2**20:.0f} before them)",
                mib <= 200 and held["alive"] == run.size.idle, "" if held["alive"] == run.size.idle else f"{held['alive']} were alive at the end")


def decisions(run, targets):
    say(f"decisions over {run.size.contexts:,} contexts and 500 clauses")
    out = json.loads(ask(os.path.join(run.build, "bench/bench_decide"), str(run.size.contexts), "500", "2"))
    run.measured["decisions"] = out
    p50 = out["p50_ns"]
    targets.add(f"a decision, {out['contexts']:,} contexts in random order, {out['clauses']} clauses", "< 300 ns", f"{p50:.0f} ns (99 % of batches ≤ {out['p99_ns']:.0f})",
                p50 < 300, f"{p50 / 300:.1f} times the target; {out['clauses_spoke']:.0f} clauses speak in each" if p50 >= 300 else f"{out['clauses_spoke']:.0f} clauses speak in each")
    run.cells.append(("tables of decisions", f"{out['table_bytes'] / 1024:.0f} KiB and {out['table_build_us']:.0f} µs to fold, each"))


def opened_length(proof):
    """Of the one field that a proof opens: docs/formats/opening.md, format 1."""
    with open(proof, "rb") as file:
        extra = base64.b64decode(file.read().split(b"\n")[1].removeprefix(b"extra "))
    at = 5 + 2 + int.from_bytes(extra[5:7], "big")  # behind the entry
    assert extra[:5] == b"AZKX\x01" and extra[at] == 1
    at += 1 + 2 + 16  # how many, which, its salt
    return int.from_bytes(extra[at:at + 2], "big")


def evidence(run, server, targets):
    """How long a decision's facts are is asked of the store: a proof opens them."""
    say("evidence a put")
    proof = os.path.join(run.folder, "proof")
    time.sleep(1.5)
    ask(os.path.join(run.build, "src/app/azekura"), "prove", "--data", server.data, "bench-sealed", "k00000001", "--open", "facts", "-o", proof)
    ask(os.path.join(run.build, "src/verify/azekura-verify"), "--key", server.vkey, proof)
    length = opened_length(proof)
    out = json.loads(ask(os.path.join(run.build, "bench/bench_evidence"), os.path.join(run.folder, "evidence"), str(length), str(run.pairs),
                         str(run.size.evidence_puts)))
    run.measured["evidence"] = out
    targets.at_most("evidence: CPU a put, the committer's thread", 12, {"median": out["evidence_us"], "low": out["evidence_us_low"], "high": out["evidence_us_high"]}, "µs")
    bytes_ = out["evidence_bytes"]
    targets.add("evidence: bytes a put", "≤ 700 bytes", f"{bytes_:.0f} bytes, facts of {length} among them", bytes_ <= 700)
    run.cells.append(("evidence: CPU a put, whole process", f"{out['evidence_process_us']:.1f} µs"))


def radosgw(run, server, targets):
    url = os.environ.get("RADOSGW_URL")
    if not url:
        return
    credentials = (os.environ.get("RADOSGW_ACCESS_KEY", ""), os.environ.get("RADOSGW_SECRET_KEY", ""))
    pids = [int(os.environ["RADOSGW_PID"])] if os.environ.get("RADOSGW_PID") else []
    run.load(url, "bucket", credentials, bucket="bench", fail=False)
    run.load(url, "fill", credentials, bucket="bench", keys=1000, seconds=60)
    for operation in ["put", "get"]:
        rows = run.series(f"{operation.upper()} 4 KiB beside radosgw, 64 connections",
                          lambda: run.ours(server, operation, "bench-sealed", keys=1000, seconds=run.seconds, warmup=run.size.warmup_s),
                          lambda: run.load(url, operation, credentials, pids, bucket="bench", keys=1000, seconds=run.seconds, warmup=run.size.warmup_s))
        times = middle([r["ours"]["ops_per_s"] / r["other"]["ops_per_s"] for r in rows])
        targets.at_least(f"{operation.upper()} 4 KiB against radosgw, requests/s", 15, times, "times")


# ---- the report

def report(run, about, targets, out):
    day = time.strftime("%Y-%m-%d")
    base = os.path.join(out, f"{day}-{about['commit']}" + ("" if run.size is FULL else f"-{run.size.name}"))
    os.makedirs(out, exist_ok=True)
    with open(base + ".json", "w") as file:
        json.dump({"date": day, "size": run.size.name, "pairs": run.pairs, "machine": about, "targets": targets.rows, "measured": run.measured}, file, indent=1, ensure_ascii=False)
        file.write("\n")
    word = {True: "met", False: "**missed**", None: "open"}
    with open(base + ".md", "w") as file:
        write = lambda *lines: file.write("\n".join(lines) + "\n")
        write(f"# Measured {day}, commit {about['commit']}" + (f" with {about['changed_files']} changed files" if about["changed_files"] else ""), "",
              f"{about['cores']} cores of {about['cpu']}, {about['memory_gib']} GiB, Linux {about['kernel']}; client and servers on the same cores. "
              f"A 4 KiB write and fdatasync took {about['disk_fdatasync_us']} µs (median of 1,000) at the beginning. Load average "
              f"{about['load_before']:.1f} before, {about['load_after']:.1f} after: other work shared the cores where it is above what the run itself makes.", "",
              f"Figures are medians of {run.pairs} short measurements, in brackets the middle 80 %; comparisons are {run.pairs} pairs by turns. CPU is what the "
              "kernel charged to the server's processes. Every figure of a durable write depends on what the disk calls durable.", "",
              "| target | should be | is | |", "|---|---|---|---|")
        for row in targets.rows:
            write(f"| {row['what']} | {row['target']} | {row['measured']} | {word[row['met']]}{'; ' + row['note'] if row['note'] else ''} |")
        write("", "| beside them | |", "|---|---|")
        for what, value in run.cells:
            write(f"| {what} | {value} |")
        write("", "## All series", "", "| series | requests/s | MB/s | p50 ms | p99 ms | max ms | server CPU each, µs | errors |", "|---|---|---|---|---|---|---|---|")
        for name, rows in run.measured.items():
            if not isinstance(rows, list):
                continue
            for who, label in [("ours", name), ("other", "… the other")]:
                if who not in rows[0]:
                    continue
                cell = lambda key: number(of(rows, key, who)["median"]) if key in rows[0][who] else "not known"
                write(f"| {label} | {cell('ops_per_s')} | {cell('mb_per_s')} | {cell('p50_ms')} | {cell('p99_ms')} | {cell('max_ms')} | "
                      f"{cell('server_cpu_us_per_op')} | {sum(r[who]['errors'] for r in rows)} |")
    print(read(base + ".md"))
    say("written:", os.path.relpath(base, ROOT) + ".json and .md")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=os.path.join(ROOT, "build"))
    sizes = parser.add_mutually_exclusive_group()
    sizes.add_argument("--quick", dest="size", action="store_const", const="quick", help="about two minutes, for a look")
    sizes.add_argument("--tiny", dest="size", action="store_const", const="tiny", help="seconds: shows that each line can be made; its figures mean nothing")
    parser.add_argument("--out", default=os.path.join(ROOT, "bench", "results"))
    arguments = parser.parse_args()
    run, out = Run(arguments), arguments.out
    targets, stops = Targets(), []
    try:
        about = machine(run.folder)
        say(f"disk: {about['disk_fdatasync_us']} µs; load {about['load_before']:.1f}")
        files_make(run, 1000, 4096, run.size.large_bytes)
        server = Server(run, "store", "cache-mib: 256")
        stops.append(server)
        nginx = Nginx(run)
        stops.append(nginx)
        for bucket in ["bench-sealed", "bench-plain"]:
            run.ours(server, "bucket", bucket)
            run.ours(server, "fill", bucket, size=run.size.large_bytes, prefix="L", keys=1, connections=1, seconds=60)
        run.ours(server, "fill", "bench-sealed", keys=1000, seconds=60)
        run.ours(server, "fill", "bench-sealed", keys=run.size.listed, prefix="p", size=16, seconds=60)
        gets(run, server, nginx, targets)
        puts(run, server, targets)
        lists(run, server)
        evidence(run, server, targets)
        radosgw(run, server, targets)
        while stops:
            stops.pop().stop()
        completes(run, targets)
        page_cache(run, targets)
        idle(run, targets)
        decisions(run, targets)
        about["load_after"] = os.getloadavg()[0]
        report(run, about, targets, out)
    finally:
        for one in stops:
            one.stop()
        shutil.rmtree(run.folder, ignore_errors=True)


main()
