#!/usr/bin/python3
"""Rulebook files before they bind anybody: checked with place and reason, shown as prose in two languages, editions compared."""
from azekura import *

SHIPPED, OWN = ROOT / "rulebooks", ROOT / "examples" / "rulebooks" / "aoba-own.yaml"
GUIDELINE = SHIPPED / "jp-guideline.yaml"

HOUSE = """rulebook: house-2026
line: house
issuer: a board
in_force: {from: "2026-07-01", zone: "+09:00"}
clauses:
  - id: keep
    about: copy
    source: {basis: own, where: item 1}
    strength: own
    applies: {dataset.class: [critical]}
    require:
      - place.country in ["JP"]
  - id: read
    about: session
    source: {basis: own, where: item 2}
    strength: should
    require:
      - reader.country in ["JP"]
"""


def rulebook(*words, code=0):
    done = run(AZEKURA, "rulebook", *words, check=False)
    assert done.returncode == code, (words, done.returncode, done.stdout[-2000:], done.stderr)
    return done


def written(text, name="house.yaml"):
    path = folder("rulebooks") / name
    path.write_text(text)
    return path


def checks():
    said = rulebook("check", SHIPPED, OWN).stdout
    end = re.search(r"^(\d+) rulebooks, (\d+) clauses, 0 problems, \d+ warnings$", said, re.M)
    assert end and int(end.group(1)) >= 20 and int(end.group(2)) >= 300, said[-300:]
    # each bad file is told, with its place and what was expected, and the good one still counts
    bad = written(HOUSE.replace('["JP"]', "[NO, JP]", 1), "norway.yaml")
    worse = written(HOUSE.replace("strength: own", "strength: strong"), "strong.yaml")
    said = rulebook("check", bad, worse, OWN, code=1).stdout
    assert re.search(r"^error: .*norway\.yaml:12:\d+: .*NO", said, re.M), said
    assert re.search(r"^error: .*strong\.yaml:9:\d+: .*strong", said, re.M), said
    assert "1 rulebook, 5 clauses, 2 problems" in said, said
    answer = json.loads(rulebook("check", "--format", "json", bad, OWN, code=1).stdout)
    assert answer["ok"] is False and answer["rulebooks"] == 1 and [m["kind"] for m in answer["messages"]] == ["error"], answer
    # what only shows when they stand together
    raises = written(HOUSE.replace("clauses:", "raises:\n  - {clause: nobody/nothing, to: law}\nclauses:", 1))
    assert re.search(r"^warning: .*nobody/nothing", rulebook("check", raises).stdout, re.M)
    assert "there is no file" in rulebook("check", "/nowhere", code=1).stdout
    rulebook("check", code=2)
    rulebook("polish", OWN, code=2)


def shows():
    english, japanese = rulebook("show", OWN).stdout, rulebook("show", "--lang", "ja", OWN).stdout
    assert "place.country must be one of [JP]" in english and "strength own" in english
    assert "place.country は [JP] のいずれかであること" in japanese and "青葉電力" in japanese
    # The first day in force came out as the day before: midnight in Japan is the day before in UTC.
    assert "in force from 2026-07-01" in english and "施行：2026-07-01 から" in japanese, english[:200]
    assert "no.yaml" in rulebook("show", "/nowhere/no.yaml", code=1).stderr


