#!/usr/bin/env python3
"""The sample register's assessment as OSCAL is valid, has a finding for each row, and is the same bytes
twice. Usage: test_oscal.py AZEKURA SOURCE-ROOT. Skips (77) where the schema or a validator is missing."""
import json
import os
import subprocess
import sys

AZEKURA, ROOT = os.path.realpath(sys.argv[1]), os.path.realpath(sys.argv[2])
SCHEMA = os.path.join(ROOT, "../shared/schemas/oscal_assessment-results_schema.json")
TOKEN = r"(\p{L}|_)(\p{L}|\p{N}|[.\-_])*"  # Python's re has no \p


def assess(form):
    done = subprocess.run(
        [AZEKURA, "assess", "--register", f"{ROOT}/examples/register", "--rulebook", f"{ROOT}/rulebooks", "--rulebook",
         f"{ROOT}/examples/rulebooks", "--store-site", "sendai", "--as-of", "2026-11-01", "--format", form],
        capture_output=True, check=False)
    assert done.returncode in (0, 1, 3), done.stderr.decode()
    return done.stdout


def plain_patterns(node):
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            node["pattern"] = node["pattern"].replace(TOKEN, r"([^\W\d]|_)([\w.\-])*")
        for value in node.values():
            plain_patterns(value)
    elif isinstance(node, list):
        for value in node:
            plain_patterns(value)


def main():
    rows = json.loads(assess("json"))["rows"]
    first, second = assess("oscal"), assess("oscal")
    assert first == second
    document = json.loads(first)
    result = document["assessment-results"]["results"][0]
    findings, observations = result["findings"], result["observations"]
    assert len(findings) == len(rows) == len(observations), (len(findings), len(rows))
    uuids = [x["uuid"] for x in findings + observations]
    assert len(set(uuids)) == len(uuids)
    known = {o["uuid"] for o in observations}
    # A subject-uuid led nowhere: each has to be defined once, as what its type says.
    whole, local = document["assessment-results"], result["local-definitions"]
    defined = {"location": whole["metadata"].get("locations", []), "party": whole["metadata"].get("parties", []),
               "inventory-item": local["inventory-items"], "component": local["components"],
               "resource": whole["back-matter"]["resources"]}
    told = {(kind, x["uuid"]) for kind, items in defined.items() for x in items}
    assert len(told) == sum(map(len, defined.values())) == len({uuid for _, uuid in told})
    named = {(s["type"], s["subject-uuid"]) for o in observations for s in o["subjects"]}
    assert named <= told and len(told - named) == 1, (named - told, told - named)  # the one is the rules
    assert all(f["related-observations"][0]["observation-uuid"] in known for f in findings)
    try:
        import jsonschema
    except ImportError:
        print("SKIPPED: no JSON-schema validator (python3-jsonschema)")
        sys.exit(77)
    if not os.path.exists(SCHEMA):
        print("SKIPPED: no OSCAL schema at ../shared/schemas")
        sys.exit(77)
    with open(SCHEMA, encoding="utf-8") as file:
        schema = json.load(file)
    plain_patterns(schema)
    errors = list(jsonschema.Draft7Validator(schema).iter_errors(document))
    assert not errors, [(list(e.absolute_path), e.message[:200]) for e in errors[:5]]
    print("ok", len(findings), "findings")


main()
