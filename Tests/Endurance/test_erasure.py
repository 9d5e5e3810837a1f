"""Somebody is enrolled, recognised and erased: then nothing of them is left on disk or in the daemon's memory."""

from __future__ import annotations

import secrets
import time
import unittest
from pathlib import Path

import memory
from device import Device, open_session, pictures, stream
from setting import setting

TEMPLATE_LENGTH = 128
# Buffers of connections and of tasks that are just ending go within moments; stacks are wiped several times after an erasure.
PATIENCE_SECONDS = 20


class Erasure(unittest.TestCase):
    def setUp(self) -> None:
        directory = setting().directory / "erasure"
        self.device = Device(setting().daemon, directory, setting().models)
        self.addCleanup(self.device.stop)
        self.device.start()
        self.client = self.device.make_client("kiosk")
        # The first is so short that Swift keeps it within other values, on stacks too. The others lie on the heap by
        # themselves.
        self.words = {
            "short id": f"C{secrets.token_hex(6)}",
            "name": f"Canary Name {secrets.token_hex(20)}",
            "metadata": f"canary-metadata-{secrets.token_hex(24)}",
            "session's metadata": f"canary-session-{secrets.token_hex(24)}",
        }
        self.needles = {name: word.encode() for name, word in self.words.items()}

    def test_nothing_is_in_plain_text_on_disk_before_and_nothing_is_anywhere_afterwards(self) -> None:
        readable = self.can_read_memory()
        before = self.vectors() if readable else set()
        person = self.enroll()
        if readable:
            self.take_templates(before)
        self.recognise()
        self.assertEqual(self.on_disk(), {}, "something stands in plain text on disk")
        if readable:
            found = self.in_memory()
            self.assertIn("short id", found, "the scan does not see what must be in memory")
            self.assertTrue(any(name.startswith("template") for name in found), "the scan does not see the gallery")
        caller = self.device.caller(self.client)
        self.assertIn(caller.ask("DELETE", f"/api/clients/users/{person}/").status, (200, 202, 204))
        caller.close()
        self.assertEqual(self.on_disk(), {}, "something is left on disk")
        if readable:
            self.assertEqual(self.left_in_memory(), {}, "something is left in memory")

    def enroll(self) -> str:
        caller, words = self.device.caller(self.client), self.words
        user = {
            "external_user_id": words["short id"],
            "profile": {"display_name": words["name"]},
            "metadata": {"note": words["metadata"]},
        }
        made = caller.ask_json("POST", "/api/clients/users/", user)
        self.assertEqual(made.status, 201, made)
        frames = pictures(setting().footage, "webcam-man", step=6)
        metadata = {"note": words["session's metadata"]}
        token = open_session(caller, "enrollment", user_id=words["short id"], metadata=metadata)
        self.assertTrue(stream(caller, token, frames).get("enrollment_complete"))
        caller.close()
        return str(made.json["id"])

    def recognise(self) -> None:
        caller = self.device.caller(self.client)
        frames = pictures(setting().footage, "webcam-man", start=3)
        token = open_session(caller, "authentication", metadata={"note": self.words["session's metadata"]})
        answer = stream(caller, token, frames)
        self.assertEqual((answer.get("matched_user") or {}).get("user_id"), self.words["short id"], answer)
        caller.close()

    def can_read_memory(self) -> bool:
        try:
            next(memory.dump(self.device.process))
        except (PermissionError, StopIteration) as error:
            print(f"  the daemon's memory may not be read here ({error}): only the disk is looked at")
            return False
        return True

    def vectors(self) -> set[bytes]:
        found: set[bytes] = set()
        for _, content in memory.dump(self.device.process):
            found |= memory.unit_vectors(content, TEMPLATE_LENGTH)
        return found

    def take_templates(self, before: set[bytes]) -> None:
        """What came into memory with the enrollment and has a template's form."""
        for number, vector in enumerate(sorted(self.vectors() - before)):
            for part, piece in enumerate(memory.pieces(vector)):
                self.needles[f"template {number} part {part}"] = piece

    def on_disk(self) -> dict[str, set[str]]:
        """The files that hold a word, by name: store, log, backups, keys, the daemon's log, everything."""
        found = {}
        for file in sorted(Path(self.device.directory).rglob("*")):
            if file.is_file():
                words = memory.search(file.read_bytes(), self.needles)
                if words:
                    found[file.name] = words
        return found

    def in_memory(self) -> dict[str, list[str]]:
        """The words that are in memory, each with where it stands."""
        found: dict[str, list[str]] = {}
        for region, content in memory.dump(self.device.process):
            for name in memory.search(content, self.needles):
                around = [repr(place) for place in memory.places(content, self.needles[name])]
                found.setdefault(name, []).append(f"{region.name or 'anonymous'}: {' '.join(around)}")
        return found

    def left_in_memory(self) -> dict[str, list[str]]:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            found = self.in_memory()
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(1)
