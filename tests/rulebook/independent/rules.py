"""What a rulebook's clauses say of a subject: which bind, apply and are met, their effects, what they oblige to.

Written from the meaning the rulebook language states (docs/formats/rulebook.md), and from nothing of src/rulebook.
"""
from conditions import Asking, parsed, paths
from values import UNKNOWN, Value, compare, every, instant, of_yaml, spelled

MAKES_COPIES = ("put", "copy", "restore", "replicate", "place", "process", "derive")
STRENGTHS = ("score", "desirable", "should", "elected", "own", "contract", "law")
EFFECTS = ("allow", "warn", "refuse")
# What a gate decides of each act. Read off docs/acts.md and what `azekura explain` says an act is about.
ABOUT = {
    "place": ("copy",), "process": ("copy",), "derive": ("copy",),
    "connect": ("transfer", "session"), "transit": ("transfer",), "administer": ("session",),
    "support": ("session",), "maintain": ("session",), "purchase": ("supply", "equipment"),
    "install": ("equipment", "change"),
}
STORE_ACTS = ("put", "get", "restore", "replicate", "list", "delete")
FOREVER = float("inf")


def about_of(asked):
    """The kinds of subject that `azekura explain ASKED` decides, and the act if it is one. `copy` and `change` are
    both; as a word they are the subject."""
    if asked in ("copy", "change"):
        return (asked,), None
    if asked in STORE_ACTS:
        return ("copy", "session"), asked
    if asked in ABOUT:
        return ABOUT[asked], asked
    return (asked,), None


def span_has(span, at):
    """In force: {from, until, zone}; days begin in the zone."""
    shift = 0
    if "zone" in span:
        hours, minutes = span["zone"][1:].split(":")
        shift = (int(hours) * 3600 + int(minutes) * 60) * (-1 if span["zone"][0] == "-" else 1)

    def edge(name, otherwise):
        if name not in span:
            return otherwise
        text = str(span[name])
        return instant(text) - (shift if len(text) == 10 else 0)

    return edge("from", -FOREVER) <= at < edge("until", FOREVER)


class Names:
    """What $name stands for in a clause: a set of the file, a parameter, a derived set, a list of the register."""

    def __init__(self, book, clause, facts, params):
        self.book, self.clause, self.facts, self.params = book, clause, facts, params

    def found(self, name):
        if name in self.book.get("sets", {}):
            return Value("set", frozenset(str(x) for x in self.book["sets"][name])), set()
        param = self.clause.get("params", {}).get(name)
        if param is not None:
            if "value" in param:
                return spelled(str(param["value"])), set()
            if "values" in param:
                return Value("set", frozenset(param["values"])), set()
            path = "param.%s/%s/%s" % (self.book["rulebook"], self.clause["id"], name)
            return self.param(name, path)
        kind = "derived.%s/" % self.book["rulebook"] if name in self.book.get("derived", {}) else "list."
        return self.facts(kind + name), {kind + name}

    def param(self, name, path):
        for key, told in ((self.clause["id"] + "/" + name, path), (name, "param." + name)):
            if key in self.params:
                return of_yaml(self.params[key]), {told}
        if self.facts(path).kind == "unknown" and self.facts("param." + name).kind != "unknown":
            path = "param." + name
        return self.facts(path), {path}

    def value(self, name):
        return self.found(name)[0]

    def paths(self, name):
        return self.found(name)[1]


def clause_facts(facts, clause, at):
    """Facts as they count for one clause: not past their time, and of a kind that the clause asks for."""
    reads = clause.get("reads", {})

    def counts(path, value):
        """A fact, or under LIST.FIELD what an element of a list says."""
        if value.until is not None and value.until <= at:
            return UNKNOWN
        kinds = reads.get(path)
        if kinds is None or value.kind in ("unknown", "withheld"):
            return value
        kinds = [kinds] if isinstance(kinds, str) else kinds
        return value if value.by in kinds or "declared" in kinds else UNKNOWN

    def look(path):
        return counts(path, facts.get(path, UNKNOWN))

    look.counts = counts
    return look


