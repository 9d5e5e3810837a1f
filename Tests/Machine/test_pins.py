"""A pinned camera is taken and no other, a camera that is a program is not taken at all, and each refusal is written down."""

from __future__ import annotations

import unittest
from typing import Any

from cameras import UsbCamera, Vivid, command
from door import Door
from smoke_client import until


class Pins(unittest.TestCase):
    """The selector takes any USB camera; the pin alone tells them apart."""

    own = UsbCamera("PINNED")

    @classmethod
    def setUpClass(cls) -> None:
        UsbCamera.load_drivers()
        cls.own.plug_in()
        before = Door({"front": "driver:uvcvideo"}, "before-pinning", as_root=True)
        pinned = before.answer("cameras", "pin", "front")
        assert pinned["identity"]["usb"] == "1d6b:0102:PINNED", pinned
        strict = before.answer("cameras", "pin", "front", "--strict")
        cls.strict = Door({"front": "driver:uvcvideo"}, "strict", as_root=True, more={"front": strict["line"]})
        cls.vivid, cls.loopback = Vivid(), "name:DoorCamera"
        devices = {"front": "driver:uvcvideo", "test": cls.vivid.selector, "loop": cls.loopback}
        cls.door = Door(devices, "pins", as_root=True, more={"front": pinned["line"]})
        cls.door.start()

    @classmethod
    def tearDownClass(cls) -> None:
        ended = cls.door.stop()
        cls.own.unplug()
        assert ended == 0, f"the daemon did not stop in order: {cls.door.log_tail()}"

    def written(self, code: str) -> list[dict[str, Any]]:
        lines = self.door.answer("audit", "--action", "camera.refused")["lines"]
        return [line for line in lines if line.get("reason") == code]

    def refuses(self, name: str, code: str) -> dict[str, Any]:
        condition = self.door.reports(name, code)
        self.assertEqual(condition["severity"], "error")
        camera = self.door.camera(name)
        self.assertEqual((camera["is_streaming"], camera["fault"]), (False, code))
        until("the refusal is in the audit trail", lambda: self.written(code))
        return condition

    def test_1_the_pinned_one_streams(self) -> None:
        self.door.streams("front")
        self.assertEqual(self.door.conditions("front"), {})
        [explained] = self.door.answer("cameras", "explain", "front")
        self.assertTrue(explained["is_pinned"])

    def test_2_and_streams_from_another_port_too_unless_that_is_pinned(self) -> None:
        self.own.unplug()
        self.door.reports("front", "capture.device.missing")
        moved = UsbCamera("PINNED", bus=1)
        moved.plug_in()
        try:
            self.door.streams("front")
            self.assertEqual(self.door.conditions("front"), {})
            [explained] = self.strict.answer("cameras", "explain", "front", status=1)
            self.assertEqual(explained["code"], "capture.pin.changed")
            self.assertIn("port is 2-1, pinned is 1-1", explained["problem"])
        finally:
            moved.unplug()
        self.door.reports("front", "capture.device.missing")
        self.own.plug_in()
        self.door.streams("front")
        self.assertEqual(self.written("capture.pin.changed"), [])

    def test_3_another_one_of_the_same_make_does_not(self) -> None:
        self.own.unplug()
        self.door.reports("front", "capture.device.missing")
        other = UsbCamera("OTHER")
        other.plug_in()
        try:
            condition = self.refuses("front", "capture.pin.changed")
            self.assertIn("1d6b:0102:OTHER", condition["title"])
            frames = self.door.camera("front")["frames"]
            self.door.wait_for("front", "stays refused", lambda c: c["fault"] == "capture.pin.changed")
            self.assertEqual(self.door.camera("front")["frames"], frames)
        finally:
            other.unplug()
        self.own.plug_in()
        self.door.streams("front")
        self.assertEqual(self.door.conditions("front"), {})
        self.assertEqual(len(self.written("capture.pin.changed")), 1, "each is written down once, however often it is tried")

    def test_4_nor_does_it_itself_while_another_says_that_it_is_the_same(self) -> None:
        clone = UsbCamera("PINNED", bus=1)
        clone.start()
        try:
            until("there are two", lambda: len(self.door.answer("cameras")["devices"]) >= 4)
            self.own.tell("pause")  # the one that streams is kept until it has to be opened anew
            self.refuses("front", "capture.pin.cloned")
            self.own.tell("go")
        finally:
            self.unplug_clone(clone)
        self.door.streams("front")
        self.assertEqual(self.door.conditions("front"), {})

    @staticmethod
    def unplug_clone(clone: UsbCamera) -> None:
        """Both have one serial number, so that it is not known by it when it is gone."""
        assert clone._process is not None
        clone._process.kill()
        clone._process.wait()

    def test_5_a_program_is_no_camera(self) -> None:
        self.vivid.load()
        try:
            self.refuses("test", "capture.device.virtual")
        finally:
            self.vivid.unload()
        command("modprobe", "v4l2loopback", "devices=1", "exclusive_caps=0", "card_label=DoorCamera")
        try:
            self.refuses("loop", "capture.device.virtual")
        finally:
            command("modprobe", "-r", "v4l2loopback")
        self.assertEqual(len(self.written("capture.device.virtual")), 2)
