"""Counts every single check: sub-tests where a test has them, otherwise the test itself."""

from __future__ import annotations

import sys
import time
import traceback
import unittest
from types import TracebackType
from typing import Any

Trouble = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]
SHOWN = 25


class Counting(unittest.TestResult):
    """One line for each check that failed, at most `SHOWN` for one test."""

    def __init__(self) -> None:
        super().__init__()
        self.passed = 0
        self.failed = 0
        self._begun: dict[str, float] = {}
        self._parts: dict[str, list[int]] = {}

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        self._begun[test.id()] = time.monotonic()

    def addSubTest(self, test: unittest.TestCase, subtest: unittest.TestCase, err: Any) -> None:
        counts = self._parts.setdefault(test.id(), [0, 0])
        counts[err is not None] += 1
        if err is None:
            self.passed += 1
            return
        self._failed(test, str(subtest).split(") ", 1)[-1], err, counts[1])

    def addSuccess(self, test: unittest.TestCase) -> None:
        if test.id() not in self._parts:
            self.passed += 1

    def addFailure(self, test: unittest.TestCase, err: Any) -> None:
        self._failed(test, "", err, 1)

    def addError(self, test: unittest.TestCase, err: Any) -> None:
        self._failed(test, "", err, 1)

    def addSkip(self, test: unittest.TestCase, reason: str) -> None:
        # Nothing here may be skipped: what cannot run has not been shown.
        self.failed += 1
        self.say(f"  FAILED {name_of(test)}: skipped, {reason}")

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        good, bad = self._parts.get(test.id(), [0, 0])
        seconds = time.monotonic() - self._begun[test.id()]
        parts = f", {good} checks good, {bad} not" if good + bad else ""
        self.say(f"  {seconds:6.1f} s  {name_of(test)}{parts}")

    def _failed(self, test: unittest.TestCase, part: str, err: Trouble, count: int) -> None:
        self.failed += 1
        # `wasSuccessful` looks at this list.
        self.failures.append((test, part))
        if count > SHOWN:
            return
        kind, error, trace = err
        text = shortened(" ".join(str(error).split()))
        if kind is not None and not issubclass(kind, AssertionError):
            text = f"{kind.__name__}: {text}"
            for place in traceback.extract_tb(trace)[-1:]:
                text += f" ({place.filename.rsplit('/', 1)[-1]}:{place.lineno})"
        self.say(f"  FAILED {name_of(test)} {part}: {text}")

    @staticmethod
    def say(line: str) -> None:
        print(line, file=sys.stderr, flush=True)


def name_of(test: unittest.TestCase) -> str:
    parts = test.id().split(".")
    return ".".join(parts[-2:]).replace("test_", "")


def shortened(text: str) -> str:
    """The beginning and the end, where the reasons stand."""
    return text if len(text) <= 700 else f"{text[:300]} … {text[-400:]}"