def applies_one(value, wanted, names):
    """One line of `applies`: a text is among them, a set shares one with them."""
    if value.kind in ("unknown", "withheld"):
        return None
    if isinstance(wanted, (bool, str)) and str(wanted).lower() in ("true", "false"):
        return value.data == (str(wanted).lower() == "true") if value.kind == "yes-no" else None
    choice = names.value(wanted[1:]) if isinstance(wanted, str) else Value("set", frozenset(map(str, wanted)))
    return compare("intersects", value, choice)


class Asked:
    """One clause asked of one subject."""

    def __init__(self, book, clause, request, params, world):
        self.book, self.clause, self.request, self.world = book, clause, request, world
        facts = clause_facts(request.facts, clause, request.at)
        self.names = Names(book, clause, facts, params)
        withheld = {path for path, kinds in clause.get("accepts", {}).items() if "withheld" in kinds}
        self.plain = Asking(facts, self.names)
        self.lenient = Asking(facts, self.names, lambda path: path in withheld)
        self.when = [parsed(one) for one in clause.get("when", [])]
        self.require = [parsed(one) for one in clause.get("require", [])]
        self.unless = [parsed(one) for one in clause.get("unless", [])]
        self.applies = self.whether_applies()

    def whether_applies(self):
        lines = dict(self.clause.get("applies", {}))
        acts, act = lines.pop("act", None), self.request.act
        if act is not None:
            if acts is None and self.clause["about"] == "copy" and act not in MAKES_COPIES:
                return False
            if acts is not None and act not in acts:
                return False
        truths = [applies_one(self.plain.facts(path), wanted, self.names) for path, wanted in lines.items()]
        return every(truths + [self.plain.truth(one) for one in self.when])

    def met(self):
        return every(self.lenient.truth(one) for one in self.require)

    def strength(self):
        """(strength, whether an instrument compels it): the strongest that holds."""
        strongest, compelled = self.clause["strength"], False
        for one in self.clause.get("compelled", []):
            if "since" in one and not span_has({"from": one["since"], **zone_of(self.book)}, self.request.at):
                continue
            if "when" in one and self.plain.truth(parsed(one["when"])) is False:
                continue
            if STRENGTHS.index(one["strength"]) > STRENGTHS.index(strongest):
                strongest, compelled = one["strength"], True
        for to in self.world.raised_to(self.book, self.clause, self.request):
            if STRENGTHS.index(to) > STRENGTHS.index(strongest):
                strongest = to
        return strongest, compelled

    def answer(self):
        truth, (strength, compelled) = self.met(), self.strength()
        verdict = {True: "pass", False: "fail", None: "unknown"}[truth]
        effect = "allow" if truth else {"score": "allow", "should": "warn", "desirable": "warn"}.get(strength, "refuse")
        if truth and self.clause.get("evidence") == ["document"]:
            verdict = "attested"
        if truth is not True:
            lifted = bool(self.unless) and every(self.plain.truth(one) for one in self.unless) is True
            bound = (strength == "law" or compelled) and "law" not in self.clause.get("lifts", [])
            if lifted and not bound:
                verdict, effect = "lifted", "allow" if strength == "score" else "warn"
            elif self.world.excepts(self.book, self.clause, strength, self.request):
                verdict, effect = "excepted", "allow" if strength == "score" else "warn"
        return {
            "applies": self.applies, "truth": truth, "verdict": verdict, "effect": effect, "strength": strength,
            "paths": self.paths(), "requires": [self.lenient.truth(one) for one in self.require],
        }

    def paths(self):
        found = set(self.clause.get("applies", {}))
        if self.request.act is None:
            found.discard("act")
        for wanted in self.clause.get("applies", {}).values():
            if isinstance(wanted, str) and wanted.startswith("$"):
                found |= self.names.paths(wanted[1:])
        for _, raised in self.world.raises(self.book, self.clause):
            found |= set(raised.get("for", {}))
        compelled = [parsed(one["when"]) for one in self.clause.get("compelled", []) if "when" in one]
        for condition in self.when + self.require + self.unless + compelled:
            found |= paths(condition, self.names)
        return found


