#!/usr/bin/python3
"""A critical medical object is kept at home, refused abroad, refused to a reader abroad, refused where
a fact is not known, and warned of where a foreign parent has reach; each answer names its clause, in a
header on HEAD too, and has its entry. `azekura explain` says the same."""
import http.server
import shutil

from azekura import *

RULES = ["--rulebook", ROOT / "rulebooks", "--rulebook", ROOT / "examples" / "rulebooks"]
AT_HOME, READ_AT_HOME, REACH = "aoba-own/keep.at-home", "aoba-own/read.at-home", "aoba-own/reach.foreign"
AMERICAN = ("X-Forwarded-For", "8.8.8.8")


def register(change):
    """A copy of the sample's register with one text changed."""
    where = folder("register") / "register"
    shutil.copytree(ROOT / "examples" / "register", where)
    for path in where.rglob("*.yaml"):
        path.write_text(change(path.name, path.read_text()))
    return where


def site_without_country(name, text):
    if name != "sites.yaml":
        return text
    head, site, rest = text.partition("  - id: sendai\n")
    assert "    country: JP\n" in rest
    return head + site + rest.replace("    country: JP\n", "", 1)


def explain(act, site, *more, registers=ROOT / "examples" / "register"):
    words = [AZEKURA, "explain", act, "--subject", f"patient-records@{site}", "--register", registers, *RULES, *more]
    return json.loads(run(*words, "--format", "json").stdout)


def effects(explained):
    return {f"{c['rulebook']}/{c['clause']}": c["effect"] for c in explained["clauses"]}


def kept(store):
    """The buckets of all versions that the store holds, from its own listing."""
    rows = (store.export() / "store" / "listing").read_text().splitlines()
    return sorted(row.split()[4] for row in rows if row.startswith("version "))


def entries(store, kind):
    """How many entries of a kind a verifier finds in the exported ledger."""
    out = folder("export") / "ledger"
    store.command("ledger", "export", "--to", out)
    said = run(VERIFY, "--key", store.vkey, "--ledger", out).stdout
    found = re.search(rf"entries: (\d+) {kind}\n", said)
    return int(found.group(1)) if found else 0


def kept_at_home():
    s = Store("--trust-proxy", "127.0.0.0/8")
    s.root.bucket("medical-a")
    put = ok(s.root.put("medical-a", "record", b"x-ray"))
    assert put.decision in ("allow", "warn") and put.index > 0, put
    assert ok(s.root.get("medical-a", "record")).body == b"x-ray"

    size = s.ledger_size()
    again = ok(s.root.get("medical-a", "record"))
    assert again.index == size and s.ledger_size() == size + 1, "each read of critical data is one entry"
    assert "read.recorded" in again.clauses, again

    # a reader on an American network: refused, in words on GET, in a header on HEAD
    size = s.ledger_size()
    first = refused(s.root.get("medical-a", "record", headers=[AMERICAN]), 403, "AccessDenied")
    assert first.decision == "refuse" and READ_AT_HOME in first.clauses, first
    assert READ_AT_HOME in first.message and b"x-ray" not in first.body, first.message
    assert first.index == size and s.ledger_size() == size + 1, "a refusal has its entry"
    head = refused(s.root.head("medical-a", "record", headers=[AMERICAN]), 403)
    assert head.decision == "refuse" and READ_AT_HOME in head.clauses and head.body == b"", head
    assert head["x-azekura-receipt"] == first["x-azekura-receipt"], "repeats within a minute fold into the first"
    assert s.ledger_size() == size + 1
    refused(s.root.request("GET", "/medical-a", "list-type=2", headers=[AMERICAN]), 403, "AccessDenied")
    # the last address that is not a proxy's counts, whatever stands before it
    refused(s.root.get("medical-a", "record", headers=[("X-Forwarded-For", "10.0.0.1, 8.8.8.8, 127.0.0.1")]), 403)
    ok(s.root.get("medical-a", "record", headers=[("X-Forwarded-For", "8.8.8.8, 10.0.0.1")]))
    assert "verified" in s.verify().stdout
    assert entries(s, "refuse") == 2, "one for reading, one for listing"
    s.stop()
    # from an untrusted peer the header says nothing
    s = Store(data=s.data)
    ok(s.root.get("medical-a", "record", headers=[AMERICAN]))
    s.stop()


