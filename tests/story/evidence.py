#!/usr/bin/python3
"""Somebody who holds nothing but a key can check what the store did: proofs, the whole ledger, the
store against it, witnesses, an anchor; and a store that lost history says so and stays shut."""
import base64
import shutil

from azekura import *

MIB = 1 << 20


def verify(*words, check=True):
    return run(VERIFY, *words, check=check)


def not_verified(*words):
    done = verify(*words, check=False)
    assert done.returncode == 1, f"taken for good ({done.returncode}): {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def proofs():
    s = Store()
    s.root.bucket("grid-a")
    ok(s.root.put("grid-a", "feeder-7.json", b'{"kW": 41}'))
    where = folder("proof")
    proof = where / "feeder-7.tlog-proof"
    s.command("prove", "grid-a", "feeder-7.json", "--open", "key", "--open", "time", "-o", proof)
    said = verify("--key", s.vkey, proof).stdout
    assert said.startswith("signed by the operator alone\n") and "feeder-7.json" in said, said
    assert "that a declared fact is true" in said and "127.0.0.1" not in said, said
    bare = where / "bare"
    s.command("prove", "grid-a", "feeder-7.json", "-o", bare)
    assert "feeder-7.json" not in verify("--key", s.vkey, bare).stdout, "only chosen fields are opened"

    # facts in words, who said each beside it: seen once as 400 bytes of \\x00
    open_facts = where / "facts"
    s.command("prove", "grid-a", "feeder-7.json", "--open", "facts", "-o", open_facts)
    said = verify("--key", s.vkey, open_facts).stdout
    assert "  fact: dataset.class is important, declared by datasets/smart-meter-readings\n" in said, said
    assert "  decided about: operator aoba, dataset smart-meter-readings, site sendai\n" in said and "\\x" not in said, said

    whole = proof.read_bytes()
    for at in sorted({dice.randrange(len(whole)) for _ in range(40)} | {0, len(whole) - 2}):
        (where / "flipped").write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        not_verified("--key", s.vkey, where / "flipped")
    (where / "short").write_bytes(whole[:-20])
    not_verified("--key", s.vkey, where / "short")

    # over the network, as somebody who may read
    reader = s.client("reader", ("grid-a", "read"))
    stranger = s.client("stranger", ("grid-b", "all"))
    remote = where / "remote"
    words = [AZEKURA, "prove", "--url", s.console_url, "grid-a", "feeder-7.json", "--open", "size", "-o", remote]
    run(*words, "--credentials", s.credentials(reader))
    assert "10" in verify("--key", s.vkey, remote).stdout
    assert run(*words, "--credentials", s.credentials(stranger), check=False).returncode == 1
    other = Store()
    not_verified("--key", other.vkey, proof)
    other.stop()

    # the ledger over the network: heads and hashes for all, entries with `inspect`
    inspector = s.client("ministry", ("*", "inspect"))
    ok(s.page("/ledger/checkpoint"))
    tile = "/ledger/tile/entries/000.p/" + re.search(r"\n(\d+)\n", s.page("/ledger/checkpoint").body.decode()).group(1)
    assert s.page(tile).status == 403, "an entry bundle without a key"
    assert "verified" in verify("--key", s.vkey, "--ledger", s.console_url, "--credentials", s.credentials(inspector)).stdout
    not_verified("--key", s.vkey, "--ledger", s.console_url, "--credentials", s.credentials(stranger))
    not_verified("--key", s.vkey, "--ledger", s.console_url)
    refused(inspector.get("grid-a", "feeder-7.json"), 403, "AccessDenied")
    s.stop()


def workload(s, rounds):
    """Random puts, overwrites, versions, copies, uploads in parts and deletes of two buckets."""
    c = s.root
    for bucket in ("grid-plain", "grid-versions"):
        c.bucket(bucket)
    ok(c.request("PUT", "/grid-versions", "versioning", b"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"))
    for number in range(rounds):
        bucket, key = dice.choice(("grid-plain", "grid-versions")), f"k{dice.randrange(8)}"
        act = dice.randrange(10)
        if act < 5:
            ok(c.put(bucket, key, bytes_of(dice.choice((0, 1, 16383, 16384, 16385, 70000, 200000)), number)))
        elif act < 7:
            ok(c.delete(bucket, key), 204)
        elif act < 8:
            ok(c.put(bucket, key + "-copy", headers=[("x-amz-copy-source", f"/{bucket}/{key}")]), 200, 404)
        elif act < 9:
            upload(c, bucket, key, [5 * MIB, 7])
        else:
            rows = "".join(f"<Object><Key>k{n}</Key></Object>" for n in range(3))
            ok(c.request("POST", "/" + bucket, "delete", f"<Delete>{rows}</Delete>".encode(), md5(f"<Delete>{rows}</Delete>")))


def md5(text):
    return [("Content-MD5", base64.b64encode(hashlib.md5(text.encode()).digest()).decode())]


