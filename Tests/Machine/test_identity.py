"""A camera keeps its role by what it is, whatever its number, and without udev: what the kernel says is enough."""

from __future__ import annotations

import unittest

from cameras import UsbCamera
from door import FRONT, SIDE, Door


class Identity(unittest.TestCase):
    """The side camera gives YUYV alone, which tells the two apart."""

    @classmethod
    def setUpClass(cls) -> None:
        UsbCamera.load_drivers()
        # Without udev nobody gives the device files to the group video.
        devices = {"front": FRONT.selector, "side": SIDE.port, "twin": "name:Twin"}
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

    def test_3_none_is_taken_where_two_fit_and_no_other_takes_the_place_of_one_that_is_away(self) -> None:
        FRONT.unplug()
        SIDE.unplug()
        one, other = UsbCamera("ONE"), UsbCamera("OTHER", bus=1)
        one.plug_in("-p", "Twin")
        try:
            self.door.streams("twin")
            self.assertEqual(self.door.camera("front")["fault"], "capture.device.missing")
            other.plug_in("-p", "Twin")
            # The one that streams is kept until it has to be opened anew.
            one.tell("pause")
            condition = self.door.reports("twin", "capture.device.ambiguous")
            self.assertIn("/dev/video0", condition["title"])
            one.tell("go")
            other.unplug()
            self.door.streams("twin")
            self.assertEqual(self.door.conditions("twin"), {})
        finally:
            one.unplug()
            other.unplug()