def refused_abroad():
    s = Store("--site", "oregon")
    s.root.bucket("medical-a")
    size = s.ledger_size()
    put = refused(s.root.put("medical-a", "record", b"x-ray"), 403, "AccessDenied")
    assert put.decision == "refuse" and AT_HOME in put.clauses and AT_HOME in put.message, put
    assert put.index >= size and s.ledger_size() == put.index + 1, "a refusal has its entry, after the codes it is the first to use"
    assert kept(s) == [], "nothing refused is stored"
    # by every way in
    refused(s.root.object("POST", "medical-a", "record", query="uploads"), 403, "AccessDenied")
    s.root.bucket("any")
    ok(s.root.put("any", "ordinary", b"x"))
    copy = s.root.put("medical-a", "record", headers=[("x-amz-copy-source", "/any/ordinary")])
    refused(copy, 403, "AccessDenied")
    assert AT_HOME in copy.clauses, copy
    # warned of only: the dataset is important, not critical
    s.root.bucket("grid-a")
    warned = ok(s.root.put("grid-a", "reading", b"1"))
    assert warned.decision == "warn" and REACH in warned.clauses, warned
    assert kept(s) == ["any", "grid-a"] and "verified" in s.verify().stdout
    s.stop()
    assert not any(p.is_file() and b"x-ray" in p.read_bytes() for p in s.data.rglob("*")), "the refused body is on the disk"


def unknown_country():
    s = Store("--register", register(site_without_country))
    s.root.bucket("medical-a")
    size = s.ledger_size()
    put = refused(s.root.put("medical-a", "record", b"x-ray"), 403, "AccessDenied")
    assert put.decision == "refuse" and AT_HOME in put.clauses, put
    assert "unknown" in put.message or "not known" in put.message, put.message
    assert put.index >= size and s.ledger_size() == put.index + 1 and kept(s) == []
    # so is a list of names to a reader at that place
    assert READ_AT_HOME in refused(s.root.request("GET", "/medical-a", "list-type=2"), 403, "AccessDenied").clauses
    s.stop()


def foreign_owned():
    s = Store("--site", "tokyo-foreign")
    s.root.bucket("medical-a")
    put = ok(s.root.put("medical-a", "record", b"x-ray"))
    assert put.decision == "warn" and REACH in put.clauses, put
    why = s.command("why", put["x-amz-request-id"]).stdout
    assert f"clause    {REACH} warns" in why and f"#{put.index} (put)" in why, why
    s.stop()


class Metadata(http.server.BaseHTTPRequestHandler):
    """EC2's metadata service as far as anybody asks it here."""

    def do_PUT(self):
        self.give(b"token" if self.path == "/latest/api/token" else None)

    def do_GET(self):
        self.give({"/latest/meta-data/placement/region": b"us-east-1",
                   "/latest/meta-data/placement/availability-zone": b"us-east-1a"}.get(self.path))

    def give(self, body):
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body or b"")))
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, *_):
        pass


def caught_elsewhere():
    """A store that claims Japan on a machine whose cloud says Virginia."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Metadata)
    after(server.server_close)
    after(server.shutdown)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    dmi = folder("dmi")
    for name in ("sys_vendor", "board_vendor", "bios_vendor"):
        (dmi / name).write_text("Amazon EC2\n")
    for site in ("sendai", "tokyo-foreign"):
        s = Store("--site", site, "--dmi", dmi, "--metadata", f"http://127.0.0.1:{server.server_port}")
        s.root.bucket("medical-a")
        put = refused(s.root.put("medical-a", "record", b"x-ray"), 403, "AccessDenied")
        assert put.decision == "refuse" and AT_HOME in put.clauses, put
        assert kept(s) == [] and s.metric("place_contradicted") == 1
        page = ok(s.page("/")).body.decode()
        assert "us-east-1" in page, "the page says what speaks against the place"
        s.stop()
    # the same strings and no service: nothing speaks against the declared place
    s = Store("--dmi", dmi)
    s.root.bucket("medical-a")
    ok(s.root.put("medical-a", "record", b"x-ray"))
    assert s.metric("place_contradicted") == 0
    s.stop()


def explained():
    home, abroad, foreign = (explain("put", site) for site in ("sendai", "oregon", "tokyo-foreign"))
    assert home["decision"] in ("allow", "warn") and effects(home)[AT_HOME] == "allow", home
    assert abroad["decision"] == "refuse" and effects(abroad)[AT_HOME] == "refuse"
    assert foreign["decision"] == "warn" and effects(foreign)[REACH] == "warn"
    clause = next(c for c in foreign["clauses"] if c["clause"] == "reach.foreign")
    assert any(f["path"] == "entity.reach" and f["value"] == ["JP", "US"] for f in clause["facts"]), clause
    unknown = explain("put", "sendai", registers=register(site_without_country))
    clause = next(c for c in unknown["clauses"] if c["clause"] == "keep.at-home")
    assert (unknown["decision"], clause["truth"]) == ("refuse", "unknown"), clause
    abroad = explain("get", "sendai", "--fact", "reader.country=US")
    assert abroad["decision"] == "refuse" and effects(abroad)[READ_AT_HOME] == "refuse"
    words = [AZEKURA, "explain", "put", "--subject", "patient-records@oregon", "--register", ROOT / "examples" / "register", *RULES]
    english, japanese = run(*words).stdout, run(*words, "--lang", "ja").stdout
    assert AT_HOME in english and "place.country = US" in english and "refuse" in english
    assert AT_HOME in japanese and "拒否" in japanese and "重要度" in japanese
    # a rulebook that nobody adopted binds only in what-if
    nobody = [AZEKURA, "explain", "put", *RULES, "--fact", "dataset.class=critical", "--fact", "place.country=US", "--format", "json"]
    assert json.loads(run(*nobody).stdout)["decision"] == "allow"
    assert json.loads(run(*nobody, "--what-if").stdout)["decision"] == "refuse"
    # of one path the first that was said counted, whatever a script added to its words; an open list of nothing began with a comma
    again = run(*words, "--fact", "place.country=US", "--fact", "entity.reach=[]", "--fact", "place.country=JP").stdout
    assert "place.country = JP" in again and "place.country = US" not in again and "[, " not in again and "[…]" in again, again


def a_dataset_lost_the_stores_own_copy():
    """`explain dataset` counted the copies elsewhere alone, and failed where `azekura assess` passed."""
    book = folder("rules") / "far.yaml"
    book.write_text("""rulebook: far
