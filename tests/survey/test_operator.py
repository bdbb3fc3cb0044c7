#!/usr/bin/env python3
"""An invented waterworks, built by hand here: where each of its servers stands is known because it was put there.

Its names are in a resolver of a network namespace (unbound, own zone and the zones of whoever it rents from), its inventories are
a zone file, a spreadsheet and a Terraform state, and some of them lie. `azekura survey` must count by country and by
class exactly what was built, tell the lies, and never be wrong and sure.

  test_operator.py AZEKURA"""
import collections
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

if "KAMOME_INSIDE" not in os.environ:
    if shutil.which("unbound", path=os.environ.get("PATH", "") + ":/usr/sbin") is None:
        print("unbound is not installed; tools/setup test does it")
        sys.exit(77)
    if subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL).returncode != 0:
        print("namespaces are not allowed here")
        sys.exit(77)
    inside = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, *sys.argv]
    os.execvpe(inside[0], inside, {**os.environ, "KAMOME_INSIDE": "1", "PATH": os.environ["PATH"] + ":/usr/sbin"})

azekura, folder = os.path.abspath(sys.argv[1]), tempfile.mkdtemp()
os.chdir(folder)

# ---- what was built ----

Server = collections.namedtuple("Server", "name stands klass source address chain")
JP, US, SG, NL, MANY, NOBODY = "JP", "US", "SG", "NL", "many", "undetermined"


def built():
    """Every server, where it stands, the class of the data on it (None: nobody has declared them), and in which inventory it is."""
    def zone(name, stands, address, *chain):
        return Server(f"{name}.kamome.example", stands, None, "zone", address, chain)

    def sheet(name, stands, klass, address, *chain):
        return Server(f"{name}.kamome.example", stands, klass, "sheet", address, chain)

    def state(name, stands, klass, address):
        return Server(name, stands, klass, "state", address, ())

    yield zone("www", MANY, "13.32.7.7", "d1kamome.cloudfront.net")
    yield zone("api", JP, "43.206.1.10")
    yield zone("mail", JP, "10.20.1.25")
    yield zone("old", US, "44.192.0.10")
    yield zone("shop", JP, "4.190.0.20", "kamome-shop.azurewebsites.net", "hosts.japaneast.azure.example")
    yield zone("gone", NOBODY, None, "kamome.closed-shop.example")
    yield Server("ns.rented.example", US, None, "zone", "44.192.0.53", ())
    for number in range(1, 6):
        yield zone(f"meter{number}", JP, f"10.20.2.{number}")
    for number in range(1, 5):
        yield sheet(f"billing{number}", JP, "important", f"43.206.2.{number}")
    yield sheet("billing5", SG, "important", "47.128.2.5")  # the sheet says JP
    yield sheet("billing6", SG, "important", "47.128.2.6", "billing.rented.example")
    yield sheet("scada1", JP, "critical", "10.20.3.1")
    yield sheet("scada2", JP, "critical", "10.20.3.2")
    yield sheet("crm", NL, "ordinary", "4.175.0.9")
    yield sheet("forum", NOBODY, "ordinary", None)  # no longer in the DNS, and the sheet does not say where
    yield state("aws_instance.report[0]", JP, "ordinary", "43.206.4.1")
    yield state("aws_instance.report[1]", JP, "ordinary", "43.206.4.2")
    yield state("aws_instance.standby", US, "important", "44.192.4.3")
    yield state("azurerm_linux_virtual_machine.map", JP, "ordinary", "4.190.4.4")


servers = list(built())
SYSTEMS = {"billing": "important", "control": "critical", "web": "ordinary"}
SYSTEM_OF = {klass: system for system, klass in SYSTEMS.items()}

# ---- the files ----


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


SAID = "complete: true, as_of: 2026-11-01"
write("kamome.yaml", f"""
operators:
  - {{id: kamome, name: Kamome Waterworks, entity: kamome-co, home: JP}}
entities:
  - {{id: kamome-co, name: Kamome Waterworks, country: JP, seats: {{{SAID}, items: [JP]}}}}
sites:
  - {{id: hamamatsu, name: Hamamatsu, country: JP, entity: kamome-co}}
networks:
  - {{id: plant, name: Plant, cidr: [10.20.0.0/16], site: hamamatsu, entity: kamome-co, role: plant}}
systems:
""" + "".join(f"  - {{id: {system}, name: {system}, operator: kamome, datasets: [{system}-data]}}\n" for system in SYSTEMS) + """
datasets:
""" + "".join(f"  - {{id: {system}-data, name: {system} data, operator: kamome, sector: water, class: {klass}, kinds: {{{SAID}, items: [log]}}}}\n"
             for system, klass in SYSTEMS.items()))

