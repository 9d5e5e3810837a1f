"""Lines are cut and daemons killed in the middle of everything: nothing is lost, nothing is there twice."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

from device import open_session
from fleet import House, man
from setting import setting
from smoke_client import Failure, until
from stage import Stage


class Lines(Stage):
    def setUp(self) -> None:
        super().setUp()
        done = self.north.enroll(self.client, "jan", man(setting().footage))
        self.assertTrue(done.get("enrollment_complete"), done)

    def events(self, count: int) -> None:
        """Sessions that are opened and cancelled: audit lines and events for central."""
        caller = self.north.caller(self.client)
        for _ in range(count):
            token = open_session(caller, "authentication")
            caller.ask("DELETE", f"/api/auth/sessions/{token}/")

    def check_books(self) -> None:
        """What is in central's file: every record of every lane, once, and as many as the device made."""
        self.north.until_told()
        lanes = self.north.lanes()
        self.central.stop()
        rows = self.central.rows(
            "SELECT l.lane, r.sequence, r.refused FROM records r JOIN lanes l ON l.key = r.lane_key"
            " JOIN devices d ON d.id = l.device WHERE d.name = 'north'"
        )
        order = ["control", "enrollment", "audit", "events"]
        told: dict[str, list[int]] = {name: [] for name in order}
        for lane, sequence, refused in rows:
            self.assertIsNone(refused, f"{order[lane]} {sequence} was refused")
            told[order[lane]].append(sequence)
        for name, lane in lanes.items():
            twice = [number for number, times in Counter(told[name]).items() if times > 1]
            self.assertEqual(twice, [], f"{name}: records that are there twice")
            self.assertEqual(sorted(told[name]), list(range(1, lane["last"] + 1)), f"{name}: records that are lost")
        self.central.start()

    def test_what_happens_while_the_line_is_cut_arrives_once(self) -> None:
        self.events(5)
        self.north.until_told()
        self.north.line.cut()
        self.events(40)
        until("the device knows that central is away", lambda: self.north.sync()["phase"] == "offline")
        waiting = self.north.lanes()
        self.assertGreater(sum(lane["records"] for lane in waiting.values()), 40, waiting)
        self.assertEqual(self.north.identify(self.client, man(setting().footage, start=3)), "jan", "it works alone")
        self.north.line.mend()
        self.check_books()

    def test_a_line_that_breaks_again_and_again_loses_nothing(self) -> None:
        chance = random.Random(setting().seed)
        for _ in range(12):
            self.events(8)
            self.north.line.cut()
            time.sleep(chance.uniform(0, 0.3))
            self.north.line.mend()
            time.sleep(chance.uniform(0, 0.5))
        self.check_books()

    def test_pause_and_resume(self) -> None:
        self.north.until_told()
        self.north.command("sync", "pause")
        self.assertEqual(self.north.sync()["phase"], "paused")
        self.events(10)
        self.assertGreater(sum(lane["records"] for lane in self.north.lanes().values()), 0)
        self.north.command("sync", "resume")
        self.check_books()

    def test_either_side_is_killed_in_the_middle(self) -> None:
        chance = random.Random(setting().seed)
        for number in range(setting().kills * 2):
            talking = threading.Thread(target=self.talk)
            talking.start()
            time.sleep(chance.uniform(0.05, 1.5))
            killed: House = self.central if number % 2 else self.north
            killed.kill()
            talking.join()
            killed.start()
            with self.subTest(kill=number, side="central" if number % 2 else "device"):
                until("the device is back", lambda: self.north.sync()["phase"] == "online")
        self.check_books()
        self.assertEqual(self.north.identify(self.client, man(setting().footage, start=3)), "jan")
        there = self.elsewhere()
        until("jan is known at the other device", lambda: "jan" in self.south.people(there))

    def talk(self) -> None:
        try:
            self.events(60)
        except (Failure, OSError):
            # The device was the one that was killed.
            pass