issuer: test
in_force: {from: "2020-01-01"}
clauses:
  - id: far
    about: dataset
    source: {basis: own, where: test}
    strength: own
    require:
      - copies.count >= 2
      - copies.distance_km >= 400 km
""")
    words = [AZEKURA, "explain", "dataset", "--register", ROOT / "examples" / "register", "--rulebook", book, "--what-if", "--format", "json"]

    def said(subject):
        clause = json.loads(run(*words, "--subject", subject).stdout)["clauses"][0]
        return clause["verdict"], next(f["value"] for f in clause["facts"] if f["path"] == "copies.count")

    assert said("patient-records@sendai") == ("pass", 2), said("patient-records@sendai")
    assert said("patient-records@osaka") == ("fail", 1), said("patient-records@osaka")  # where the other copy is
    assert said("patient-records") == ("unknown", 2), said("patient-records")
    nowhere = run(*words, "--subject", "patient-records@nowhere", check=False)
    assert nowhere.returncode == 1 and "nowhere" in nowhere.stderr, nowhere


def an_incident_was_asked_by_todays_rules():
    """`explain incident` said that no clause applies to an incident of August, by editions that came into force since."""
    words = [AZEKURA, "explain", "incident", "--subject", "feeder-2026-08", "--register", ROOT / "examples" / "register", *RULES, "--what-if",
             "--format", "json"]
    told = json.loads(run(*words).stdout)
    assert told["at"] == "2026-08-13T17:10:00Z", told["at"]  # when it occurred
    clauses = {(c["rulebook"], c["clause"]) for c in told["clauses"]}
    assert ("jp-ci-policy", "level.electricity") in clauses, clauses
    assert json.loads(run(*words, "--at", "2026-11-21").stdout)["at"] == "2026-11-21T00:00:00Z"  # a day that is said goes first


def a_fact_of_no_such_name_went_unsaid():
    """`--fact place.contry=JP` is no fact of the place: the clause it was meant for answered as if nothing had been said."""
    words = [AZEKURA, "explain", "put", "--what-if", *RULES]
    told = run(*words, "--fact", "place.contry=JP", "--fact", "dataset.class=critical")
    assert told.stderr == 'azekura explain: warning: nobody says place.contry; did you mean "country" for "contry"?\n', told.stderr
    assert run(*words, "--fact", "place.country=JP", "--fact", "act.purpose=repair", "--fact", "time.now=2026-11-21").stderr == ""
    book = folder("facts") / "facts.json"
    book.write_text('{"reader": {"contry": "US"}, "place": {"country": "JP"}}')
    assert run(*words, "--facts", book).stderr.count("warning") == 1


if __name__ == "__main__":
    story(kept_at_home, refused_abroad, unknown_country, foreign_owned, caught_elsewhere, explained, a_dataset_lost_the_stores_own_copy,
          an_incident_was_asked_by_todays_rules, a_fact_of_no_such_name_went_unsaid)
