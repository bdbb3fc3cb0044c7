#!/usr/bin/env python3
"""Several sources of one survey: what is of one server counts once, what cannot be read ends nothing else, countries are read as
people write them, and names are asked for, forward and reverse, of a resolver made here. Usage: test_sources.py AZEKURA"""
import ipaddress
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading

azekura = sys.argv[1]
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
folder = tempfile.TemporaryDirectory()


def run(*words, status=0):
    done = subprocess.run([azekura, "survey", "--no-cloud-lists", *words], capture_output=True, text=True)
    assert done.returncode == status, (words, done.returncode, done.stderr)
    return done


def lines(*words, resolver="none", status=0):
    done = run(*words, "--format", "jsonl", "--resolver", resolver, status=status)
    return [json.loads(line) for line in done.stdout.splitlines()]


def file(name, text):
    path = os.path.join(folder.name, name)
    with open(path, "w", encoding="utf-8") as out:
        out.write(text)
    return path


# ---- a server that stood in two inventories was two
first = file("a.csv", "host,address,country,operator,class\ndb1.example.jp,3.112.0.9,JP,aoba,critical\n"
             "web1.example.jp,203.104.1.1,JP,aoba,\n")
second = file("b.csv", "host,address,country,operator,class\ndb1.example.jp,,US,keyaki,minor\nweb2.example.jp,203.104.1.1,JP,aoba,\n")
third = file("c.txt", "3.112.0.9\n203.104.1.1\n")
one, web1, web2, shared = lines(first, second, third)
assert one["name"] == "db1.example.jp" and one["address"] == "3.112.0.9", one
assert [listing["by"].rsplit("/", 1)[1] for listing in one["listings"]] == ["a.csv:2", "b.csv:2", "c.txt:1"], one
assert one["listings"][1]["declared"]["country"] == "US" and one["declared"]["class"] == "critical", one
declared = {piece["country"]: piece["source"] for piece in one["evidence"] if piece["method"] == "inventory"}
assert declared["JP"].endswith("a.csv:2") and declared["US"].endswith("b.csv:2"), declared
told = {conflict["about"]: conflict["says"] for conflict in one["conflicts"]}
assert "says operator aoba" in told["operator"] and "says minor" in told["data"], told
assert any("says country JP" in c["says"] and c["says"].endswith("says US") for c in one["conflicts"]), one
assert (web1["name"], web2["name"], shared["name"]) == ("web1.example.jp", "web2.example.jp", ""), "one address, two names"
assert len(lines(first, first)) == 2, "a file given twice lists nothing new"
assert run(first, second, third, "--format", "csv", "--resolver", "none").stdout.splitlines()[1].count("b.csv:2") >= 1

# ---- the servers at the root of DNS, which answer from dozens of countries, were in the one where they are registered, and sure of it
for address in ("202.12.27.33", "198.41.0.4", "193.0.14.129", "9.9.9.9"):
    (root,) = lines(address)
    assert root["answer"] == "many", root

# ---- a provider's list with a route in it made everybody's servers that provider's, in one region
wide = file("wide.json", '{"syncToken": "1", "prefixes": [{"ip_prefix": "0.0.0.0/0", "region": "ap-northeast-1", "service": "EC2"},'
            ' {"ip_prefix": "3.208.0.0/12", "region": "us-east-1", "service": "EC2"}]}')
claim = subprocess.run([azekura, "survey", "129.146.0.1", "3.208.0.9", "--cloud", f"aws={wide}", "--resolver", "none", "--format", "json"],
                       capture_output=True, text=True)
claimed = json.loads(claim.stdout)
assert [server.get("operator") == "aws" for server in claimed["servers"]] == [False, True], claimed["servers"]
assert any("a network so wide is no provider's" in warning for warning in claimed["warnings"]), claimed["warnings"]

# ---- what the register says was not heard where an inventory said otherwise
register = file("register.yaml", "sites:\n  - {id: sendai, country: JP}\nequipment:\n  - {id: gw, addresses: [34.208.1.1], site: sendai}\n")
for row in ("gate.example.jp,34.208.1.1,US", "gw,,US"):  # by its address, and by its id
    (gate,) = lines(file("gate.csv", f"host,address,country\n{row}\n"), "--register", register)
    says = {piece["method"]: piece["country"] for piece in gate["evidence"] if piece["method"] in ("inventory", "register")}
    assert says == {"inventory": "US", "register": "JP"}, gate

# ---- a source of which nothing can be read ended the survey of the others
nothing = file("nothing.csv", "colour,size\nred,5\n")
done = run(nothing, third, "no such thing", os.path.join(folder.name, "absent.csv") + "x y", "--resolver", "none", "--format", "jsonl",
           status=3)
