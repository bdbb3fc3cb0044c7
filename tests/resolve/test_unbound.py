#!/usr/bin/env python3
"""A hundred thousand names against a resolver that others wrote, on loopback: every name comes out as it is in
the zone, and the asking costs no more than it did.

  test_unbound.py BENCH_RESOLVE [NAMES [PARALLEL]]

Of ten names, six have an address, one has two families, one is an alias of the name before it, one
does not exist and one has no address. unbound serves them from its own data."""
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

program, names = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
unbound = shutil.which("unbound", path=os.environ.get("PATH", "") + ":/usr/sbin")
if unbound is None:
    print("unbound is not installed; tools/setup test does it")
    sys.exit(77)


def zone_lines():
    for number in range(names):
        name, kind = f"h{number}.survey.test.", number % 10
        address = f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"
        if kind == 6:
            yield f'local-data: "{name} 300 IN AAAA 2001:db8::{number >> 16:x}:{number & 0xffff:x}"'
        if kind <= 6:
            yield f'local-data: "{name} 300 IN A {address}"'
        if kind == 7:
            yield f'local-data: "{name} 300 IN CNAME h{number - 1}.survey.test."'
        if kind == 9:
            yield f'local-data: "{name} 300 IN TXT nothing"'


def port_free():
    """A port that is free for both: another program may have one of them."""
    for _ in range(100):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp:
            udp.bind(("127.0.0.1", 0))
            port = udp.getsockname()[1]
            try:
                tcp.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
    sys.exit("no port is free")


def is_up(port):
    query = b"\0\7\1\0\0\1\0\0\0\0\0\0\2h0\6survey\4test\0\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as at:
        at.settimeout(0.5)
        try:
            at.sendto(query, ("127.0.0.1", port))
            at.connect(("127.0.0.1", port))
            return at.recv(512)[:2] == b"\0\7"
        except OSError:
            return False


folder, port = tempfile.mkdtemp(), port_free()
with open(f"{folder}/unbound.conf", "w") as file:
    file.write(f"""server:
  interface: 127.0.0.1
  port: {port}
  do-daemonize: no
  use-syslog: no
  logfile: "{folder}/log"
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: "{folder}/pid"
  module-config: "iterator"
  local-zone: "survey.test." static
""")
    file.writelines(f"  {line}\n" for line in zone_lines())

server = subprocess.Popen([unbound, "-c", f"{folder}/unbound.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    until = time.monotonic() + 60
    while not is_up(port):
        if server.poll() is not None or time.monotonic() > until:
            sys.exit("unbound did not start:\n" + (open(f"{folder}/log").read() if os.path.exists(f"{folder}/log") else ""))
        time.sleep(0.2)
    done = subprocess.run([program, f"127.0.0.1:{port}", str(names), *sys.argv[3:]], capture_output=True, text=True)
    print(done.stdout, done.stderr, sep="", end="")
    said = json.loads(done.stdout)
    each = names // 10
    wanted = {"names": names, "found": 8 * each, "no-name": each, "no-data": each, "chained": each,
              "addresses": 10 * each, "wrong": 0, "timeout": 0}
    wrong = [f"{key} is {said[key]}, not {value}" for key, value in wanted.items() if said[key] != value]
    if said["cpu_s"] >= 20:  # the clock on the wall also counts unbound, and whatever else runs here
        wrong.append(f"it took {said['cpu_s']} s of CPU, not under 20")
    sys.exit("; ".join(wrong) or 0)
finally:
    server.terminate()
    server.wait()
    shutil.rmtree(folder)