ZONE = """$ORIGIN kamome.example.
$TTL 300
@       IN SOA ns1 root ( 2026112201 7200 900
                          1209600 300 ) ; a comment ( with a parenthesis
        IN NS  ns.rented.example.
        TXT    "v=spf1 -all; nothing"
www     CNAME  d1kamome.cloudfront.net.
api     A      43.206.1.10
mail    300 IN A 10.20.1.25
old     IN A   44.192.0.10
shop    CNAME  kamome-shop.azurewebsites.net.
gone    CNAME  kamome.closed-shop.example.
$GENERATE 1-5 meter$ A 10.20.2.$
"""
write("kamome.example.zone", ZONE)

sheet = [server for server in servers if server.source == "sheet"]
write("servers.csv", "ホスト名,システム,国\n" + "".join(
    f"{s.name.upper() if s.name.startswith('crm') else s.name},{SYSTEM_OF[s.klass]},"
    f"{'JP' if s.name.startswith('billing5') else '' if s.stands == NOBODY else s.stands}\n" for s in sheet))


def resource(kind, provider, name, instances):
    return {"mode": "managed", "type": kind, "name": name, "provider": f'provider["registry.terraform.io/hashicorp/{provider}"]',
            "instances": instances}


def instance(number, address, key, place, system):
    return {**({} if number is None else {"index_key": number}),
            "attributes": {key: address, **place, "user_data": "10.99.99.99", "tags": {"system": system}}}


TOKYO, VIRGINIA = {"availability_zone": "ap-northeast-1a"}, {"availability_zone": "us-east-1c"}
write("prod.tfstate", json.dumps({"version": 4, "terraform_version": "1.9.8", "serial": 3, "lineage": "kamome", "outputs": {}, "resources": [
    {**resource("aws_ami", "aws", "base", [{"attributes": {"public_ip": "203.0.113.1"}}]), "mode": "data"},
    resource("aws_instance", "aws", "report", [instance(0, "43.206.4.1", "public_ip", TOKYO, "web"), instance(1, "43.206.4.2", "public_ip", TOKYO, "web")]),
    resource("aws_instance", "aws", "standby", [instance(None, "44.192.4.3", "public_ip", VIRGINIA, "billing")]),
    resource("aws_eip", "aws", "standby", [{"attributes": {"public_ip": "44.192.4.3", "instance": "i-1"}}]),
    resource("azurerm_linux_virtual_machine", "azurerm", "map",
             [instance(None, "4.190.4.4", "public_ip_address", {"location": "japaneast"}, "web")]),
    resource("aws_iam_role", "aws", "r", [{"attributes": {"name": "r"}}])]}, indent=1))

# What the providers publish, as far as it matters here.
write("aws.json", json.dumps({"syncToken": "1", "createDate": "2026-11-20-00-00-00", "ipv6_prefixes": [], "prefixes": [
    {"ip_prefix": prefix, "region": region, "service": service, "network_border_group": region} for prefix, region, service in (
        ("43.206.0.0/15", "ap-northeast-1", "EC2"), ("44.192.0.0/11", "us-east-1", "EC2"), ("47.128.0.0/14", "ap-southeast-1", "EC2"),
        ("13.32.0.0/15", "GLOBAL", "CLOUDFRONT"))]}))
write("azure.json", json.dumps({"changeNumber": 1, "values": [
    {"name": f"AzureCloud.{region}", "properties": {"region": region, "addressPrefixes": [prefix]}} for region, prefix in (
        ("japaneast", "4.190.0.0/17"), ("westeurope", "4.175.0.0/16"))]}))

# ---- the resolver ----


def records():
    for server in servers:
        if server.source == "state" or (server.address is None and not server.chain):
            continue
        names = [server.name, *server.chain]
        for owner, target in zip(names, names[1:]):
            yield f"{owner}. 300 IN CNAME {target}."
        if server.address:
            yield f"{names[-1]}. 300 IN A {server.address}"