assert len(done.stdout.splitlines()) == 2 and "nothing.csv" in done.stderr and "no such thing" in done.stderr, done
run(nothing, "no such thing", status=4)
run(nothing, third, "--record", "--data", folder.name, "--resolver", "none", status=4)  # what is not read would count as gone

# ---- countries as people write them
spelled = file("spelled.csv", "host,country\n" + "".join(f"h{i}.example.jp,{country}\n" for i, country in enumerate(
    ("jp", "JPN", "Japan", "日本", "U.S.A.", "米国", "UK", "South Korea", "Czech Republic", "コートジボワール"))))
assert [server["declared"]["country"] for server in lines(spelled)] == ["JP"] * 4 + ["US"] * 2 + ["GB", "KR", "CZ", "CI"]
done = run(file("korea.csv", "host,country\na.example.jp,Korea\nb.example.jp,JP\n"), "--resolver", "none", "--format", "jsonl", status=3)
assert 'korea.csv:2: expected a country' in done.stderr and '"Korea"' in done.stderr and len(done.stdout.splitlines()) == 2, done

# ---- names, of a resolver made here
FORWARD = {"www.example.jp": ["203.104.1.1"], "real.example.jp": ["34.208.0.7"]}
REVERSE = {"34.208.0.1": "ec2-34-208-0-1.ap-northeast-1.compute.amazonaws.com", "203.104.9.9": "ec2-1.us-west-2.compute.amazonaws.com",
           "203.104.1.2": "core1.tyo1.example.net"}
asked = []


def name_bytes(name):
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def answer(query):
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode())
        at += 1 + query[at]
    name, (kind,) = ".".join(labels).lower(), struct.unpack("!H", query[at + 1:at + 3])
    asked.append((name, kind))
    records = []
    if kind == 1:
        records = [ipaddress.ip_address(address).packed for address in FORWARD.get(name, ())]
    if kind == 12:
        address = ".".join(reversed(name.removesuffix(".in-addr.arpa").split(".")))
        records = [name_bytes(REVERSE[address])] if address in REVERSE else []
    known = name in FORWARD or bool(records)
    body = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(record)) + record for record in records)
    return query[:2] + struct.pack("!HHHHH", 0x8180 if known else 0x8183, 1, len(records), 0, 0) + query[12:at + 5] + body


resolver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
resolver.bind(("127.0.0.1", 0))


def serve():
    while True:
        query, peer = resolver.recvfrom(4096)
        resolver.sendto(answer(query), peer)


threading.Thread(target=serve, daemon=True).start()
at = "127.0.0.1:%d" % resolver.getsockname()[1]
# a name and an address that only the resolver brings together
(both,) = lines(file("name.txt", "203.104.1.1\nwww.example.jp\n"), resolver=at)
assert both["name"] == "www.example.jp" and len(both["listings"]) == 2, both
assert len(lines(file("name.txt", "203.104.1.1\nwww.example.jp\n"))) == 2
# the first of a server's names leads nowhere, a further one does
(further,) = lines(file("further.csv", "host\ngone.example.jp;real.example.jp\n"), resolver=at)
assert further["address"] == "34.208.0.7" and "unresolved" not in further and further["names"] == ["real.example.jp"], further
# reverse names: only of addresses without a name, only when asked for
bare = file("bare.txt", "34.208.0.1\n203.104.9.9\n203.104.1.2\n10.0.0.1\n")
del asked[:]
lines(bare, resolver=at)
assert not asked, asked
provider, borrowed, hint, private = lines(bare, "--reverse", resolver=at)
assert sorted(kind for _, kind in asked) == [12, 12, 12], asked
methods = lambda server: {piece["method"]: piece for piece in server["evidence"] if piece["about"] == "place"}
assert methods(provider)["endpoint-name"]["country"] == "JP" and provider["answer"] == "inside", provider
assert "who does not announce it" in methods(borrowed)["name-hint"]["says"] and "endpoint-name" not in methods(borrowed), borrowed
assert borrowed["operator"] != "aws", borrowed
assert methods(hint)["name-hint"]["country"] == "JP" and hint["reverse"] == ["core1.tyo1.example.net"], hint
run(bare, "--reverse", "--resolver", "none", status=2)

# ---- a zone file brings others of its folder, and nothing else of this machine
os.makedirs(os.path.join(folder.name, "zones", "parts"))
file("secret.zone", "spy.example. A 203.104.1.9\n")
file("zones/parts/web.inc", "www A 203.104.1.1\n")
os.symlink("../secret.zone", os.path.join(folder.name, "zones", "link"))
os.mkfifo(os.path.join(folder.name, "zones", "pipe"))
zone = file("zones/x.example.zone", "$INCLUDE parts/web.inc\n$INCLUDE ../secret.zone\n$INCLUDE link\n$INCLUDE pipe\n"
            f"$INCLUDE {folder.name}/secret.zone\nftp A 203.104.1.2\n")
