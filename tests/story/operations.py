#!/usr/bin/python3
"""What keeps a store running: its configuration explained, its health and numbers, logs, reloads,
draining, users and keys, exceptions by two people, and why a request was decided as it was."""
import shutil

from azekura import *

HOME = "aoba-own/keep.at-home"


def check_explains_every_key():
    done = run(AZEKURA, "serve", "--config", ROOT / "examples" / "azekura.yaml", "--data", "/nowhere", "--check")
    for name in ("data", "s3", "console", "site", "register", "rulebooks", "certificate", "trusted-proxies", "witnesses", "anchor", "reactors"):
        assert re.search(rf"^# \S.*\n{name}: ", done.stdout, re.M), f"{name} is not explained"
    assert "/nowhere" in done.stdout
    bad = folder() / "bad.yaml"
    for text, said in (("sit: sendai\n", "sit"), ("reactors: many\n", "number"), ("witnesses: [{name: a}]\n", "vkey"), ("a: [\n", "bad.yaml")):
        bad.write_text(text)
        done = run(AZEKURA, "serve", "--config", bad, "--check", check=False)
        assert done.returncode == 2 and said in done.stderr and "bad.yaml" in done.stderr, (text, done.stderr)
    assert "site" in run(AZEKURA, "serve", "--data", folder() / "d", check=False).stderr, "a store without a site does not start"


def check_finds_what_would_keep_a_store_from_starting():
    """Seen once: an unknown site, an address that is none and a register that is not there were all explained, and found good."""
    data = folder() / "d"

    def checked(*more):
        done = run(AZEKURA, "serve", "--config", ROOT / "examples" / "azekura.yaml", "--data", data, "--check", *more, check=False)
        assert "site: " in done.stdout and not data.exists()
        return done.returncode, done.stderr

    assert checked() == (0, "")
    for words, said in ((("--site", "nowhere"), 'no site "nowhere"'), (("--s3", "127.0.0.1:99999"), 's3: "127.0.0.1:99999"'),
                        (("--console", "here"), 'console: "here"'), (("--trust-proxy", "10.0.0.0/33"), "at most 32 bits"),
                        (("--register", "/nowhere"), "register /nowhere"), (("--rulebook", "/nowhere"), '"/nowhere"'),
                        (("--events", "/nowhere"), '"/nowhere"'), (("--address-data", "/nowhere"), "/nowhere"),
                        (("--metadata", "ftp://x"), '"ftp://x"'), (("--rulebook-issuer", "x"), '"x"')):
        code, stderr = checked(*words)
        assert code == 1 and said in stderr and "would not start" in stderr, (words, code, stderr)
    # and it does not: with a metadata service that is no URL, and so never contradicts, it did start
    assert '"ftp://x"' in Store("--metadata", "ftp://x", start=False).start_refused()
    code, stderr = checked("--site", "nowhere", "--s3", "a", "--console", "b")
    assert code == 1 and "3 faults" in stderr, stderr
    file = folder() / "c.yaml"
    for text, said in (("site: x\nlog-level: loud\n", '"loud"'), ("site: x\ncertificate: /nowhere\nkey: /nowhere\n", "/nowhere"),
                       ("site: x\nwitnesses: [{name: w, vkey: v, url: 'http://w'}]\n", '"w"'), ("region: x\n", "site: none")):
        file.write_text(text)
        done = run(AZEKURA, "serve", "--config", file, "--check", check=False)
        assert done.returncode == 1 and said in done.stderr, (text, done.stderr)


def a_word_that_is_none_of_the_choices_is_refused():
    """Seen once: --lang fr answered in English, --format xml in text."""
    for words in (("explain", "put", "--lang", "fr"), ("explain", "put", "--format", "xml"), ("why", "0", "--format", "xml"),
                  ("exception", "list", "--format", "yaml"), ("serve", "--backend", "select")):
        done = run(AZEKURA, *words, check=False)
        assert done.returncode == 2 and f'not "{words[-1]}"' in done.stderr, (words, done.stderr)


