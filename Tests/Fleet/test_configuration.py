"""What devices go by besides their own files: set at central, some devices first, taken back where it makes a device ill."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

from fleet import Central, Member
from setting import setting
from smoke_client import until
from stage import Stage, fresh_database


class Pushed(Stage):
    """Devices that try what central sends for a moment only."""

    def make_central(self) -> Central:
        central = Central(setting().daemon, self.place / "central", setting().models)
        # Central is a member of its own fleet.
        central.configure('configuration_trial = "2s"\n')
        database = fresh_database()
        if database is not None:
            central.use(database)
        return central

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


class Configuration(Pushed):
    def set(self, text: str, *words: str) -> int:
        """Give devices a configuration: the number of the change."""
        return int(self.central.command("central", "configuration", "set", str(self.file(text)), *words)["number"])

    def file(self, text: str) -> Path:
        file = self.place / "pushed.toml"
        file.write_text(text)
        return file

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


CONFIGURATIONS = "/api/sync/v1/fleet/configurations/"


class ByHTTP(Pushed):
    """The same by the API that the page `/fleet/` works with."""

    def setUp(self) -> None:
        super().setUp()
        self.admin = self.central.caller(self.central.make_client("boss", "admin"))

    def post(self, wanted: int, path: str, fields: dict[str, Any]) -> dict[str, Any]:
        answer = self.admin.ask_json("POST", CONFIGURATIONS + path, fields)
        self.assertEqual(answer.status, wanted, str(answer))
        return dict(answer.json)

    def told(self, kind: str) -> dict[str, Any]:
        """What central tells of the only target of this kind."""
        answer = self.admin.ask("GET", CONFIGURATIONS)
        self.assertEqual(answer.status, 200, str(answer))
        return next(one for one in answer.json["results"] if one["kind"] == kind)

    def counts(self, part: dict[str, Any]) -> dict[str, int]:
        words = ("devices", "applied", "trial", "pending", "refused", "rolled_back")
        return {word: part[word] for word in words if part[word]}

    def lines(self, action: str) -> int:
        """How many lines of the audit trail tell of it."""
        count, target = 0, "/api/core/audit-logs/"
        while target:
            answer = self.admin.ask("GET", target)
            self.assertEqual(answer.status, 200, str(answer))
            count += sum(1 for line in answer.json["results"] if line["action"] == action)
            following = answer.json["next"]
            target = following[following.index("/api/"):] if following else ""
        return count

    def test_what_is_published_is_taken_and_counted_and_rolled_back(self) -> None:
        ids = {name: device["id"] for name, device in self.central.devices().items()}
        made = self.post(201, "", {"text": '[sessions]\nttl = "77s"\n', "first": [ids["north"]]})
        self.until("north", made["staged"]["number"], "taken")
        self.assertEqual(self.counts(self.told("fleet")["staged"]), {"devices": 1, "applied": 1})
        self.assertEqual(self.value(self.south, "sessions.ttl"), "600000ms")
        made = self.post(200, f"{made['id']}/promote/", {})
        self.until("south", made["general"]["number"], "taken")
        self.assertEqual(self.value(self.south, "sessions.ttl"), "77000ms")
        until("all of them have it", lambda: self.counts(self.told("fleet")["general"]) == {"devices": 3, "applied": 3})
        made = self.post(200, f"{made['id']}/roll-back/", {})
        self.assertIsNone(made["general"]["text"])
        self.until("south", made["general"]["number"], "taken")
        self.assertEqual(self.value(self.south, "sessions.ttl"), "600000ms")
        made = self.post(200, f"{made['id']}/roll-back/", {})
        self.until("south", made["general"]["number"], "taken")
        self.assertEqual(self.value(self.south, "sessions.ttl"), "77000ms")
        self.post(200, f"{made['id']}/withdraw/", {})
        self.post(400, f"{made['id']}/withdraw/", {})
        for action, count in (("set", 1), ("promote", 1), ("rollback", 2), ("withdraw", 1)):
            self.assertEqual(self.lines(f"fleet.configuration.{action}"), count, action)

    def test_what_a_device_refuses_is_shown_with_its_problem(self) -> None:
        self.south.configure('configuration = "refuse"\n')
        self.south.stop()
        self.south.start()
        made = self.post(201, "", {"text": '[sessions]\nttl = "66s"\n'})
        self.until("north", made["general"]["number"], "taken")
        self.until("south", made["general"]["number"], "refused")
        part = self.told("fleet")["general"]
        self.assertEqual((part["devices"], part["refused"]), (3, 1))
        (fault,) = part["faults"]
        self.assertEqual((fault["name"], fault["state"]), ("south", "refused"))
        self.assertTrue(fault["problem"])

    def test_what_is_wrong_is_told_line_by_line_and_sets_nothing(self) -> None:
        text = '[http]\nlisten = "127.0.0.1:1"\n[sessions]\ntll = "1m"\nmin_frames = 99\n'
        refused = self.post(400, "", {"text": text})
        self.assertEqual(refused["code"], "configuration.invalid")
        self.assertEqual(sorted(line.split(": ")[0] for line in refused["text"]),
                         ["configuration:2", "configuration:4", "configuration:5"])  # fmt: skip
        self.assertEqual(self.admin.ask("GET", CONFIGURATIONS).json["count"], 0)
        self.assertEqual(self.lines("fleet.configuration.set"), 0)

    def test_the_page_has_the_section(self) -> None:
        page = self.admin.ask("GET", "/fleet/")
        self.assertEqual(page.status, 200)
        for part in ('id="configurations"', 'id="publish"', 'id="problems"'):
            self.assertIn(part, page.text)
        self.assertIn("configurations/", self.admin.ask("GET", "/assets/fleet.js").text)
