"""Rulebooks, registers, facts and requests at random, within the language: docs/formats/rulebook.md."""
from conditions import parsed

ABOUT = ("copy", "dataset", "system", "site", "entity", "supply", "equipment", "contract", "transfer", "session", "log",
         "plan", "change", "incident", "drill", "request")
ACTS = ("put", "copy", "restore", "replicate", "get", "list", "delete", "place", "connect", "process", "derive",
        "transit", "administer", "support", "maintain", "purchase", "install", "change")
COUNTRIES = ("JP", "US", "DE", "NO")
WORDS = ("alpha", "beta", "gamma", "delta")
DAYS = ("2023-12-31", "2024-01-01", "2024-06-30", "2024-07-01", "2025-03-31")
LENGTHS = ("1 h", "24 h", "1 d", "28 d", "31 d", "89 d", "92 d", "365 d", "366 d", "1 months", "3 months", "12 months",
           "1 years", "24 months")
STRENGTHS = ("score", "desirable", "should", "elected", "own", "contract", "law")
KINDS = ("declared", "document", "inspected", "measured", "computed")

# Facts by type, so that most comparisons are of one kind with what they are compared with.
FACTS = {
    "text": {"dataset.class": WORDS, "dataset.sector": WORDS, "place.country": COUNTRIES, "place.region": WORDS,
             "reader.country": COUNTRIES, "keys.holder": WORDS, "system.exposure": WORDS, "operator.home": COUNTRIES,
             "equipment.category": WORDS, "contract.governing_law": COUNTRIES, "incident.kind": WORDS},
    "set": {"dataset.kinds": WORDS, "operator.sectors": WORDS, "entity.seats": COUNTRIES, "entity.reach": COUNTRIES,
            "copies.countries": COUNTRIES, "contract.requires": WORDS, "operator.designations": WORDS},
    "count": {"copies.count": ("", "persons"), "place.grid.feeds": ("",), "dataset.persons": ("persons", "")},
    "distance": {"copies.distance_km": ("km", "m")},
    "share": {"place.hazard.quake_30y": ("%",), "entity.share": ("%",)},
    "yes-no": {"dataset.encrypted": (), "keys.colocated": (), "contract.audit": ()},
    "date": {"contract.ends": (), "equipment.support_end": (), "incident.occurred": (), "change.happened": ()},
    "length": {"dataset.retention": (), "dataset.rpo": ()},
}
LISTS = {
    "reviews": {"kind": "text", "country": "country", "covers": "set", "age": "length", "valid": "yes-no",
                "date": "date"},
    "documents": {"kind": "text", "covers": "set", "age": "length", "valid": "yes-no", "date": "date"},
    "entity.holders": {"kind": "text", "seats": "countries", "capital": "share", "votes": "share", "rights": "set"},
    "incident.impacts": {"kind": "text", "users": "count", "duration": "hours", "area": "countries"},
    "equipment.origins": {"stage": "text", "country": "country", "percent": "share"},
}


def named_by(clause):
    """The facts that a clause's conditions name, and LIST.FIELD of the elements they look at: of others `reads` and
    `accepts` may not speak."""
    facts, fields = set(clause.get("applies", {})) - {"act"}, set()

    def walk(condition, listed):
        word = condition[0]
        if word in ("all", "any", "not"):
            for one in condition[1]:
                walk(one, listed)
        elif word in ("known", "yes", "compare"):
            operands = [condition[1 if word != "compare" else 2]]
            if word == "compare" and condition[3][0] == "path":
                operands.append(condition[3][1])
            for path in operands:
                if path.startswith("it."):
                    fields.add(listed + path[2:])
                else:
                    facts.add(path)
        else:
            path, where, latest = condition[1]
            facts.add(path)
            if latest:
                fields.add("%s.%s" % (path, latest[1]))
            if word in ("sum", "max", "min"):
                fields.add("%s.%s" % (path, condition[2]))
            for inner in (where, condition[2] if word in ("every", "some", "no") else None):
                if inner:
                    walk(inner, path)

    for item in clause.get("when", []) + clause["require"] + clause.get("unless", []):
        walk(parsed(item), "")
    return facts - {"time.now"}, fields


def mended(book):
    """Clauses that would never be in force are refused: theirs are the rulebook's days instead."""
    spans = [book.get("in_force", {})]
    for clause in book["clauses"]:
        both = spans + [clause.get("in_force", {})]
        if max(one.get("from", "0") for one in both) >= min(one.get("until", "9") for one in both):
            del clause["in_force"]
    return book


