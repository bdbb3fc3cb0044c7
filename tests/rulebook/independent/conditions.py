"""Conditions read from their words, asked of facts, in three truths: docs/formats/rulebook.md, "Conditions".

A condition is a tuple: ("all" | "any" | "not", [conditions]), ("known", path), ("yes", path),
("compare", op, path, operand), ("some" | "every" | "no", listing, has), ("sum" | "max" | "min" | "count",
listing, field, op, operand). An operand is ("value", Value), ("name", name) or ("path", path).
"""
import re

from values import ENDLESS, UNKNOWN, Number, Value, compare, every, measured, negated, ordered, some, spelled

TOKEN = re.compile(r'\s*("(?:[^"\\]|\\.)*"|\[|\]|\(|\)|,|<=|>=|<|>|[^\s\[\](),"<>]+)')
OPERATORS = ("is", "in", "has", "intersects", "disjoint", "subset", "not", "<", "<=", ">", ">=")


class Reader:
    def __init__(self, text):
        self.tokens, at = [], 0
        while at < len(text.rstrip()):
            match = TOKEN.match(text, at)
            assert match, text
            self.tokens.append(match[1])
            at = match.end()
        self.at = 0

    def peek(self, ahead=0):
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def take(self, word=None):
        token = self.peek()
        assert token and (word is None or token == word), (self.tokens, self.at, word)
        self.at += 1
        return token

    def took(self, word):
        if self.peek() != word:
            return False
        self.at += 1
        return True

    def operator(self):
        word = self.take()
        if word == "not":
            rest = self.take()
            return "not subset of" if rest == "subset" and self.take("of") else "not " + rest
        if word == "subset":
            self.take("of")
            return "subset of"
        if word == "is" and self.took("not"):
            return "is not"
        return word

    def operand(self):
        if self.took("["):
            items = []
            while not self.took("]"):
                items.append(self.take().strip('"'))
                self.took(",")
            return ("value", Value("set", frozenset(items)))
        word = self.take()
        if word.startswith('"'):
            return ("value", spelled(word[1:-1]))
        if word[0] in "$@":
            return ("name" if word[0] == "$" else "path", word[1:])
        if re.fullmatch(r"[\d.]+", word) and re.fullmatch(r"[A-Za-z%]+", self.peek()) and self.peek() not in (
                "where", "and", "has"):
            word += " " + self.take()
        return ("value", spelled(word))

    def group(self):
        self.take("(")
        parts = [self.one()]
        while self.took("and"):
            parts.append(self.one())
        self.take(")")
        return ("all", parts)

    def listing(self):
        """(path, where, latest): latest is (count, field, until)."""
        latest = None
        if self.took("latest"):
            count = int(self.take())
            self.take("of")
            path = self.take()
            self.take("by")
            latest = (count, self.take()[3:], self.operand() if self.took("until") else None)
        else:
            path = self.take()
        where = self.group() if self.took("where") else None
        return (path, where, latest)

    def one(self):
        word = self.peek()
        if word in ("every", "some", "no"):
            self.take()
            listing = self.listing()
            return (word, listing, self.group() if self.took("has") else None)
        if word in ("sum", "max", "min", "count"):
            self.take()
            path, where, latest = self.listing()
            field = None
            if word != "count":
                path, field = path.rsplit(".", 1)
            op = self.operator()
            return (word, (path, where, latest), field, op, self.operand())
        path = self.take()
        if self.took("known"):
            return ("known", path)
        if self.peek() in OPERATORS:
            op = self.operator()
            return ("compare", op, path, self.operand())
        return ("yes", path)


def parsed(item):
    """One item of `when`, `require` or `unless`."""
    if isinstance(item, dict):
        (word, below), = item.items()
        return (word, [parsed(one) for one in below])
    reader = Reader(item)
    condition = reader.one()
    assert reader.at == len(reader.tokens), item
    return condition


def operand_paths(operand, names):
    if operand is None or operand[0] == "value":
        return set()
    if operand[0] == "name":
        return names.paths(operand[1])
    return set() if operand[1].startswith("it.") else {operand[1]}


def paths(condition, names):
    """Which facts a condition names."""
    if condition is None:
        return set()
    word = condition[0]
    if word in ("all", "any", "not"):
        return set().union(*[paths(one, names) for one in condition[1]])
    if word in ("known", "yes"):
        return set() if condition[1].startswith("it.") else {condition[1]}
    if word == "compare":
        own = set() if condition[2].startswith("it.") else {condition[2]}
        return own | operand_paths(condition[3], names)
    path, where, latest = condition[1]
    found = {path} | paths(where, names)
    if latest:
        found |= operand_paths(latest[2], names)
    if word in ("every", "some", "no"):
        return found | paths(condition[2], names)
    return found | operand_paths(condition[4], names)


