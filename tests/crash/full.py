#!/usr/bin/env python3
"""A real ext4 of 200 MiB on a loop device that fills up, and gets room again.

usage: full.py AZEKURA AZEKURA-VERIFY. Needs to be root with loop devices; skipped (77) where it is not.

Below the low-water mark puts get 507 and deletes work; whatever was acknowledged stays readable; with room the
store is well again without a restart. Then a stranger fills the disk to its last byte: the store serves what it
has, is killed and started again like that, and is well again once the stranger's file is gone."""
import errno
import hashlib
import os
import subprocess


import writers as w
from azekura import SEED, Store, after, dice, folder, ok, skip, story, until
from book import PLAIN, Book, content

MIB, BODY = 1 << 20, 150_000
DISK_MIB = 200


def disk():
    """A small file system, mounted; gone at the end."""
    place = folder("disk")
    image, point = place / "image", place / "mount"
    point.mkdir()
    with open(image, "wb") as file:
        file.truncate(DISK_MIB * MIB)
    made = subprocess.run(["mkfs.ext4", "-q", "-m", "0", str(image)], capture_output=True)
    if made.returncode != 0:
        skip(f"mkfs.ext4: {made.stderr.decode()[:200]}")
    mounted = subprocess.run(["mount", "-o", "loop", str(image), str(point)], capture_output=True)
    if mounted.returncode != 0:
        skip(f"no loop mount: {mounted.stderr.decode()[:200]}")
    after(subprocess.run, ["umount", "-l", str(point)])
    return point


class Hand:
    """One writer without dice."""

    def __init__(self, store, journal):
        self.writer, self.journal, self.number = w.Writer(0, journal, SEED), journal, 0
        self.writer.connect(store)

    def put(self, key, size=BODY):
        """The status; an object under another number each time."""
        self.number += 1
        body = content(f"full/{self.number}", size)
        self.writer.statuses.clear()
        self.writer.ask({"o": "put", "b": PLAIN, "k": key, "s": size, "e": hashlib.md5(body).hexdigest(),
                         "h": hashlib.sha256(body).hexdigest()}, "PUT", body=body)
        return next(iter(self.writer.statuses))

    def delete(self, key):
        self.writer.statuses.clear()
        self.writer.ask({"o": "delete", "b": PLAIN, "k": key}, "DELETE")
        return next(iter(self.writer.statuses))


def free(point):
    state = os.statvfs(point)
    return state.f_bavail * state.f_frsize


def by_its_own_objects():
    global point, store, journal, book, hand, keys
    point = disk()
    small = w.configuration("write-buffer-mib: 4", "write-ahead-log-mib: 8", "low-water-mib: 48")
    store, journal, book, keys = Store(data=point / "data", config=small), w.Journal(), Book(), []
    w.buckets_make(store)
    journal.write({"ready": [store.vkey, store.key]})
    hand = Hand(store, journal)
    while True:
        status = hand.put(f"fill/{len(keys):05}")
        if status != 200:
            break
        keys.append(f"fill/{len(keys):05}")
        assert len(keys) * BODY < DISK_MIB * MIB, "the disk does not fill"
    assert status == 507, f"a full disk answered {status}"
    assert hand.put("small", 100) == 507, "small bodies take room too"
    assert free(point) > 16 * MIB, f"it filled the disk to {free(point)} bytes"
    assert store.page("/health").status != 200, "a store that takes no puts is not healthy"
    print(f"{len(keys)} objects, then 507 with {free(point) // MIB} MiB free")
    book.read(journal.take()).check(store, 40, dice)
    # deleting works, and gives room without a restart
    gone = keys[::2]
    for key in gone:
        assert hand.delete(key) == 204, f"deleting {key} from a full disk"
    until(lambda: hand.put("again") == 200, 20, 0.2)
    until(lambda: store.page("/health").status == 200, 5)
    book.read(journal.take()).check(store)
    w.verified(store, book)


def by_a_stranger():
    """To the last byte, by a file that is not the store's."""
    stranger = point / "stranger"
    fd = os.open(stranger, os.O_CREAT | os.O_WRONLY)
    try:
        while os.write(fd, bytes(MIB)) > 0:
            pass
    except OSError as why:
        assert why.errno == errno.ENOSPC
    os.close(fd)
    until(lambda: store.page("/health").status != 200, 10)
    answers = {hand.put(f"stranger/{n}", n * 7000) for n in range(6)}
    assert answers == {507}, f"a disk without a byte answered {answers} to puts"
    deletes = [hand.delete(key) for key in keys[1::20]]
    assert set(deletes) <= {204, 500, 507}, deletes
    print(f"{free(point)} bytes free; {deletes.count(204)} of {len(deletes)} deletes worked")
    book.read(journal.take()).check(store, 40, dice)
    for how in (store.stop, store.kill):
        how()
        store.start()
        hand.writer.connect(store)
        book.check(store, 40, dice)
        assert hand.put("still/full") == 507
    os.unlink(stranger)
    until(lambda: hand.put("room/again") == 200, 20, 0.2)
    until(lambda: store.page("/health").status == 200, 5)
    book.read(journal.take()).check(store)
    entries = w.verified(store, book)
    store.stop()
    print(f"well again; {entries} entries verified")


story(by_its_own_objects, by_a_stranger)
