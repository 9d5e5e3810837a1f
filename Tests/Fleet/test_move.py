"""Central's books move from the file to PostgreSQL: devices go on where they were, nothing is lost or there twice."""

from __future__ import annotations

from collections import Counter

from fleet import Central, man
from postgres import Database
from setting import setting
from smoke_client import until
from stage import Stage, fresh_database
from test_lines import Lines as _Lines

EVENTS = _Lines.events
# Or its tests would run here too.
del _Lines


class Move(Stage):
    database: Database

    def setUp(self) -> None:
        database = fresh_database()
        if database is None:
            self.skipTest("run with --postgres")
        self.database = database
        super().setUp()
        done = self.north.enroll(self.client, "jan", man(setting().footage))
        self.assertTrue(done.get("enrollment_complete"), done)

    def make_central(self) -> Central:
        return Central(setting().daemon, self.place / "central", setting().models)

    def check_books(self) -> None:
        """Every record that the device made is in the database, and once."""
        self.north.until_told()
        # Before the books are read: what the device makes meanwhile may be in them or not.
        lanes = self.north.lanes()
        rows = self.central.rows(
            "SELECT l.lane, r.sequence FROM records r JOIN lanes l ON l.key = r.lane_key"
            " JOIN devices d ON d.id = l.device WHERE d.name = 'north'"
        )
        times = Counter(rows)
        self.assertEqual([place for place, number in times.items() if number > 1], [], "records that are there twice")
        for number, name in enumerate(["control", "enrollment", "audit", "events"]):
            told = sorted(sequence for lane, sequence in times if lane == number)
            self.assertEqual(told[: lanes[name]["last"]], list(range(1, lanes[name]["last"] + 1)), f"{name}: lost")

    def test_a_fleet_goes_on_over_postgresql(self) -> None:
        there = self.elsewhere()
        until("jan is known at the other device", lambda: "jan" in self.south.people(there))
        EVENTS(self, 30)
        self.north.until_told()
        status, _ = self.central.ask("central", "move")
        self.assertNotEqual(status, 0, "it moved the books of a central that runs")
        self.central.stop()
        # What happens meanwhile waits at the device.
        EVENTS(self, 10)
        self.central.use(self.database)
        moved = self.central.command("central", "move")
        self.assertGreater(next(table["rows"] for table in moved["tables"] if table["name"] == "records"), 30, moved)
        status, _ = self.central.ask("central", "move")
        self.assertNotEqual(status, 0, "it moved the books twice")
        self.central.start()
        self.check_books()
        self.assertEqual({d["standing"] for d in self.central.devices().values()}, {"active"})
        self.assertEqual(self.south.identify(there, man(setting().footage, start=3)), "jan")
        gone = self.north.caller(self.client).ask("DELETE", "/api/clients/users/jan/")
        self.assertEqual(gone.status, 204, gone)
        until("jan is gone at the other device", lambda: "jan" not in self.south.people(there))
        until("all devices have proven it", lambda: all(not e["outstanding"] for e in self.central.erasures()))
        self.check_books()
