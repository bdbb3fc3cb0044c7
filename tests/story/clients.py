#!/usr/bin/python3
"""Debian's S3 clients and npm's, with their defaults: what they put in comes back identical.

1,000 files of /usr/share, files around every size where the store changes its way of keeping them,
and names with spaces and Japanese. Names that no shell client can carry are sent as raw requests."""
import os
import pathlib
import shutil
import stat
import threading

from azekura import *

MIB = 1 << 20
SIZES = {"empty": 0, "inline-1": 16383, "inline": 16384, "inline+1": 16385, "part-1": 8 * MIB - 1, "part": 8 * MIB,
         "part+1": 8 * MIB + 1, "hundred": 100 * MIB}
NAMES = ["with space.txt", "発電所 計測/東北.csv", "..dots..", "a..b/...", "plus+and&%41.txt", "quote'\"`$(x);.txt", "é ü ß"]
RAW_NAMES = ["..", "../../etc/passwd", "a//b", "//", "/leading", "a/../b", "a/./b", ".", "trailing/", "back\\slash",
             "q?x=1#f", "tab\tand\nnewline", "\x01\x7f", "%2e%2e/%2f", "x" * 1024, "語" * 341]
os.environ["PATH"] = "/usr/bin:/bin:" + os.environ["PATH"]  # Debian's clients before any others
store = files = None


def sample():
    """1,000 files of this machine, and those that are made."""
    where = folder("files")
    found = 0
    for path, folders, names in os.walk("/usr/share"):
        folders.sort()
        for name in sorted(names)[:5]:
            full = pathlib.Path(path) / name
            info = full.lstat()
            if found == 1000 or not stat.S_ISREG(info.st_mode) or info.st_size > MIB:
                continue
            to = where / full.relative_to("/")
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(full, to)
            found += 1
    assert found == 1000, f"/usr/share has only {found} files to try"
    for name, size in SIZES.items():
        (where / name).write_bytes(bytes_of(size, size))
    for name in NAMES:
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        (where / name).write_bytes(name.encode())
    return where


def small_sample():
    """The made files without the largest."""
    where = folder("few")
    for name in list(SIZES)[:-1] + NAMES:
        (where / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(files / name, where / name)
    return where


def same(source, target, without=()):
    skipped = [w for name in without for w in ("-x", name)]
    run("diff", "-r", "-q", *skipped, source, target)


def environment(s=None, **more):
    s = s or store
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "RCLONE_", "RESTIC_"))}
    home = folder("home")
    return {**clean, "HOME": str(home), "AWS_ACCESS_KEY_ID": s.key, "AWS_SECRET_ACCESS_KEY": s.secret, "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true", "LC_ALL": "C.UTF-8", **more}


def begin():
    global store, files
    files = sample()
    store = Store()


def aws():
    need("aws")
    env = environment()

    def s3(*words, **more):
        return run("aws", "--endpoint-url", store.url, "s3", *words, env=env, **more).stdout
    for bucket in ("test", "grid-aws"):
        s3("mb", f"s3://{bucket}")
    s3("cp", files / "part+1", "s3://test/a folder/ファイル")
    back = folder("back")
    s3("cp", "s3://test/a folder/ファイル", back / "one")
    assert (back / "one").read_bytes() == (files / "part+1").read_bytes()
    s3("sync", "--only-show-errors", files, "s3://grid-aws/all")
    assert s3("sync", "--only-show-errors", files, "s3://grid-aws/all") == ""
    s3("sync", "--only-show-errors", "s3://grid-aws/all", back / "all")
    same(files, back / "all")
    assert f"{100 * MIB} hundred" in s3("ls", "s3://grid-aws/all/")
    link = s3("presign", "s3://test/a folder/ファイル").strip()
    run("curl", "-sSf", "-o", back / "presigned", link)
    assert (back / "presigned").read_bytes() == (files / "part+1").read_bytes()
    s3("rm", "--recursive", "--only-show-errors", "s3://grid-aws/all/usr")
    assert "usr" not in s3("ls", "s3://grid-aws/all/")
    s3("rb", "--force", "s3://test")
    assert "test" not in s3("ls")


