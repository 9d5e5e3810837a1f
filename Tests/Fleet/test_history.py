"""Daemons that are put back to an earlier day: two histories are never taken for one."""

from __future__ import annotations

from fleet import man
from smoke_client import until
from setting import setting
from stage import Stage
from test_lines import Lines as _Lines

EVENTS = _Lines.events
# Or its tests would run here too.
del _Lines


class History(Stage):
    def setUp(self) -> None:
        super().setUp()
        done = self.north.enroll(self.client, "jan", man(setting().footage))
        self.assertTrue(done.get("enrollment_complete"), done)

    def test_a_device_that_was_put_back_is_noticed_and_goes_on(self) -> None:
        self.north.until_told()
        before = self.central.devices()["north"]
        self.north.stop()
        self.north.keep_day("monday")
        self.north.start()
        EVENTS(self, 20)
        self.north.until_told()
        self.north.stop()
        self.north.put_back("monday")
        self.north.start()
        EVENTS(self, 5)
        after = until("central heard of another epoch", lambda: self.settled(before))
        self.assertIn(after["standing"], ("active", "quarantined"))
        if after["standing"] == "quarantined":
            self.central.command("central", "release", "north")
        until("it is a member again", lambda: self.north.sync()["phase"] == "online")
        self.north.until_told()
        self.assertIn("jan", self.north.people(self.client))

    def settled(self, before: dict[str, object]) -> dict[str, object] | None:
        """The device at central, once it is in another epoch or is quarantined."""
        device = self.central.devices()["north"]
        if device["standing"] == "quarantined":
            return device
        lanes = self.north.lanes()
        isFewer = device["acknowledged"].get("audit", 0) < before["acknowledged"].get("audit", 0) + 20
        return device if lanes and isFewer and self.north.sync()["phase"] == "online" else None

    def test_two_devices_with_one_identity_are_told_apart(self) -> None:
        self.north.until_told()
        self.north.stop()
        twin = self.member("twin")
        self.addCleanup(twin.stop)
        (twin.directory / "store").rmdir() if (twin.directory / "store").exists() else None
        self.north.keep_day("monday")
        (self.north.directory / "monday").rename(twin.directory / "store")
        self.north.start()
        EVENTS(self, 10)
        self.north.until_told()
        # The copy knows central by the same line.
        twin.start()
        caller = twin.caller(self.client)
        caller.ask_json("POST", "/api/auth/authentication/", {"session_type": "api"})
        EVENTS(self, 10)
        until(
            "one of both is noticed",
            lambda: self.central.devices()["north"]["standing"] == "quarantined"
            or "quarantined" in (self.north.sync()["phase"], twin.sync()["phase"]),
        )

    def test_a_central_instance_that_was_put_back_gets_everything_again(self) -> None:
        self.north.until_told()
        there = self.elsewhere()
        until("jan is known at the other device", lambda: "jan" in self.south.people(there))
        self.central.stop()
        self.central.keep_day("monday")
        self.central.start()
        EVENTS(self, 20)
        self.north.until_told()
        self.central.stop()
        self.central.put_back("monday")
        self.central.start()
        EVENTS(self, 5)
        self.north.until_told()
        self.assertIn("jan", self.south.people(there))
        self.assertEqual(self.central.devices()["north"]["standing"], "active")
