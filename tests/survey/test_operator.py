#!/usr/bin/env python3
"""An invented waterworks, built by hand here: where each of its servers stands is known because it was put there.

Its names are in a resolver of a network namespace (unbound, own zone and the zones of whoever it rents from), its inventories are
a zone file, a spreadsheet and a Terraform state, and some of them lie. `azekura survey` must count by country and by
class exactly what was built, tell the lies, and never be wrong and sure. Then it probes: the machines stand behind a line that
holds packets for as long as light takes to their places, and of more of them nothing is known but that, or a lie.

  test_operator.py AZEKURA"""
import collections
import contextlib
import json
import math
import os
import re
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

azekura, folder, here = os.path.abspath(sys.argv[1]), tempfile.mkdtemp(), os.path.dirname(os.path.abspath(__file__))
os.chdir(folder)

# ---- what was built ----

Server = collections.namedtuple("Server", "name stands klass source address chain")
Rented = collections.namedtuple("Rented", "server place said")
JP, KR, US, SG, NL, MANY, NOBODY = "JP", "KR", "US", "SG", "NL", "many", "undetermined"


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


def rented():
    """Machines at a hoster whose addresses no list names, and what the sheet says of where they are. Probing alone tells."""
    def rack(number, stands, klass, address, place, said=""):
        return Rented(Server(f"rack{number}.kamome.example", stands, klass, "rented", address, ()), place, said)

    yield rack(1, JP, "ordinary", "198.51.100.11", "tokyo")
    yield rack(2, JP, "important", "198.51.100.12", "osaka")
    yield rack(3, JP, "critical", "198.51.100.13", "tokyo", "US")  # the copy abroad, says the sheet; it is not
    yield rack(4, JP, "important", "203.0.113.14", "osaka", "SG")  # nor is this one
    yield rack(5, KR, "ordinary", "203.0.113.15", "busan", "KR")
    yield rack(6, JP, "ordinary", "198.51.100.16", "fukuoka", "JP")
    yield rack(7, US, "important", "198.51.100.17", "ashburn", "US")
    yield rack(8, JP, "critical", "44.192.8.8", "tokyo")  # the provider lists it in Virginia
    yield rack(9, NOBODY, "ordinary", "198.51.100.19", "singapore")  # nobody says, and a slow answer proves nothing
    yield rack(10, NOBODY, "important", "198.51.100.20", None)  # silent
    yield rack(11, MANY, "critical", "198.51.100.21", "tokyo")  # and in Singapore, at the second address of its name
    yield rack(12, JP, "critical", "10.20.9.12", "hamamatsu")


SECOND = {"rack11.kamome.example": "47.128.8.21"}
LIED_ABOUT = {"rack3.kamome.example", "rack4.kamome.example", "rack8.kamome.example"}  # with nothing else to go by
racks = list(rented())
PLACES = {"hamamatsu": (34.71, 137.73), "tokyo": (35.68, 139.77), "osaka": (34.69, 135.50), "fukuoka": (33.59, 130.40),
          "busan": (35.18, 129.08), "singapore": (1.35, 103.82), "ashburn": (39.04, -77.49), "amsterdam": (52.37, 4.90)}
PLACE_OF = {"43.206.": "tokyo", "4.190.": "tokyo", "13.32.": "tokyo", "44.192.": "ashburn", "47.128.": "singapore", "4.175.": "amsterdam",
            "10.20.": "hamamatsu"}


def rtt_ms(place):
    """Along a way a quarter longer than the straight one, and a little for the machines on it."""
    (a, b), (c, d) = (map(math.radians, PLACES[p]) for p in ("hamamatsu", place))
    straight = 6371 * 2 * math.asin(math.sqrt(math.sin((c - a) / 2) ** 2 + math.cos(a) * math.cos(c) * math.sin((d - b) / 2) ** 2))
    return straight / 99.93 * 1.25 + 0.3


machines = {server.address: rtt_ms(place) for server in servers if server.address
            for prefix, place in PLACE_OF.items() if server.address.startswith(prefix)}
machines |= {rack.server.address: rtt_ms(rack.place) for rack in racks if rack.place}
machines |= {address: rtt_ms("singapore") for address in SECOND.values()}
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
  - {{id: hamamatsu, name: Hamamatsu, country: JP, entity: kamome-co, lat: 34.7100, lon: 137.7300}}
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

write("rented.csv", "host,system,country\n" + "".join(f"{r.server.name},{SYSTEM_OF[r.server.klass]},{r.said}\n" for r in racks))


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
    for server in [*servers, *(rack.server for rack in racks)]:
        if server.source == "state" or (server.address is None and not server.chain):
            continue
        names = [server.name, *server.chain]
        for owner, target in zip(names, names[1:]):
            yield f"{owner}. 300 IN CNAME {target}."
        if server.address:
            yield f"{names[-1]}. 300 IN A {server.address}"
        if server.name in SECOND:
            yield f"{server.name}. 300 IN A {SECOND[server.name]}"


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


