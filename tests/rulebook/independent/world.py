"""From the register's rows to the facts about one of them, as of a day: docs/formats/register.md."""
from invent import ROWS
from rules import Request, span_has
from values import UNKNOWN, Length, Value, instant, of_yaml


def field_of(node, at):
    """A field's value, if it is good on that day."""
    if isinstance(node, dict) and ("value" in node or "items" in node):
        if not span_has({edge: node[name] for name, edge in (("since", "from"), ("until", "until")) if name in node}, at):
            return UNKNOWN
    inner = node["value"] if isinstance(node, dict) and "value" in node else node
    value = of_yaml({"yes": "true", "no": "false"}.get(inner, inner) if isinstance(inner, str) else inner)
    if isinstance(inner, list):
        value.open = True
    if isinstance(node, dict) and "by" in node and value.kind != "unknown":
        value.by = node["by"]
    return value


def papers(node, at):
    """Reviews, documents, drills as a list: with their age, and whether they hold."""
    complete = isinstance(node, dict)
    rows = []
    for row in node["items"] if complete else node:
        held = span_has(row.get("valid", {}), at)
        begun = span_has({k: v for k, v in row.get("valid", {}).items() if k == "from"}, at)
        fields = {name: field_of(value, at) for name, value in row.items() if name not in ("id", "valid")}
        date = fields.get("date", UNKNOWN)
        if not begun or (date.kind == "date" and date.data > at) or (row["id"].startswith("drills") and not held):
            continue
        fields["valid"] = Value("yes-no", held, "true" if held else "false", by="computed")
        if date.kind == "date":
            fields["age"] = Value("length", Length(0, at - date.data), "age", by="computed")
        rows.append(fields)
    return Value("list", rows, open=not complete)


def facts_of(register, key, row, at):
    root = ROWS[key][0]
    facts = {"%s.%s" % (root, name): field_of(value, at) for name, value in row.items() if name not in ("id", "operator")}
    operator = next(one for one in register["operators"] if one["id"] == row["operator"])
    facts.update({"operator." + name: field_of(value, at) for name, value in operator.items() if name != "id"})
    for listed in ("reviews", "documents", "drills"):
        facts[listed] = papers(register[listed], at)
    return facts


def request_of(register, key, row, at):
    return Request(ROWS[key][0], facts_of(register, key, row, at), at, operator=row["operator"],
                   dataset=row["id"] if key == "datasets" else None)
