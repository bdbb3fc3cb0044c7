#!/usr/bin/env python3
"""The command as scripts use it. With the providers' own lists every listed network comes out as its list says, held against
the lists read here by Python's own JSON, not by the program's reader. Usage: command.py AZEKURA"""
import http.server
import ipaddress
import json
import os
import ssl
import subprocess
import sys
import tempfile
import threading

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


# ---- why something is no host was cut off behind its first words
for word, why in (("1.2.3.4/33", "a number of bits"), ("a..b", "empty part")):
    done = subprocess.run([azekura, "survey", word, "--resolver", "none"], capture_output=True, text=True)
    assert done.returncode == 4 and why in done.stderr, done

# ---- the shape that scripts rely on
whole = json.loads(run("192.0.2.1", "www.example.jp", "--format", "json", "--resolver", "none"))
for server in whole["servers"]:
    assert "address" in server or "addresses" in server
    for key, kind in (("name", str), ("countries", list), ("operator", str), ("law", list), ("evidence", list),
                      ("conflicts", list)):
        assert isinstance(server[key], kind), (key, server)
    assert server["answer"] in ("inside", "outside", "undetermined", "many")
assert whole["counted"]["servers"] == 2
assert run("192.0.2.1").splitlines()[0].startswith("1 server: 0 inside JP, 0 outside, 0 of many places, 1 undetermined")
japanese = run("192.0.2.1", "--lang", "ja")  # --lang was taken and changed nothing in the default report
assert japanese.startswith("サーバー 1 台。国内（JP）0、国外 0、複数の場所 0、判定できず 1。") and "\n判定できず: 1\n" in japanese, japanese
assert run("192.0.2.1", "--format", "csv").splitlines()[0].startswith("name,addresses,answer,country")
# the registry's seat was taken for the country of KDDI's network; and where nobody names a country, no reason stood there
(kddi,) = lines("2001:268::1", "--no-cloud-lists")
assert kddi["answer"] == "undetermined" and not kddi["countries"], kddi
assert [one["says"] for one in kddi["evidence"] if one["about"] == "place"] == ["no address data name a country for it"], kddi
# --lang ja left the evidence of JSON in English, with nothing for people to read
asked = ("10.0.0.1", "8.8.8.8", "gone.example.jp", "--format", "json", "--resolver", "none")
english, beside = json.loads(run(*asked)), json.loads(run(*asked, "--lang", "ja"))
for server in beside["servers"]:
    assert all(piece["says_ja"] != piece["says"] for piece in server["evidence"] + server["conflicts"]), server
    assert all(row["why_ja"] for row in server["law"]) and ("unresolved" in server) == ("unresolved_ja" in server), server
assert beside["warnings"] == english["warnings"] and len(beside["warnings_ja"]) == len(english["warnings"]), beside["warnings_ja"]
assert "_ja" not in json.dumps(english["servers"]) and "warnings_ja" not in english
run(status=2)
# a country by another name was refused without its letters
for name, remedy in (("Japan", "write --home JP"), ("JPN", "write --home JP"), ("jp", "write --home JP"), ("日本", "write --home JP"),
                     ("Narnia", "no country of ISO 3166-1")):
    done = subprocess.run([azekura, "survey", "192.0.2.1", "--home", name], capture_output=True, text=True)
    assert done.returncode == 2 and remedy in done.stderr and name in done.stderr, done
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
# A "Tokyo" whose address is said to be in the United States came out as inside: who names a machine also declares it, and that is
# one word, not two.
(tokyo,) = lines("--no-cloud-lists", file("vendor.csv", "host,address,country\nbackup-tokyo.example.jp,34.223.24.17,JP\n"))
assert tokyo["answer"] == "undetermined" and tokyo["conflicts"], tokyo
# Where a zone says a name leads was passed over when nobody was asked for addresses.
zone = file("vendor.zone", "$ORIGIN vendor.example.\n@ 3600 IN SOA ns hostmaster 1 2 3 4 5\n"
            "tokyo-backup IN CNAME ec2-34-223-24-17.us-west-2.compute.amazonaws.com.\n")
