"""The unit as the package installs it: under the real systemd, with its sandbox, and a camera."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import unittest
from pathlib import Path

from cameras import UsbCamera, command, settle
from installed import UNIT, edged, install, purge, shown
from setting import setting
from smoke_client import API, until
from test_replug import LONGEST_PAUSE_SECONDS, MOST_SECONDS

CONFIGURATION = """[liveness]
policy = "off"

[[cameras]]
name = "front"
device = "{device}"
width = 640
height = 360
"""
MOST_EXPOSURE = 1.3
DECODER = "edged-decoder.service"
MOST_EXPOSURE_OF_THE_DECODER = 0.6


class Unit(unittest.TestCase):
    client: API | None = None

    @classmethod
    def setUpClass(cls) -> None:
        UsbCamera.load_drivers()
        cls.camera = UsbCamera("UNIT")
        cls.camera.plug_in()
        settle()
        drop_in = Path(f"/run/systemd/system/{UNIT}.d/impatient.conf")
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text("[Service]\nWatchdogSec=5s\nRestartSec=100ms\n")
        install()
        Path("/etc/edged/edged.toml").write_text(CONFIGURATION.format(device=cls.camera.link))
        # Returns when READY=1 has come.
        command("systemctl", "restart", UNIT)

    @classmethod
    def tearDownClass(cls) -> None:
        purge()
        cls.camera.unplug()

    def camera_line(self) -> str:
        done = subprocess.run(["edged", "status"], capture_output=True, text=True, check=False, timeout=60)
        return next((line for line in done.stdout.splitlines() if line.startswith("camera front")), done.stderr)

    def streams(self) -> None:
        until("the camera streams", lambda: "MJPG 640x360" in self.camera_line())

    def test_1_it_starts_to_ready_and_the_camera_streams(self) -> None:
        self.assertEqual(shown("ActiveState"), "active")
        self.streams()

    def test_2_the_status_line_is_its_own(self) -> None:
        text = until("the unit has a status line", lambda: shown("StatusText"))
        print(f"    Status: {text}", file=sys.stderr)
        self.assertIn("people", text)

    def test_3_the_sandbox_holds(self) -> None:
        told = command("systemd-analyze", "security", UNIT, "--no-pager")
        overall = told.strip().splitlines()[-1]
        print(f"    {overall.strip()}", file=sys.stderr)
        self.assertLessEqual(float(overall.split(":")[1].split()[0]), MOST_EXPOSURE)
        status = Path(f"/proc/{shown('MainPID')}/status").read_text()
        fields = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
        self.assertEqual(fields["CapBnd"], "0000000000000000")
        self.assertEqual((fields["NoNewPrivs"], fields["Seccomp"]), ("1", "2"))

    def decoder(self) -> dict[str, object]:
        return dict(json.loads(edged("status", "--json").stdout)["decoder"])

    def upload(self, number: int) -> int:
        """A picture of somebody, to a session of its own; the status of the answer."""
        client = self.client
        if client is None:
            made = json.loads(edged("clients", "create", "kiosk", "--json").stdout)
            address = json.loads(edged("status", "--json").stdout)["address"]
            client = API(str(address).removeprefix("http://"))
            self.assertEqual(client.log_in(made["api_key"], made["api_secret"]), 200)
            type(self).client = client
        picture = sorted((setting().footage / "webcam-man").glob("*.jpg"))[number]
        return client.upload(client.open_session("authentication"), picture.read_bytes())[0]

    def test_4_pictures_are_decoded_in_a_process_of_their_own(self) -> None:
        told = command("systemd-analyze", "security", DECODER, "--no-pager").strip().splitlines()[-1]
        print(f"    {told.strip()}", file=sys.stderr)
        self.assertLessEqual(float(told.split(":")[1].split()[0]), MOST_EXPOSURE_OF_THE_DECODER)
        self.assertEqual(self.decoder()["isolation"], "socket")
        before = int(str(self.decoder()["pictures"]))
        # The camera's light is looked at once a second, whoever else looks.
        until("frames of the camera are decoded there", lambda: int(str(self.decoder()["pictures"])) > before)
        self.assertEqual(self.upload(0), 200)
        worker = Path(f"/proc/{shown('MainPID', DECODER)}")
        fields = dict(line.split(":\t", 1) for line in (worker / "status").read_text().splitlines() if ":\t" in line)
        self.assertEqual((fields["CapBnd"], fields["NoNewPrivs"], fields["Seccomp"]), ("0000000000000000", "1", "2"))
        self.assertNotEqual((worker / "ns/net").readlink(), Path("/proc/1/ns/net").readlink())
        for place in ("var/lib/edged", "var/lib/private", "etc/edged", "etc/passwd", "run/edged", "dev/video0", "usr/share", "home", "root"):
            held = worker / "root" / place
            # What systemd hides it hides with an empty directory.
            seen = [held.name] if held.is_file() else [path.name for path in held.iterdir()] if held.exists() else []
            self.assertEqual(seen, [], f"the decoder sees /{place}; its mounts: {(worker / 'mounts').read_text()[:400]}")
        socket = Path("/run/edged-decoder.sock")
        self.assertEqual((socket.stat().st_mode & 0o777, socket.owner(), socket.group()), (0o660, "root", "edged-pictures"))

    def test_4b_a_decoder_that_is_killed_is_back_with_the_next_picture(self) -> None:
        process, daemon = shown("MainPID", DECODER), shown("MainPID")
        command("systemctl", "kill", "--signal=KILL", DECODER)
        until("another one is there", lambda: shown("MainPID", DECODER) not in ("0", process))
        until("an upload is decoded", lambda: self.upload(1) == 200)
        until("and no condition holds of it", lambda: "decoder." not in edged("status").stdout)
        self.assertEqual(shown("MainPID"), daemon)

    def test_4c_without_it_nothing_is_decoded(self) -> None:
        command("systemctl", "stop", "edged-decoder.socket", DECODER)
        self.assertEqual(self.upload(2), 503)
        self.assertIn("decoder.unavailable", edged("status").stdout)
        command("systemctl", "start", "edged-decoder.socket")
        until("the daemon finds it by itself", lambda: "decoder.unavailable" not in edged("status").stdout)
        self.assertEqual(self.upload(3), 200)

    def test_5_in_the_sandbox_too_it_hears_that_the_camera_is_back(self) -> None:
        process = shown("MainPID")
        self.camera.unplug()
        until("it is told", lambda: "capture.device.missing" in self.camera_line())
        time.sleep(LONGEST_PAUSE_SECONDS + 4)
        self.camera.plug_in()
        there = time.monotonic()
        # The command line takes its time on one processor: the journal knows better when it was back.
        until("it has recovered", lambda: "Camera recovered" in command("journalctl", "-u", UNIT, "-o", "cat", "-n", "5"))
        self.assertLessEqual(time.monotonic() - there, MOST_SECONDS)
        self.streams()
        self.assertEqual(shown("MainPID"), process)

    def test_6_a_reload_takes_over_what_can_change_at_work(self) -> None:
        process = shown("MainPID")
        part = Path("/etc/edged/conf.d/50-site.toml")
        for text, ttl in (('[sessions]\nttl = "77s"\n', "77000ms"), ("", "600000ms")):
            part.write_text(text)
            command("systemctl", "reload", UNIT)
            until(f"sessions last {ttl}", lambda ttl=ttl: ttl in command("edged", "config", "show", "--running"))
        self.assertEqual((shown("ActiveState"), shown("MainPID")), ("active", process))

    def test_7_what_hangs_is_started_anew_by_the_watchdog(self) -> None:
        process = shown("MainPID")
        command("kill", "-STOP", process)
        until("another process is there", lambda: shown("MainPID") not in ("0", process))
        until("it is ready", lambda: shown("ActiveState") == "active")
        self.assertEqual(shown("NRestarts"), "1")
        self.streams()

    def test_8_it_stops_in_order(self) -> None:
        command("systemctl", "stop", UNIT)
        self.assertEqual((shown("ActiveState"), shown("Result"), shown("ExecMainStatus")), ("inactive", "success", "0"))
        journal = command("journalctl", "-u", UNIT, "-o", "cat", "--no-pager", "-n", "20")
        self.assertIn("Deactivated successfully", journal)
