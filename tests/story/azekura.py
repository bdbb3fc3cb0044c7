"""What every story needs: a store to start and stop, signed requests byte for byte, commands to run.

A story is a script that meson runs as `STORY.py AZEKURA AZEKURA-VERIFY`. It ends with 0, or with an
assertion that names the promise that broke, or with 77 (skipped) and the reason. Nothing here uses a
client library, so that a request can be wrong in any way a stranger may think of."""
import contextlib
import datetime
import hashlib
import hmac
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
EMPTY = hashlib.sha256(b"").hexdigest()
SEED = int(os.environ.get("AZEKURA_TEST_SEED", "20261121"))
dice = random.Random(SEED)


def binary(position, name):
    given = sys.argv[position] if len(sys.argv) > position else ROOT / "build" / name
    return str(pathlib.Path(given).absolute())


AZEKURA = binary(1, "azekura")
VERIFY = binary(2, "azekura-verify")
_ending = contextlib.ExitStack()  # what has to be undone, in reverse order


def skip(why):
    print(f"skipped: {why}")
    _ending.close()
    sys.exit(77)


def need(*tools):
    for tool in tools:
        if shutil.which(tool) is None:
            skip(f"{tool} is not installed")


def folder(name="data"):
    """A new folder of this test alone, gone at its end."""
    path = pathlib.Path(tempfile.mkdtemp(prefix=f"azekura-{name}-"))
    _ending.callback(shutil.rmtree, path, ignore_errors=True)
    return path


def after(call, *args, **kwargs):
    _ending.callback(call, *args, **kwargs)


def run(*words, check=True, timeout=120, **more):
    """A command to its end; what it wrote is shown when it fails."""
    more.setdefault("stdout", subprocess.PIPE)
    more.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run([str(w) for w in words], timeout=timeout, **more)
    for name in ("stdout", "stderr"):
        value = getattr(done, name)
        if isinstance(value, bytes):
            setattr(done, name, value.decode("utf-8", "replace"))
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))} ended with {done.returncode}:\n"
                             f"{done.stdout}{done.stderr}")
    return done


def story(*steps):
    """Runs the steps in order, saying how long each took; everything started is ended after."""
    print(f"seed {SEED}", flush=True)
    only = os.environ.get("STORY_STEP")
    try:
        for step in steps:
            if only and step.__name__ != only:
                continue
            begun = time.monotonic()
            step()
            print(f"ok {step.__name__} {time.monotonic() - begun:.1f}s", flush=True)
    finally:
        _ending.close()


# ---- signatures ----

def encode(text):
    """A key or a value as it stands in a URL, once encoded; bytes stay bytes."""
    return urllib.parse.quote(text, safe="/-_.~")


def _sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Signer:
    """Signature V4, by the book; everything it signs can be told to be something else."""

    def __init__(self, key, secret, region="us-east-1"):
        self.key, self.secret, self.region = key, secret, region

    def signing_key(self, day, region):
        k = _sign(("AWS4" + self.secret).encode(), day)
        for part in (region, "s3", "aws4_request"):
            k = _sign(k, part)
        return k

    def signature(self, method, path, query, headers, signed, payload, when, region):
        stamp = when.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{stamp[:8]}/{region}/s3/aws4_request"
        pairs = sorted(p if "=" in p else p + "=" for p in query.split("&") if p)
        lower = {}
        for name, value in headers:
            lower[name.lower()] = " ".join(str(value).split())
        canonical = "\n".join([method, path, "&".join(pairs)] +
                              [f"{n}:{lower.get(n, '')}" for n in signed] +
                              ["", ";".join(signed), payload])
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = self.signing_key(stamp[:8], region)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest(), scope, stamp, key

    def headers(self, method, path, query, headers, payload, when=None, signed=None, region=None):
        """The headers with x-amz-date, x-amz-content-sha256 and Authorization."""
        when, region = when or now(), region or self.region
        headers = list(headers) + [("x-amz-date", when.strftime("%Y%m%dT%H%M%SZ")),
                                   ("x-amz-content-sha256", payload)]
        if signed is None:
            signed = sorted({n.lower() for n, _ in headers
                             if n.lower() in ("host", "content-md5", "content-type") or n.lower().startswith("x-amz-")})
        value, scope, stamp, key = self.signature(method, path, query, headers, signed, payload, when, region)
        headers.append(("Authorization", f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, "
                                         f"SignedHeaders={';'.join(signed)}, Signature={value}"))
        self.seed, self.scope, self.stamp, self.chunk_key = value, scope, stamp, key
        return headers

    def chunk(self, data):
        """One chunk of STREAMING-AWS4-HMAC-SHA256-PAYLOAD, after headers()."""
        text = "\n".join(["AWS4-HMAC-SHA256-PAYLOAD", self.stamp, self.scope, self.seed, EMPTY,
                          hashlib.sha256(data).hexdigest()])
        self.seed = hmac.new(self.chunk_key, text.encode(), hashlib.sha256).hexdigest()
        return b"%x;chunk-signature=%s\r\n%s\r\n" % (len(data), self.seed.encode(), data)

    def presign(self, method, host, path, query="", expires=300, when=None, signed=("host",), headers=(), region=None):
        """The query that carries the signature."""
        when, region = when or now(), region or self.region
        stamp = when.strftime("%Y%m%dT%H%M%SZ")
        more = {"X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{self.key}/{stamp[:8]}/{region}/s3/aws4_request",
                "X-Amz-Date": stamp, "X-Amz-Expires": str(expires), "X-Amz-SignedHeaders": ";".join(signed)}
        query = "&".join([query] * bool(query) + [f"{k}={urllib.parse.quote(v, safe='-_.~')}" for k, v in more.items()])
        value = self.signature(method, path, query, [("host", host)] + list(headers), list(signed),
                               "UNSIGNED-PAYLOAD", when, region)[0]
        return query + "&X-Amz-Signature=" + value


