"""Cameras that nobody reads are closed or slowed as configured, wake for a session, and have their gain set by its faces."""

from __future__ import annotations

import unittest
from pathlib import Path

from cameras import UsbCamera, Vivid, command
from door import Door
from smoke_client import API, until

SETTINGS = {
    "front": """idle = "release"
idle_after = "5s"
face_exposure = true
face_brightness = 200
face_gain_max = 40""",
    "test": """idle = "slow"
idle_after = "5s"
idle_fps = 2
face_exposure = true
controls = { gain = 77 }
allow_virtual = true""",
}


class Idle(unittest.TestCase):
    """A USB camera that is released, and the kernel's test camera, which is slowed."""

    usb, vivid = UsbCamera("IDLE"), Vivid()

    @classmethod
    def setUpClass(cls) -> None:
        UsbCamera.load_drivers()
        cls.usb.plug_in()
        cls.vivid.load()
        # Its clock moves, and would wake it.
        cls.vivid.set("osd_text_mode", 2)
        more = {name: lines + ('\nfrozen_after = "off"' if name == "test" else "") for name, lines in SETTINGS.items()}
        cls.door = Door({"front": cls.usb.selector, "test": cls.vivid.selector}, "idle", as_root=True, more=more)
        cls.door.start()
        made = cls.door.command("clients", "create", "kiosk")
        cls.api = API(cls.door.address)
        assert cls.api.log_in(made["api_key"], made["api_secret"]) == 200

    @classmethod
    def tearDownClass(cls) -> None:
        ended = cls.door.stop()
        cls.usb.unplug()
        cls.vivid.unload()
        assert ended == 0, f"the daemon did not stop in order: {cls.door.log_tail()}"

    def holds(self, node: str | None) -> bool:
        """Whether the daemon has a device file open or its buffers mapped."""
        process = Path(f"/proc/{self.door.process}")
        links = []
        for entry in (process / "fd").iterdir():
            try:
                links.append(str(entry.readlink()))
            except OSError:
                continue  # closed meanwhile
        return node in links or f"{node}\n" in (process / "maps").read_text()

    def is_released(self) -> None:
        released = self.door.wait_for("front", "is released", lambda c: c["pace"] == "released")
        self.assertFalse(released["is_streaming"] or released.get("fault"))
        self.assertEqual(self.door.conditions("front"), {})

    def gain(self) -> int:
        return int(command("v4l2-ctl", "-d", self.usb.node or "", "-C", "gain").split(":")[1])

    def test_1_a_released_camera_is_closed_and_others_may_use_it(self) -> None:
        node = self.usb.node
        self.is_released()
        self.assertFalse(self.holds(node))
        command("v4l2-ctl", "-d", node or "", "--stream-mmap", "--stream-count=3")
        listed = {camera["name"]: camera for camera in self.door.answer("cameras", "list")["configured"]}
        self.assertEqual((listed["front"]["idle"], listed["front"]["pace"]), ("release", "released"))
        self.assertIn(self.door.status()["status"], ("ok", "degraded"))

    def test_2_a_session_opens_it_and_its_faces_set_the_gain_until_they_are_gone(self) -> None:
        self.is_released()
        self.assertEqual(self.gain(), 16)
        session = self.api.open_session("enrollment", user_id="man", frame_source="camera", camera="front")
        until("the daemon has it open", lambda: self.holds(self.usb.node))
        until("the gain is greater", lambda: self.gain() > 16)
        status, answer = self.api.wait_for_result(session)
        self.assertEqual((status, answer.get("enrollment_complete")), (200, True), answer)
        self.assertLessEqual(self.gain(), 40)
        until("the gain is as it was", lambda: self.gain() == 16)
        self.is_released()
        self.assertFalse(self.holds(self.usb.node))
        self.assertEqual(self.door.camera("front")["recoveries"], 0)

    def test_3_one_that_is_unplugged_meanwhile_is_missed_and_taken_again(self) -> None:
        self.is_released()
        self.usb.unplug()
        self.door.reports("front", "capture.device.missing")
        self.usb.plug_in()
        self.is_released()
        session = self.api.open_session("authentication", frame_source="camera", camera="front")
        status, answer = self.api.wait_for_result(session)
        self.assertEqual((status, answer.get("result")), (200, "success"), answer)

    def test_4_a_slow_camera_gives_few_pictures_and_is_no_fault(self) -> None:
        slow = self.door.wait_for("test", "is slow", lambda c: c["pace"] == "slow" and 0 < c["frames_per_second"] < 4)
        self.assertTrue(slow["is_streaming"])
        self.assertTrue(self.holds(self.vivid.node))
        self.assertIn("2.000", command("v4l2-ctl", "-d", self.vivid.node or "", "-P"))

    def test_5_what_moves_before_it_wakes_it(self) -> None:
        self.door.wait_for("test", "is slow", lambda c: c["pace"] == "slow")
        self.vivid.set("horizontal_movement", 6)  # its bars go to the right
        self.door.wait_for("test", "is awake", lambda c: c["pace"] == "full" and c["is_streaming"])
        self.vivid.set("horizontal_movement", 3)
        self.door.wait_for("test", "is slow again", lambda c: c["pace"] == "slow")

    def test_6_a_camera_without_anything_to_set_says_so_once(self) -> None:
        # Its gain is set by the configuration, and it has no exposure.
        unknown = self.door.reports("test", "capture.control.unknown")
        self.assertIn("face_exposure", unknown["title"])
        lines = self.door.log.read_text(errors="replace").splitlines()
        self.assertEqual(len([line for line in lines if "test" in line and "Camera settings refused" in line]), 1)
