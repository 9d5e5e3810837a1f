"""Two central instances share one PostgreSQL behind a balancer: either serves everybody, and one of them is killed."""

from __future__ import annotations

import contextlib
import shutil
import socket
import threading
import unittest
from collections import Counter
from pathlib import Path

from device import open_session
from fleet import Central, Line, Member, man
from smoke_client import until
from setting import setting
from stage import fresh_database


class Balancer(Line):
    """A line whose connections go to one instance, as of one device's address, and to the next when it does not answer."""

    def __init__(self, targets: list[int]) -> None:
        self.targets = targets
        self._present = 0
        super().__init__(targets[0])

    def dial(self) -> socket.socket:
        for _ in self.targets:
            with contextlib.suppress(OSError):
                return socket.create_connection(("127.0.0.1", self.targets[self._present]), timeout=10)
            self._present = (self._present + 1) % len(self.targets)
        raise OSError("no instance answers")


class Instances(unittest.TestCase):
    """Two instances, each with a store of its own; the fleet's key and the fleet's database they have in common."""

    first: Central
    second: Central
    north: Member
    place: Path

    def setUp(self) -> None:
        self.place = setting().directory / self.id().split(".")[-1][:40]
        self.place.mkdir()
        self.database = fresh_database()
        if self.database is None:
            self.skipTest("run with --postgres")
        self.first = self.instance("first")
        self.first.start()
        self.second = self.instance("second")
        # The second gets the key before it starts for the first time.
        (self.second.directory / "store").mkdir(mode=0o700)
        (self.second.directory / "store" / "central").mkdir(mode=0o700)
        keys = Path("store") / "central" / "keys"
        shutil.copytree(self.first.directory / keys, self.second.directory / keys)
        # One name to the devices, and so one certificate: two of their own would both be of this machine's name.
        shutil.copytree(self.first.directory / "store" / "tls", self.second.directory / "store" / "tls")
        self.second.start()

    def instance(self, name: str) -> Central:
        central = Central(setting().daemon, self.place / name, setting().models, self.database)
        self.addCleanup(central.stop)
        return central

    def member(self, name: str, central: Central, line: Line | None = None) -> Member:
        """A device that joins at an instance, or through a line to any of them."""
        member = Member(setting().daemon, self.place / name, setting().models, central)
        self.addCleanup(member.stop)
        member.start()
        if line is not None:
            member.line.cut()
            member.line = line
        member.join(name)
        until("the device reaches central", lambda: member.sync()["phase"] == "online")
        return member

    def enroll(self, member: Member) -> None:
        self.client = member.make_client("kiosk")
        done = member.enroll(self.client, "jan", man(setting().footage))
        self.assertTrue(done.get("enrollment_complete"), done)

    def events(self, count: int) -> None:
        caller = self.north.caller(self.client)
        for _ in range(count):
            caller.ask("DELETE", f"/api/auth/sessions/{open_session(caller, 'authentication')}/")

    def check_books(self, central: Central) -> None:
        """Every record of every lane is in the database once."""
        self.north.central = central
        self.north.until_told()
        rows = central.rows(
            "SELECT l.lane, r.sequence FROM records r JOIN lanes l ON l.key = r.lane_key"
            " JOIN devices d ON d.id = l.device WHERE d.name = 'north'"
        )
        times = Counter(rows)
        self.assertEqual([place for place, number in times.items() if number > 1], [], "records that are there twice")
        lanes = self.north.lanes()
        for number, name in enumerate(["control", "enrollment", "audit", "events"]):
            told = sorted(sequence for lane, sequence in times if lane == number)
            self.assertEqual(told[: lanes[name]["last"]], list(range(1, lanes[name]["last"] + 1)), f"{name}: lost")

    def test_one_instance_is_killed_and_nothing_is_lost_or_there_twice(self) -> None:
        balancer = Balancer([self.first.port, self.second.port])
        self.addCleanup(balancer.cut)
        self.north = self.member("north", self.first, balancer)
        self.enroll(self.north)
        for number in range(setting().kills * 2):
            # The one that the device is at.
            killed, other = (self.second, self.first) if number % 2 else (self.first, self.second)
            talking = threading.Thread(target=self.events, args=(40,))
            talking.start()
            killed.kill()
            talking.join()
            with self.subTest(kill=number):
                self.events(5)
                self.check_books(other)
            killed.start()
        self.assertEqual(self.first.devices().keys(), self.second.devices().keys())

    def test_who_was_enrolled_behind_one_instance_is_known_behind_the_other(self) -> None:
        self.north = self.member("north", self.first)
        south = self.member("south", self.second)
        self.enroll(self.north)
        there = until("the client is known at the other device", lambda: south.same_client(self.client))
        until("jan is known at the other device", lambda: "jan" in south.people(there))
        self.assertEqual(south.identify(there, man(setting().footage, start=3)), "jan")
