"""Runs in the guest: the suites that it is told, counted into /vm/counts."""

from __future__ import annotations

import argparse
import importlib
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "Tests" / "Contract"), str(ROOT / "scripts")]

from counting import Counting  # noqa: E402
from door import is_shared_door_there, stop_shared_door  # noqa: E402
from setting import Setting, set_setting  # noqa: E402

RESULTS = Path("/vm")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--daemon", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--footage", type=Path, required=True)
    parser.add_argument("--cycles", type=int, required=True)
    parser.add_argument("--restarts", type=int, required=True)
    parser.add_argument("--package", type=Path)
    parser.add_argument("--libraries", required=True)
    parser.add_argument("--suites", nargs="+", required=True)
    arguments = parser.parse_args()
    libraries = [Path(place) for place in arguments.libraries.split(":") if place]
    result = Counting()
    with tempfile.TemporaryDirectory(prefix="door-", dir="/srv") as directory:
        set_setting(
            Setting(
                arguments.daemon,
                arguments.models,
                arguments.footage,
                libraries,
                Path(directory),
                arguments.cycles,
                arguments.restarts,
                arguments.package,
            )
        )
        for suite in arguments.suites:
            module = importlib.import_module(f"test_{suite}")
            print(f"{suite}: {(module.__doc__ or '').splitlines()[0]}", file=sys.stderr, flush=True)
            unittest.defaultTestLoader.loadTestsFromModule(module).run(result)
            # Or the next suite would clear up after the last class of this one once more.
            setattr(result, "_previousTestClass", None)
            (RESULTS / "counts").write_text(f"{result.passed} {result.failed}\n")
        if is_shared_door_there():
            unittest.FunctionTestCase(stop_shared_door).run(result)
        (RESULTS / "counts").write_text(f"{result.passed} {result.failed}\n")
    return 1 if result.failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