def watched():
    s = Store()
    assert ok(s.page("/health")).body == b'{"status":"ready","rollback":"unguarded"}\n'
    s.root.bucket("grid-a")
    for n in range(5):
        ok(s.root.put("grid-a", f"k{n}", b"x" * 1000))
    refused(Client(s.s3, s.key, "wrong").get("grid-a", "k0"), 403)
    text = ok(s.page("/metrics")).body.decode()
    names = set(re.findall(r"^(azekura_\w+)", text, re.M))
    untyped = names - set(re.findall(r"^# TYPE (\S+) ", text, re.M))
    assert not untyped, f"numbers without a type: {untyped}"
    mute = names - set(re.findall(r"^# HELP (\S+) \w", text, re.M))
    assert not mute, f"numbers nobody explains: {mute}"
    assert s.metric("ledger_size") >= 6 and s.metric("buckets") == 1 and s.metric("decisions_allowed_total") >= 5
    assert re.search(r'azekura_acts_total\{sector="electricity",class="important",outcome="kept"\} 5\n', text), text
    reply = ok(s.root.get("grid-a", "k0"))

    def logged():
        return [e for e in s.events("s3") if e["request"] == reply["x-amz-request-id"]]
    event = until(logged)[0]
    assert (event["operation"], event["status"], event["user"], event["bytes_out"]) == ("GetObject", 200, "root", 1000), event
    assert all(json.loads(line) for line in s.log().splitlines()), "each line of the log is one JSON object"
    page = ok(s.page("/")).body.decode()
    assert "仙台" in page and "Sendai" in page and "grid-a" not in page
    s.stop()


def entries_that_were_withdrawn_are_not_counted_and_those_of_codes_are():
    s = Store()  # of its own: all that its ledger holds was written since the start
    s.root.bucket("grid-a")
    ok(s.root.put("grid-a", "k", b"x"))
    for n in range(3):
        refused(s.root.put("grid-a", "k", b"y", headers=[("If-None-Match", "*")]), 412, "PreconditionFailed")
        refused(s.root.request("PUT", "/grid-a", "tagging", b"<Tagging/>"), 400)
    ok(s.root.delete("grid-a", "k"))
    assert s.metric("entries_total") == s.ledger_size(), (s.metric("entries_total"), s.ledger_size())
    s.stop()


