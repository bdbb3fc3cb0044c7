#!/usr/bin/env python3
"""What a survey of many servers costs through the command: lines out of one inventory and out of two that overlap, the form, a
merge of two surveys, and a difference to an earlier one.

    bench/survey_large.py AZEKURA [SERVERS]

The inventories are made here: addresses of everywhere, of some hundred operators, in ten classes. Everything lies in
/dev/shm, a kilobyte a server. Prints a line of JSON for each: wall and CPU seconds, and the peak of memory."""
import json
import os
import random
import subprocess
import sys
import tempfile
import time

azekura, servers = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000000
folder = tempfile.TemporaryDirectory(dir="/dev/shm")


def path(name):
    return os.path.join(folder.name, name)


def measure(what, *words):
    began = time.monotonic()
    child = subprocess.Popen([azekura, "survey", *words], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read().decode()
    _, status, used = os.wait4(child.pid, 0)
    wall = time.monotonic() - began
    assert status == 0, (what, status, said)
    print(json.dumps({"what": what, "servers": servers, "wall_s": round(wall, 2),
                      "cpu_s": round(used.ru_utime + used.ru_stime, 2), "peak_mb": used.ru_maxrss // 1024}), flush=True)


def inventory(name, addresses):
    with open(path(name), "w", encoding="utf-8") as out:
        out.write("name,address,operator,class,country\n")
        for i, address in addresses:
            out.write(f"h{i}.op{i % 97}.example.jp,{address},op{i % 97},class{i % 10},{'JP' if i % 3 else 'US'}\n")


random.seed(1)
addresses = [(i, f"{random.randint(11, 223)}.{random.randint(0, 255)}.{random.randint(0, 255)}.{random.randint(1, 254)}") for i in range(servers)]
with open(path("list.txt"), "w", encoding="utf-8") as out:
    out.writelines(f"{address}\n" for _, address in addresses)
inventory("all.csv", addresses)
half = servers // 2
inventory("first.csv", addresses[:half])
inventory("second.csv", addresses[half:])
quiet = ("--no-cloud-lists", "--resolver", "none", "--home", "JP")
measure("a list, to lines", path("list.txt"), *quiet, "--format", "jsonl", "-o", path("lines.jsonl"))
os.unlink(path("lines.jsonl"))
measure("an inventory, to the form", path("all.csv"), *quiet, "--form", "--format", "json", "-o", path("form.json"))
measure("an inventory and a list of the same servers, to the form", path("all.csv"), path("list.txt"), *quiet, "--form", "--format",
        "json", "-o", path("form.json"))
for name in ("first", "second"):
    measure(f"half of them ({name}), to lines", path(f"{name}.csv"), *quiet, "--format", "jsonl", "-o", path(f"{name}.jsonl"))
measure("both halves merged", "--merge", path("first.jsonl"), path("second.jsonl"), "--format", "json", "-o", path("form.json"))
measure("half of them against an earlier survey of it", path("first.csv"), *quiet, "--diff", path("first.jsonl"), "--format", "json",
        "-o", path("diff.json"))
