"""The room Capture itself, against the drivers, without systemd and udev."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import unittest

from cameras import UsbCamera
from setting import setting


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