def boto3():
    try:
        import boto3 as sdk
        from boto3.s3.transfer import TransferConfig
    except ImportError:
        skip("boto3 is not installed")
    s3 = sdk.client("s3", endpoint_url=store.url, region_name="us-east-1", aws_access_key_id=store.key,
                    aws_secret_access_key=store.secret)
    s3.create_bucket(Bucket="grid-boto3")
    names = [p.relative_to(files).as_posix() for p in files.rglob("*") if p.is_file()]
    lock, todo = threading.Lock(), list(names)

    def each(work):
        def take(_):
            while True:
                with lock:
                    if not todo:
                        return
                    name = todo.pop()
                work(name)
        together(4, take)
    each(lambda name: s3.upload_file(str(files / name), "grid-boto3", name, Config=TransferConfig(max_concurrency=2)))
    todo[:] = names

    def check(name):
        assert s3.get_object(Bucket="grid-boto3", Key=name)["Body"].read() == (files / name).read_bytes(), name
    each(check)
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket="grid-boto3")
    assert sorted(o["Key"] for page in pages for o in page["Contents"]) == sorted(names)


def rclone():
    need("rclone")
    settings = {"TYPE": "s3", "PROVIDER": "Other", "ENDPOINT": store.url, "ACCESS_KEY_ID": store.key, "SECRET_ACCESS_KEY": store.secret,
                "REGION": "us-east-1"}
    env = environment(**{"RCLONE_CONFIG_STORE_" + k: v for k, v in settings.items()})
    back = folder("back")
    for words in (["mkdir", "store:grid-rclone"], ["sync", files, "store:grid-rclone/all"], ["check", files, "store:grid-rclone/all"],
                  ["sync", "store:grid-rclone/all", back], ["purge", "store:grid-rclone"]):
        run("rclone", *words, env=env)
    same(files, back)


def s3cmd():
    need("s3cmd")
    env, back = environment(), folder("back")
    settings = folder() / "s3cfg"
    settings.write_text(f"[default]\naccess_key = {store.key}\nsecret_key = {store.secret}\nhost_base = {store.s3}\n"
                        f"host_bucket = {store.s3}/%(bucket)\nuse_https = False\n")

    def s3(*words):
        return run("s3cmd", "--no-progress", "-c", settings, *words, env=env).stdout
    s3("mb", "s3://grid-s3cmd")
    s3("sync", f"{files}/", "s3://grid-s3cmd/all/")
    s3("sync", "s3://grid-s3cmd/all/", f"{back}/")
    same(files, back)
    assert "(multipart)" not in s3("info", "s3://grid-s3cmd/all/part")
    assert "hundred" in s3("ls", "s3://grid-s3cmd/all/")
    s3("rb", "--recursive", "--force", "s3://grid-s3cmd")


def restic():
    need("restic")
    env = environment(RESTIC_PASSWORD="only for the test", RESTIC_REPOSITORY=f"s3:{store.url}/grid-restic")
    back = folder("back")
    for words in (["init"], ["backup", "."], ["check", "--read-data"], ["restore", "latest", "--target", back]):
        run("restic", "--no-cache", *words, env=env, cwd=files)
    same(files, back)


def npm(script, bucket):
    need("node")
    clients = ROOT / "tests" / "clients"
    if not (clients / "node_modules").is_dir():
        skip("tests/clients has no node_modules: run tools/setup test")
    back = folder("back")
    print(run("node", clients / script, store.url, bucket, files, back, env=environment(), timeout=200).stdout.strip())
    same(files, back)


def aws_sdk():
    npm("aws-sdk.mjs", "grid-aws-sdk")


