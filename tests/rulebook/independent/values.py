"""Facts and how two of them compare, in three truths: True, False and None for unknown.

Written from the meaning that docs/formats/rulebook.md and docs/decisions/rulebook.md state, and from nothing of
src/rulebook: what agrees with it agrees by what both mean.
"""
import datetime
import functools
import math
import re
from dataclasses import dataclass, field
from fractions import Fraction

UNITS = {
    "": ("", 1), "%": ("%", 1), "m": ("m", 1), "km": ("m", 1000), "W": ("W", 1), "kW": ("W", 1000),
    "MW": ("W", 10**6), "persons": ("persons", 1), "users": ("persons", 1), "bytes": ("bytes", 1),
    "KiB": ("bytes", 1024), "MiB": ("bytes", 1024**2), "GiB": ("bytes", 1024**3),
}
SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86400, "days": 86400}
MONTHS = {"months": 1, "month": 1, "years": 12}
ENDLESS = math.inf  # as an upper bound: none is known


@dataclass(frozen=True)
class Number:
    low: object  # Fractions, or infinite where no bound is known
    high: object
    unit: str


@dataclass(frozen=True)
class Length:
    """Calendar months, or seconds; never both in what rules and facts can spell."""

    months: int
    seconds: int

    def seconds_between(self):
        if not self.months:
            return self.seconds, self.seconds
        shortest, longest = days_of_months(self.months)
        return shortest * 86400, longest * 86400


@dataclass
class Value:
    """`kind`: unknown, withheld, text, set, number, yes-no, date, length, list."""

    kind: str
    data: object = None
    spelling: str = ""
    open: bool = False  # of a set or list: there may be more than is named
    by: str = "declared"
    until: object = None  # seconds since 1970, or no end
    extra: dict = field(default_factory=dict)

    @property
    def known(self):
        if self.kind == "list" and self.open and not self.data:
            return False  # nobody has said anything
        return self.kind not in ("unknown", "withheld")


UNKNOWN = Value("unknown", by="")
WITHHELD = Value("withheld")


