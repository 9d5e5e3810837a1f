"""The power goes while edged copies, restores, mends, erases or begins: then all is as before, or as it should be."""

from __future__ import annotations

import os
import queue
import random
import shutil
import sqlite3
import sys
import time
import unittest
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from cutting import Cut, House, Look, Record, Recorder, column, compile_library
from device import Device, open_session, pictures, stream
from disk import Flaw, State, Way
from judging import Step, expect_one_of, give_again
from setting import ROOT, setting

DEEP = bool(os.environ.get("EDGED_DEEP"))
#: States of a scenario in the usual run, about; the deep one takes every place with each seed.
STATES = 24
PORTION = 64
SEEDS = 2 if DEEP else 1
PAGE = 4096
ERASE = ("people", "erase", "--client", "kiosk", "man")
RESTORED = ("store.epoch", "store.restored")


@dataclass(frozen=True)
class Scenario:
    """Files, commands on them, and what must hold beside what always must."""

    prepare: Callable[[House], None]
    commands: Sequence[Sequence[str]]
    also: Callable[[House, Cut, Look], None] = lambda house, cut, look: None
    #: The lines at the end of the trail that an opening after the deed writes.
    ending: Sequence[str] = ()
    #: Whether the commands that were not answered are given again, as somebody would, and must end as they should.
    again: bool = False
    #: Whether the commands are given to a daemon, which is started and stopped around them.
    daemon: bool = False


@dataclass(frozen=True)
class Verdict:
    """What was found in a state: what is known to stand against it, and what is not."""

    cut: Cut
    standing: set[str]
    error: AssertionError | None