def minio():
    npm("minio.mjs", "grid-minio")


def raw_names():
    """What no shell client can carry is a name like any other: bytes that never become a path."""
    store.root.bucket("grid-raw")
    for name in RAW_NAMES:
        ok(store.root.put("grid-raw", name, name.encode()))
    for name in RAW_NAMES:
        assert ok(store.root.get("grid-raw", name)).body == name.encode(), name
        assert ok(store.root.head("grid-raw", name))["content-length"] == str(len(name.encode()))
    assert store.root.keys("grid-raw") == sorted(name.encode() for name in RAW_NAMES)
    for name in RAW_NAMES:
        ok(store.root.delete("grid-raw", name))
    assert store.root.keys("grid-raw") == []


def ledger():
    """After all of it the ledger and what is on the disk agree."""
    said = store.verify().stdout
    assert "verified" in said, said
    store.stop()


def namespace():
    """From a network namespace, as a container would come: another machine's address."""
    need("ip", "aws", "rclone")
    name = f"azk{os.getpid()}"
    if run("ip", "netns", "add", name, check=False).returncode != 0:
        skip("a network namespace cannot be made here (needs CAP_SYS_ADMIN)")
    after(run, "ip", "netns", "del", name)
    inside = ["ip", "netns", "exec", name]
    host, guest = "10.203.77.1", "10.203.77.2"
    run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
    after(run, "ip", "link", "del", name, check=False)
    run("ip", "addr", "add", f"{host}/30", "dev", name)
    run("ip", "link", "set", name, "up")
    run(*inside, "ip", "addr", "add", f"{guest}/30", "dev", "eth0")
    run(*inside, "ip", "link", "set", "eth0", "up")
    s, few, back = Store(listen=host), small_sample(), folder("back")
    env = environment(s)
    s3 = inside + ["aws", "--endpoint-url", s.url, "s3"]
    for words in (["mb", "s3://medical-inside"], ["sync", "--only-show-errors", few, "s3://medical-inside"],
                  ["sync", "--only-show-errors", "s3://medical-inside", back]):
        run(*s3, *words, env=env)
    same(few, back)
    assert '"status":"ready"' in run(*inside, "curl", "-sSf", s.console_url + "/health").stdout
    s.verify()
    s.stop()


def tls():
    """The same over TLS, with a certificate of one's own."""
    need("openssl", "aws")
    where = folder("tls")
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", where / "key.pem", "-out", where / "cert.pem")
    config = where / "azekura.yaml"
    examples = ROOT / "examples"
    config.write_text(f"site: sendai\nregister: {examples}/register\nrulebooks: [{ROOT}/rulebooks, {examples}/rulebooks]\n"
                      f"certificate: cert.pem\nkey: key.pem\nconsole-certificate: cert.pem\nconsole-key: key.pem\n")
    s, few, back = Store(config=config), small_sample(), folder("back")
    env = environment(s, AWS_CA_BUNDLE=str(where / "cert.pem"), NODE_EXTRA_CA_CERTS=str(where / "cert.pem"))
    s3 = ["aws", "--endpoint-url", f"https://{s.s3}", "s3"]
    for words in (["mb", "s3://grid-tls"], ["sync", "--only-show-errors", few, "s3://grid-tls"], ["sync", "--only-show-errors", "s3://grid-tls", back]):
        run(*s3, *words, env=env)
    same(few, back)
    run("curl", "-sSf", "--cacert", where / "cert.pem", f"https://{s.console}/health")
    if shutil.which("node") and (ROOT / "tests" / "clients" / "node_modules").is_dir():
        back = folder("back")
        run("node", ROOT / "tests" / "clients" / "minio.mjs", f"https://{s.s3}", "grid-minio", few, back, env=env)
        same(few, back)
    s.stop()


story(begin, aws, boto3, rclone, s3cmd, restic, aws_sdk, minio, raw_names, ledger, tls, namespace)
