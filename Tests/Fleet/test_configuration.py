"""What devices go by besides their own files: set at central, some devices first, taken back where it makes a device ill."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from fleet import Member
from setting import setting
from smoke_client import until
from stage import Stage


class Configuration(Stage):
    def member(self, name: str) -> Member:
        """The nets of passive liveness are nowhere: a device that is to ask for it cannot let anybody in."""
        models = self.place / f"models-{name}"
        models.mkdir()
        for file in setting().models.iterdir():
            if not file.name.startswith("minifasnet"):
                (models / file.name).symlink_to(file)
        house = Member(setting().daemon, self.place / name, models, self.central)
        house.configure('configuration_trial = "2s"\n')
        return house

    def set(self, text: str, *words: str) -> int:
        """Give devices a configuration: the number of the change."""
        return int(self.central.command("central", "configuration", "set", str(self.file(text)), *words)["number"])

    def file(self, text: str) -> Path:
        file = self.place / "pushed.toml"
        file.write_text(text)
        return file

    def standing(self, name: str) -> dict[str, Any]:
        _, status = self.central.ask("central", "configuration", "status")
        return next(device for device in status["devices"] if device["device"] == name)

    def until(self, name: str, number: int, state: str) -> None:
        def look() -> bool:
            standing = self.standing(name)
            return standing.get("number") == number and standing.get("state") == state

        until(f"{name} says of {number}: {state}", look)

    def value(self, house: Member, key: str) -> str:
        """What the running daemon goes by."""
        _, listing = house.ask("config", "show", "--running")
        return str(next(row["value"] for row in listing["keys"] if row["key"] == key))

    def test_a_device_first_then_all(self) -> None:
        number = self.set('[sessions]\nttl = "77s"\n', "--first", "north")
        self.until("north", number, "taken")
        self.assertEqual(self.value(self.north, "sessions.ttl"), "77000ms")
        self.assertEqual(self.value(self.south, "sessions.ttl"), "600000ms")
        number = self.central.command("central", "configuration", "promote")["number"]
        self.until("north", number, "taken")
        self.until("south", number, "taken")
        self.assertEqual(self.value(self.south, "sessions.ttl"), "77000ms")
        # A device that was away hears of the end of it.
        self.south.stop()
        number = self.central.command("central", "configuration", "withdraw")["number"]
        self.south.start()
        self.until("south", number, "taken")
        self.assertEqual(self.value(self.south, "sessions.ttl"), "600000ms")

    def test_it_outlives_a_restart_and_ends_with_the_membership(self) -> None:
        number = self.set('[sessions]\nttl = "77s"\n', "--device", "south")
        self.until("south", number, "taken")
        self.south.stop()
        self.south.start()
        self.assertEqual(self.value(self.south, "sessions.ttl"), "77000ms")
        self.south.command("sync", "leave")
        until("its own files hold", lambda: self.value(self.south, "sessions.ttl") == "600000ms")

    def test_what_makes_a_device_ill_is_taken_back(self) -> None:
        good = self.set('[sessions]\nttl = "88s"\n', "--device", "south")
        self.until("south", good, "taken")
        bad = self.set('[liveness]\npolicy = "passive"\n[sessions]\nttl = "99s"\n', "--device", "south")
        self.until("south", bad, "rolled_back")
        self.assertIn("liveness.unavailable", self.standing("south")["problem"])
        self.assertEqual(self.value(self.south, "sessions.ttl"), "88000ms")
        codes = [condition["code"] for condition in self.south.command("status")["conditions"]]
        self.assertIn("configuration.fleet.refused", codes)
        self.assertNotIn("liveness.unavailable", codes)

    def test_what_is_wrong_is_refused_where_it_is_set(self) -> None:
        for text in ('[sessions]\ntll = "1m"\n', '[http]\nlisten = "127.0.0.1:1"\n', "[sessions"):
            status, _ = self.central.ask("central", "configuration", "set", str(self.file(text)))
            self.assertEqual(status, 78, text)

    def test_what_is_wrong_over_a_devices_own_file_is_refused_there(self) -> None:
        text = self.south.configuration.read_text()
        self.south.configuration.write_text(text.replace("[sessions]\n", "[sessions]\nmax_usable_frames = 6\n"))
        assert self.south.process is not None
        self.south.process.send_signal(signal.SIGHUP)
        until("the device goes by its file", lambda: self.value(self.south, "sessions.max_usable_frames") == "6")
        number = self.set("[sessions]\nmin_frames = 8\n")
        self.until("north", number, "taken")
        self.until("south", number, "refused")
        self.assertIn("min_frames", self.standing("south")["problem"])
        self.assertEqual(self.value(self.south, "sessions.min_frames"), "3")

    def test_a_device_that_takes_none_says_so(self) -> None:
        self.south.configure('configuration = "refuse"\n')
        self.south.stop()
        self.south.start()
        number = self.set('[sessions]\nttl = "66s"\n')
        self.until("south", number, "refused")
        self.assertEqual(self.value(self.south, "sessions.ttl"), "600000ms")