zones = {"kamome.example", "rented.example", "closed-shop.example", "cloudfront.net", "azurewebsites.net", "azure.example"}
write("unbound.conf", """server:
  interface: 127.0.0.1
  port: 53
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  pidfile: ""
  directory: "."
  logfile: "log"
  module-config: "iterator"
""" + "".join(f'  local-zone: "{zone}." static\n' for zone in sorted(zones)) + "".join(f"  local-data: '{record}'\n" for record in records()))


def is_up():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as at:
        at.settimeout(0.3)
        try:
            at.connect(("127.0.0.1", 53))
            at.send(b"\0\7\1\0\0\1\0\0\0\0\0\0\3api\6kamome\7example\0\0\1\0\1")
            return at.recv(512)[:2] == b"\0\7"
        except OSError:
            return False


# ---- the survey ----


def wrong_counts(said):
    """What the report counts against what was built."""
    countries = collections.Counter(s.stands for s in servers if s.stands not in (MANY, NOBODY))
    kind = {JP: "inside", MANY: "many", NOBODY: "undetermined"}
    answers = collections.Counter(kind.get(s.stands, "outside") for s in servers)
    counted = said["counted"]
    yield "servers", counted["servers"], len(servers)
    yield "countries", counted["countries"], dict(countries)
    yield "answers", {k: v for k, v in counted["answers"].items() if v}, dict(answers)
    for klass in SYSTEMS.values():
        built_so = collections.Counter(kind.get(s.stands, "outside") for s in servers if s.klass == klass)
        told = {row["class"]: row["answers"] for row in counted["classes"]}.get(klass, {})
        yield f"class {klass}", {k: v for k, v in told.items() if v}, dict(built_so)
    undeclared = collections.Counter(kind.get(s.stands, "outside") for s in servers if s.klass is None)
    yield "undeclared", {k: v for k, v in counted["undeclared"].items() if v}, dict(undeclared)


def wrong_servers(said):
    """Each server by itself: wrong is worse than unknown, and wrong while sure is what must never be."""
    told = collections.defaultdict(list)
    for server in said["servers"]:
        told[server["name"]].append(server)
    by_address = {server.get("address"): server for server in said["servers"]}
    for server in servers:
        found = told[server.name] or [by_address.get(server.address)]
        if len(found) != 1 or found[0] is None:
            yield f"{server.name} is told {len(found)} times"
            continue
        answer, countries = found[0]["answer"], [c["country"] for c in found[0]["countries"]]
        if server.stands in (MANY, NOBODY):
            if answer in ("inside", "outside"):
                yield f"{server.name} is surely {answer}, which nobody can know"
        elif answer != ("inside" if server.stands == JP else "outside") or countries[:1] != [server.stands]:
            yield f"{server.name} stands in {server.stands}, and is said to be {answer} {countries}"
        if server.chain and found[0].get("aliases") != list(server.chain):
            yield f"{server.name} leads through {server.chain}, and is said to lead through {found[0].get('aliases')}"


unbound = subprocess.Popen(["unbound", "-c", "unbound.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    until = time.monotonic() + 30
    while not is_up():
        if unbound.poll() is not None or time.monotonic() > until:
            sys.exit("unbound did not start: " + (open("log").read() if os.path.exists("log") else ""))
        time.sleep(0.1)
    done = subprocess.run([azekura, "survey", "kamome.example.zone", "servers.csv", "prod.tfstate", "--register", "kamome.yaml",
                           "--cloud", "aws=aws.json", "--cloud", "azure=azure.json", "--resolver", "127.0.0.1", "--format", "json"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"survey ended with {done.returncode}: {done.stderr}")
    said = json.loads(done.stdout)
    wrong = [f"{what}: told {told}, built {was}" for what, told, was in wrong_counts(said) if told != was]
    wrong += list(wrong_servers(said))
    lie = next(s for s in said["servers"] if s["name"] == "billing5.kamome.example")
    if not any("JP" in c["says"] and "SG" in c["says"] or "ap-southeast-1" in c["says"] for c in lie["conflicts"]):
        wrong.append(f"the sheet's lie about billing5 is not told: {lie['conflicts']}")
    print("\n".join(wrong) or f"{len(servers)} servers as they were built")
    sys.exit(1 if wrong else 0)
finally:
    unbound.terminate()
    unbound.wait()
    shutil.rmtree(folder)