@functools.lru_cache(maxsize=None)
def days_of_months(months):
    """The fewest and the most days that so many calendar months can have."""
    firsts = [datetime.date(y, m, 1).toordinal() for y in range(1896, 2010 + months // 12) for m in range(1, 13)]
    spans = [firsts[i + months] - firsts[i] for i in range(len(firsts) - months)]
    return min(spans), max(spans)


def instant(text):
    """Seconds since 1970 of a day or an instant; None where it spells neither."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        day = datetime.date.fromisoformat(text)
        return (day - datetime.date(1970, 1, 1)).days * 86400
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        return instant(text[:10]) + int(text[11:13]) * 3600 + int(text[14:16]) * 60 + int(text[17:19])
    return None


def spelled(text):
    """What a scalar of a facts file or a literal of a condition says."""
    if text in ("true", "false"):
        return Value("yes-no", text == "true", text)
    when = instant(text)
    if when is not None:
        return Value("date", when, text)
    match = re.fullmatch(r"(\d+(?:\.\d{1,3})?)(?: ?([A-Za-z%]+))?", text)
    if match:
        amount, unit = Fraction(match[1]), match[2] or ""
        if unit in UNITS:
            base, factor = UNITS[unit]
            return Value("number", Number(amount * factor, amount * factor, base), text)
        if unit in SECONDS and amount.denominator == 1:
            return Value("length", Length(0, int(amount) * SECONDS[unit]), text)
        if unit in MONTHS and amount.denominator == 1:
            return Value("length", Length(int(amount) * MONTHS[unit], 0), text)
    return Value("text", text, text)


def of_yaml(node):
    """A fact as a file spells it."""
    if isinstance(node, dict) and "items" in node:
        inner = of_yaml(node["items"])
        inner.by = node.get("by", "declared")
        inner.until = instant(str(node["until"])) if "until" in node else None
        said = node.get("complete")
        if said is not None:
            inner.open = str(said).lower() != "true"
        return inner
    if isinstance(node, dict) and "value" in node:
        inner = of_yaml(node["value"])
        if inner.kind != "unknown":
            inner.by = node.get("by", "declared")
            inner.until = instant(str(node["until"])) if "until" in node else None
        return inner
    if isinstance(node, list):
        if node and isinstance(node[0], dict):
            return Value("list", [{k: of_yaml(v) for k, v in row.items()} for row in node], open=True)
        if not node:
            return Value("list", [], open=True)
        return Value("set", frozenset(str(item) for item in node))
    if node is None or node == "unknown":
        return Value("unknown", by="")
    if node == "withheld":
        return Value("withheld")
    if isinstance(node, bool):
        return spelled("true" if node else "false")
    return spelled(str(node))


# Three truths.


def negated(truth):
    return None if truth is None else not truth


def every(truths):
    truths = list(truths)
    if False in truths:
        return False
    return None if None in truths else True


def some(truths):
    truths = list(truths)
    if True in truths:
        return True
    return None if None in truths else False


# Comparisons.


def as_set(value):
    """A value as a set of texts; one text is the set of it."""
    if value.kind == "set":
        return value.data, value.open
    if value.kind == "list" and not value.data:
        return frozenset(), value.open
    if value.kind in ("text", "number", "date", "length", "yes-no") and value.spelling:
        return frozenset([value.spelling]), False
    return None


def ordered(op, left, right):
    """Two intervals (low, high) under <, <=, >, >= or is."""
    (a, b), (c, d) = left, right
    if op == "<":
        return True if b < c else False if a >= d else None
    if op == ">":
        return ordered("<", right, left)
    if op == "<=":
        return negated(ordered("<", right, left))
    if op == ">=":
        return negated(ordered("<", left, right))
    if a == b and c == d:
        return a == c
    return False if b < c or d < a else None


def measured(op, left, right):
    """Numbers, dates and lengths in order; unknown where they are of different kinds or units."""
    if left.kind != right.kind:
        return None
    if left.kind == "number":
        a, b = left.data, right.data
        if a.unit and b.unit and a.unit != b.unit:
            return None
        return ordered(op, (a.low, a.high), (b.low, b.high))
    if left.kind == "date":
        return ordered(op, (left.data, left.data), (right.data, right.data))
    if left.kind == "length":
        a, b = left.data, right.data
        if a.months and b.months:
            return ordered(op, (a.months, a.months), (b.months, b.months))
        return ordered(op, a.seconds_between(), b.seconds_between())
    return None


def subset(left, right):
    (a, a_open), (b, b_open) = left, right
    if not b_open and a - b:
        return False
    return True if not a_open and a <= b else None


def intersects(left, right):
    (a, a_open), (b, b_open) = left, right
    if a & b:
        return True
    if (not a and not a_open) or (not b and not b_open):
        return False
    return None if a_open or b_open else False


def equal(left, right):
    if left.kind == right.kind == "yes-no":
        return left.data == right.data
    if left.kind == right.kind and left.kind in ("number", "date", "length"):
        return measured("is", left, right)
    if "text" in (left.kind, right.kind) or left.kind == right.kind == "set":
        a, b = as_set(left), as_set(right)
        if a is None or b is None:
            return None
        return every([subset(a, b), subset(b, a)])
    return None


def compare(op, left, right):
    """One comparison of two facts; the words of docs/formats/rulebook.md."""
    if op in ("is not", "not in", "not has", "not intersects", "disjoint", "not subset of"):
        return negated(compare({"is not": "is", "disjoint": "intersects"}.get(op) or op[4:], left, right))
    for value in (left, right):
        if value.kind in ("unknown", "withheld"):
            return None
    if op == "is":
        return equal(left, right)
    if op in ("<", "<=", ">", ">="):
        return measured(op, left, right)
    if op == "has":
        return compare("in", right, left)
    a, b = as_set(left), as_set(right)
    if a is None or b is None:
        return None
    if op == "in":
        return None if left.kind in ("set", "list") else subset(a, b)
    return subset(a, b) if op == "subset of" else intersects(a, b)
