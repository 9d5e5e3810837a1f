"""The room Capture itself and its verbs, against the drivers, without systemd and udev."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unittest

from cameras import UsbCamera
from door import FRONT, Door
from setting import setting


class Verbs(unittest.TestCase):
    """`edged cameras` where no daemon runs."""

    @classmethod
    def setUpClass(cls) -> None:
        UsbCamera.load_drivers()
        cls.door = Door({"front": FRONT.selector, "ghost": "driver:none"}, "verbs", as_root=True)
        cls.node = FRONT.plug_in()

    @classmethod
    def tearDownClass(cls) -> None:
        FRONT.unplug()

    def test_1_a_camera_is_explained(self) -> None:
        front, *others = self.door.answer("cameras", "explain", "front")
        self.assertEqual((front["path"], front["format"], front["width"], front["height"]), (self.node, "MJPG", 640, 360))
        self.assertIn("MJPG", front["why"])
        self.assertEqual(others, [])

    def test_2_and_what_is_wrong_with_one_that_is_not_there(self) -> None:
        front, ghost = self.door.answer("cameras", "explain", status=1)
        self.assertNotIn("code", front)
        self.assertEqual(ghost["code"], "capture.device.missing")
        self.assertTrue(ghost["remedy"])

    def test_3_a_trial_tells_what_a_camera_gives_and_keeps_pictures(self) -> None:
        album = setting().directory / "album"
        trial = self.door.answer("cameras", "test", "front", "--seconds", "3", "--save", str(album))
        print(f"    {trial}", file=sys.stderr)
        self.assertGreater(trial["frames"], 30)
        self.assertGreater(trial["frames_per_second"], 10)
        self.assertGreaterEqual(trial["age_p99_ms"], trial["age_median_ms"])
        self.assertEqual(trial["conditions"], [])
        pictures = [file.read_bytes() for file in sorted(album.glob("*.jpg"))]
        self.assertEqual(len(pictures), 10)
        film = {file.read_bytes() for file in (setting().footage / "webcam-man").glob("*.jpg")}
        self.assertTrue(set(pictures) <= film, "a picture is not what the camera showed")

    def test_4_a_trial_without_a_picture_says_why(self) -> None:
        trial = self.door.answer("cameras", "test", "ghost", "--seconds", "1", status=1)
        self.assertEqual((trial["frames"], trial["status"]["fault"]), (0, "capture.device.missing"))


class Room(unittest.TestCase):
    def test_the_rooms_own_tests_of_devices(self) -> None:
        UsbCamera.load_drivers()
        program = setting().daemon.parent / "edgedPackageTests.xctest"
        environment = {**os.environ, "EDGED_CAMERA_TESTS": "1", "UVCFAKE_FRAMES": str(setting().footage / "webcam-man")}
        done = subprocess.run(
            [program, "--testing-library", "swift-testing", "--filter", "V4L2Tests"],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        told = (done.stdout + done.stderr).splitlines()
        wrong = [line for line in told if "Issue recorded" in line or "recorded an issue" in line or " failed after" in line]
        for line in wrong[:20]:
            print(f"    {line}", file=sys.stderr)
        passed = [line for line in told if re.search(r"Test .* passed after", line) and "run with" not in line]
        self.assertEqual(done.returncode, 0, told[-5:])
        self.assertGreaterEqual(len(passed), 10, told[-5:])
