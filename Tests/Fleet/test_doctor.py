"""What `edged doctor` and the status tell of a central instance that runs, and of one that is stopped."""

from __future__ import annotations

from typing import Any

from smoke_client import until
from stage import Stage
from strange_device import StrangeDevice


class Doctor(Stage):
    def findings(self) -> list[dict[str, Any]]:
        _, told = self.central.ask("doctor")
        return list(told["findings"])

    def of(self, area: str) -> list[dict[str, Any]]:
        return [finding for finding in self.findings() if finding["area"] == area]

    def standing(self) -> dict[str, Any]:
        return dict(until("central looked at its books", lambda: self.central.ask("status")[1].get("central")))

    def files(self) -> dict[str, bytes]:
        place = self.central.directory / "store"
        return {str(file.relative_to(place)): file.read_bytes() for file in place.rglob("*") if file.is_file()}

    def test_the_status_says_which_role_runs_and_what_central_needs(self) -> None:
        self.assertEqual(self.north.command("status")["role"], "device")
        self.assertNotIn("central", self.north.command("status"))
        standing = self.standing()
        self.assertEqual(self.central.command("status")["role"], "central")
        kind = "postgresql" if self.central.database else "sqlite"
        self.assertEqual(standing["database"]["kind"], kind)
        self.assertEqual(standing["database"]["schema"], standing["database"]["known_schema"])
        members = until("all have joined", lambda: self.standing()["fleet"]["members"] == 3)
        self.assertTrue(members)

    def test_a_central_in_order_is_good_in_all_that_it_needs(self) -> None:
        self.standing()
        until("all have joined", lambda: self.standing()["fleet"]["members"] == 3)
        for area in ("database", "fleet", "erasures", "webhooks", "certificate"):
            found = self.of(area)
            self.assertTrue(found, area)
            self.assertLessEqual({finding["verdict"] for finding in found}, {"good"}, found)

    def test_a_quarantined_device_is_a_matter_for_somebody(self) -> None:
        strange = StrangeDevice(self.place / "strange", self.central, "strange")
        self.assertEqual(strange.provision(self.central.token())[0], 200)
        strange.open()
        before = (strange.head, strange.sequence)
        self.assertEqual(strange.push(("a", "1"), lane="audit")[0], 200)
        strange.head, strange.sequence = before
        self.assertEqual(strange.push(("a", "another"), lane="audit")[1]["code"], "sync.fork")

        def codes() -> set[str]:
            return {condition["code"] for condition in self.central.ask("status")[1]["conditions"]}

        until("the status tells it", lambda: "fleet.quarantined" in codes())
        found = [finding for finding in self.of("fleet") if finding["verdict"] == "warning"]
        self.assertEqual(len(found), 1, found)
        self.assertIn("edged central release", found[0]["fix"])
        self.assertEqual(self.central.ask("doctor")[0], 1)
        self.central.command("central", "release", "strange")
        until("it is over", lambda: "fleet.quarantined" not in codes())

    def test_a_stopped_central_is_looked_at_and_nothing_is_written(self) -> None:
        until("all have joined", lambda: self.standing()["fleet"]["members"] == 3)
        self.central.stop()
        before = self.files()
        status, told = self.central.ask("doctor")
        self.assertEqual(status, 1, "central does not run")
        self.assertEqual(self.files(), before)
        found = {area: [one for one in told["findings"] if one["area"] == area] for area in ("daemon", "database", "fleet")}
        self.assertIn("edged-central", found["daemon"][0]["fix"])
        self.assertLessEqual({one["verdict"] for one in found["database"]}, {"good"}, found)
        self.assertIn("All 3 devices", found["fleet"][0]["text"])

    def test_books_that_were_not_closed_are_not_guessed_at(self) -> None:
        if self.central.database is not None:
            return  # PostgreSQL closes its own books.
        self.standing()
        self.central.kill()
        found = self.of("database")
        self.assertEqual([one["verdict"] for one in found], ["unknown"], found)