def upload(c, bucket, key, sizes):
    made = ok(c.object("POST", bucket, key, query="uploads"))
    number = re.search(rb"<UploadId>([^<]+)<", made.body).group(1).decode()
    rows = ""
    for part, size in enumerate(sizes, 1):
        put = ok(c.put(bucket, key, bytes_of(size, part), query=f"partNumber={part}&uploadId={number}"))
        rows += f"<Part><PartNumber>{part}</PartNumber><ETag>{put['ETag']}</ETag></Part>"
    done = ok(c.object("POST", bucket, key, f"<CompleteMultipartUpload>{rows}</CompleteMultipartUpload>".encode(), query=f"uploadId={number}"))
    assert b"<ETag>" in done.body, done


def agreement():
    """What the store holds, and what its ledger says, are the same; whoever changes either is found."""
    s = Store()
    workload(s, 120)
    out = s.export()
    words = ["--key", s.vkey, "--ledger", out / "ledger", "--store", out / "store"]
    assert "verified" in verify(*words).stdout
    s.stop()
    s = Store(data=s.data)  # after a restart too, and with no server running
    s.stop()
    assert "verified" in s.verify().stdout

    listing = out / "store" / "listing"
    text = listing.read_text()
    rows = [row for row in text.splitlines() if row.startswith("version ")]
    one = rows[len(rows) // 2]
    first, last = one.split(" ")[:4], one.split(" ")[4:]
    changed = {
        "a version is missing": text.replace(one + "\n", ""),
        "a version is there twice": text.replace(one + "\n", one + "\n" + one + "\n"),
        "another size": text.replace(one, " ".join(first[:2] + [str(int(first[2]) + 1)] + first[3:] + last)),
        "another digest": text.replace(one, " ".join(first[:3] + ["0" * 64] + last)),
        "another key": text.replace(one, " ".join(first + [last[0], last[1] + "x"] + last[2:])),
        "slipped in": text.replace(rows[0], "version - 5 " + "1" * 64 + " grid-plain slipped null -\n" + rows[0], 1),
    }
    for name, new in changed.items():
        count = sum(row.split(" ")[0] in ("version", "marker", "act") for row in new.splitlines())
        listing.write_text(re.sub(r"end \d+\n$", f"end {count}\n", new))
        assert not_verified(*words), name
    listing.write_text(text)
    bodies = [p for p in (out / "store" / "bodies").rglob("*") if p.is_file() and p.stat().st_size]
    body = dice.choice(bodies)
    bytes_before = body.read_bytes()
    body.write_bytes(bytes_before[:-1] + bytes([bytes_before[-1] ^ 1]))
    not_verified(*words)
    body.unlink()
    not_verified(*words)
    body.write_bytes(bytes_before)
    for tile in [p for p in (out / "ledger").rglob("*") if p.is_file()]:
        whole = tile.read_bytes()
        at = dice.randrange(len(whole))
        tile.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:])
        not_verified(*words)
        tile.write_bytes(whole)
    verify(*words)


def rules_of_an_export():
    """A changed byte of a rulebook nobody signed is not in the log: that is said, and what the log has of the rules
    can be made again from the files and the register by who reads them."""
    s = Store()
    s.root.bucket("grid-a")
    out = s.export(bodies=False)
    s.stop()

    def both():
        found = json.loads(verify("--key", s.vkey, "--ledger", out / "ledger", "--store", out / "store", "--format", "json").stdout)
        said = next(item["value"] for item in found["items"] if item["name"] == "rule set")
        assert any("no rulebook file was changed" in line for line in found["does_not_show"]), found["does_not_show"]
        made = run(AZEKURA, "assess", "--format", "json", "--register", ROOT / "examples" / "register",
                   "--rulebook", out / "store" / "rulebooks", check=False)
        assert made.returncode in (0, 1, 3), made
        return said.split()[0], json.loads(made.stdout)["rules"]

    named, made = both()
    assert named == made, (named, made)
    own = next(path for path in (out / "store" / "rulebooks").glob("*.yaml") if "rulebook: aoba-own\n" in path.read_text())
    whole = own.read_text()
    changed = whole.replace("value: 2", "value: 3", 1)
    assert changed != whole
    own.write_text(changed)
    named, made = both()
    assert named != made, named
    (own.parent / "000000.yaml").unlink()
    said = not_verified("--key", s.vkey, "--ledger", out / "ledger", "--store", out / "store")
    assert "there is no rulebooks/000000.yaml" in said, said