def survey(*words):
    done = subprocess.run([azekura, "survey", "kamome.example.zone", "servers.csv", "prod.tfstate", *words, "--register", "kamome.yaml",
                           "--cloud", "aws=aws.json", "--cloud", "azure=azure.json", "--resolver", "127.0.0.1", "--format", "json"],
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"survey ended with {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def wrong_counts(said, servers):
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


def wrong_servers(said, servers):
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


def wrong_all(said, servers):
    return [f"{what}: told {told}, built {was}" for what, told, was in wrong_counts(said, servers) if told != was] + \
        list(wrong_servers(said, servers))


# ---- with probes ----


def trip(server):
    """What the round trips to its first address showed."""
    return next((one["says"] for one in server["evidence"] if one["method"] == "round-trip"), "")


def is_quiet(said):
    """Did what is near answer while no other country was possible? The machine that runs this may be busy, and then it did not."""
    for server in said["servers"]:
        asked, took = machines.get(server.get("address")), re.search(r"fastest in ([0-9.]+) ms", trip(server))
        if asked is not None and took is not None and float(took[1]) < asked:
            sys.exit(f"{server['address']} answered in {took[1]} ms, sooner than it can: {asked}")
        if asked is not None and asked < 4 and (took is None or float(took[1]) > 5):
            return False
    return True


def untold(said):
    """Lies that the round trips show."""
    by_name = {server["name"]: server for server in said["servers"]}
    for name in LIED_ABOUT:
        if not any("the round trip says within" in c["says"] for c in by_name[name]["conflicts"]):
            yield f"the lie about {name} is not told: {by_name[name]['conflicts']}"
    if "the one of its places that answered" not in trip(by_name["www.kamome.example"]):
        yield f"www is of many places, and one answered: {trip(by_name['www.kamome.example'])}"
    if by_name["rack1.kamome.example"].get("grounds") != "round-trip":
        yield f"rack1 rests on {by_name['rack1.kamome.example'].get('grounds')}"


def sure_and_wrong(said, servers):
    """However late answers come: what nobody lied about is never told wrong, only less."""
    home = {s.name: "inside" if s.stands == JP else "outside" for s in servers if s.stands not in (MANY, NOBODY)}
    home["rack9.kamome.example"] = "outside"
    for server in said["servers"]:
        other = {"inside": "outside", "outside": "inside"}.get(server["answer"])
        if server["name"] not in LIED_ABOUT and other is not None and home.get(server["name"]) == other:
            yield f"{server['name']} is told {server['answer']}, and is not: {trip(server)}"


def silent_seconds():
    """Forty machines that say nothing, each left alone after two waits of 2 s: 160 s one after the other, whatever the machine's speed."""
    begin = time.monotonic()
    subprocess.run([azekura, "survey", *(f"198.51.100.{n}" for n in range(100, 140)), "--probe-all", "--resolver", "none", "--no-cloud-lists",
                    "--format", "jsonl"], check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - begin


@contextlib.contextmanager
def behind_a_line(machines):
    write("machines.json", json.dumps(machines))
    line = subprocess.Popen([sys.executable, os.path.join(here, "delay_line.py"), "machines.json"], stdout=subprocess.PIPE, text=True)
    try:
        if line.stdout.readline().strip() != "ready":
            sys.exit("the delay line did not start")
        yield
    finally:
        line.terminate()
        line.wait()


def probed_as_built(everything):
    """Asked again while something else has the machine: late answers prove less, and what they leave open must not be wrong."""
    until = time.monotonic() + 120
    while True:
        said = survey("rented.csv", "--probe-all", "--vantage", "hamamatsu")
        if is_quiet(said):
            return wrong_all(said, everything) + list(sure_and_wrong(said, everything)) + list(untold(said))
        wrong = list(sure_and_wrong(said, everything))
        if wrong:
            return wrong
        if time.monotonic() > until:
            print("this machine is too busy to time round trips: nothing told was wrong, and the counts were not asked")
            sys.exit(77)


def answered_for():
    """Something on the way answers for everybody, like a transparent proxy: even for an address that nobody has."""
    address = racks[0].server.address
    done = subprocess.run([azekura, "survey", address, "--probe-all", "--vantage", "34.71,137.73", "--resolver", "none", "--no-cloud-lists",
                           "--format", "jsonl"], check=True, capture_output=True, text=True)
    server = json.loads(done.stdout)
    if server["answer"] != "undetermined" or "answers for others" not in trip(server):
        yield f"a proxy proves {address} to be {server['answer']}: {trip(server)}"


def probe_all():
    if not os.path.exists("/dev/net/tun"):
        print("no TUN devices here: nothing was probed")
        return
    everything = [*servers, *(rack.server for rack in racks)]
    with behind_a_line(machines):
        wrong = probed_as_built(everything)
        took = silent_seconds()
        if took > 120:
            wrong.append(f"forty silent machines took {took:.0f} s: they were asked one after the other")
    with behind_a_line({racks[0].server.address: 1.0, "192.0.2.1": 1.0}):
        wrong += answered_for()
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(everything)} servers as they were built, {len(machines)} addresses behind a delay line")


unbound = subprocess.Popen(["unbound", "-c", "unbound.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    until = time.monotonic() + 30
    while not is_up():
        if unbound.poll() is not None or time.monotonic() > until:
            sys.exit("unbound did not start: " + (open("log").read() if os.path.exists("log") else ""))
        time.sleep(0.1)
    said = survey()
    wrong = wrong_all(said, servers)
    lie = next(s for s in said["servers"] if s["name"] == "billing5.kamome.example")
    if not any("JP" in c["says"] and "SG" in c["says"] or "ap-southeast-1" in c["says"] for c in lie["conflicts"]):
        wrong.append(f"the sheet's lie about billing5 is not told: {lie['conflicts']}")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(servers)} servers as they were built")
    probe_all()
finally:
    unbound.terminate()
    unbound.wait()
    shutil.rmtree(folder)