def compares():
    before, after = written(HOUSE), written(HOUSE.replace("house-2026", "house-2027").replace('country in ["JP"]\n  -', 'country in ["JP", "SE"]\n  -')
                                            .replace("id: read", "id: look"))
    assert "house-2026 → house-2026: 0 different, 2 the same" in rulebook("diff", before, before).stdout
    said = rulebook("diff", before, after, code=1).stdout
    assert re.search(r"^- read\b", said, re.M) and re.search(r"^~ keep\n    - .*\[JP\]\n    \+ .*\[JP, SE\]$", said, re.M), said
    answer = json.loads(rulebook("diff", "--format", "json", before, after, code=1).stdout)
    assert (answer["added"], answer["removed"], [c["clause"] for c in answer["changed"]]) == (["look"], ["read"], ["keep"]), answer
    # days of the whole rulebook were only said to differ, and in Japanese the words about it were English
    dated = [written(HOUSE.replace('from: "2026-07-01"', f'from: "2026-07-01", until: "{day}"')) for day in ("2031-01-01", "2032-02-29")]
    said = rulebook("diff", *dated, code=1).stdout
    assert "~ in_force: of the rulebook" in said and "until 2031-01-01 (first day not in force)" in said and "until 2032-02-29" in said, said
    assert "相違 1 件、同一 2 件" in rulebook("diff", "--lang", "ja", *dated, code=1).stdout
    # a clause that comes into force later says so, and is a change
    later = written(HOUSE.replace("strength: should", 'strength: should\n    in_force: {from: "2027-04-01"}'))
    assert "in force from 2027-04-01" in rulebook("diff", before, later, code=1).stdout
    # What prose left out was no difference: who must have said a fact, a limit of a set, a condition that only moved.
    home = 'strength: should'
    for one, other, told in (("reads: {reader.country: measured}", "reads: {reader.country: document}", "counts only as"),
                             ("params: {p: {set_by: rulebook, value: 5}}", "params: {p: {set_by: rulebook, value: 6}}", "+   $p is 6"),
                             ("evidence: [measured]", "evidence: [record]", "~ evidence")):
        pair = [written(HOUSE.replace(home, f"{home}\n    {words}")) for words in (one, other)]
        said = rulebook("diff", *pair, code=1).stdout
        assert told in said and "1 different" in said, said
    measures = [written(HOUSE.replace("clauses:", "measures: {m: {sum: persons, per: [operator], window: %s}}\nclauses:" % window, 1))
                for window in ("12 months", "6 months")]
    assert "~ measures: of the rulebook" in rulebook("diff", *measures, code=1).stdout
    assert json.loads(rulebook("diff", "--format", "json", *measures, code=1).stdout)["beside"] == ["measures"]
    # editions of one line lie in one file: one has to be named
    said = rulebook("diff", GUIDELINE, GUIDELINE, code=2).stderr
    assert "name one" in said and "jp-guideline-2019" in said, said
    assert "has no rulebook \"x\"" in rulebook("diff", f"{GUIDELINE}:x", OWN, code=1).stderr
    answer = json.loads(rulebook("diff", "--format", "json", f"{GUIDELINE}:jp-guideline-2023", f"{GUIDELINE}:jp-guideline-2025", code=1).stdout)
    assert answer["to"] == "jp-guideline-2025" and answer["added"], answer


REGISTER = ("--register", ROOT / "examples" / "register", "--rulebook", SHIPPED, "--rulebook", OWN, "--store-site", "sendai", "--as-of", "2026-11-21")


def impact(text, *more, code=1):
    return json.loads(rulebook("impact", written(text), *REGISTER, "--format", "json", *more, code=code).stdout)


def impact_of_all(*more):
    return json.loads(rulebook("impact", SHIPPED, *REGISTER, "--format", "json", *more, code=1).stdout)


def foresees():
    own = OWN.read_text()
    assert impact(own, code=0)["rows"] == [], "what is adopted already changes nothing"
    # the next edition wants critical data in Sweden, from April
    line = own.replace("rulebook: aoba-own", "rulebook: aoba-own-2027\nline: aoba-own", 1).replace("2026-07-01", "2027-04-01", 1)
    assert impact(line, code=0)["looked_at"] > 0, "the same clauses in a later edition are the same clauses"
    answer = impact(line.replace('place.country in ["JP"]', 'place.country in ["SE"]', 1))
    rows = answer["rows"]
    assert answer["newly_fail"] == len(rows) and {r["clause"] for r in rows} == {"keep.at-home"}, answer
    assert {r["by"] for r in rows} == {"2027-03-31T15:00:00Z"}, "the first of April in Japan"
    row = next(r for r in rows if r["subject"] == "patient-records@sendai")
    assert (row["operator"], row["before"], row["verdict"], row["services"]) == ("izumi-hospital", "pass", "fail", ["care"]), row
    assert [d["what"] for d in row["due"]] == ["copies"] and any(f["path"] == "place.country" for f in row["facts"]), row
    care = next(s for s in answer["services"] if s["service"] == "care")
    assert care["operator"] == "izumi-hospital" and care["newly_fail"] == sum("care" in r["services"] for r in rows), care
    # one operator's rows are those rows of all
    alone = impact(line.replace('place.country in ["JP"]', 'place.country in ["SE"]', 1), "--operator", "izumi-hospital")
    assert alone["rows"] == [r for r in rows if r["operator"] == "izumi-hospital"], alone
    # what fails today is not new, though it fails then too
    abroad = impact(line.replace('subset of ["JP"]', 'subset of ["JP", "XX"]'), code=0)
    assert not abroad["rows"]
    # a rulebook that nobody adopted: facts nobody keeps are newly unknown
    answer = json.loads(rulebook("impact", SHIPPED / "jp-espa.yaml", *REGISTER, "--format", "json", code=1).stdout)
    assert answer["newly_unknown"] > 50 and any(r["about"] == "equipment" and r["before"] == "not-bound" for r in answer["rows"])
    assert answer["newly_fail"] + answer["newly_unknown"] == len(answer["rows"]) <= answer["looked_at"]
    # an edition that is over binds nobody
    over = impact(own.replace("rulebook: aoba-own", "rulebook: old", 1).replace('{from: "2026-07-01"', '{from: "2020-07-01", until: "2021-07-01"'), code=0)
    assert over["over"] == ["old"] and over["looked_at"] == 0, over
    said = rulebook("impact", SHIPPED / "jp-espa.yaml", *REGISTER, "--lang", "ja", code=1).stdout
    assert "新たに不明" in said
    rulebook("impact", OWN, code=2)
    # above --rows it once gave up; now rows stand for many, and the sums are the same
    whole, folded = impact_of_all(), impact_of_all("--rows", "50")
    assert folded["folded"] and not whole["folded"] and len(folded["rows"]) < len(whole["rows"])
    assert sum(r.get("count", 1) for r in folded["rows"]) == len(whole["rows"]) and folded["services"] == whole["services"]