class Inventor:
    def __init__(self, random):
        self.random = random

    def one(self, choices):
        return self.random.choice(list(choices))

    def some(self, choices, most=3):
        choices = list(choices)
        return self.random.sample(choices, self.random.randint(1, min(most, len(choices))))

    def chance(self, of_ten):
        return self.random.random() * 10 < of_ten

    # Values, as files spell them.

    def number(self, unit):
        amount = self.one(("0", "1", "2", "3", "5", "10", "24", "24.5", "25", "100"))
        if unit == "m":
            amount = str(int(float(amount) * 1000))
        return amount + (" " + unit if unit else "")

    def scalar(self, kind, choices=()):
        if kind in ("text", "country"):
            return self.one(choices or (COUNTRIES if kind == "country" else WORDS))
        if kind == "yes-no":
            return self.chance(5)
        if kind == "date":
            return self.one(DAYS)
        if kind == "length":
            return self.one(LENGTHS)
        if kind == "hours":
            return self.one(("30 min", "1 h", "2 h", "119 min", "24 h", "1 d"))
        unit = {"share": "%", "distance": "km"}.get(kind) or (self.one(choices) if choices else "")
        return self.number(unit)

    def items(self, kind, choices=()):
        pool = choices or (COUNTRIES if kind == "countries" else WORDS)
        chosen = self.some(pool, 3)
        if self.chance(3):
            return {"complete": self.chance(5), "items": chosen}
        return chosen

    def field(self, kind):
        if self.chance(1.2):
            return self.one(("unknown", "withheld"))
        return self.items(kind) if kind in ("set", "countries") else self.scalar(kind)

    def rows(self, fields):
        return [{name: self.said(self.field(kind)) for name, kind in fields.items() if not self.chance(1)} or
                {"note": "none"}
                for _ in range(self.random.randint(0, 3))]

    def listed(self, path):
        rows = self.rows(LISTS[path])
        if self.chance(6):
            return {"complete": self.chance(8), "items": rows}
        return rows

    def said(self, value):
        """Who said so, and until when it is good."""
        if self.chance(7):
            return value
        row = value if isinstance(value, dict) else {"items" if isinstance(value, list) else "value": value}
        row["by"] = self.one(KINDS)
        if self.chance(3):
            row["until"] = self.one(DAYS)
        return row

    def facts(self):
        found = {}
        for kind, named in FACTS.items():
            for path, choices in named.items():
                if self.chance(3):
                    continue
                if self.chance(1):
                    found[path] = self.one(("unknown", "withheld"))
                elif kind == "set":
                    found[path] = self.said(self.items(kind, choices))
                else:
                    found[path] = self.said(self.scalar(kind, choices))
        for path in LISTS:
            if self.chance(8):
                found[path] = self.said(self.listed(path))
            elif self.chance(3):
                found[path] = "withheld"
        for name, kind in (("far", "distance"), ("many", "count"), ("ever", "length")):
            if self.chance(5):
                found["param." + name] = self.scalar(kind)
        if self.chance(5):
            found["list.bought"] = self.items("set")
        return found

    # Conditions.

    def quoted(self, words):
        return "[%s]" % ", ".join('"%s"' % word for word in words)

    def of_set(self, choices):
        """What sets are compared with."""
        if self.chance(2):
            return "$" + self.one(("near", "words", "bought"))
        if self.chance(2):
            return "@" + self.one(FACTS["set"])
        return self.quoted(self.some(choices))

    def limit(self, kind, element):
        if kind in ("count", "distance", "length") and self.chance(3) and not element:
            return "$" + {"count": "many", "distance": "far", "length": "ever"}[kind]
        if kind == "date" and self.chance(4):
            return "@time.now" if self.chance(5) else "@" + self.one(FACTS["date"])
        return self.scalar(kind)

    def compared(self, path, kind, choices, element=False):
        if self.chance(0.8):
            return path + " known"
        if kind == "yes-no":
            return self.one((path, path + " is true", path + " is false", path + " is not true"))
        if kind in ("text", "country"):
            op = self.one(("is", "is not", "in", "not in", "in"))
            if op in ("in", "not in"):
                return "%s %s %s" % (path, op, self.of_set(choices))
            if self.chance(2):
                return "%s %s @%s" % (path, op, self.one(FACTS["text"]))
            word = self.one(choices)
            return "%s %s %s" % (path, op, word if word != "NO" and self.chance(5) else '"%s"' % word)
        if kind in ("set", "countries"):
            op = self.one(("has", "not has", "intersects", "not intersects", "disjoint", "subset of", "not subset of"))
            if op in ("has", "not has"):
                to = '"%s"' % self.one(choices) if self.chance(7) else "@" + self.one(FACTS["text"])
                return "%s %s %s" % (path, op, to)
            return "%s %s %s" % (path, op, self.of_set(choices))
        op = self.one(("<", "<=", ">", ">=", "is", "is not"))
        return "%s %s %s" % (path, op, self.limit(kind, element))

    def of_element(self, fields):
        name = self.one(fields)
        kind = fields[name]
        choices = COUNTRIES if kind in ("country", "countries") else WORDS
        return self.compared("it." + name, kind, choices, element=True)

    def group(self, fields):
        return "(%s)" % " and ".join(self.of_element(fields) for _ in range(self.random.randint(1, 2)))

    def listing(self, path):
        fields = LISTS[path]
        where = " where " + self.group(fields) if self.chance(6) else ""
        if "date" in fields and self.chance(3):
            until = " until " + self.one(("@time.now", "2024-06-30")) if self.chance(5) else ""
            return "latest %d of %s by it.date%s%s" % (self.random.randint(1, 3), path, until, where)
        return path + where

    def over_list(self):
        path = self.one(LISTS)
        fields = LISTS[path]
        word = self.one(("every", "some", "no", "count", "sum", "max", "min"))
        if word in ("every", "some", "no"):
            has = " has " + self.group(fields) if word == "every" or self.chance(6) else ""
            return "%s %s%s" % (word, self.listing(path), has)
        op = self.one(("<", "<=", ">", ">=", "is"))
        if word == "count":
            return "count %s %s %d" % (self.listing(path), op, self.random.randint(0, 3))
        numbers = [name for name, kind in fields.items() if kind in ("share", "count", "hours")]
        if not numbers:
            return "some " + path
        name = self.one(numbers)
        where = " where " + self.group(fields) if self.chance(5) else ""
        return "%s %s.%s%s %s %s" % (word, path, name, where, op, self.scalar(fields[name]))

    def simple(self):
        if self.chance(3.5):
            return self.over_list()
        kind = self.one(FACTS)
        path = self.one(FACTS[kind])
        return self.compared(path, kind, FACTS[kind][path])

    def condition(self, depth=0):
        if depth < 3 and self.chance(2.5 - depth / 2):
            word = self.one(("all", "any", "not"))
            return {word: [self.condition(depth + 1) for _ in range(self.random.randint(1, 3))]}
        return self.simple()

    def conditions(self, most):
        return [self.condition() for _ in range(self.random.randint(1, most))]

    # Clauses and rulebooks.

    def wanted(self):
        """A line of `applies`."""
        kind = self.one(("text", "set", "text", "set", "yes-no"))
        path = self.one(FACTS[kind])
        if kind == "yes-no":
            return path, self.one(("true", "false"))
        if self.chance(1.5):
            return path, "$" + self.one(("near", "words"))
        return path, self.some(FACTS[kind][path], 3)

    def clause(self, name, about):
        clause = {
            "id": name,
            "about": about,
            "source": {"basis": self.one(("primary", "carried", "press", "tracker", "own")), "where": "page 1"},
            "strength": self.one(STRENGTHS),
        }
        applies = dict(self.wanted() for _ in range(self.random.randint(0, 2)))
        if self.chance(4):
            applies["act"] = self.some(ACTS, 12)
        if applies:
            clause["applies"] = applies
        if self.chance(4):
            clause["when"] = self.conditions(2)
        clause["require"] = self.conditions(3)
        if self.chance(3):
            clause["unless"] = self.conditions(2)
            if self.chance(3):
                clause["lifts"] = ["law"]
        facts, fields = named_by(clause)
        if self.chance(3) and facts | fields:
            clause["accepts"] = {path: ["withheld"] for path in self.some(sorted(facts | fields), 12)}
        if self.chance(3) and facts | fields:
            path = self.one(sorted(fields if fields and self.chance(5) else facts | fields))
            clause["reads"] = {path: self.one((self.one(KINDS), self.some(KINDS, 3)))}
        if self.chance(3) and clause["strength"] != "law":
            clause["compelled"] = [self.compelled(clause["strength"]) for _ in range(self.random.randint(1, 2))]
        if self.chance(2):
            clause["evidence"] = self.one((["document"], ["document", "measured"], ["record"]))
        if self.chance(1.5):
            clause["in_force"] = self.span()
        clause["params"] = {"far": {"unit": "km", "set_by": "operator"}, "many": {"set_by": "operator"},
                            "ever": {"unit": "days", "set_by": "rulebook", "value": self.one(LENGTHS)}}
        return clause

    def compelled(self, weaker):
        row = {"strength": self.one(STRENGTHS[STRENGTHS.index(weaker) + 1:]), "by": "an act"}
        if self.chance(7):
            row["when"] = self.simple()
        if self.chance(3):
            row["since"] = self.one(DAYS)
        return row

    def span(self):
        days = sorted(self.some(DAYS, 2))
        return {"from": days[0]} if len(days) == 1 else {"from": days[0], "until": days[1]}

    def rulebook(self, name, about, clauses):
        book = {"rulebook": name, "issuer": "somebody"}
        if self.chance(3):
            book["in_force"] = self.span()
            if self.chance(5):
                book["in_force"]["zone"] = self.one(("+09:00", "-05:00", "+05:30"))
        book["sets"] = {"near": self.some(COUNTRIES), "words": self.some(WORDS)}
        book["clauses"] = [self.clause("c%d" % i, self.one(about)) for i in range(clauses)]
        return mended(book)

    def moment(self):
        day = self.one(DAYS)
        return day if self.chance(6) else day + "T" + self.one(("00:00:00Z", "14:59:59Z", "15:00:00Z", "23:59:59Z"))