def zone_of(book):
    zone = book.get("in_force", {}).get("zone")
    return {"zone": zone} if zone else {}


class Request:
    """What is asked: a kind of subject or an act, the facts, the moment, and whose it is."""

    def __init__(self, asked, facts, at, operator=None, dataset=None, site=None, act=None):
        self.about, self.act = about_of(asked)
        if act is not None:
            self.act = act
        if act == asked == "copy":
            self.about = ("copy", "session")
        self.facts, self.at = dict(facts), at
        self.operator, self.dataset, self.site = operator, dataset, site
        self.facts["time.now"] = Value("date", at, by="computed")
        if self.act is not None:
            self.facts["act"] = Value("text", self.act, self.act, by="computed")


class World:
    """Rulebooks as they are adopted; no `adopts`: what-if, everything binds everybody."""

    def __init__(self, books, adopts=None, exceptions=()):
        self.books, self.adopts, self.exceptions = books, adopts, exceptions

    def binding(self, book, request):
        """The adoptions by which a rulebook binds the subject, as their rows; what-if gives one empty row."""
        if not span_has(book.get("in_force", {}), request.at):
            return []
        if self.adopts is None:
            return [{}]
        found = []
        for row in self.adopts:
            if row["rulebook"] not in (book["rulebook"], book.get("line", book["rulebook"])):
                continue
            if not span_has({k: row[k] for k in ("from", "until") if k in row}, request.at):
                continue
            if row.get("operators") and request.operator not in row["operators"]:
                continue
            if row.get("datasets") and request.dataset is not None and request.dataset not in row["datasets"]:
                continue
            found.append(row)
        return found

    def raises(self, book, clause):
        """(the rulebook that raises, what it says) of all that name the clause, or one of its line."""
        for other in self.books:
            for one in other.get("raises", []):
                line, _, named = one["clause"].partition("/")
                if named == clause["id"] and line in (book["rulebook"], book.get("line", book["rulebook"])):
                    yield other, one

    def raised_to(self, book, clause, request):
        """The strengths it is raised to; unknown whether it is counts as raised."""
        look = clause_facts(request.facts, {}, request.at)
        names = Names(book, {"id": ""}, look, {})
        for other, one in self.raises(book, clause):
            lines = [applies_one(look(path), wanted, names) for path, wanted in one.get("for", {}).items()]
            if self.binding(other, request) and every(lines) is not False:
                yield one["to"]

    def excepts(self, book, clause, strength, request):
        for row in self.exceptions:
            line, _, named = row["clause"].partition("/")
            if named != clause["id"] or line not in (book["rulebook"], book.get("line", book["rulebook"])):
                continue
            if not instant(str(row["from"])) <= request.at < instant(str(row["until"])):
                continue
            if row.get("dataset", request.dataset) != request.dataset or row.get("site", request.site) != request.site:
                continue
            if row.get("kind") == "break-glass" and strength not in ("own", "contract"):
                continue
            return True
        return False

    def asked(self, request):
        """{(rulebook, clause): Asked} of what binds the subject and is about it."""
        found = {}
        for book in self.books:
            rows = self.binding(book, request)
            if not rows:
                continue
            params = {}
            for row in rows:
                for name, value in row.get("params", {}).items():  # what two say differently is not known
                    params[name] = value if params.get(name, value) == value else "unknown"
            for clause in book["clauses"]:
                if clause["about"] not in request.about:
                    continue
                if not span_has({**clause.get("in_force", {}), **zone_of(book)}, request.at):
                    continue
                if clause["strength"] == "elected" and self.adopts is not None:
                    if not any(clause["id"] in row.get("elects", []) for row in rows):
                        continue
                found[(book["rulebook"], clause["id"])] = Asked(book, clause, request, params, self)
        return found

    def decide(self, request):
        """The answers of the clauses that spoke, and the worst of their effects."""
        answers = {key: one.answer() for key, one in self.asked(request).items() if one.applies is not False}
        effects = [EFFECTS.index(one["effect"]) for one in answers.values()]
        return answers, EFFECTS[max(effects, default=0)]
