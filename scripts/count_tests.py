"""Print how many tests passed and failed, from the XML reports of `swift test`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from xml.etree import ElementTree


def count(paths: Iterable[str]) -> tuple[int, int]:
    """How many test cases of all reports passed, and how many failed; skipped ones are neither."""
    total = failed = 0
    for path in paths:
        for case in ElementTree.parse(path).iter("testcase"):
            if case.find("skipped") is not None:
                continue
            total += 1
            failed += any(case.find(kind) is not None for kind in ("failure", "error"))
    return total - failed, failed


if __name__ == "__main__":
    print(*count(sys.argv[1:]))
