#!/usr/bin/env python3
"""tools/fuzz_verdict.py, with targets that end in every way: a table of (what the runs leave behind, is the input bad when
alone, expected verdict)."""
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools"))
from fuzz_verdict import judged  # noqa: E402

GOOD, KILLED = (True, []), (False, [])
ROWS = [
    ("a run that ends well", [GOOD], True, True, ""),
    ("a crash is a finding, also if it does not come again", [(False, ["p-crash-1"])], True, False, "p-crash-1"),
    ("memory is a finding", [(False, ["p-oom-1"])], True, False, "p-oom-1"),
    ("a leak is a finding", [(False, ["p-leak-1"])], True, False, "p-leak-1"),
    ("an input that is slow again is a finding", [(False, ["p-timeout-1"])], False, False, "p-timeout-1"),
    ("a clock that jumped is none", [(False, ["p-timeout-1"])], True, True, "too long"),
    ("a crash beside a clock that jumped is one", [(False, ["p-timeout-1", "p-crash-2"])], True, False, "p-crash-2"),
    ("ended from outside once", [KILLED, GOOD], True, True, "ran well again"),
    ("ended from outside twice", [KILLED, KILLED], True, False, "no input"),
    ("ended from outside, then a crash", [KILLED, (False, ["p-crash-3"])], True, False, "p-crash-3"),
    ("another target's input and a slow unit are not its own", [(False, ["q-crash-1", "p-slow-unit-1"]), GOOD], True, True, "ran well"),
]


def verdict(runs, alone_good):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        (folder / "p-crash-of-an-earlier-run").write_bytes(b"")
        left = iter(runs)

        def once():
            is_good, files = next(left)
            for name in files:
                (folder / name).write_bytes(b"x")
            return "the log\n", is_good

        _, is_good, remark = judged(folder, "p", once, lambda path: alone_good)
        assert next(left, None) is None, "it ran too seldom"
        return is_good, remark


bad = 0
for title, runs, alone_good, expected, word in ROWS:
    is_good, remark = verdict(runs, alone_good)
    if is_good != expected or word not in remark or (word == "" and remark):
        bad += 1
        print(f"{title}: came out {is_good} with {remark!r}")
print(f"{len(ROWS) - bad} of {len(ROWS)} verdicts right")
sys.exit(bad != 0)
