#!/usr/bin/env python3
"""A world to probe: machines behind a line that holds every packet for half the round trip of its distance.

The kernel's own delay line (netem) is not in every kernel, so packets go through two TUN devices and this program. Run in a network
namespace, where it becomes the default route; the machines stand in a namespace of their own that it makes. What it adds of its own
only makes answers later, never sooner.

  delay_line.py MACHINES.json     {"203.0.113.7": 12.5, ...}: address to round trip in ms. Says "ready", and goes on until it is ended.
"""
import ctypes
import fcntl
import heapq
import json
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

PROBER = "10.254.0.1"
PORT = 443
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
CLONE_NEWNET = 0x40000000


def ip(*words):
    subprocess.run(["ip", *words], check=True)


def tun(name):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    ip("link", "set", name, "up")
    return device


def answer():
    """Every machine takes a connection and hangs up."""
    listener = socket.create_server(("0.0.0.0", PORT), backlog=1024)
    while True:
        listener.accept()[0].close()


def relay(near, far, half_s):
    """`near` is the prober's end, `far` that of the machines: where an address stands is where the packet goes or comes from."""
    waiting, count = [], 0
    while True:
        wait = max(0, waiting[0][0] - time.monotonic()) if waiting else None
        ready, _, _ = select.select([near, far], [], [], wait)
        now = time.monotonic()
        for device in ready:
            try:
                packet = os.read(device, 65536)
            except BlockingIOError:
                continue
            machine = packet[16:20] if device == near else packet[12:16]
            if packet[0] >> 4 == 4 and machine in half_s:  # to an address that nobody has, a packet is lost
                count += 1
                heapq.heappush(waiting, (now + half_s[machine], count, far if device == near else near, packet))
        while waiting and waiting[0][0] <= time.monotonic():
            _, _, device, packet = heapq.heappop(waiting)
            try:
                os.write(device, packet)
            except (BlockingIOError, OSError):
                pass  # lost, as packets are


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        machines = json.load(file)
    near = tun("near0")
    ip("address", "add", f"{PROBER}/32", "dev", "near0")
    ip("route", "add", "default", "dev", "near0", "src", PROBER)
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        sys.exit("no namespace for the machines")
    ip("link", "set", "lo", "up")
    far = tun("far0")
    ip("route", "add", f"{PROBER}/32", "dev", "far0")
    for address in machines:
        ip("address", "add", f"{address}/32", "dev", "lo")
    threading.Thread(target=answer, daemon=True).start()
    print("ready", flush=True)
    relay(near, far, {socket.inet_aton(address): rtt_ms / 2000 for address, rtt_ms in machines.items()})


if __name__ == "__main__":
    main()