def settings(**more):
    where = folder("settings")
    config = {"site": "sendai", "register": [str(ROOT / "examples" / "register")],
              "rulebooks": [str(ROOT / "rulebooks"), str(ROOT / "examples" / "rulebooks")], **more}
    (where / "azekura.yaml").write_text(json.dumps(config))
    return where / "azekura.yaml"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def witness_start(port, key, vkey, state):
    """Runs until it answers; gives the process."""
    process = subprocess.Popen([AZEKURA, "witness", "--listen", f"127.0.0.1:{port}", "--key", key, "--log", vkey, "--state", state],
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    after(lambda: process.poll() is None and process.kill())
    assert process.stdout.readline(), "the witness did not start"
    return process


def witness():
    where, port = folder("witness"), free_port()
    name = run(AZEKURA, "witness", "--generate", "witness.example/ministry", "--key", where / "key").stdout.strip()
    (where / "state").mkdir()
    s = Store(config=settings(witnesses=[{"name": "ministry", "vkey": name, "url": f"http://127.0.0.1:{port}"}]))
    s.root.bucket("grid-a")
    ok(s.root.put("grid-a", "before", b"nobody has cosigned yet"))  # an absent witness stops nothing
    assert "0 / 1 が連署" in ok(s.page("/")).body.decode() or s.metric("ledger_cosigners") == 0
    policy = where / "policy"
    policy.write_text(f"log {s.vkey}\nwitness ministry {name}\nquorum ministry\n")
    proof = where / "proof"
    s.command("prove", "grid-a", "before", "-o", proof)
    assert "cosign" in not_verified("--key", s.vkey, "--policy", policy, proof)

    process = witness_start(port, where / "key", s.vkey, where / "state")

    def cosigned():
        ok(s.root.put("grid-a", "beat", b""))
        return s.metric("ledger_cosigners") == 1
    until(cosigned, 60, 1)

    def proved():
        s.command("prove", "grid-a", "before", "-o", proof)
        return verify("--key", s.vkey, "--policy", policy, proof, check=False).returncode == 0
    until(proved, 30, 0.5)
    assert "operator alone" not in verify("--key", s.vkey, "--policy", policy, proof).stdout
    process.terminate()
    process.wait(20)

    ok(s.root.put("grid-a", "after", b"goes on without"))
    until(lambda: s.metric("ledger_cosigners") == 0, 20)
    assert ok(s.page("/health")) and s.verify()
    # it remembers: another history under the same name is refused at the next start
    process = witness_start(port, where / "key", s.vkey, where / "state")
    until(cosigned, 60, 1)
    s.stop()
    process.terminate()
    process.wait(20)


def copy_of(data):
    kept = folder("backup") / "data"
    shutil.copytree(data, kept, symlinks=True, ignore=lambda path, names: [n for n in names if n.endswith(".sock")])
    return kept


def put_back(backup, data, keep=()):
    """The backup takes the place of DATA, but for the files named."""
    kept = {name: (data / name).read_bytes() for name in keep}
    shutil.rmtree(data)
    shutil.copytree(backup, data, symlinks=True)
    for name, content in kept.items():
        (data / name).write_bytes(content)


def rolled_back():
    for guard in ("watermark", "anchor"):
        anchor = folder("other-disk") / "anchor"
        more = ["--anchor", anchor] if guard == "anchor" else []
        s = Store(*more)
        s.root.bucket("grid-a")
        ok(s.root.put("grid-a", "kept", b"1"))
        s.stop()
        backup = copy_of(s.data)
        s.start()
        ok(s.root.put("grid-a", "lost", b"2"))
        old = s.vkey
        s.stop()
        put_back(backup, s.data, ["ledger/signed"] if guard == "watermark" else [])
        why = s.start_refused()
        assert "history was lost" in why and "azekura ledger succeed" in why, why
        succeed = [AZEKURA, "ledger", "succeed", "--data", s.data, *more]
        assert run(*succeed, check=False).returncode == 2, "a succession needs a reason"
        if guard == "anchor":  # "nothing was lost", it said to who did as the refusal says, and left the guard out
            done = run(*succeed[:5], "--reason", "restored", check=False)
            assert done.returncode == 1 and "--anchor FILE" in done.stderr and "nothing was lost" not in done.stderr, done.stderr
        said = run(*succeed, "--reason", "restored from the backup of Friday").stdout
        assert said, "what was done is said"
        s.start()
        assert s.vkey != old and s.vkey.split("+")[0].endswith("/2"), s.vkey
        assert ok(s.root.get("grid-a", "kept")).body == b"1"
        refused(s.root.get("grid-a", "lost"), 404, "NoSuchKey")
        ok(s.root.put("grid-a", "new", b"3"))
        proof = folder() / "proof"
        s.command("prove", "grid-a", "new", "-o", proof)
        verify("--key", s.vkey, proof)
        out = s.export()
        assert "verified" in verify("--key", s.vkey, "--ledger", out / "ledger").stdout
        assert run(*succeed, "--reason", "again", check=False).returncode == 1, "a sound ledger is not succeeded"
        s.restart()
        s.stop()


if __name__ == "__main__":
    story(proofs, agreement, rules_of_an_export, witness, rolled_back)