class Asking:
    """Conditions asked of one set of facts. `facts(path)` gives a Value, `names.value(name)` what $name stands
    for, `accepted(path)` whether a withheld fact there counts as met."""

    def __init__(self, facts, names, accepted=lambda path: False):
        self.facts, self.names, self.accepted = facts, names, accepted

    def look(self, path, element):
        """`element`: the list that is walked and one of its rows."""
        if not path.startswith("it."):
            return self.facts(path)
        return self.facts.counts(element[0] + path[2:], element[1].get(path[3:], UNKNOWN))

    def operand(self, operand, element):
        if operand[0] == "value":
            return operand[1]
        if operand[0] == "name":
            return self.names.value(operand[1])
        return self.look(operand[1], element)

    def lets_withheld(self, path, element=None):
        """Does a comparison that reads this fact count as met: withheld, and accepted so?"""
        if self.look(path, element).kind != "withheld":
            return False
        if path.startswith("it."):
            return self.accepted(element[0]) or self.accepted(element[0] + path[2:])
        return self.accepted(path)

    def truth(self, condition, element=None, met=True):
        """`met`: which truth helps the clause here; `not` turns it over."""
        if condition is None:
            return True
        word = condition[0]
        if word == "all":
            return every(self.truth(one, element, met) for one in condition[1])
        if word == "any":
            return some(self.truth(one, element, met) for one in condition[1])
        if word == "not":
            return negated(every(self.truth(one, element, not met) for one in condition[1]))
        if word in ("known", "yes"):
            if self.lets_withheld(condition[1], element):
                return met
            value = self.look(condition[1], element)
            return value.known if word == "known" else value.data if value.kind == "yes-no" else None
        if word == "compare":
            read = [condition[2]] + ([condition[3][1]] if condition[3][0] == "path" else [])
            if any(self.lets_withheld(path, element) for path in read):
                return met
            return compare(condition[1], self.look(condition[2], element), self.operand(condition[3], element))
        if self.lets_withheld(condition[1][0]):
            return met
        if word in ("some", "every", "no"):
            return self.quantified(condition, met)
        # An element whose `where` is withheld may be counted or not, whichever helps.
        strict = Asking(self.facts, self.names)
        ways = [self.total(condition, True), self.total(condition, False), strict.total(condition, True)]
        return some(ways) if met else every(ways)

    def elements(self, listing, met):
        """[(element, is it one of them: True or None)], is the list open; None where nothing can be said."""
        path, where, latest = listing
        value = self.facts(path)
        if value.kind != "list":
            return None
        chosen = [(row, self.truth(where, (path, row), met)) for row in value.data]
        chosen = [(row, sure) for row, sure in chosen if sure is not False]
        if not latest:
            return chosen, value.open
        if value.open:
            return [(row, None) for row, _ in chosen], True  # a later one may not be listed
        count, field, until = latest
        dated = []
        for row, sure in chosen:
            within = True
            if until is not None:
                within = compare("<=", self.look("it." + field, (path, row)), self.operand(until, None))
            if within is not False:
                dated.append((row, every([sure, within])))
        if len(dated) <= count:
            return dated, False
        # Among the latest is who has fewer than `count` others that may be as late or later; who has so many
        # that surely are later is not.
        kept = []
        for row, sure in dated:
            own = key_of(self.look("it." + field, (path, row)))
            keys = [(key_of(self.look("it." + field, (path, other))), is_sure) for other, is_sure in dated if other is not row]
            later = sum(1 for key, is_sure in keys if is_sure and None not in (key, own) and key > own)
            perhaps = sum(1 for key, _ in keys if None in (key, own) or key >= own)
            if later < count:
                kept.append((row, sure if perhaps < count else None))
        return kept, False

    def quantified(self, condition, met):
        word, listing, has = condition
        found = self.elements(listing, met if word == "some" else not met)
        if found is None:
            return None
        elements, is_open = found
        inner = not met if word == "no" else met
        asked = [(sure, self.truth(has, (listing[0], row), inner)) for row, sure in elements]
        if word == "every":
            truth = every(some([negated(sure), truth]) for sure, truth in asked)
            return None if truth and is_open else truth
        truth = some(every([sure, truth]) for sure, truth in asked)
        truth = None if truth is False and is_open else truth
        return truth if word == "some" else negated(truth)

    def total(self, condition, met):
        """A count, sum, most or least is an interval; so it is compared."""
        found = self.elements(condition[1], met)
        if found is None:
            return None
        elements, is_open = found
        word, _, field, op, operand = condition
        right = self.operand(operand, None)
        if word == "count":
            sure = sum(1 for _, is_sure in elements if is_sure)
            return against(op, (sure, ENDLESS if is_open else len(elements)), "", right)
        kind, values = "", []
        for row, is_sure in elements:
            value = self.look("it." + field, (condition[1][0], row))
            if value.kind not in ("number", "length"):
                values.append((0, ENDLESS, is_sure))  # nothing here is negative
                continue
            unit = value.data.unit if value.kind == "number" else "length"
            if kind and unit and kind != unit:
                return None
            kind = kind or unit
            low, high = (value.data.low, value.data.high) if value.kind == "number" else value.data.seconds_between()
            values.append((low, high, is_sure))
        interval = {"sum": summed, "max": most, "min": least}[word](values, is_open)
        return None if interval is None else against(op, interval, kind, right)


def against(op, interval, unit, right):
    if unit == "length" and right.kind == "length":
        return ordered(op, interval, right.data.seconds_between())
    if unit == "length" or right.kind != "number":
        return None
    return measured(op, Value("number", Number(*interval, unit)), right)


def summed(values, is_open):
    """What is not known, or may not be one of them, adds nothing or anything."""
    low = sum(low for low, _, is_sure in values if is_sure and low > 0)
    return low, ENDLESS if is_open else sum(high for _, high, _ in values)


def most(values, is_open):
    if not any(is_sure for _, _, is_sure in values):
        return None
    low = max(low for low, _, is_sure in values if is_sure)
    return low, ENDLESS if is_open else max(high for _, high, _ in values)


def least(values, is_open):
    if not any(is_sure for _, _, is_sure in values):
        return None
    high = min(high for _, high, is_sure in values if is_sure)
    return -ENDLESS if is_open else min(low for low, _, _ in values), high


def key_of(value):
    """What the latest are counted by; None: not known."""
    return {"date": lambda: value.data, "number": lambda: value.data.low}.get(value.kind, lambda: None)()
