"""Runs the tests of the set-up tools and writes how many passed and failed."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "scripts")]
    suite = unittest.defaultTestLoader.discover(str(Path(__file__).parent))
    result = unittest.TextTestRunner().run(suite)
    failed = len(result.failures) + len(result.errors)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(f"{result.testsRun - failed} {failed}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
