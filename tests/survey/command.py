#!/usr/bin/env python3
"""The command as scripts use it. With the providers' own lists every listed network comes out as its list says, held against
the lists read here by Python's own JSON, not by the program's reader. Usage: command.py AZEKURA"""
import ipaddress
import json
import os
import subprocess
import sys
import tempfile

azekura, lists = sys.argv[1], os.environ["AZEKURA_CLOUD_LISTS"]
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
folder = tempfile.mkdtemp()


def run(*words, status=0):
    done = subprocess.run([azekura, "survey", *words], capture_output=True, text=True)
    assert done.returncode == status, (words, done.returncode, done.stderr)
    return done.stdout


def lines(*words):
    return [json.loads(line) for line in run(*words, "--format", "jsonl", "--resolver", "none").splitlines()]


def file(name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


# ---- the shape that scripts rely on
whole = json.loads(run("192.0.2.1", "www.example.jp", "--format", "json", "--resolver", "none"))
for server in whole["servers"]:
    assert "address" in server or "addresses" in server
    for key, kind in (("name", str), ("countries", list), ("operator", str), ("law", list), ("evidence", list),
                      ("conflicts", list)):
        assert isinstance(server[key], kind), (key, server)
    assert server["answer"] in ("inside", "outside", "undetermined", "many")
assert whole["counted"]["servers"] == 2
assert run("192.0.2.1").splitlines()[0].startswith("1 servers: 0 inside JP, 0 outside, 0 of many places, 1 undetermined")
assert run("192.0.2.1", "--format", "csv").splitlines()[0].startswith("name,addresses,answer,country")
run(status=2)
run("192.0.2.1", "--home", "Japan", status=2)
run("192.0.2.1", "--cloud", "aws", status=2)
run("192.0.2.1", "--cloud", "aws=/nowhere", status=4)
run("no such host", status=4)
run(file("cut.csv", 'host,country\n192.0.2.1,JP\n"192.0.2'), "--format", "jsonl", status=3)

# ---- files: what they are, and which of their words mean what
named = file("named.csv", "Box,Stands in\n192.0.2.1,JP")  # the last line has no end, as some programs leave it
(one,) = lines(named, "--column", "host=box", "--column", "country=Stands in")
assert one["address"] == "192.0.2.1" and one["declared"]["country"] == "JP", one
run(named, status=4)
run(named, "--column", "hos=Box", status=2)
run(named, "--input", "cvs", status=2)

# ---- inventories: what is declared
inventory = file("servers.csv", "host,country,system,class\n192.0.2.1,JP,billing,critical\n10.0.0.1,,,\n")
declared, bare = lines(inventory)
assert declared["declared"]["by"].endswith("servers.csv:2") and declared["declared"]["class"] == "critical"
assert declared["answer"] == "inside" and declared["grounds"] == "inventory", declared
assert "declared" not in bare and bare["answer"] == "undetermined", bare
register = os.path.join(root, "examples", "register")
assert json.loads(run("--register", register, "--format", "json"))["counted"]["servers"] > 0

# ---- every listed network, with the lists
if not os.path.exists(os.path.join(lists, "aws.json")):
    print("skipped: the providers' lists are not at hand")
    sys.exit(0)
regions = {}
with open(os.path.join(root, "register-data", "regions.yaml"), encoding="utf-8") as source:
    for line in source:
        if line.startswith("  - ["):
            _, provider, code, country = [cell.strip() for cell in line.strip()[3:-1].split(",")[:4]]
            regions[provider, code.lower()] = country
with open(os.path.join(lists, "aws.json"), encoding="utf-8") as source:
    aws = json.load(source)
truth = {}
for row in aws["prefixes"] + aws["ipv6_prefixes"]:
    truth[row.get("ip_prefix") or row["ipv6_prefix"]] = row["network_border_group"]
inner = {}  # of networks inside one another the innermost speaks
for network in truth:
    inner.setdefault(ipaddress.ip_network(network).network_address, []).append(ipaddress.ip_network(network))
listed = file("listed.txt", "".join(f"{network}\n" for network in truth))
answers = lines(listed, "--cloud", "aws=" + os.path.join(lists, "aws.json"))
by_base = {ipaddress.ip_network(server["address"]).network_address: server for server in answers}
tokyo = checked = 0
for network, zone in truth.items():
    network = ipaddress.ip_network(network)
    if max(inner[network.network_address], key=lambda n: n.prefixlen) != network:
        continue
    server = by_base[network.network_address]
    country = regions.get(("aws", zone.lower()))
    if zone == "GLOBAL":
        assert server["answer"] == "many", server
    elif country is not None:
        assert server["countries"][0]["country"] == country, (network, zone, server)
        assert server["answer"] == ("inside" if country == "JP" else "outside"), server
        assert server["foreign_law"] and server["law"][0]["country"] == "US", server
        tokyo += country == "JP"
    checked += 1
print(f"{checked} networks of the list of aws as it says, {tokyo} of them inside Japan by place and foreign by law")
assert checked > 10000 and tokyo > 500