(vendor,) = lines("--no-cloud-lists", zone)
assert vendor["answer"] == "outside" and vendor["countries"][0]["country"] == "US" and vendor["operator"] == "aws", vendor
register = os.path.join(root, "examples", "register")
assert json.loads(run("--register", register, "--format", "json"))["counted"]["servers"] > 0

# ---- probing, on loopback: a machine that says a distributor answered; only own networks unless all are asked
key, certificate = os.path.join(folder, "key.pem"), os.path.join(folder, "certificate.pem")
subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", certificate,
                "-subj", "/C=JP/O=Kazahaya CA/CN=probe.example.jp"], check=True, capture_output=True)


class Distributor(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.send_header("CF-RAY", "8f2c1-NRT")
        self.end_headers()

    def log_message(self, *_):
        pass


class Quiet(http.server.ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # connections that are only timed say nothing


server = Quiet(("127.0.0.1", 0), Distributor)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = str(server.server_address[1])
run("127.0.0.1", "--probe", status=2)
(probed,) = lines("127.0.0.1", "--probe", "--register", register, "--probe-port", port)
says = {one["method"]: one["says"] for one in probed["evidence"] if one.get("source") == "probe"}
assert "within" in says["round-trip"] and "5 of 5" in says["round-trip"], says
assert "probe.example.jp" in says["certificate"] and "Kazahaya CA in JP" in says["certificate"], says
assert "cf-ray: 8f2c1-NRT" in says["header"] and probed["answer"] == "many", probed
(bare,) = lines("127.0.0.1", "--probe", "--register", file("other.yaml", "networks:\n  - {id: a, cidr: [10.0.0.0/8]}\n"),
                "--probe-port", port)
assert not [one for one in bare["evidence"] if one.get("source") == "probe"], bare
(refused,) = lines("127.0.0.1", "--probe-all", "--probe-port", "1")
assert [one for one in refused["evidence"] if one["method"] == "round-trip"], refused
# ---- where probes start: fast answers exclude countries, and without a vantage they do not
unsaid = json.loads(run("127.0.0.1", "--probe-all", "--probe-port", "1", "--format", "json", "--resolver", "none"))
assert [one for one in unsaid["warnings"] if "--vantage LAT,LON" in one] and "vantage" not in unsaid, unsaid["warnings"]
assert unsaid["servers"][0]["answer"] == "undetermined", unsaid["servers"]
said = json.loads(run("127.0.0.1", "--probe-all", "--probe-port", "1", "--vantage", "35.68,139.77,2", "--format", "json",
                      "--resolver", "none"))
assert said["vantage"] == {"name": "35.68,139.77,2", "at": {"lat": 35.68, "lon": 139.77, "error_km": 2.0}}, said["vantage"]
(trip,) = [one for one in said["servers"][0]["evidence"] if one["method"] == "round-trip"]
assert "of 35.68,139.77,2 (known to 2.0 km) over fibre" in trip["says"] and "so near" in trip["says"], trip
named_site = file("site.yaml", "sites:\n  - {id: sendai-dc, country: JP, lat: 38.2687, lon: 140.8722}\n  - {id: near-only, near: Sendai}\n"
                  "networks:\n  - {id: a, cidr: [127.0.0.0/8]}\n")
(sited,) = lines("127.0.0.1", "--probe", "--probe-port", "1", "--register", named_site, "--vantage", "sendai-dc")
assert [one for one in sited["evidence"] if "of site sendai-dc" in one["says"]], sited
for wrong in ("near-only", "nowhere", "35.68", "95,0"):
    run("127.0.0.1", "--probe", "--register", named_site, "--vantage", wrong, status=2)
run("127.0.0.1", "--vantage", "35.68,139.77", status=2)

# ---- many at once: what is silent costs two timeouts, not those of all one after the other; the order stays
several = file("several.txt", "".join(f"127.0.0.{n}\n" for n in range(1, 41)))
told = lines(several, "--probe-all", "--probe-port", port)
assert [one["address"] for one in told] == [f"127.0.0.{n}" for n in range(1, 41)]
assert all(one["answer"] == ("many" if one["address"] == "127.0.0.1" else "undetermined") for one in told), told

server.shutdown()

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
