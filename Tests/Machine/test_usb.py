"""A USB camera that is pulled out, hangs, lies and is taken away: each fault is told and healed, and the daemon stays."""

from __future__ import annotations

import os
import subprocess

from cameras import command
from smoke_client import until
from door import FRONT, SIDE, DoorTest, is_streaming

GONE = ("capture.device.missing", "capture.device.failed")


class Faults(DoorTest):
    """One daemon lives through all of it."""

    camera = FRONT

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.camera.plug_in()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.camera.unplug()

    def setUp(self) -> None:
        self.before = self.door.streams("front")

    def back(self, more: int = 1) -> None:
        """It streams again, and that was counted."""
        after = self.door.streams("front")
        self.assertGreaterEqual(after["recoveries"], self.before["recoveries"] + more)
        self.assertEqual(self.door.conditions("front"), {})

    def test_01_a_camera_that_was_never_there_and_a_path_that_is_none_are_told_apart(self) -> None:
        self.door.reports("ghost", "capture.device.missing")
        self.door.reports("null", "capture.device.not_a_camera")

    def test_02_unplugged_while_it_streams(self) -> None:
        self.camera.unplug()
        condition = self.door.reports("front", *GONE)
        self.assertEqual(condition["severity"], "error")
        self.door.reports("front", "capture.device.missing")
        self.assertFalse(self.door.camera("front")["is_streaming"])
        self.camera.plug_in()
        self.back()

    def test_03_unplugged_while_it_is_being_opened(self) -> None:
        for step in ("probe", "commit"):
            self.camera.unplug()
            self.door.reports("front", *GONE)
            self.camera.start("-x", step)
            until("it goes while it is being opened", lambda: self.camera.has_left)
            self.camera.unplug()
            self.door.reports("front", *GONE)
        self.camera.plug_in()
        self.back()

    def test_04_plugged_in_again_under_another_number(self) -> None:
        number = self.camera.node
        self.camera.unplug()
        self.door.reports("front", "capture.device.missing")
        try:
            self.assertEqual(SIDE.plug_in(), number)
            self.assertNotEqual(self.camera.plug_in(), number)
            self.back()
            self.door.streams("side")
        finally:
            SIDE.unplug()

    def test_05_pictures_that_are_cut_off_are_counted_and_go_no_further(self) -> None:
        self.camera.tell("cut 3")
        self.door.wait_for("front", "counts broken pictures", lambda c: c["broken"] >= self.before["broken"] + 5)
        self.assertTrue(is_streaming(self.door.camera("front")))
        self.camera.tell("cut 0")

    def test_06_nothing_but_broken_pictures(self) -> None:
        self.camera.tell("cut 1")
        condition = self.door.reports("front", "capture.stream.stalled")
        self.assertIn("broken", condition["title"])
        self.camera.tell("cut 0")
        self.back()

    def test_07_pictures_without_a_byte(self) -> None:
        self.camera.tell("empty 1")
        self.door.reports("front", "capture.stream.stalled")
        self.camera.tell("empty 0")
        self.back()

    def test_08_pictures_with_rubbish_in_them(self) -> None:
        self.camera.tell("corrupt 2")
        self.door.wait_for("front", "goes on", lambda c: c["frames"] > self.before["frames"] + 30)
        self.assertEqual(self.door.conditions("front"), {})
        self.camera.tell("corrupt 0")

    def test_09_a_stream_that_stands_still(self) -> None:
        self.camera.tell("pause")
        self.door.reports("front", "capture.stream.stalled")
        self.camera.tell("go")
        self.back()

    def test_10_one_picture_a_second_is_slow_and_no_fault(self) -> None:
        self.camera.tell("fps 1")
        self.door.wait_for("front", "has become slow", lambda c: 0 < c["frames_per_second"] <= 1.5)
        self.assertEqual(self.door.conditions("front"), {})
        self.assertEqual(self.door.camera("front")["recoveries"], self.before["recoveries"])
        self.camera.tell("fps 0")

    def test_11_denied_then_busy_then_free(self) -> None:
        node = until("the camera is there", lambda: self.camera.node)
        os.chmod(node, 0o600)
        self.camera.tell("pause")
        condition = self.door.reports("front", "capture.device.denied")
        self.assertIn("video", condition["remedy"])
        holder = subprocess.Popen(
            ["v4l2-ctl", "-d", node, "--stream-mmap=2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            self.camera.tell("go")
            os.chmod(node, 0o660)
            self.door.reports("front", "capture.device.busy")
            self.assertNotIn("capture.device.denied", self.door.conditions("front"))
        finally:
            holder.kill()
            holder.wait()
        self.back()

    def test_12_back_with_other_formats(self) -> None:
        self.assertEqual(self.before["format"], "MJPG")
        self.camera.unplug()
        self.door.reports("front", "capture.device.missing")
        self.camera.plug_in("-m", "-", "-y", "320x240")
        self.back()
        other = self.door.camera("front")
        self.assertEqual((other["format"], other["width"], other["height"]), ("YUYV", 320, 240))
        self.camera.unplug()
        self.camera.plug_in()
        self.door.wait_for("front", "gives MJPEG again", lambda c: is_streaming(c) and c["format"] == "MJPG")

    def test_13_a_driver_that_is_unloaded_and_loaded(self) -> None:
        self.camera.unplug()
        self.door.reports("front", "capture.device.missing")
        command("modprobe", "-r", "uvcvideo")
        command("modprobe", "uvcvideo")
        self.camera.plug_in()
        self.back()

    def test_14_a_picture_that_is_always_the_same_is_no_camera(self) -> None:
        self.camera.tell("freeze")
        condition = self.door.reports("front", "capture.stream.frozen")
        self.assertEqual(condition["severity"], "error")
        # It is started anew again and again, gives pictures, and stays what it is.
        frozen = self.door.wait_for("front", "did not get well by a new start", lambda c: c["frozen"] >= self.before["frozen"] + 2)
        self.assertEqual(self.door.conditions("front")["capture.stream.frozen"]["since"], condition["since"])
        self.assertFalse(frozen["is_streaming"])
        self.assertEqual((frozen["fault"], frozen["recoveries"]), ("capture.stream.frozen", self.before["recoveries"]))
        self.door.wait_for("front", "gives pictures", lambda c: c["frames"] > frozen["frames"] and not c["is_streaming"])
        self.camera.tell("film")
        self.back()

    def test_15_a_black_picture_is_a_covered_lens_and_not_a_frozen_picture(self) -> None:
        self.camera.tell("black")
        # Which takes longer than a frozen picture would.
        condition = self.door.reports("front", "capture.picture.covered")
        self.assertEqual(condition["severity"], "warning")
        after = self.door.streams("front")
        self.assertTrue(after["is_covered"])
        self.assertEqual((after["frozen"], after["recoveries"]), (self.before["frozen"], self.before["recoveries"]))
        self.assertEqual(list(self.door.conditions("front")), ["capture.picture.covered"])
        self.camera.tell("film")
        self.door.wait_for("front", "sees again", lambda c: not c["is_covered"])
        self.assertEqual(self.door.conditions("front"), {})

    def test_16_the_journal_is_not_flooded(self) -> None:
        lines = self.door.log.read_text(errors="replace").splitlines()
        ghost = [line for line in lines if "ghost" in line and "fault" in line.lower()]
        self.assertGreaterEqual(len(ghost), 1, lines[-5:])
        self.assertLessEqual(len(ghost), 2 + self.door.look()["uptime_seconds"] // 60)
        frozen = [line for line in lines if "capture.stream.frozen" in line and "fault" in line.lower()]
        self.assertIn(len(frozen), (1, 2), frozen)

    def test_17_edged_cameras_lists_it_while_it_streams(self) -> None:
        devices = {device["path"]: device for device in self.door.command("cameras")["devices"]}
        listed = devices.pop(until("the camera is there", lambda: self.camera.node))
        self.assertTrue(listed["is_camera"])
        self.assertEqual(listed["selectors"][:2], [self.camera.selector, self.camera.port])
        self.assertEqual(listed["links"][0], self.camera.link)
        self.assertEqual([device["is_camera"] for device in devices.values() if device["driver"] == "uvcvideo"], [False])