def slow_put(s, key, body):
    """Sends half of a PUT; gives what sends the rest and reads the reply."""
    headers = s.root.signer.headers("PUT", f"/grid-a/{key}", "", [("Host", s.s3)], hashlib.sha256(body).hexdigest())
    sock = socket.create_connection(tuple(s.s3.rsplit(":", 1)), timeout=30)
    sock.sendall(head_bytes("PUT", f"/grid-a/{key}", headers + [("Content-Length", len(body))]) + body[:len(body) // 2])

    def finish():
        sock.sendall(body[len(body) // 2:])
        reply = http.client.HTTPResponse(sock, method="PUT")
        reply.begin()
        return Reply(reply.status, reply.headers, reply.read())
    return finish


def drains():
    s = Store()
    s.root.bucket("grid-a")
    body = bytes_of(3 << 20)
    finish = slow_put(s, "slow", body)
    time.sleep(0.3)
    s.signal(signal.SIGTERM)

    def closed():
        with contextlib.suppress(OSError):
            socket.create_connection(tuple(s.s3.rsplit(":", 1)), timeout=5).close()
            return False
        return True
    until(closed)  # nobody new comes in, and who is inside is served
    assert s.process.poll() is None
    # It said "ready" until the end, and a balancer went on sending clients to a closed port.
    health = refused(s.page("/health"), 503)
    assert json.loads(health.body)["status"] == "stopping", health
    reply = ok(finish())
    assert s.process.wait(30) == 0
    s.process = None
    s.start()
    assert ok(s.root.get("grid-a", "slow")).body == body, reply
    s.stop()


def reloads():
    registers = folder("register") / "register"
    shutil.copytree(ROOT / "examples" / "register", registers)
    datasets = registers / "datasets.yaml"
    good = datasets.read_text()
    s = Store("--site", "oregon", "--register", registers)
    s.root.bucket("grid-a")
    assert ok(s.root.put("grid-a", "k", b"1")).decision == "warn"
    # the readings become critical: critical data is not kept in Oregon
    head, rows = good.split("  - id: smart-meter-readings\n")
    datasets.write_text(head + "  - id: smart-meter-readings\n" + rows.replace("class: important", "class: critical", 1))
    size = s.ledger_size()
    s.signal(signal.SIGHUP)
    put = until(lambda: (r := s.root.put("grid-a", "k2", b"2")).status == 403 and r)
    assert put.decision == "refuse" and HOME in put.clauses, put
    assert s.ledger_size() > size
    # a register that cannot be read changes nothing
    taken = len(until(lambda: s.events("reloaded")))
    datasets.write_text(good + "  - id: [broken\n")
    s.signal(signal.SIGHUP)
    until(lambda: s.events("reload-refused"))
    assert "datasets.yaml" in s.events("reload-refused")[-1]["why"]
    # it was said to be reloaded all the same
    time.sleep(0.5)
    assert len(s.events("reloaded")) == taken, s.events()
    assert HOME in refused(s.root.put("grid-a", "k3", b"3"), 403).clauses
    datasets.write_text(good)
    s.signal(signal.SIGHUP)
    until(lambda: s.root.put("grid-a", "k4", b"4").status == 200)
    assert "verified" in s.verify().stdout
    s.stop()


def a_reload_tells_of_a_configuration_that_is_read_at_start_alone():
    """It said "reloaded" and took nothing of it."""
    config = folder("config") / "azekura.yaml"
    examples = ROOT / "examples"
    lines = f"site: sendai\nregister: {examples}/register\nrulebooks: [{ROOT}/rulebooks, {examples}/rulebooks]\n"
    config.write_text(lines)
    s = Store(config=config)
    s.signal(signal.SIGHUP)
    until(lambda: s.events("reloaded"))
    assert not s.events("configuration-changed"), s.events()
    for text, why in ((lines + "log-level: warning\n", "restart"), (None, "cannot be read")):
        before = len(s.events("configuration-changed"))
        config.write_text(text) if text else config.unlink()
        s.signal(signal.SIGHUP)
        until(lambda: len(s.events("configuration-changed")) > before)
        assert why in s.events("configuration-changed")[-1]["why"], s.events()
    s.stop()


def nothing_is_exported_into_the_store():
    """The folder of the store, or one in it, was taken for an export like any other."""
    s = Store()
    s.root.bucket("plain")
    ok(s.root.put("plain", "k", b"1"))
    inside = {s.data: None, s.data / "ledger": None, s.data / "new": None, folder() / "link": s.data}
    for to, link in inside.items():
        if link:
            to.symlink_to(link)
        for what in (["store", "export"], ["ledger", "export"]):
            said = s.command(*what, "--to", to, check=False)
            assert said.returncode == 1 and "the store's own folder" in said.stderr, said
    assert not (s.data / "listing").exists() and not (s.data / "checkpoint").exists(), list(s.data.iterdir())
    beside = s.data.parent / (s.data.name + "-export")  # whose name only begins alike
    s.command("store", "export", "--to", beside)
    assert (beside / "listing").exists() and "verified" in s.verify().stdout
    s.stop()


def folders_that_are_not_there_were_not_made():
    """An export into a new folder of a new folder said only that it could not write there."""
    s = Store()
    new = folder("new") / "2026" / "台 帳"
    for at, what in enumerate((["store", "export", "--to"], ["ledger", "export", "--to"],
                               ["prove", "--bundle", "--from", "2026-11-01", "--to", "2026-11-02", "--for", "x", "-o"])):
        s.command(*what, new / str(at))
        assert list((new / str(at)).iterdir()), what
    # and the command that checks one, as it was printed, did not know where a path with a space ends
    for words in (["ledger", "export", "--to", new / "it's"], ["prove", "--bundle", "--from", "2026-11-01", "--to", "2026-11-02", "--for", "x",
                                                               "-o", new / "two words"]):
        line = re.search(r"azekura-verify (--key .*)", s.command(*words).stdout).group(1)
        assert "verified" in run("sh", "-c", f"'{VERIFY}' {line}").stdout, line
    (new / "file").write_text("")
    said = s.command("store", "export", "--to", new / "file" / "in", check=False)
    assert said.returncode == 1 and "Not a directory" in said.stderr, said
    s.stop()


def register_over_time():
    """Imported twice by hand: each time has its register, who brought it, and an entry that verifies."""
    registers = folder("register") / "register"
    shutil.copytree(ROOT / "examples" / "register", registers)
    s = Store("--site", "sendai", "--register", registers)
    sites = registers / "sites.yaml"
    first = sites.read_text()
    hours = []
    for fuel in ("71 h", "73 h"):
        sites.write_text(re.sub(r"fuel: \S+ h", f"fuel: {fuel}", first, count=1))
        assert sites.read_text() != first
        s.command("register", "import", registers)
        hours.append(fuel)
    for when in ("running", "stopped"):
        told = s.as_json("register", "history", "sendai")
        generations = told["generations"]
        assert [g["generation"] for g in generations] == [1, 2, 3], (when, generations)
        assert "who" not in generations[0] and generations[2]["who"].startswith("local/"), (when, generations)
        assert all(g["in_ledger"] and g["recorded"] for g in generations), (when, generations)
        assert [r["row"]["fuel"] for r in told["rows"]][1:] == hours, (when, told["rows"])
        for g, fuel in zip(generations[1:], hours):
            shown = s.as_json("register", "show", "sendai", "--at", g["time"])
            assert shown["rows"][0]["row"]["fuel"] == fuel and shown["generation"] == g, (when, shown)
        text = s.command("register", "history", "sendai").stdout
        assert generations[2]["entry"] in text and "replaced" not in text, text
        assert "had no register" in s.command("register", "show", "sendai", "--at", "2020-01-01", check=False).stderr
        assert "never had" in s.command("register", "history", "nobody", check=False).stderr
        if when == "running":
            assert "verified" in s.verify().stdout
            s.stop()
    # The entry each names is in the exported ledger, of its type and with its digest.
    out = s.export()
    assert "verified" in run(VERIFY, "--key", s.vkey, "--ledger", out / "ledger", "--store", out / "store").stdout
    (tile,) = [path for path in (out / "ledger/tile/entries").rglob("*") if path.is_file()]
    bundle, entries = tile.read_bytes(), []
    while bundle:
        size = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2:2 + size])
        bundle = bundle[2 + size:]
    for g in generations:
        assert bytes.fromhex(g["digest"]) in entries[int(g["entry"].split("#")[1])], g


def bad_rulebooks_do_not_disturb():
    """A bad rulebook at a reload is refused with its place and what was expected, and what ran goes on."""
    rules = folder("rules") / "rules"
    shutil.copytree(ROOT / "examples" / "rulebooks", rules)
    own = rules / "aoba-own.yaml"
    good = own.read_text()
    s = Store("--site", "oregon", "--rulebook", ROOT / "rulebooks", "--rulebook", rules)
    s.root.bucket("medical-a")
    before = refused(s.root.put("medical-a", "k", b"1"), 403).clauses
    assert HOME in before, before
    for n, (bad, said) in enumerate((('[NO, JP]', "Norway"), ('["JP"', "aoba-own.yaml"), ('["JP"]\n    strength: strong', "aoba-own.yaml"))):
        own.write_text(good.replace('["JP"]', bad, 1))
        s.signal(signal.SIGHUP)
        until(lambda: len(s.events("reload-refused")) > n)
        why = s.events("reload-refused")[-1]["why"]
        assert "aoba-own.yaml:" in why and said in why, why
        assert refused(s.root.put("medical-a", f"k{n}", b"1"), 403).clauses == before
    own.write_text(good)
    assert "verified" in s.verify().stdout
    s.stop()


def what_rules_ask_in_vain_is_logged():
    """Conflicts and what nothing can meet were said by `rulebook check` alone: a store that adopted them said nothing."""
    rules, registers = folder("rules") / "rules", folder("register") / "register"
    shutil.copytree(ROOT / "examples" / "rulebooks", rules)
    shutil.copytree(ROOT / "examples" / "register", registers)
    clause = ("  - id: {id}\n    about: copy\n    source: {{basis: own, where: w}}\n    strength: own\n"
              "    oblige: {{keys_in: [{country}]}}\n")
    own = rules / "in-vain.yaml"
    good = "rulebook: in-vain\nissuer: i\nclauses:\n" + clause.format(id="a", country="JP")
    own.write_text("rulebook: in-vain\nissuer: i\nsuperseded_by: nobody\nclauses:\n" + clause.format(id="a", country="JP") +
                   clause.format(id="b", country="SE") + clause.format(id="c", country="jp") +
                   clause.format(id="d", country="JP") + "    when:\n      - place.country is JP\n      - place.country is SE\n")
    (registers / "in-vain.yaml").write_text("adopts: [{id: in-vain, rulebook: in-vain, by: board}]\n")
    s = Store("--site", "oregon", "--register", registers, "--rulebook", ROOT / "rulebooks", "--rulebook", rules)

    def said(event, text):
        return [e for e in s.events(event) if text in e["text"]]
    assert len(said("rulebook-conflict", "in-vain/a and in-vain/b conflict")) == 1, s.events("rulebook-conflict")
    assert len(said("rulebook-warning", "in-vain.yaml:3:16: in-vain is superseded by nobody")) == 1, s.events("rulebook-warning")
    assert len(said("rulebook-warning", 'compared with "jp", which no row can bear')) == 1
    assert len(said("rulebook-warning", '"place.country is SE" and "place.country is JP"')) == 1, s.events("rulebook-warning")
    s.command("register", "import", registers)  # nothing new is in vain: nothing is said again
    s.signal(signal.SIGHUP)
    until(lambda: s.events("reloaded"))
    until(lambda: len(said("rulebook-conflict", "in-vain/a and in-vain/b")) == 2)  # who reloads is told again
    own.write_text(good)
    s.signal(signal.SIGHUP)
    until(lambda: len(s.events("reloaded")) == 2)
    assert len(said("rulebook-conflict", "in-vain/a and in-vain/b")) == 2
    s.stop()


def keys_and_users():
    s = Store()
    s.root.bucket("grid-a")
    ok(s.root.put("grid-a", "k", b"1"))
    tanaka = s.client("tanaka", ("grid-*", "read"))
    ok(tanaka.get("grid-a", "k"))
    refused(tanaka.put("grid-a", "k", b"2"), 403, "AccessDenied")
    refused(tanaka.request("GET", "/grid-a", "list-type=2"), 403, "AccessDenied")
    s.command("user", "grant", "tanaka", "grid-*", "read,write,list")
    ok(tanaka.put("grid-a", "k", b"2"))
    # connections on both reactors, open before: disabled is disabled at once
    address = tuple(s.s3.rsplit(":", 1))
    kept = [http.client.HTTPConnection(*address, timeout=20) for _ in range(24)]

    def get(connection):
        headers = tanaka.signer.headers("GET", "/grid-a/k", "", [("Host", s.s3)], EMPTY)
        connection.request("GET", "/grid-a/k", headers=dict(headers[1:]))
        reply = connection.getresponse()
        return reply.status, reply.read()
    assert all(get(c) == (200, b"2") for c in kept)
    s.command("key", "disable", tanaka.signer.key)
    statuses = [get(c) for c in kept]
    assert all(status == 403 and b"InvalidAccessKeyId" in body for status, body in statuses), statuses[:3]
    s.command("key", "enable", tanaka.signer.key)
    assert all(get(c)[0] == 200 for c in kept)
    s.command("user", "disable", "tanaka")
    assert all(get(c)[0] == 403 for c in kept)
    s.command("user", "enable", "tanaka")
    # `all` on one bucket is all of that bucket: no administrator, no inspector
    mori = s.client("mori", ("grid-*", "all"))
    cred = s.credentials(mori)
    assert s.command("user", "add", "friend", "--credentials", cred, check=False).returncode == 1
    assert s.command("user", "grant", "mori", "*", "all", "--credentials", cred, check=False).returncode == 1
    assert s.command("ledger", "export", "--to", folder("no"), "--credentials", cred, check=False).returncode == 1
    users = s.as_json("user", "list")
    shown = json.dumps(users)
    assert "tanaka" in shown and tanaka.signer.key in shown and tanaka.signer.secret not in shown and s.secret not in shown
    for words in (("user", "add", "tanaka"), ("user", "disable", "nobody"), ("key", "disable", "AZNOSUCH"), ("user", "grant", "tanaka", "*", "fly")):
        done = s.command(*words, check=False)
        assert done.returncode == 1 and done.stderr, words
    s.stop()
    # the same commands with no server running
    s.command("user", "add", "suzuki")
    key = s.new_key("suzuki")
    s.command("user", "grant", "suzuki", "grid-*", "read")
    s.command("user", "grant", "tanaka", "grid-*", "none")
    s.start()
    ok(Client(s.s3, *key).get("grid-a", "k"))
    tanaka.address = s.s3
    refused(tanaka.get("grid-a", "k"), 403, "AccessDenied")
    assert "verified" in s.verify().stdout
    s.stop()


def exceptions():
    s = Store("--site", "oregon")
    s.root.bucket("medical-a")
    refused(s.root.put("medical-a", "k", b"1"), 403)
    suzuki, tanaka = (s.client(name, ("*", "admin")) for name in ("suzuki", "tanaka"))
    first, second = s.credentials(suzuki), s.credentials(tanaka)
    day = (now() + datetime.timedelta(days=2)).strftime("%Y-%m-%d")
    done = s.command("exception", "propose", HOME, "--dataset", "patient-records", "--until", day, check=False)
    assert done.returncode != 0 and "reason" in done.stderr, done.stderr

    def propose(clause):
        said = s.command("exception", "propose", clause, "--dataset", "patient-records", "--until", day, "--reason", "restore drill",
                         "--measure", "synthetic data", "--credentials", first).stdout
        return re.search(r"x-[0-9a-f]+", said).group(0)
    names = [propose(HOME)]
    refused(s.root.put("medical-a", "k", b"1"), 403)
    own = s.command("exception", "approve", names[0], "--credentials", first, check=False)
    assert own.returncode == 1, "who asked may not approve"
    s.command("exception", "approve", names[0], "--credentials", second)
    put = refused(s.root.put("medical-a", "k", b"1"), 403)  # the hospital's contract still speaks
    assert "jp-medical-provider/6.1" in put.clauses, put
    names.append(propose("jp-medical-provider/6.1"))
    s.command("exception", "approve", names[1], "--credentials", second)
    put = ok(s.root.put("medical-a", "k", b"1"))
    assert put.decision == "warn", put
    assert f"{HOME} excepted" in s.command("why", put["x-amz-request-id"]).stdout
    assert names[0] in s.command("exception", "list").stdout
    s.command("exception", "end", names[0], "--credentials", first)
    refused(s.root.put("medical-a", "k2", b"1"), 403)
    assert "verified" in s.verify().stdout
    s.stop()
    assert names[1] in s.command("exception", "list").stdout


def why():
    s = Store("--site", "oregon")
    s.root.bucket("medical-a")
    put = refused(s.root.put("medical-a", "records/x", b"1"), 403)
    request = put["x-amz-request-id"]
    for when in ("running", "stopped"):
        said = s.command("why", request).stdout
        for word in ("refused", "act put", "class critical", HOME, "medical-a", "records/x", "root", "127.0.0.1", f"#{put.index} "):
            assert word in said, (when, word, said)
        if when == "running":
            told = s.as_json("why", request)  # seen once as one text, which a program had to take apart
            items = [(row["name"], row["text"]) for row in told["items"]]
            assert request in told["text"] and ("request", request) in items and ("key", "records/x") in items, told
            assert ("fact", "dataset.class is critical, declared by datasets/patient-records") in items, items
            s.stop()
    assert s.command("why", "0000000000000000", check=False).returncode == 1


if __name__ == "__main__":
    story(check_explains_every_key, check_finds_what_would_keep_a_store_from_starting, a_word_that_is_none_of_the_choices_is_refused,
          watched, entries_that_were_withdrawn_are_not_counted_and_those_of_codes_are, drains, reloads, a_reload_tells_of_a_configuration_that_is_read_at_start_alone, nothing_is_exported_into_the_store, folders_that_are_not_there_were_not_made,
          register_over_time, bad_rulebooks_do_not_disturb,
          what_rules_ask_in_vain_is_logged, keys_and_users, exceptions, why)
