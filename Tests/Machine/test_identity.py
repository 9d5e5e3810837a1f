"""A camera keeps its role by what it is, whatever its number, and without udev: what the kernel says is enough."""

from __future__ import annotations

import unittest

from cameras import UsbCamera, until
from door import FRONT, SIDE, Door


class Identity(unittest.TestCase):
    """The side camera gives YUYV alone, which tells the two apart."""

    @classmethod
    def setUpClass(cls) -> None:
        UsbCamera.load_drivers()
        # Without udev nobody gives the device files to the group video.
        devices = {"front": FRONT.selector, "side": SIDE.port, "any": "name:Software Camera"}
        cls.door = Door(devices, "identity", as_root=True)
        cls.door.start()

    @classmethod
    def tearDownClass(cls) -> None:
        ended = cls.door.stop()
        FRONT.unplug()
        SIDE.unplug()
        assert ended == 0, f"the daemon did not stop in order: {cls.door.log_tail()}"

    def plug_in_side(self) -> str:
        return SIDE.plug_in("-m", "-", "-y", "320x240")

    def roles_are_kept(self) -> None:
        self.assertEqual(self.door.streams("front")["format"], "MJPG")
        self.assertEqual(self.door.streams("side")["format"], "YUYV")

    def test_1_each_finds_its_own(self) -> None:
        self.assertEqual(FRONT.plug_in(), "/dev/video0")
        self.plug_in_side()
        self.roles_are_kept()

    def test_2_and_again_when_their_numbers_are_exchanged(self) -> None:
        for camera, name in ((FRONT, "front"), (SIDE, "side")):
            camera.unplug()
            self.door.reports(name, "capture.device.missing")
        self.assertEqual(self.plug_in_side(), "/dev/video0")
        self.assertNotEqual(FRONT.plug_in(), "/dev/video0")
        self.roles_are_kept()

    def test_3_none_is_taken_where_two_fit(self) -> None:
        condition = self.door.reports("any", "capture.device.ambiguous")
        self.assertIn("/dev/video0", condition["title"])
        SIDE.unplug()
        # Now one fits, which the front camera has.
        self.door.reports("any", "capture.device.busy")
        self.assertNotIn("capture.device.ambiguous", self.door.conditions("any"))

    def test_4_another_of_its_kind_does_not_take_its_place(self) -> None:
        FRONT.unplug()
        self.door.reports("front", "capture.device.missing")
        stranger = UsbCamera("STRANGER")
        stranger.plug_in()
        try:
            until("the other one is used", lambda: self.door.camera("any")["is_streaming"])
            self.assertEqual(self.door.camera("front")["fault"], "capture.device.missing")
        finally:
            stranger.unplug()