def retried(store, text, *more, code=1):
    done = store.command("rulebook", "try", written(text), "--against", "ledger", "--format", "json", *more, check=False)
    assert done.returncode == code, (done.returncode, done.stdout[-1000:], done.stderr)
    return json.loads(done.stdout)


def tries():
    s = Store()
    s.root.bucket("grid-a")
    s.root.bucket("medical-a")
    for n in range(3):
        ok(s.root.put("medical-a", f"k{n}", b"1"))
    ok(s.root.put("grid-a", "k", b"1"))
    ok(s.root.get("medical-a", "k0"))
    abroad = HOUSE.replace('place.country in ["JP"]', 'place.country in ["SE"]', 1).replace("2026-07-01", "2030-01-01").split("  - id: read")[0]
    for when in ("running", "stopped"):
        answer = retried(s, abroad)
        clause = next(c for c in answer["by_clause"] if c["clause"] == "house-2026/keep")
        assert answer["would-refuse"] == clause["would-refuse"] == answer["newly_refused"] >= 3, answer
        assert answer["might-refuse"] == 0, answer
        assert {r["dataset"] for r in answer["by_dataset"] if r["would-refuse"]} == {"patient-records"}, answer
        assert {e["dataset"] for e in answer["examples"]["would-refuse"]} == {"patient-records"}
        # of the acts that were kept, what the ledger says of them is what the example says
        entry = answer["examples"]["would-refuse"][0]["entry"]
        assert any(f"{entry} " in s.command("why", e["request"]).stdout for e in s.events("s3")) if when == "running" else True
        if when == "running":
            s.stop()
    # nobody recorded it then: it is not known, and no refusal is said to be sure
    answer = retried(s, abroad.replace('place.country in ["SE"]', "keys.rotated", 1))
    assert answer["would-refuse"] == 0 and answer["might-refuse"] >= 3, answer
    assert "keys.rotated" in answer["examples"]["might-refuse"][0]["clauses"][0]["not_recorded"], answer["examples"]
    # as strict as what was decided by then, or looser: nothing new
    assert retried(s, HOUSE.split("  - id: read")[0], code=0)["would-not"] >= 4
    assert retried(s, abroad, "--to", "2020-01-01", code=0)["would-not"] == 0
    done = s.command("rulebook", "try", written(abroad), "--against", "ledger", check=False)
    assert done.returncode == 1 and "would be refused" in done.stdout and "house-2026/keep" in done.stdout, done.stdout
    assert s.command("rulebook", "try", written(abroad), check=False).returncode == 2
    tanaka = folder() / "tanaka"
    tanaka.write_text("access_key=AZNOSUCH\nsecret_key=x\n")
    assert s.command("rulebook", "try", written(abroad), "--against", "ledger", "--credentials", tanaka, check=False).returncode == 1


if __name__ == "__main__":
    story(checks, shows, compares, foresees, tries)