done = run(zone, "--resolver", "none", "--format", "jsonl", status=3)
assert [json.loads(line)["name"] for line in done.stdout.splitlines()] == ["www.x.example", "ftp.x.example"], done.stdout
assert done.stderr.count("it lies outside of the folder of the file that was given") == 3 and "it is no file" in done.stderr, done.stderr
# ---- Ansible's own files: the address is where Ansible connects to, and groups say the rest
plant = file("plant.ini", "[web]\nweb[1:2] class=critical\n[web:vars]\ncountry=JP\nansible_host=203.104.1.1\n")
assert [(s["name"], s["address"], s["declared"]["country"]) for s in lines(plant)] == [
    ("web1", "203.104.1.1", "JP"), ("web2", "203.104.1.1", "JP")]
same = file("plant.yml", "web:\n  vars: {country: JP, ansible_host: 203.104.1.1}\n  hosts: {'web[1:2]': {class: critical}}\n")
assert [s["countries"] for s in lines(same)] == [s["countries"] for s in lines(plant)]

# ---- what group_vars/ and host_vars/ beside an inventory say was not heard; nothing outside of its folder is
for path in ("plant/group_vars/web", "plant/host_vars", "elsewhere"):
    os.makedirs(os.path.join(folder.name, path))
beside = file("plant/hosts", "[web]\nweb[1:3]\n")
file("plant/group_vars/web/place.yml", "country: JP\n")
file("plant/host_vars/web1.yml", "ansible_host: 203.104.1.1\n")
file("elsewhere/web2.yml", "ansible_host: 34.208.0.7\n")
os.symlink("../../elsewhere/web2.yml", os.path.join(folder.name, "plant", "host_vars", "web2.yml"))
os.mkfifo(os.path.join(folder.name, "plant", "host_vars", "web3.yml"))
done = run(beside, "--resolver", "none", "--format", "jsonl", status=3)
assert [(s["name"], s.get("address"), s["declared"]["country"]) for s in map(json.loads, done.stdout.splitlines())] == [
    ("web1", "203.104.1.1", "JP"), ("web2", None, "JP"), ("web3", None, "JP")], done.stdout
assert 'hosts: expected variables in "host_vars/web2.yml" beside it: it lies outside of the folder' in done.stderr, done.stderr
assert '"host_vars/web3.yml" beside it: it is no file' in done.stderr, done.stderr
os.rename(os.path.join(folder.name, "plant", "group_vars"), os.path.join(folder.name, "elsewhere", "group_vars"))
os.symlink("../elsewhere/group_vars", os.path.join(folder.name, "plant", "group_vars"))
done = run(beside, "--resolver", "none", "--format", "jsonl", status=3)
assert '"group_vars" beside it: it lies outside' in done.stderr and '"country":"JP"' not in done.stdout, done

# ---- nodes of Kubernetes: by their names, and by the addresses that tell of a place
address = lambda kind, text: {"type": kind, "address": text}
node = lambda name, *addresses: {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name}, "status": {"addresses": addresses}}
cluster = {"apiVersion": "v1", "kind": "List", "items": [
    node("edge", address("InternalIP", "10.0.1.5"), address("ExternalIP", "34.208.0.7")),
    node("inner", address("InternalIP", "10.0.1.6"), address("InternalDNS", "inner.plant.internal"))]}
edge, inner = lines(file("nodes.json", json.dumps(cluster)))
(bare,) = lines("34.208.0.7")
assert (edge["name"], edge["addresses"], edge["answer"]) == ("edge", ["34.208.0.7", "10.0.1.5"], bare["answer"]), edge
assert edge["countries"] == bare["countries"] and edge["law"] == bare["law"], (edge, bare)
assert (inner["name"], inner["names"], inner["answer"]) == ("inner", ["inner.plant.internal"], "undetermined"), inner
assert inner["countries"] == [] and {piece["method"] for piece in inner["evidence"]} == {"address-use"}, inner

# ---- a survey that is interrupted tells the same, line for line
mixed = file("mixed.txt", "203.104.1.1\nwww.example.jp\n34.208.0.0/24\nreal.example.jp\n203.104.1.1\n")
out = os.path.join(folder.name, "out.jsonl")
run(mixed, "--resolver", at, "--format", "jsonl", "--resume", "-o", out)
with open(out, encoding="utf-8") as source:
    whole = source.read()
assert '"name":"www.example.jp"' in whole and not os.path.exists(out + ".resume")
# data that came with the program warned of a line of its own on every run
warnings = json.loads(run("192.0.2.1", "--format", "json", "--resolver", "none").stdout)["warnings"]
assert not [warning for warning in warnings if "asn-ipv" in warning], warnings
print("several sources make one survey")
