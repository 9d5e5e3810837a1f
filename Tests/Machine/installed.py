"""The package in the guest, as an administrator gets it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cameras import command
from setting import setting
from smoke_client import Failure

UNIT = "edged.service"
CONFIGURATION = Path("/etc/edged/edged.toml")


def shown(key: str, unit: str = UNIT) -> str:
    """A property of the unit."""
    return command("systemctl", "show", unit, "-P", key).strip()


def install(package: Path | None = None) -> None:
    """Install or upgrade; dpkg starts the unit and returns when that is ready. The guest's dpkg leaves documents out, this one not."""
    package = package or setting().package
    if package is None:
        raise Failure("these tests install a package: Tests/Machine/run.py --package")
    command("dpkg", "--path-include=/usr/share/doc/edged/*", "--install", package)


def purge() -> None:
    """Take it away with all that it kept."""
    command("dpkg", "--purge", "edged")
    subprocess.run(["systemctl", "daemon-reload"], check=False)


def traces() -> set[str]:
    """Every file of the guest that is named after it; of other file systems only /run."""
    found = command("find", "/", "/run", "-xdev", "-path", "/run/vm.old", "-prune", "-o", "-iname", "*edged*", "-print")
    return {line for line in found.splitlines() if not line.startswith("/srv")}


def edged(*words: str) -> subprocess.CompletedProcess[str]:
    """The installed program, as root."""
    return subprocess.run(["edged", *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False, timeout=120)


def journal(*words: str) -> str:
    """What the unit has written."""
    return command("journalctl", "--unit", UNIT, "--no-pager", *words)
