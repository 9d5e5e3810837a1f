"""Whether a device that was cut is as it was, or as it should be."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from cutting import House, Look, lines_of
from disk import State

#: What is known not to hold: told in the run's output, and taken away here with its mending.
STANDING = {
    "a key's draft stays until the next exchange": r"keys/key-encryption\.key\.(ring\.)?DRAWN\.new",
}


@dataclass(frozen=True)
class Step:
    """What the device says of itself after so many commands, and the trail that it had."""

    look: Look
    trail: tuple[str, ...]

    @staticmethod
    def of(tree: State, house: House) -> Step:
        tree.put(house.root)
        try:
            trail = lines_of(house.file)
        except sqlite3.Error:
            trail = ()
        look = Look.at(house)
        # Of a file with damage what is left of its beginning.
        return Step(look, common(trail, look.lines))


def common(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    length = min(len(first), len(second))
    return first[: next((place for place in range(length) if first[place] != second[place]), length)]


def begins(lines: tuple[str, ...], trail: tuple[str, ...]) -> bool:
    return lines[: len(trail)] == trail


def expect_one_of(look: Look, steps: Sequence[Step], ending: Sequence[str] = ()) -> set[str]:
    """It is the one before the command that was cut, or the one after it, and nothing lies about that neither has.

    The lines of `ending` are written by an opening after the deed, and may be others by the next opening. Returns what
    stands against it and is known.
    """
    standing = set()
    fit = [step for step in steps if look.tells_as(step.look)]
    if not fit:
        raise AssertionError(f"{look.text} is none of {[step.look.text for step in steps]}")
    if not any(begins(look.lines, step.trail) for step in fit):
        deed = fit[-1].trail[: len(fit[-1].trail) - len(ending)]
        if not ending or not begins(look.lines, deed):
            raise AssertionError(f"audit lines are missing or others: {look.lines} for {[step.trail for step in fit]}")
        if not set(ending) <= {line.split()[0] for line in look.lines[len(deed) :]}:
            raise AssertionError(f"an act has no audit line: {look.lines}")
    left = look.files.difference(*(step.look.files for step in steps))
    for name, form in STANDING.items():
        if mine := {file for file in left if re.fullmatch(form, file)}:
            left -= mine
            standing.add(name)
    if left:
        raise AssertionError(f"left lying: {sorted(left)}")
    return standing


def give_again(house: House, commands: Sequence[Sequence[str]], wanted: Look) -> None:
    """Gives the commands that were not answered once more, as somebody would: then all is as after them."""
    for words in commands:
        result = house.ask(*words)
        if result.returncode:
            raise AssertionError(f"given again, edged {' '.join(words)}: {result.returncode} {result.stderr[-300:]}")
    look = Look.at(house) if commands else wanted
    if not look.tells_as(wanted):
        raise AssertionError(f"given again: {look.text} is not {wanted.text}")