# ---- requests ----

class Reply:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def __getitem__(self, name):
        return self.headers.get(name, "")

    @property
    def decision(self):
        return self["x-azekura-decision"]

    @property
    def clauses(self):
        return self["x-azekura-clauses"]

    @property
    def code(self):
        """S3's error code, from the body."""
        found = re.search(rb"<Code>([^<]*)</Code>", self.body)
        return found.group(1).decode() if found else ""

    @property
    def message(self):
        found = re.search(rb"<Message>([^<]*)</Message>", self.body, re.S)
        return found.group(1).decode() if found else ""

    @property
    def index(self):
        """The ledger index of the receipt, the first one of a range."""
        receipt = self["x-azekura-receipt"]
        assert receipt, f"a receipt is missing: {self}"
        return int(receipt.rpartition("#")[2].split("-")[0])

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:600]!r}"


def exchange(address, head, body=b"", method="GET", tls=None, timeout=60):
    """Sends exactly these bytes on a connection of its own and reads one reply."""
    host, port = address.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=timeout) as plain:
        s = tls.wrap_socket(plain, server_hostname=host) if tls else plain
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # an early answer counts
            s.sendall(head + body)
        reply = http.client.HTTPResponse(s, method=method)
        reply.begin()
        return Reply(reply.status, reply.headers, reply.read())


