"""What is configured of a camera's controls holds whenever it is opened, and what it does not take is told and does no harm."""

from __future__ import annotations

import unittest

from cameras import UsbCamera, Vivid, command
from door import Door
from smoke_client import until

SETTINGS = {
    "front": "controls = { brightness = 17, contrast = 300, warp_drive = 1 }",
    "test": """allow_virtual = true
profile = "bright"
controls = { brightness = 99 }

[[camera_profiles]]
name = "bright"
controls = { gain = 77, brightness = 200 }""",
}


def value(node: str | None, control: str) -> int:
    """What a device says of one of its controls."""
    told = command("v4l2-ctl", "-d", node or "", "-C", control)
    return int(told.split(":")[1])


class Controls(unittest.TestCase):
    """A USB camera and the kernel's test camera, whose gain has an automatic that is on at the start."""

    usb, vivid = UsbCamera("CONTROLS"), Vivid()

    @classmethod
    def setUpClass(cls) -> None:
        UsbCamera.load_drivers()
        cls.usb.plug_in()
        cls.vivid.load()
        cls.door = Door({"front": cls.usb.selector, "test": cls.vivid.selector}, "controls", as_root=True, more=SETTINGS)
        cls.door.start()

    @classmethod
    def tearDownClass(cls) -> None:
        ended = cls.door.stop()
        cls.usb.unplug()
        cls.vivid.unload()
        assert ended == 0, f"the daemon did not stop in order: {cls.door.log_tail()}"

    def test_1_are_set_and_what_is_not_taken_is_a_warning(self) -> None:
        self.door.streams("front")
        self.assertEqual(value(self.usb.node, "brightness"), 17)
        self.assertEqual(value(self.usb.node, "contrast"), 32, "out of range, so it is as the camera had it")
        unknown = self.door.reports("front", "capture.control.unknown")
        self.assertIn("warp_drive", unknown["title"])
        refused = self.door.reports("front", "capture.control.refused")
        self.assertIn("contrast = 300: it takes 0 to 64", refused["title"])
        self.assertEqual({unknown["severity"], refused["severity"]}, {"warning"})

    def test_2_an_automatic_is_off_before_its_value_and_own_settings_go_before_the_profile(self) -> None:
        self.door.streams("test")
        node = self.vivid.node
        self.assertEqual(value(node, "gain_automatic"), 0)
        self.assertEqual(value(node, "gain"), 77)
        self.assertEqual(value(node, "brightness"), 99)
        self.assertEqual(self.door.conditions("test"), {})

    def test_3_are_set_again_after_a_replug_and_told_once(self) -> None:
        for _ in range(2):
            self.usb.unplug()
            self.door.reports("front", "capture.device.missing")
            self.usb.plug_in()
            self.door.streams("front")
            self.assertEqual(value(self.usb.node, "brightness"), 17)
        lines = self.door.log.read_text(errors="replace").splitlines()
        told = [line for line in lines if "front" in line and "Camera settings refused" in line]
        self.assertEqual(len(told), 2, "one for each code, however often it is opened")

    def test_4_are_set_again_after_a_fault_and_after_the_driver_was_away(self) -> None:
        before = self.door.streams("test")
        self.vivid.set("brightness", 10)
        self.vivid.set("inject_fatal_streaming_error")
        self.door.wait_for("test", "recovers", lambda c: c["recoveries"] > before["recoveries"])
        until("its brightness is as configured", lambda: value(self.vivid.node, "brightness") == 99)
        self.vivid.unbind()
        self.door.reports("test", "capture.device.missing")
        self.vivid.bind()
        self.door.streams("test")
        self.assertEqual(value(self.vivid.node, "brightness"), 99)
        self.assertEqual(value(self.vivid.node, "gain"), 77)

    def test_5_are_listed_with_range_standard_and_present_value(self) -> None:
        [explained] = self.door.answer("cameras", "controls", "front", status=1)
        controls = {control["name"]: control for control in explained["controls"]}
        brightness = controls["brightness"]
        self.assertEqual((brightness["minimum"], brightness["maximum"]), (-64, 64))
        self.assertEqual((brightness["default_value"], brightness["value"]), (0, 17))
        self.assertEqual(len(explained["refused_settings"]), 2)
        [fine] = self.door.answer("cameras", "controls", "test")
        self.assertEqual(fine["refused_settings"], [])
        # What is refused keeps no camera from being opened.
        self.door.answer("cameras", "explain", "front")
