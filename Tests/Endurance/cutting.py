"""Runs edged with every call that changes a file written down, and looks at what a cut would leave."""

from __future__ import annotations

import copy
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from unittest import mock

from device import CONFIGURATION
from disk import Call, Disk, Flaw, Kind, State, Way, read_journal
from setting import setting
from smoke_client import Daemon

SECONDS = 120


def compile_library(directory: Path) -> Path:
    """`cuts.c` as a library that is loaded before the C library."""
    source, library = Path(__file__).with_name("cuts.c"), directory / "cuts.so"
    compiler = next((name for name in ("cc", "gcc", "clang") if shutil.which(name)), None)
    if compiler is None:
        raise AssertionError("there is no C compiler: cuts.c cannot be used")
    words = [compiler, "-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o", library, source]
    subprocess.run([*words, "-ldl", "-pthread"], check=True)
    return library


class House:
    """A device's files below `root`, and the command line; no daemon."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.root = directory, directory / "house"
        directory.mkdir(exist_ok=True)
        self.configuration = directory / "edged.toml"
        self.configuration.write_text(CONFIGURATION.format(directory=self.root, models=setting().models))

    @property
    def store(self) -> Path:
        return self.root / "store"

    @property
    def file(self) -> Path:
        return self.store / "edged.sqlite"

    def ask(self, *words: str, also: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command that prints one JSON document; `{root}` in its words is the directory of the files."""
        words = tuple(word.replace("{root}", str(self.root)) for word in words)
        return subprocess.run(
            [setting().daemon, *words, "--config", self.configuration, "--json"], capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=SECONDS, check=False, env={**os.environ, **(also or {})},
        )  # fmt: skip

    def do(self, *words: str) -> None:
        result = self.ask(*words)
        if result.returncode:
            raise AssertionError(f"edged {' '.join(words)} ended with {result.returncode}: {result.stderr[-400:]}")


class HouseDaemon(Daemon):
    """The daemon of a house."""

    def __init__(self, house: House) -> None:
        super().__init__(setting().daemon, house.configuration, house.directory / "edged.log")

    def start_with(self, environment: dict[str, str]) -> None:
        with mock.patch.dict(os.environ, environment):
            self.start()


@dataclass(frozen=True)
class Look:
    """What a device says of itself after it was started twice."""

    people: frozenset[str]
    clients: frozenset[str]
    #: The audit trail's lines: what was done, and the hash.
    lines: tuple[str, ...]
    #: What `edged audit verify` found beside alarms, and these.
    findings: str
    alarms: frozenset[str]
    #: The files of the store, with what is drawn or a time in their names blotted out.
    files: frozenset[str]

    @staticmethod
    def at(house: House) -> Look:
        opened = house.ask("people")
        if opened.returncode and "There is no store" in opened.stderr:
            # A first start that was cut before it made one: whoever only reads makes none.
            return Look(frozenset(), frozenset(), (), "{}", frozenset(), files_of(house.store))
        if opened.returncode:
            raise AssertionError(f"the store does not open: {opened.stderr[-300:]}")
        people = {f"{each['user_id']}:{each['templates']}" for each in json.loads(opened.stdout)["people"]}
        proven = house.ask("audit", "verify")
        if proven.returncode not in (0, 1):
            raise AssertionError(f"the store cannot be verified: {proven.stderr[-300:]}")
        proof = json.loads(proven.stdout)
        if proven.returncode and "error" in proof:
            raise AssertionError(f"the store cannot be verified: {proof['error']}")
        words = ("first_broken_line", "broken_seals", "file_faults", "edited_tables")
        findings = {word: proof[word] for word in words if proof.get(word)}
        return Look(
            frozenset(people), frozenset(column(house.file, "SELECT hex(id) FROM clients")), lines_of(house.file),
            json.dumps(findings), frozenset(re.sub(r"\d+", "N", alarm) for alarm in proof["alarms"]),
            files_of(house.store),
        )  # fmt: skip

    @property
    def text(self) -> str:
        return f"{sorted(self.people)}, {len(self.clients)} clients, {self.findings} {sorted(self.alarms)}"

    def tells_as(self, other: Look) -> bool:
        mine = (self.people, self.clients, self.findings, self.alarms)
        return mine == (other.people, other.clients, other.findings, other.alarms)


def column(file: Path, query: str) -> list[str]:
    """Of a file that nobody has open and that was closed in order."""
    connection = sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)
    try:
        return [str(row[0]) for row in connection.execute(query)]
    finally:
        connection.close()


def lines_of(file: Path) -> tuple[str, ...]:
    return tuple(column(file, "SELECT action || ' ' || hex(hash) FROM audit ORDER BY sequence"))