# The register's kinds: root of the facts, and fields with their types. Everything here belongs to an operator.
ROWS = {
    "datasets": ("dataset", {"class": "text", "sector": "text", "kinds": "set", "persons": "persons", "encrypted": "flag",
                             "retention": "length", "rpo": "length", "designations": "set", "readers": "set"}),
    "systems": ("system", {"kind": "text", "class": "text", "segment": "text", "designations": "set",
                           "watched": "set", "users": "persons", "factors": "count", "backed_up": "set"}),
    "contracts": ("contract", {"kind": "text", "governing_law": "country", "court": "country", "requires": "set",
                               "begins": "date", "ends": "date", "audit": "flag", "notice": "count", "states": "set",
                               "work_places": "countries"}),
    "plans": ("plan", {"kind": "text", "states": "set", "covers": "set", "submitted": "date"}),
    "supplies": ("supply", {"role": "text", "countries": "countries", "purpose": "text"}),
}
PAPERS = {"kind": "text", "covers": "set", "country": "country", "date": "date"}
OPERATOR = {"home": "text", "sectors": "set", "designations": "set", "person": "set", "services": "set"}
SUBJECTS = {"datasets": "dataset", "systems": "system", "contracts": "contract", "plans": "plan", "supplies": "supply"}


class Registrar(Inventor):
    """Registers, and rulebooks about their rows."""

    def value(self, kind):
        """A field as the register spells it; sets are open unless they say that they are complete."""
        if self.chance(1):
            return self.one(("unknown", "withheld"))
        if kind in ("set", "countries"):
            chosen = self.some(COUNTRIES if kind == "countries" else WORDS)
            return {"complete": True, "as_of": "2023-01-01", "items": chosen} if self.chance(6) else chosen
        value = {"flag": lambda: self.one(("yes", "no")), "persons": lambda: self.number("persons"),
                 "count": lambda: self.number("")}.get(kind, lambda: self.scalar(kind))()
        if self.chance(2.5):
            value = {"value": value, "by": self.one(KINDS)}
            for edge in ("since", "until"):
                if self.chance(3):
                    value[edge] = self.one(DAYS)
            if value.get("since", "0") >= value.get("until", "9"):
                del value["until"]
        return value

    def row(self, name, fields, **more):
        row = {"id": name, **more}
        row.update({field: self.value(kind) for field, kind in fields.items() if not self.chance(2.5)})
        if self.chance(1.5):
            row["valid"] = self.span()
        return row

    def register(self):
        made = {"operators": [{"id": name, **{f: self.value(k) for f, k in OPERATOR.items() if not self.chance(2)}}
                              for name in ("op-1", "op-2")]}
        for key, (_, fields) in ROWS.items():
            made[key] = [self.row("%s-%d" % (key, i), fields, operator=self.one(("op-1", "op-2"))) for i in range(3)]
            for row in made[key]:
                row.pop("valid", None)
                begins, ends = (row[edge]["value"] if isinstance(row.get(edge), dict) else row.get(edge)
                                for edge in ("begins", "ends"))
                if begins in DAYS and ends in DAYS and begins >= ends:
                    del row["ends"]
        for key in ("reviews", "documents", "drills"):
            fields = {k: v for k, v in PAPERS.items() if key != "drills" or k != "country"}
            rows = [self.row("%s-%d" % (key, i), fields) for i in range(self.random.randint(0, 4))]
            made[key] = {"complete": True, "as_of": "2023-01-01", "items": rows} if self.chance(6) else rows
        return made

    def adopts(self, books):
        rows = []
        for number, book in enumerate(books):
            for again in range(self.one((0, 1, 1, 1, 2))):
                row = {"id": "adopted-%d-%d" % (number, again), "by": "board",
                       "rulebook": book["line"] if "line" in book and self.chance(7) else book["rulebook"]}
                if self.chance(4):
                    row["operators"] = self.some(("op-1", "op-2"), 2)
                if self.chance(2):
                    row["datasets"] = self.some(("datasets-0", "datasets-1", "datasets-2"))
                if self.chance(3):
                    row.update(self.span())
                row["elects"] = self.some(["c%d" % i for i in range(8)], 4)
                if self.chance(6):
                    row["params"] = {"c1/far": "3 km", "many": self.one(("5", "5", "2")), "far": "24 km"}
                rows.append(row)
        return rows

    def exceptions(self, books):
        rows = []
        for number in range(self.random.randint(0, 4)):
            book = self.one(books)
            clause = self.one(book["clauses"])
            days = sorted(self.some(DAYS, 5))
            row = {"id": "let-%d" % number, "clause": "%s/%s" % (self.one((book.get("line"), book["rulebook"])) or
                                                               book["rulebook"], clause["id"]),
                   "reason": "repair", "requester": "a", "approver": "b",
                   "from": days[0], "until": days[-1] if len(days) > 1 else "2027-01-01"}
            if self.chance(3):
                row["dataset"] = self.one(("datasets-0", "datasets-1", "datasets-2"))
            rows.append(row)
        return rows

    def books(self):
        kinds = list(SUBJECTS.values())
        made = []
        for number in range(self.one((1, 2, 3))):
            book = self.rulebook("book-%d" % number, kinds, 8)
            made.append(book)
        if len(made) > 1 and self.chance(6):  # two editions of one line
            for book, span in zip(made, ({"until": "2024-06-30"}, {"from": "2024-06-30", "until": "2025-03-31"})):
                book.update(line="line", in_force=span)
                mended(book)
        if self.chance(5):
            target = self.one(made)
            target_clause = self.one(target["clauses"])
            raised = {"clause": "%s/%s" % (target.get("line", target["rulebook"]), target_clause["id"]),
                      "to": self.one(STRENGTHS[3:])}
            if self.chance(5):
                raised["for"] = dict([self.wanted()])
            made[-1]["raises"] = [raised]
        return made

    def simple(self):
        """About the rows of the register, papers and the operator."""
        if self.chance(3):
            listed = self.one(("reviews", "documents", "drills"))
            fields = {**PAPERS, "age": "length", "valid": "yes-no"}
            if listed == "drills":
                del fields["country"]
            word = self.one(("every", "some", "no", "count"))
            where = " where " + self.group(fields) if self.chance(6) else ""
            if word == "count":
                return "count %s%s %s %d" % (listed, where, self.one(("<", "<=", ">", ">=", "is")), self.random.randint(0, 3))
            return "%s %s%s%s" % (word, listed, where, " has " + self.group(fields) if word == "every" else "")
        path, kind, choices = self.field_of_row()
        return self.compared(path, kind, choices)

    def field_of_row(self):
        root, fields = self.one(list(ROWS.values()) + [("operator", OPERATOR)])
        if self.here and self.chance(8):
            root, fields = self.one([self.here, ("operator", OPERATOR)])
        name = self.one(fields)
        kind = {"flag": "yes-no", "persons": "count"}.get(fields[name], fields[name])
        return "%s.%s" % (root, name), kind, COUNTRIES if kind in ("country", "countries") else WORDS

    here = None  # root and fields of what the clause is about

    def clause(self, name, about):
        self.here = next(one for one in ROWS.values() if one[0] == about)
        return super().clause(name, about)

    def wanted(self):
        while True:
            path, kind, choices = self.field_of_row()
            if kind == "yes-no":
                return path, self.one(("true", "false"))
            if kind in ("text", "country", "set", "countries"):
                return path, self.some(choices, 3)
