#!/usr/bin/env python3
"""Every network that Azure and Google list, through the command with their list: its answer is the country of its region, held
against the lists as Python's own JSON reads them. A foreign provider's Tokyo is inside by place and foreign by law.
Usage: test_listed.py AZEKURA"""
import ipaddress
import json
import os
import subprocess
import sys
import tempfile

azekura, lists = sys.argv[1], os.environ["AZEKURA_CLOUD_LISTS"]
root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
if not os.path.exists(os.path.join(lists, "azure.json")):
    print("skipped: the providers' lists are not at hand")
    sys.exit(77)
folder = tempfile.TemporaryDirectory()

regions = {}
with open(os.path.join(root, "register-data", "regions.yaml"), encoding="utf-8") as source:
    for line in source:
        if line.startswith("  - ["):
            _, provider, code, country = [cell.strip().strip("'\"") for cell in line.strip()[3:-1].split(",")[:4]]
            regions[provider, code.lower()] = country


def read(name):
    with open(os.path.join(lists, name), encoding="utf-8") as source:
        return json.load(source)


def azure():
    for tag in read("azure.json")["values"]:
        region = tag["properties"]["region"]
        for network in tag["properties"]["addressPrefixes"] if region else ():
            yield network, region


def gcp():
    for row in read("gcp.json")["prefixes"]:
        yield row.get("ipv4Prefix") or row["ipv6Prefix"], row["scope"]


for provider, listed, most, at_home in (("azure", azure, 10000, 500), ("gcp", gcp, 400, 10)):
    truth, innermost = {}, {}
    for network, region in listed():
        network = ipaddress.ip_network(network)
        truth.setdefault(network, set()).add(region)
        before = innermost.get(network.network_address)
        if before is None or before.prefixlen < network.prefixlen:
            innermost[network.network_address] = network
    path = os.path.join(folder.name, provider + ".txt")
    with open(path, "w", encoding="utf-8") as out:
        out.writelines(f"{network}\n" for network in truth)
    done = subprocess.run([azekura, "survey", path, "--cloud", f"{provider}={lists}/{provider}.json", "--resolver", "none", "--format",
                           "jsonl"], capture_output=True, text=True, check=True)
    answers = {}  # of parts that begin alike the smallest: it is what the innermost network says
    for line in done.stdout.splitlines():
        server = json.loads(line)
        base = ipaddress.ip_network(server["address"])
        if base.network_address not in answers or answers[base.network_address][0].prefixlen < base.prefixlen:
            answers[base.network_address] = base, server
    checked = tokyo = 0
    for base, network in innermost.items():
        countries = {regions.get((provider, region.lower())) for region in truth[network]}
        if countries == {None} or len(countries) > 1:
            continue  # global, or tags that differ
        (country,) = countries
        server = answers[base][1]
        assert server["countries"][0]["country"] == country, (network, truth[network], server)
        assert server["answer"] == ("inside" if country == "JP" else "outside"), (network, server)
        assert server["foreign_law"] and server["law"][0]["country"] == "US", (network, server)
        tokyo += country == "JP"
        checked += 1
    print(f"{checked} networks of the list of {provider} as it says, {tokyo} of them inside Japan by place and foreign by law")
    assert checked > most and tokyo > at_home, (provider, checked, tokyo)
