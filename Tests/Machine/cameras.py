"""The cameras of the guest: USB cameras made of software behind the real uvcvideo driver, and the kernel's own test camera."""

from __future__ import annotations

import subprocess
from pathlib import Path

from setting import setting
from smoke_client import PATIENCE, Failure, until

CLASS = Path("/sys/class/video4linux")


def command(*words: str | Path) -> str:
    """Run a program that must succeed; what it printed."""
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
    if done.returncode:
        raise Failure(f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def settle() -> None:
    """Wait until udev has done what it has to do."""
    if Path("/run/udev/control").exists():
        command("udevadm", "settle")


class UsbCamera:
    """A camera that is plugged in while this object is not unplugged."""

    def __init__(self, serial: str, bus: int = 0, film: str = "webcam-man") -> None:
        self.serial = serial
        self._bus, self._film = bus, film
        self._process: subprocess.Popen[str] | None = None

    @staticmethod
    def load_drivers() -> None:
        command("modprobe", "dummy_hcd", "num=2")
        command("modprobe", "raw_gadget")
        command("modprobe", "uvcvideo")

    @property
    def selector(self) -> str:
        """What it is, as a configuration writes it."""
        return f"usb:1d6b:0102:{self.serial}"

    @property
    def port(self) -> str:
        """Where it is plugged in: each bus has one port."""
        return f"path:{1 + self._bus}-1"

    @property
    def link(self) -> str:
        """Its lasting name, as udev makes it."""
        return f"/dev/v4l/by-id/usb-edged_tests_Software_Camera_{self.serial}-video-index0"

    @property
    def node(self) -> str | None:
        """Its device file now."""
        for entry in sorted(CLASS.glob("video*")):
            try:
                serial = (entry / "device" / ".." / "serial").resolve().read_text().strip()
                index = (entry / "index").read_text().strip()
            except OSError:
                continue
            if serial == self.serial and index == "0":
                return f"/dev/{entry.name}"
        return None

    def start(self, *options: str) -> None:
        """Put the plug in, without waiting for what comes of it."""
        film = setting().footage / self._film
        words = ["uvcfake", "-s", self.serial, "-u", str(self._bus), "-d", str(film), *options]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL)

    def plug_in(self, *options: str) -> str:
        """Put the plug in; the device file, once it is there."""
        self.start(*options)
        return until(f"the kernel sees the camera {self.serial}", lambda: self.node, pause=0.01)

    def tell(self, line: str) -> None:
        """Change what it does; see uvcfake.c."""
        if self._process is None or self._process.stdin is None:
            raise Failure("the camera is not plugged in")
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    @property
    def has_left(self) -> bool:
        """Whether it went by itself."""
        return self._process is not None and self._process.poll() is not None

    def unplug(self) -> None:
        """Pull the plug, without warning."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        self._process = None
        until(f"the kernel sees {self.serial} no more", lambda: self.node is None, pause=0.01)


class Vivid:
    """The kernel's test camera, which can be made to fail."""

    DRIVER = Path("/sys/bus/platform/drivers/vivid")
    selector = "driver:vivid"

    def load(self) -> None:
        command("modprobe", "vivid", "n_devs=1", "node_types=0x1", "input_types=0x0", "num_inputs=1")
        until("vivid is there", lambda: self.node)
        settle()

    @property
    def node(self) -> str | None:
        for entry in CLASS.glob("video*"):
            try:
                if (entry / "name").read_text().startswith("vivid"):
                    return f"/dev/{entry.name}"
            except OSError:
                continue
        return None

    def set(self, control: str, value: int = 1) -> None:
        """Set one of its controls, all of which `v4l2-ctl -L` lists."""
        command("v4l2-ctl", "-d", until("vivid is there", lambda: self.node), "-c", f"{control}={value}")

    def unbind(self) -> None:
        """Take it away as unplugging does."""
        (self.DRIVER / "unbind").write_text("vivid.0")

    def bind(self) -> None:
        """Bring it back."""
        (self.DRIVER / "bind").write_text("vivid.0")
        until("vivid is back", lambda: self.node)

    def unload(self) -> None:
        """Take it away with its driver."""
        self.unbind()
        # Whoever has it open lets go of it first.
        until("the driver can go", lambda: subprocess.run(["modprobe", "-r", "vivid"], check=False).returncode == 0)
