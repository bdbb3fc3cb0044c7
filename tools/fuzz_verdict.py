"""Whether a fuzz target that ended badly found something. Used by tools/fuzz.

An input that crashes, leaks or eats memory is a finding. An input that took too long is one if it does so again when it runs
alone: libFuzzer looks at the clock of the wall, which jumps when a machine was stopped. A target that left no input behind was
ended from outside (no memory on the machine, no room for the sanitizer's maps) and runs once more."""

KINDS = ("crash", "oom", "leak", "timeout")  # as libFuzzer names what it leaves; its slow-unit is only a remark


def left(folder, name):
    """The inputs that lie in the folder of findings for a target."""
    return {path for path in folder.iterdir() if any(path.name.startswith(f"{name}-{kind}-") for kind in KINDS)}


def judged(folder, name, once, alone):
    """Runs a target by once() -> (log, is_good); alone(path) -> is_good runs it on one input.
    (log, is_good, remark): the remark tells what was no finding after all, or which inputs are one."""
    before = left(folder, name)
    log, is_good = once()
    if is_good:
        return log, True, ""
    found = sorted(left(folder, name) - before)
    if not found:
        last_words = (log.strip().splitlines() or ["it said nothing"])[-1]
        log, is_good = once()
        found = sorted(left(folder, name) - before)
        if is_good:
            return log, True, f"{name} was ended from outside once, and ran well again; the first time: {last_words}"
        if not found:
            return log, False, f"{name} ended twice and left no input behind"
    real = [path for path in found if not path.name.startswith(f"{name}-timeout-") or not alone(path)]
    if real:
        return log, False, f"{name}: " + ", ".join(path.name for path in real)
    return log, True, f"{name}: {len(found)} input that the clock called too long is done in time when it runs alone"