def files_of(root: Path) -> frozenset[str]:
    names = (str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
    # What is drawn first: nine of its digits in a row are no time.
    plain = (re.sub(r"\b(?=\w*\d)[0-9a-f]{8,16}\.new", "DRAWN.new", name) for name in names)
    return frozenset(re.sub(r"\d{9,}", "TIME", name) for name in plain)


@dataclass
class Record:
    """Commands that were run one after the other, and what they did to the files."""

    #: The files before the first command.
    disk: Disk
    calls: list[Call] = field(default_factory=list)
    #: For each command how many calls had been made when it gave its answer.
    answers: list[int] = field(default_factory=list)
    #: The files before the first command and after each.
    trees: list[State] = field(default_factory=list)

    @property
    def places(self) -> int:
        """How many places for a cut there are: before each call that changes something, and at the end."""
        return sum(call.is_place for call in self.calls) + 1

    def replay(self, flaw: Flaw | None = None) -> Disk:
        disk = copy.deepcopy(self.disk)
        disk.flaw = flaw
        return disk

    def cuts(self, ways: Sequence[Way], stride: int, seed: int, flaw: Flaw | None = None) -> Iterator[Cut]:
        """The states at every `stride`-th place and at the end, each different one once."""
        disk, place, seen = self.replay(flaw), 0, set()
        for index, call in enumerate([*self.calls, None]):
            if call is None or call.is_place:
                answered = sum(answer <= index for answer in self.answers)
                for turn, way in enumerate(ways):
                    # The ways take turns, so that a stride leaves out less.
                    if call is not None and (place + turn * stride // len(ways)) % stride:
                        continue
                    state = disk.cut(way, random.Random(f"{seed} {place} {way.name}"))
                    known = (answered, state.digest)
                    if known not in seen:
                        seen.add(known)
                        yield Cut(place, way, seed, answered, state)
                place += 1
            if call is not None:
                disk.do(call)


@dataclass(frozen=True)
class Cut:
    """A state, and how many commands had answered before it."""

    place: int
    way: Way
    seed: int
    answered: int
    state: State

    def __str__(self) -> str:
        return f"cut {self.place} ({self.way.name.lower()}, seed {self.seed}, {self.answered} answered)"


class Recorder:
    """Runs commands on a house with the library before the C library."""

    def __init__(self, library: Path) -> None:
        self.library = library

    def run(self, house: House, commands: Sequence[Sequence[str]]) -> Record:
        """Run the commands on the house's files as they are."""
        journal = house.directory / "journal"
        journal.unlink(missing_ok=True)
        record = Record(Disk(house.root), trees=[State.of(house.root)])
        for words in commands:
            result = house.ask(*words, also=self.environment(house, journal))
            if result.returncode:
                raise AssertionError(f"edged {' '.join(words)}: {result.stdout[-300:]} {result.stderr[-300:]}")
            record.calls = read_journal(journal)
            record.answers.append(1 + max(n for n, call in enumerate(record.calls) if call.kind == Kind.SAY))
            record.trees.append(State.of(house.root))
        return record

    def run_daemon(self, house: House, commands: Sequence[Sequence[str]]) -> Record:
        """Start the daemon, give it the commands, and stop it: each of these counts as a command that answers."""
        journal = house.directory / "journal"
        journal.unlink(missing_ok=True)
        record = Record(Disk(house.root), trees=[State.of(house.root)])
        daemon = HouseDaemon(house)
        deeds: list[Callable[[], object]] = [lambda: daemon.start_with(self.environment(house, journal))]
        deeds += [partial(daemon.command, *words) for words in commands]
        try:
            for deed in [*deeds, daemon.stop]:
                deed()
                # What was called before the answer came is in the journal by now.
                record.calls = read_journal(journal)
                record.answers.append(len(record.calls))
                record.trees.append(State.of(house.root))
        finally:
            daemon.stop()
        return record

    def kill(self, house: House, words: Sequence[str], at: int) -> Record:
        """Run a command that kills itself before its `at`-th call."""
        journal = house.directory / "journal"
        journal.unlink(missing_ok=True)
        record = Record(Disk(house.root), trees=[State.of(house.root)])
        result = house.ask(*words, also=self.environment(house, journal, at))
        if result.returncode != -signal.SIGKILL:
            raise AssertionError(f"edged {' '.join(words)} was not killed: {result.returncode} {result.stderr[-300:]}")
        record.calls = read_journal(journal)
        record.trees.append(State.of(house.root))
        return record

    def environment(self, house: House, journal: Path, at: int = 0) -> dict[str, str]:
        words = {"LD_PRELOAD": str(self.library), "CUTS_ROOT": str(house.root), "CUTS_JOURNAL": str(journal)}
        return {**words, "CUTS_AT": str(at)} if at else words
