"""People of a fleet: enrolled here, let in there, erased everywhere, gone from a device that was taken out."""

from __future__ import annotations

import unittest

from fleet import man, woman
from smoke_client import until
from setting import setting
from stage import Stage


class People(Stage):
    def setUp(self) -> None:
        super().setUp()
        self.man, self.woman = man(setting().footage), woman(setting().footage)
        self.other_man = man(setting().footage, start=3)
        done = self.north.enroll(self.client, "jan", self.man)
        self.assertTrue(done.get("enrollment_complete"), done)
        self.there = self.elsewhere()
        until("jan is known at the other device", lambda: "jan" in self.south.people(self.there))

    def test_who_was_enrolled_here_walks_in_there_and_nobody_else_does(self) -> None:
        self.assertEqual(self.south.identify(self.there, self.other_man), "jan")
        self.assertIsNone(self.south.identify(self.there, self.woman))
        self.assertEqual(self.north.identify(self.client, self.other_man), "jan")
        # Not by chance of who is there: with the way to central cut.
        self.south.line.cut()
        self.assertEqual(self.south.identify(self.there, self.other_man), "jan")

    def test_an_erasure_reaches_a_device_that_was_away_and_is_proven(self) -> None:
        self.south.line.cut()
        gone = self.north.caller(self.client).ask("DELETE", "/api/clients/users/jan/")
        self.assertEqual(gone.status, 204, gone)
        self.north.until_told()
        self.assertEqual(self.south.identify(self.there, self.other_man), "jan", "it could not know yet")
        waiting = until("central waits for the proof", lambda: [e for e in self.central.erasures() if e["outstanding"]])
        self.assertIn("south", waiting[0]["outstanding"])
        self.south.line.mend()
        until("jan is gone at the other device", lambda: "jan" not in self.south.people(self.there))
        self.assertIsNone(self.south.identify(self.there, self.other_man))
        until("all devices have proven it", lambda: all(not e["outstanding"] for e in self.central.erasures()))

    def test_an_erasure_at_central_reaches_all_and_an_enrollment_from_before_stays_dead(self) -> None:
        self.south.line.cut()
        again = self.south.enroll(self.there, "jan", self.other_man)
        self.assertTrue(again.get("enrollment_complete"), again)
        ordered = self.central.command("central", "erase", "jan", "--client", self.tenant)
        self.assertGreaterEqual(ordered["devices"], 2, ordered)
        until("jan is gone where he was enrolled", lambda: "jan" not in self.north.people(self.client))
        self.south.line.mend()
        until("jan is gone where he was enrolled again", lambda: "jan" not in self.south.people(self.there))
        until("all devices have proven it", lambda: all(not e["outstanding"] for e in self.central.erasures()))
        self.south.until_told()
        self.assertNotIn("jan", self.north.people(self.client))

    def test_a_device_that_was_taken_out_loses_what_it_holds_of_others(self) -> None:
        self.central.command("central", "revoke", "south")
        until("the device knows", lambda: self.south.sync()["phase"] in ("revoked", "alone"))
        until("the client is shut there", lambda: self.south.same_client(self.client) is None)
        # Who looks after the device may open it again; what it held is gone all the same.
        self.south.command("clients", "activate", self.tenant)
        self.there = self.elsewhere()
        self.assertNotIn("jan", self.south.people(self.there))
        self.assertIsNone(self.south.identify(self.there, self.other_man))
        self.assertEqual(self.north.identify(self.client, self.other_man), "jan", "the other one is a member still")
        # The command ends with 1: the device is not in order.
        _, status = self.south.ask("status")
        self.assertIn("sync.revoked", [condition["code"] for condition in status["conditions"]])


if __name__ == "__main__":
    unittest.main()
