"""What the tests of this directory are told: where things are, and how long they may take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Setting:
    """The arguments of the run."""

    daemon: Path
    models: Path
    footage: Path
    directory: Path
    seed: int
    kills: int


_setting: list[Setting] = []


def set_setting(setting: Setting) -> None:
    _setting[:] = [setting]


def setting() -> Setting:
    """The setting of this run."""
    if not _setting:
        raise AssertionError("these tests run through Tests/Endurance/run.py")
    return _setting[0]
