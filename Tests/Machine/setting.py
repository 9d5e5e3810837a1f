"""What the tests in the guest are told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Setting:
    """The arguments of the run."""

    daemon: Path
    models: Path
    footage: Path
    libraries: list[Path]
    directory: Path
    cycles: int
    restarts: int
    package: Path | None

    @property
    def root(self) -> Path:
        """The project."""
        return Path(__file__).resolve().parents[2]


_setting: list[Setting] = []


def set_setting(setting: Setting) -> None:
    _setting[:] = [setting]


def setting() -> Setting:
    """The setting of this run."""
    if not _setting:
        raise AssertionError("these tests run through Tests/Machine/run.py")
    return _setting[0]
