"""The network itself fails: packets vanish, links go down, ways change, clocks are wrong; everything arrives once, in order."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
import threading
import time
import unittest
from collections.abc import Callable
from pathlib import Path

from device import Client, open_session
from fleet import man
from smoke_client import until
from namespaces import DistantCentral, DistantMember, Wires, clock_library, ip, what_is_missing
from setting import setting

MISSING = what_is_missing()
# A line on which nothing is answered is given up after 16 to 20 seconds; a request's own time-out is a minute.
DEATH_SECONDS = 26
# An address or a route that comes wakes the member; its waits alone take up to 20 seconds.
WAKE_SECONDS = 3
# A line that is mended far away tells nobody: the next try finds out.
MENDED_SECONDS = 45
EVENTS = 10_000
ORDER = ("control", "enrollment", "audit", "events")
DOORS = ("north", "south", "west", "east")


@unittest.skipIf(MISSING is not None, MISSING or "")
class Partition(unittest.TestCase):
    """Central and four devices, each in a network of its own behind one router; all trouble comes at once."""

    took: dict[str, float]
    trouble: list[BaseException]
    doors: dict[str, DistantMember]

    @classmethod
    def setUpClass(cls) -> None:
        place = setting().directory / "partition"
        place.mkdir()
        cls.took, cls.trouble, cls.doors, cls.networks = {}, [], {}, {}
        cls.wires = Wires()
        cls.addClassCleanup(cls.wires.remove)
        space = cls.wires.space("central")
        network = cls.wires.plug(space, "up0")
        cls.wires.route(space, network)
        cls.central = DistantCentral(setting().daemon, place / "central", setting().models)
        cls.central.settle_at(space, f"10.213.{network}.2")
        cls.addClassCleanup(cls.central.stop)
        cls.central.start()
        for name in DOORS:
            cls.doors[name] = cls.door(place / name)
        cls.clients = {name: door.make_client(f"kiosk-{name}") for name, door in cls.doors.items()}
        cls.story()

    @classmethod
    def door(cls, directory: Path) -> DistantMember:
        space = cls.wires.space(directory.name)
        cls.networks[directory.name] = cls.wires.plug(space, "up0")
        cls.wires.route(space, cls.networks[directory.name])
        door = DistantMember(setting().daemon, directory, setting().models, cls.central)
        door.settle(space)
        if directory.name == "east" and clock_library():
            door.clock = directory / "clock"
            door.clock.write_text("+0")
        cls.addClassCleanup(door.stop)
        door.start()
        door.join()
        return door

    # What happens.

    @classmethod
    def story(cls) -> None:
        north, south, west, east = (cls.doors[name] for name in DOORS)
        done = north.enroll(cls.clients["north"], "jan", man(setting().footage))
        assert done.get("enrollment_complete"), done
        until("jan is known everywhere", lambda: all(door.people_count() for door in cls.doors.values()))
        other = cls.wires.plug(east.space, "up1")
        begun = time.monotonic()
        for door in (north, south):
            cls.wires.lose(cls.networks[door.name])
        ip("link", "set", "up0", "down", within=west.space)
        # The connections that stand are from an address that is gone.
        ip("address", "flush", "dev", "up0", within=east.space)
        cls.wires.route(east.space, other)

        def move() -> None:
            cls.write(east, 500)
            cls.time("east moved", east.has_told_all, begun)

        cls.together(
            lambda: cls.write(north, EVENTS), lambda: cls.write(west, 500), move,
            *(lambda door=door: cls.time(f"{door.name} alone", lambda: door.phase() == "offline", begun)
              for door in (north, south, west)))  # fmt: skip
        tenant = north.client_id("kiosk-north")
        cls.central.command("central", "erase", "jan", "--client", tenant)
        # By now the waits between two tries are long.
        time.sleep(max(0.0, begun + 32 - time.monotonic()))
        cls.waiting = north.waiting()
        mended = time.monotonic()
        ip("link", "set", "up0", "up", within=west.space)
        cls.wires.route(west.space, cls.networks["west"])
        cls.time("west back", lambda: west.phase() == "online", mended)
        mended = time.monotonic()
        for door in (north, south):
            cls.wires.carry(cls.networks[door.name])
        cls.together(
            *(lambda door=door: cls.time(f"{door.name} erased", lambda: not door.people_count(), mended)
              for door in cls.doors.values()))  # fmt: skip
        if east.clock is not None:
            for offset in ("+2d", "-3d", "+0"):
                east.clock.write_text(offset)
                cls.write(east, 200)
        for door in cls.doors.values():
            until(f"central has everything of {door.name}", door.has_told_all)
        print(" ", ", ".join(f"{what}: {seconds:.1f} s" for what, seconds in cls.took.items()), file=sys.stderr)

    @classmethod
    def together(cls, *acts: Callable[[], None]) -> None:
        def run(act: Callable[[], None]) -> None:
            try:
                act()
            except BaseException as fault:
                cls.trouble.append(fault)

        threads = [threading.Thread(target=run, args=(act,)) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if cls.trouble:
            raise cls.trouble[0]

    @classmethod
    def time(cls, what: str, look: Callable[[], bool], begun: float) -> None:
        until(what, look)
        cls.took[what] = time.monotonic() - begun

    @classmethod
    def write(cls, door: DistantMember, count: int) -> None:
        """Sessions that are opened and cancelled, until there are so many records more."""
        client: Client = cls.clients[door.name]
        goal = door.last() + count

        def talk() -> None:
            caller = door.caller(client)
            while not done.is_set():
                token = open_session(caller, "authentication")
                caller.ask("DELETE", f"/api/auth/sessions/{token}/")

        done = threading.Event()
        talkers = [threading.Thread(target=talk) for _ in range(6)]
        for talker in talkers:
            talker.start()
        try:
            until("so much is written", lambda: door.last() >= goal)
        finally:
            done.set()
            for talker in talkers:
                talker.join()

    # What is held against it.

    def test_a_line_without_answers_is_noticed_long_before_a_request_times_out(self) -> None:
        for name in ("north", "south", "west"):
            self.assertLess(self.took[f"{name} alone"], DEATH_SECONDS)

    def test_another_way_to_central_is_taken(self) -> None:
        self.assertLess(self.took["east moved"], DEATH_SECONDS + 10)

    def test_a_link_that_comes_back_is_used_at_once(self) -> None:
        self.assertLess(self.took["west back"], WAKE_SECONDS)

    def test_an_erasure_of_the_time_apart_is_carried_out_when_the_line_is_mended(self) -> None:
        for name in DOORS:
            self.assertLess(self.took[f"{name} erased"], MENDED_SECONDS)

    def test_what_was_written_meanwhile_arrives_once_and_in_order(self) -> None:
        self.assertGreaterEqual(self.waiting, EVENTS)
        known = {name: door.lanes() for name, door in self.doors.items()}
        self.central.stop()
        path = self.central.directory / "store" / "central" / "central.sqlite"
        with contextlib.closing(sqlite3.connect(path)) as books:
            for name, number in ((name, number) for name in DOORS for number in range(len(ORDER))):
                rows = books.execute(
                    "SELECT r.sequence, r.received_at, r.refused FROM records r JOIN lanes l ON l.key = r.lane_key"
                    " JOIN devices d ON d.id = l.device WHERE d.name = ? AND l.lane = ? ORDER BY r.sequence",
                    (name, number)).fetchall()  # fmt: skip
                with self.subTest(device=name, lane=ORDER[number]):
                    last = known[name][ORDER[number]]["last"]
                    # Central was told more of nobody: the devices still run.
                    self.assertEqual([row[0] for row in rows][:last], list(range(1, last + 1)))
                    arrivals = [row[1] for row in rows]
                    self.assertEqual(arrivals, sorted(arrivals))
                    self.assertTrue(all(row[2] is None for row in rows))
        self.central.start()

    @unittest.skipUnless(clock_library(), "wrong clocks need libfaketime (scripts/setup installs it)")
    def test_a_wrong_clock_is_said_and_loses_nothing(self) -> None:
        log = self.doors["east"].log.read_text(errors="replace")
        self.assertEqual(self.doors["east"].phase(), "online", log[-500:])
        self.assertTrue(self.doors["east"].has_told_all())
