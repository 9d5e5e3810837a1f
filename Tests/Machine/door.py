"""The daemon at a door with cameras: what it says of them, and what it holds open."""

from __future__ import annotations

import grp
import http.client
import json
import os
import subprocess
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cameras import UsbCamera, Vivid
from setting import setting
from smoke_client import Daemon, Failure, until

CONFIGURATION = """[http]
listen = "127.0.0.1:{port}"

[store]
directory = '{directory}/store'

[models]
directory = '{models}'

[liveness]
policy = "off"

[sessions]
decision_timeout = "5s"

[limits]
frames_per_second = 1000
anonymous_per_minute = 1000000
"""

CAMERA = """
[[cameras]]
name = "{name}"
device = "{device}"
width = 640
height = 360
fps = 30
"""


NOBODY = 65534
FRONT, SIDE, VIVID = UsbCamera("FRONT"), UsbCamera("SIDE", bus=1), Vivid()
_shared: list[Door] = []


class Door(Daemon):
    """One daemon with the cameras that it is given by name; its user may use cameras and nothing else, unless it is root."""

    doors = 0

    def __init__(
        self, cameras: dict[str, str], name: str = "door", as_root: bool = False, more: dict[str, str] | None = None
    ) -> None:
        """`more` are further lines of a camera's configuration."""
        directory = setting().directory / name
        directory.mkdir()
        configuration = directory / "edged.toml"
        Door.doors += 1
        self.address = f"127.0.0.1:{8080 + Door.doors}"
        text = CONFIGURATION.format(directory=directory, models=setting().models, port=8080 + Door.doors)
        tables = (CAMERA.format(name=n, device=d) + (more or {}).get(n, "") + "\n" for n, d in cameras.items())
        configuration.write_text(text + "".join(tables))
        for path in (directory, configuration):
            os.chown(path, 0 if as_root else NOBODY, 0 if as_root else NOBODY)
        setting().directory.chmod(0o755)
        starter = directory / "as-nobody"
        group = grp.getgrnam("video").gr_gid
        starter.write_text(
            f'#!/bin/sh\nexec setpriv --reuid={NOBODY} --regid={NOBODY} --groups={group} "{setting().daemon}" "$@"\n'
        )
        starter.chmod(0o755)
        self.log = directory / "edged.log"
        super().__init__(setting().daemon if as_root else starter, configuration, self.log)

    def _address(self) -> str:
        # Asking the command line would take the one processor from the daemon that starts.
        return self.address

    @property
    def process(self) -> int:
        if self._process is None or self._process.poll() is not None:
            raise Failure(f"the daemon does not run; its log ends with\n{self.log_tail(8)}")
        return self._process.pid

    def answer(self, *words: str, status: int = 0) -> Any:
        """What a command prints as JSON when it ends as expected."""
        line = [self._program, *words, "--config", self._configuration, "--json"]
        done = subprocess.run(line, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
        if done.returncode != status or not done.stdout:
            raise Failure(f"`edged {' '.join(words)}` ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return json.loads(done.stdout)

    def status(self) -> dict[str, Any]:
        """`edged status`, without its exit status: conditions are what is looked for here."""
        words = [self._program, "status", "--config", self._configuration, "--json"]
        done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False)
        if not done.stdout:
            raise Failure(f"`edged status` ended with {done.returncode}: {done.stderr.strip()[-300:]}")
        return dict(json.loads(done.stdout))

    def look(self) -> dict[str, Any]:
        """The same over HTTP, which costs less."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        try:
            connection.request("GET", "/status")
            return dict(json.loads(connection.getresponse().read()))
        finally:
            connection.close()

    def camera(self, name: str) -> dict[str, Any]:
        """What it says of one camera."""
        return next(dict(camera) for camera in self.look()["cameras"] if camera["name"] == name)

    def conditions(self, name: str) -> dict[str, dict[str, Any]]:
        """Conditions of one camera, by code."""
        return {c["code"]: c for c in self.look()["conditions"] if c.get("subject") == name}

    def wait_for(self, name: str, what: str, fits: Callable[[dict[str, Any]], bool], seconds: float = 60) -> dict[str, Any]:
        """Wait until what is said of a camera fits."""

        def seen() -> dict[str, Any] | None:
            camera = self.camera(name)
            return camera if fits(camera) else None

        try:
            return until(f"{name} {what}", seen, seconds)
        except Failure as failure:
            raise Failure(f"{failure}; it says {self.camera(name)}; log: {self.log_tail(6)}") from None

    def streams(self, name: str, seconds: float = 60) -> dict[str, Any]:
        """Wait until a camera streams, nothing is wrong with it and its pictures are new."""
        before = self.camera(name)["frames"]
        return self.wait_for(name, "streams", lambda c: is_streaming(c) and c["frames"] > before, seconds)

    def reports(self, name: str, *codes: str) -> dict[str, Any]:
        """Wait until one of these conditions is told, with a remedy; the condition."""

        def told() -> dict[str, Any] | None:
            conditions = self.conditions(name)
            return next((conditions[code] for code in codes if code in conditions), None)

        try:
            condition = until(f"{name} has one of {', '.join(codes)}", told)
        except Failure as failure:
            raise Failure(f"{failure}; it says {self.camera(name)}; log: {self.log_tail(6)}") from None
        if not condition["remedy"] or not condition["title"]:
            raise Failure(f"a condition without a remedy: {condition}")
        return condition

    def holds(self) -> dict[str, int]:
        """What the process holds of the machine."""
        process = Path(f"/proc/{self.process}")
        maps = (process / "maps").read_text().splitlines()
        memory = next(line for line in (process / "status").read_text().splitlines() if line.startswith("VmRSS"))
        return {
            "descriptors": len(list((process / "fd").iterdir())),
            "threads": len(list((process / "task").iterdir())),
            "mapped buffers": sum("/dev/video" in line for line in maps),
            "memory": int(memory.split()[1]),
        }


def is_streaming(camera: dict[str, Any]) -> bool:
    return bool(camera["is_streaming"]) and not camera.get("fault")


def shared_door() -> Door:
    """The daemon that lives through all suites of a boot that do not need one of their own."""
    if not _shared:
        UsbCamera.load_drivers()
        devices = {"front": FRONT.selector, "side": SIDE.port, "test": VIVID.selector}
        # The kernel's test camera is no hardware.
        more = {"test": "allow_virtual = true"}
        door = Door({**devices, "ghost": "/dev/video97", "null": "/dev/null"}, more=more)
        door.start()
        _shared.append(door)
    return _shared[0]


def is_shared_door_there() -> bool:
    return bool(_shared)


def stop_shared_door() -> None:
    """It stops in order when it is told to."""
    door = _shared.pop()
    ended = door.stop()
    if ended != 0:
        raise Failure(f"the daemon ended with {ended}; its log ends with\n{door.log_tail()}")


class DoorTest(unittest.TestCase):
    """Tests of the shared daemon, which none of them may stop."""

    door: Door
    process: int

    @classmethod
    def setUpClass(cls) -> None:
        cls.door = shared_door()
        cls.process = cls.door.process

    def tearDown(self) -> None:
        self.assertEqual(self.door.process, self.process, "the daemon has stopped")