class Cuts(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        # In memory where that can be: nothing waits for a disk there, and it is the journal that tells what is durable.
        memory = Path("/dev/shm")
        parent = memory if os.access(memory, os.W_OK) else setting().directory
        cls.scratch = parent / f"edged-cuts-{os.getpid()}"
        cls.scratch.mkdir(mode=0o700)
        cls.addClassCleanup(shutil.rmtree, cls.scratch)
        cls.recorder = Recorder(compile_library(cls.scratch))
        cls.world = make_world(cls.scratch)
        cls.workers: queue.Queue[House] = queue.Queue()
        count = os.cpu_count() or 1
        for number in range(count):
            cls.workers.put(House(cls.scratch / f"worker{number}"))
        cls.pool = ThreadPoolExecutor(count)
        cls.addClassCleanup(cls.pool.shutdown)

    # The scenarios

    def test_a_backup_among_the_devices_own(self) -> None:
        def prepare(house: House) -> None:
            self.settle(house)
            copy_backup(house, house.store / "backups" / "edged-1000000001.sqlite")

        def enough(house: House, cut: Cut, look: Look) -> None:
            sound = [path for path in house.store.glob("backups/edged-*.sqlite") if is_sound(path)]
            self.assertGreaterEqual(len(sound), 2, "a backup went before the new one was there")

        self.go_through(Scenario(prepare, [("backup",)], enough))

    def test_a_backup_elsewhere_that_replaces_an_older_one(self) -> None:
        def whole(house: House, cut: Cut, look: Look) -> None:
            copy = house.root / "elsewhere" / "copy.sqlite"
            if copy.exists() or cut.answered:
                self.assertTrue(is_sound(copy), "what has a backup's name is none")
            if cut.answered:
                self.assertEqual(set(column(copy, "SELECT hex(id) FROM clients")), look.clients)

        self.go_through(
            Scenario(self.settle, [("backup", "--to", "{root}/elsewhere/copy.sqlite")] * 2, whole, again=True)
        )

    def test_a_restore_of_an_own_backup(self) -> None:
        own = "{root}/store/backups/edged-1000000000.sqlite"
        self.go_through(Scenario(self.settle, [("restore", "--yes", own)], restored, ending=RESTORED, again=True))

    def test_a_restore_of_a_backup_that_lies_elsewhere(self) -> None:
        def prepare(house: House) -> None:
            self.settle(house)
            shutil.move(own_backup(house), house.root / "copy.sqlite")

        restore = ("restore", "--yes", "{root}/copy.sqlite")
        self.go_through(Scenario(prepare, [restore], restored, ending=RESTORED, again=True))

    def test_mending_a_file_without_its_first_page_by_a_backup(self) -> None:
        self.mend(lambda file: scribble(file, 0, PAGE))

    def test_mending_a_file_without_its_first_page_and_without_a_backup(self) -> None:
        self.mend(lambda file: scribble(file, 0, PAGE), backup=False)

    def test_mending_a_file_with_garbage_in_its_middle(self) -> None:
        self.mend(damage_people)

    def test_mending_a_file_with_garbage_in_its_middle_without_a_backup(self) -> None:
        self.mend(damage_people, backup=False)

    def test_mending_a_file_of_which_the_end_is_missing_beside_a_newer_backup(self) -> None:
        self.mend(lambda file: os.truncate(file, file.stat().st_size * 2 // 3 // PAGE * PAGE), newer=True)

    def test_an_erasure_beside_backups_and_an_exchange_of_the_keys(self) -> None:
        self.go_through(Scenario(self.with_copies, [ERASE, ("keys", "rotate")], self.expect_nobody_erased))

    def test_the_same_by_the_daemon(self) -> None:
        self.go_through(Scenario(self.with_copies, [ERASE, ("keys", "rotate")], self.expect_nobody_erased, daemon=True))

    def test_the_first_start_of_the_daemon(self) -> None:
        self.go_through(
            Scenario(lambda house: house.root.mkdir(), [("clients", "create", "kiosk")], daemon=True)
        )

    def test_the_first_start_and_the_first_exchange_of_the_keys(self) -> None:
        self.go_through(
            Scenario(lambda house: house.root.mkdir(), [("clients", "create", "kiosk"), ("keys", "rotate")])
        )

    def test_bringing_a_file_of_schema_1_forward(self) -> None:
        self.go_through(Scenario(released(1), [("people",)]))

    def test_bringing_a_file_of_schema_2_forward(self) -> None:
        self.go_through(Scenario(released(2), [("people",)]))

    # That the harness sees something

    def test_a_real_kill_leaves_what_the_journal_says(self) -> None:
        for at in (1, 20, 60):
            with self.subTest(at=at):
                house = self.house(f"killed-{at}")
                self.settle(house)
                record = self.recorder.kill(house, ERASE, at)
                self.assertGreater(record.places, at // 2, "killed long before it was asked for")
                self.expect_the_journal_to_be_whole(record)

    def test_a_program_without_syncs_is_found(self) -> None:
        house = self.house("flaws")
        self.settle(house)
        first = self.house("flaws-first")
        first.root.mkdir()
        records = [
            self.recorder.run(house, [("clients", "create", "gate"), ERASE, ("backup",)]),
            self.recorder.run(first, [("clients", "create", "kiosk")]),
        ]
        known = [(record, self.steps(record)) for record in records]
        for flaw in Flaw:
            with self.subTest(flaw=flaw.value):
                wrong = 0
                for record, steps in known:
                    cuts = list(record.cuts([Way.SYNCED], record.places, setting().seed, flaw))
                    wrong += sum(verdict.error is not None for verdict in self.judge_all(cuts, steps))
                self.assertGreater(wrong, 0, f"a program with {flaw.value} passes")

    # How a scenario goes

    def house(self, name: str) -> House:
        return House(self.scratch / name)

    def settle(self, house: House) -> None:
        self.world.put(house.root)

    def with_copies(self, house: House) -> None:
        self.settle(house)
        copy_backup(house, house.store / "edged.sqlite.before-restore-1000000001")

    def expect_nobody_erased(self, house: House, cut: Cut, look: Look) -> None:
        """No copy beside the store holds who is not in it any more."""
        if any(person.startswith("man:") for person in look.people):
            return
        people = set(column(house.file, "SELECT hex(id) FROM people"))
        for path in house.store.rglob("*"):
            if path != house.file and path.is_file() and is_sound(path):
                # A draft that was just begun has no tables.
                begun = column(path, "SELECT name FROM sqlite_schema WHERE name = 'people'")
                copied = set(column(path, "SELECT hex(id) FROM people")) if begun else set()
                self.assertLessEqual(copied, people, f"{path.name} holds who was erased")

    def mend(self, damage: Callable[[Path], None], backup: bool = True, newer: bool = False) -> None:
        def prepare(house: House) -> None:
            self.settle(house)
            if newer:
                house.do("backup")
            if not backup:
                own_backup(house).unlink()
            damage(house.file)

        def kept(house: House, cut: Cut, look: Look) -> None:
            expect_kept(house, "damaged")

        self.go_through(Scenario(prepare, [("people",)], kept))

    def go_through(self, scenario: Scenario) -> None:
        began = time.monotonic()
        house = self.house(self.id().rsplit(".", 1)[-1])
        scenario.prepare(house)
        record = (self.recorder.run_daemon if scenario.daemon else self.recorder.run)(house, scenario.commands)
        self.expect_the_journal_to_be_whole(record)
        steps = self.steps(record)
        stride = 1 if DEEP else max(1, record.places * len(Way) // STATES)
        cuts = record.cuts(list(Way), stride, setting().seed)
        for turn in range(1, SEEDS):
            cuts = chain(cuts, record.cuts([Way.TORN, Way.LOOSE], stride, setting().seed + turn))
        standing: Counter[str] = Counter()
        states = 0
        # By portions: a state holds the whole content of the files.
        while portion := list(islice(cuts, PORTION)):
            states += len(portion)
            for verdict in self.judge_all(portion, steps, scenario):
                standing.update(verdict.standing)
                with self.subTest(cut=str(verdict.cut)):
                    if verdict.error is not None:
                        raise verdict.error
        seconds = time.monotonic() - began
        known = "".join(f"; {name}: {count}" for name, count in sorted(standing.items()))
        print(f"  {record.places} places, {states} states, {seconds:.0f} s{known}", file=sys.stderr, flush=True)

    def expect_the_journal_to_be_whole(self, record: Record) -> None:
        disk = record.replay()
        for call in record.calls:
            disk.do(call)
        self.assertEqual(
            disk.cut(Way.KILLED, random.Random(0)).digest, record.trees[-1].digest,
            "the files are not as they were written down: a call was missed",
        )  # fmt: skip

    def steps(self, record: Record) -> list[Step]:
        return list(self.pool.map(self.step, record.trees))

    def step(self, tree: State) -> Step:
        house = self.workers.get()
        try:
            return Step.of(tree, house)
        finally:
            self.workers.put(house)

    def judge_all(self, cuts: Sequence[Cut], steps: Sequence[Step], scenario: Scenario | None = None) -> list[Verdict]:
        return list(self.pool.map(lambda cut: self.judge(cut, steps, scenario), cuts))

    def judge(self, cut: Cut, steps: Sequence[Step], scenario: Scenario | None) -> Verdict:
        house = self.workers.get()
        try:
            cut.state.put(house.root)
            look = Look.at(house)
            standing = expect_one_of(look, steps[cut.answered : cut.answered + 2], scenario.ending if scenario else ())
            if scenario:
                scenario.also(house, cut, look)
                if scenario.again and (DEEP or cut.place % 3 == 0):
                    give_again(house, scenario.commands[cut.answered :], steps[-1].look)
            return Verdict(cut, standing, None)
        except AssertionError as error:
            return Verdict(cut, set(), error)
        finally:
            self.workers.put(house)


def restored(house: House, cut: Cut, look: Look) -> None:
    """Where the backup has taken its place, the present store was kept aside."""
    if not any(person.startswith("woman:") for person in look.people):
        expect_kept(house, "before-restore")


def expect_kept(house: House, mark: str) -> None:
    if not list(house.store.glob(f"edged.sqlite.{mark}-*")):
        raise AssertionError("the former file was not kept")


# What the scenarios are made of


def make_world(scratch: Path) -> State:
    """Two clients, two people with faces and two without; one client and one person came after the own backup."""
    device = Device(setting().daemon, scratch / "world", setting().models)
    try:
        device.start()
        kiosk = device.make_client("kiosk")
        caller = device.caller(kiosk)
        for name in ("E-1", "E-2"):
            made = caller.ask_json("POST", "/api/clients/users/", {"external_user_id": name})
            if made.status != 201:
                raise AssertionError(f"nobody was made: {made}")
        enroll(caller, "man", "webcam-man")
        device.command("backup")
        enroll(caller, "woman", "woman")
        device.make_client("door")
        caller.close()
    finally:
        device.stop()
    root = scratch / "begun"
    root.mkdir()
    shutil.copytree(device.directory / "store", root / "store", ignore=shutil.ignore_patterns("*.sock", "reserve"))
    (root / "elsewhere").mkdir()
    backup, = root.glob("store/backups/*.sqlite")
    backup.rename(backup.with_name("edged-1000000000.sqlite"))
    return State.of(root)


def enroll(caller, user: str, clip: str) -> None:  # noqa: ANN001
    frames = pictures(setting().footage, clip, step=6 if clip == "webcam-man" else 3)
    done = stream(caller, open_session(caller, "enrollment", user_id=user), frames)
    if not done.get("enrollment_complete"):
        raise AssertionError(f"{user} was not enrolled: {done}")


def own_backup(house: House) -> Path:
    return min(house.store.glob("backups/*.sqlite"))


def copy_backup(house: House, target: Path) -> None:
    shutil.copy2(own_backup(house), target)


def released(version: int) -> Callable[[House], None]:
    """A store that an earlier version wrote."""

    def prepare(house: House) -> None:
        fixture = ROOT / "Tests" / "StoreTests" / "StoreTesting" / "Fixtures" / f"schema-{version}"
        (house.store / "keys").mkdir(parents=True, mode=0o700)
        for name, target in (("edged.sqlite", house.file), ("key", house.store / "keys" / "key-encryption.key")):
            shutil.copyfile(fixture / name, target)
            target.chmod(0o600)

    return prepare


def scribble(file: Path, start: int, length: int) -> None:
    with file.open("r+b") as opened:
        opened.seek(start)
        opened.write(random.Random(length).randbytes(length))


def damage_people(file: Path) -> None:
    """Garbage in the page in which the table of people begins."""
    page = int(column(file, "SELECT rootpage FROM sqlite_schema WHERE name = 'people'")[0])
    scribble(file, (page - 1) * PAGE, PAGE)


def is_sound(file: Path) -> bool:
    """Whether it is a whole SQLite file that stands without a log."""
    try:
        return column(file, "PRAGMA quick_check") == ["ok"]
    except sqlite3.Error:
        return False