def head_bytes(method, target, headers):
    lines = [f"{method} {target} HTTP/1.1"] + [f"{n}: {v}" for n, v in headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")


class Client:
    """Signed requests of one access key to one store."""

    def __init__(self, address, key, secret, tls=None):
        self.address, self.signer, self.tls = address, Signer(key, secret), tls

    def request(self, method, path, query="", body=b"", headers=(), payload=None, tls=None, **sign):
        headers = [("Host", self.address)] + list(headers)
        payload = payload or hashlib.sha256(body).hexdigest()
        canonical = encode(urllib.parse.unquote_to_bytes(path))  # each byte encoded once, however it was sent
        signed = self.signer.headers(method, canonical, query, headers, payload, **sign)
        if body or method in ("PUT", "POST"):
            signed.append(("Content-Length", len(body)))
        target = path + ("?" + query if query else "")
        return exchange(self.address, head_bytes(method, target, signed), body, method, self.tls)

    def object(self, method, bucket, key, body=b"", query="", headers=(), **more):
        return self.request(method, f"/{bucket}/{encode(key)}", query, body, headers, **more)

    def put(self, bucket, key, body=b"", **more):
        return self.object("PUT", bucket, key, body, **more)

    def get(self, bucket, key, **more):
        return self.object("GET", bucket, key, **more)

    def head(self, bucket, key, **more):
        return self.object("HEAD", bucket, key, **more)

    def delete(self, bucket, key, **more):
        return self.object("DELETE", bucket, key, **more)

    def bucket(self, name):
        return ok(self.request("PUT", "/" + name))

    def keys(self, bucket):
        """All keys, in the order the store gives them."""
        found, token = [], ""
        while True:
            query = "encoding-type=url&list-type=2" + ("&continuation-token=" + encode(token).replace("/", "%2F") if token else "")
            reply = ok(self.request("GET", "/" + bucket, query))
            found += [urllib.parse.unquote_to_bytes(k.replace(b"+", b" ")) for k in re.findall(rb"<Key>([^<]*)</Key>", reply.body)]
            token = re.search(rb"<NextContinuationToken>([^<]*)<", reply.body)
            if token is None:
                return found
            token = token.group(1).decode()


def ok(reply, *statuses):
    assert reply.status in (statuses or (200, 204)), f"expected {statuses or 'success'}: {reply}"
    return reply


def refused(reply, status, code=None):
    assert reply.status == status, f"expected {status} {code}: {reply}"
    assert code is None or reply.code == code, f"expected {code}: {reply}"
    return reply


# ---- the store ----

class Store:
    """A store of the sample, on free ports, with a folder of its own."""

    def __init__(self, *options, data=None, config=None, listen="127.0.0.1", start=True, env=None):
        self.data = pathlib.Path(data) if data else folder() / "data"
        self.config = config or ROOT / "examples" / "azekura.yaml"
        self.options, self.listen, self.env = [str(o) for o in options], listen, env
        self.log_path = folder("log") / "log"
        self.process = None
        after(self.kill)
        if start:
            self.start()

    def words(self):
        words = [AZEKURA, "serve", "--config", str(self.config), "--data", str(self.data), "--s3", f"{self.listen}:0",
                 "--console", f"{self.listen}:0", "--print-keys"]
        for name, value in (("--dmi", "off"), ("--metadata", "off"), ("--own-addresses", "off")):
            if name not in self.options:
                words += [name, value]
        return words + self.options

    def start(self):
        assert self.process is None
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self.words(), stdout=subprocess.PIPE, stderr=log, env=self.env)
        line = self.process.stdout.readline().decode()
        if not line.startswith("ready "):
            code = self.process.wait(30)
            self.process = None
            raise AssertionError(f"the store did not start ({code}): {self.log()[-2000:]}")
        said = self.said = dict(word.split("=", 1) for word in line.split()[1:])
        self.s3, self.console, self.vkey = said["s3"], said["console"], said["ledger"]
        self.url, self.console_url = f"http://{self.s3}", f"http://{self.console}"
        self.key, self.secret = said.get("access_key"), said.get("secret_key")
        self.root = Client(self.s3, self.key, self.secret) if self.key else None
        return self

    def start_refused(self):
        """Starts, which has to fail; what it said."""
        done = run(*self.words(), check=False, timeout=60)
        assert done.returncode == 1 and "ready" not in done.stdout, (done.returncode, done.stdout, done.stderr)
        return done.stderr

    def signal(self, number):
        os.kill(self.process.pid, number)

    def stop(self):
        """As a service manager does; it has to end well."""
        self.signal(signal.SIGTERM)
        code = self.process.wait(60)
        self.process = None
        assert code == 0, f"the store ended with {code}: {self.log()[-2000:]}"

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
            self.process = None

    def restart(self):
        self.stop()
        self.start()

    def log(self):
        return self.log_path.read_text() if self.log_path.exists() else ""

    def events(self, name=None):
        rows = [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]
        return [row for row in rows if name is None or row.get("event") == name]

    def page(self, path, headers=()):
        return exchange(self.console, head_bytes("GET", path, [("Host", self.console)] + list(headers)))

    def metric(self, name):
        found = re.search(rf"^azekura_{name} (\d+)$", ok(self.page("/metrics")).body.decode(), re.M)
        assert found, f"there is no metric {name}"
        return int(found.group(1))

    def ledger_size(self):
        return self.metric("ledger_size")

    def command(self, *words, check=True, **more):
        return run(AZEKURA, *words, "--data", self.data, check=check, **more)

    def as_json(self, *words):
        return json.loads(self.command(*words, "--format", "json").stdout)

    def client(self, user, *grants):
        """A new user with a key and grants of (pattern, rights)."""
        self.command("user", "add", user)
        key = self.new_key(user)
        for pattern, rights in grants:
            self.command("user", "grant", user, pattern, rights)
        return Client(self.s3, *key)

    def new_key(self, user):
        said = self.command("key", "add", user).stdout
        return re.search(r"access_key=(\S+)", said).group(1), re.search(r"secret_key=(\S+)", said).group(1)

    def credentials(self, client, name="credentials"):
        path = folder() / name
        path.write_text(f"access_key={client.signer.key}\nsecret_key={client.signer.secret}\n")
        path.chmod(0o600)
        return path

    def export(self, bodies=True):
        """The listing and then the ledger, which has to reach as far, as an inspector gets them."""
        out = folder("export")
        self.command("store", "export", "--to", out / "store", *["--bodies"] * bodies)
        self.command("ledger", "export", "--to", out / "ledger")
        return out

    def verify(self, check=True, bodies=True, more=()):
        """Holds the whole store against its ledger, offline."""
        out = self.export(bodies)
        return run(VERIFY, "--key", self.vkey, "--ledger", out / "ledger", "--store", out / "store", *more, check=check)


def until(what, seconds=20, every=0.05):
    """Waits until what() is true; gives it."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        assert time.monotonic() < end, "what was waited for did not happen"
        time.sleep(every)


def bytes_of(count, seed=0):
    return random.Random(SEED + seed).randbytes(count)


def together(count, work):
    """work(number) on so many threads at once; the first failure is everyone's."""
    failures = []

    def one(number):
        try:
            work(number)
        except BaseException as error:  # noqa: BLE001 - shown to the main thread
            failures.append(error)
    threads = [threading.Thread(target=one, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
