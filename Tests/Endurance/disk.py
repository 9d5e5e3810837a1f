"""A directory as a power cut may leave it, made again from what `cuts.c` wrote down."""

from __future__ import annotations

import enum
import hashlib
import os
import random
import shutil
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HEAD = struct.Struct("=IIqQQQII")
MAGIC = 0x53545543
SECTOR = 512


class Kind(enum.IntEnum):
    WRITE, TRUNCATE, EXTEND, SYNC, CREATE, MKDIR, LINK, RENAME, UNLINK, RMDIR, CHMOD, SAY, UNKNOWN = range(1, 14)


class Way(enum.Enum):
    """What a cut leaves of that which no sync has made durable."""

    KILLED = "all of it, as after a kill"
    SYNCED = "nothing of it"
    TORN = "names up to some place, and any sectors of any writes"
    LOOSE = "any names, and any sectors of any writes"


class Flaw(enum.Enum):
    """A program that leaves syncs out: they are in the journal and count for nothing."""

    NO_SYNCS = "no syncs"
    NO_FILE_SYNCS = "no syncs of files"
    NO_FOLDER_SYNCS = "no syncs of directories"


@dataclass(frozen=True)
class Call:
    """One line of the journal."""

    kind: Kind
    moment: int
    file: int
    offset: int
    length: int
    first: str
    second: str
    data: bytes

    @property
    def is_place(self) -> bool:
        """Whether a cut may come before it: it changes something, or makes it durable."""
        return self.kind < Kind.CHMOD


def read_journal(path: Path) -> list[Call]:
    """All whole lines; the last one of a program that was killed may be cut off."""
    raw, at, calls = path.read_bytes() if path.exists() else b"", 0, []
    while at + HEAD.size <= len(raw):
        magic, kind, moment, file, offset, length, first, second = HEAD.unpack_from(raw, at)
        if magic != MAGIC:
            raise AssertionError("the journal is not one of cuts.c")
        at += HEAD.size
        names = raw[at : at + first].decode(), raw[at + first : at + first + second].decode()
        at += first + second
        size = length if kind in (Kind.WRITE, Kind.SAY) else 0
        calls.append(Call(Kind(kind), moment, file, offset, length, *names, raw[at : at + size]))
        at += size
    return calls


@dataclass(eq=False)
class Change:
    """Something done to a file's content that no sync has followed."""

    kind: Kind
    offset: int
    length: int
    data: bytes = b""

    def do(self, content: bytearray) -> None:
        end = self.offset + len(self.data) if self.kind == Kind.WRITE else self.length
        if self.kind == Kind.TRUNCATE:
            del content[end:]
        if end > len(content):
            content.extend(bytes(end - len(content)))
        if self.kind == Kind.WRITE:
            content[self.offset : end] = self.data

    def do_partly(self, content: bytearray, chance: random.Random) -> None:
        """All, nothing, or any sectors; a length may come without its data."""
        fate = chance.random()
        if fate < 0.35:
            return self.do(content)
        if self.kind != Kind.WRITE or fate < 0.6:
            if self.kind == Kind.WRITE and chance.random() < 0.2:
                Change(Kind.EXTEND, 0, self.offset + len(self.data)).do(content)
            return None
        start, end = self.offset, self.offset + len(self.data)
        while start < end:
            stop = min((start // SECTOR + 1) * SECTOR, end)
            if chance.random() < 0.5:
                Change(Kind.WRITE, start, 0, self.data[start - self.offset : stop - self.offset]).do(content)
            start = stop
        return None


@dataclass(eq=False)
class Node:
    """A file or directory, whatever its names are."""

    is_folder: bool
    mode: int
    moment: int
    safe: bytes = b""
    now: bytearray = field(default_factory=bytearray)
    changes: list[Change] = field(default_factory=list)


@dataclass(eq=False)
class Naming:
    """A name that came, went or moved, and that no sync has followed."""

    gone: tuple[Node, str] | None
    come: tuple[Node, str] | None
    node: Node
    is_birth: bool = False

    @property
    def places(self) -> list[tuple[Node, str]]:
        return [place for place in (self.gone, self.come) if place]

    def do(self, names: Names) -> None:
        if self.gone:
            names.get(self.gone[0], {}).pop(self.gone[1], None)
        if self.come:
            names.setdefault(self.come[0], {})[self.come[1]] = self.node


Names = dict[Node, dict[str, Node]]


@dataclass(frozen=True)
class Entry:
    """A name of a state; files that share a number are one file."""

    path: str
    number: int
    is_folder: bool
    mode: int
    moment: int
    content: bytes


class State:
    """A directory tree that a cut may leave."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries

    @property
    def digest(self) -> bytes:
        whole = hashlib.blake2b()
        for entry in self.entries:
            # SQLite's shared index of a log is mapped, and made anew at each start.
            if entry.path.endswith("-shm"):
                continue
            whole.update(f"{entry.path}\0{entry.is_folder}\0{entry.mode}\0{len(entry.content)}\0".encode())
            whole.update(entry.content)
        return whole.digest()

    @staticmethod
    def of(root: Path) -> State:
        """What is there now, as far as a journal tells it."""
        disk = Disk(root)
        return disk.cut(Way.KILLED, random.Random(0))

    def put(self, root: Path) -> None:
        """Make the directory anew."""
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir(mode=0o700)
        made: dict[int, Path] = {}
        for entry in self.entries:
            path = root / entry.path
            if entry.is_folder:
                path.mkdir()
            elif entry.number in made:
                os.link(made[entry.number], path)
                continue
            elif entry.content.count(0) == len(entry.content):
                path.touch()
                os.truncate(path, len(entry.content))
            else:
                path.write_bytes(entry.content)
            path.chmod(entry.mode)
            os.utime(path, ns=(entry.moment, entry.moment))
            made[entry.number] = path


class Disk:
    """What lies below a directory, and what of it is durable."""

    def __init__(self, root: Path, flaw: Flaw | None = None) -> None:
        self.prefix, self.flaw = str(root), flaw
        self.top = Node(True, 0o700, 0)
        self.numbers: dict[int, Node] = {root.stat().st_ino: self.top}
        self.now: Names = {self.top: {}}
        self.safe: Names = {}
        self.namings: list[Naming] = []
        self._read(root, self.top)
        self.safe = {folder: dict(names) for folder, names in self.now.items()}

    def _read(self, directory: Path, folder: Node) -> None:
        for path in sorted(directory.iterdir()):
            facts = path.lstat()
            if path.is_dir():
                node = Node(True, facts.st_mode & 0o7777, facts.st_mtime_ns)
                self.now[node] = {}
            elif path.is_file():
                content = path.read_bytes()
                node = Node(False, facts.st_mode & 0o7777, facts.st_mtime_ns, content, bytearray(content))
            else:
                continue
            node = self.numbers.setdefault(facts.st_ino, node)
            self.now[folder][path.name] = node
            if node.is_folder:
                self._read(path, node)

    # What the program does

    def do(self, call: Call) -> None:
        if call.kind == Kind.UNKNOWN:
            raise AssertionError(f"cuts.c does not follow {call.first} {call.second}")
        if call.kind in (Kind.CREATE, Kind.MKDIR):
            folder = call.kind == Kind.MKDIR
            node = self.numbers[call.file] = Node(folder, call.length, call.moment)
            if folder:
                self.now[node] = {}
            return self._name(Naming(None, self._place(call.first), node, is_birth=True))
        known = self.numbers.get(call.file)
        # A socket, for example.
        if call.kind == Kind.SAY or known is None:
            return None
        if call.kind == Kind.SYNC:
            return self._sync(known)
        if call.kind == Kind.CHMOD:
            known.mode = call.length
        elif call.kind in (Kind.WRITE, Kind.TRUNCATE, Kind.EXTEND):
            change = Change(call.kind, call.offset, call.length, call.data)
            known.changes.append(change)
            known.moment = call.moment
            change.do(known.now)
        elif call.kind == Kind.LINK:
            self._name(Naming(None, self._place(call.first), known))
        elif call.kind == Kind.RENAME:
            gone, come = self._place(call.first), self._place(call.second)
            # Two names of one file: nothing happens.
            if self.now[come[0]].get(come[1]) is not known:
                self._name(Naming(gone, come, known))
        else:
            self._name(Naming(self._place(call.first), None, known))
        return None

    def _place(self, path: str) -> tuple[Node, str]:
        parts = Path(path).relative_to(self.prefix).parts
        folder = self.top
        for part in parts[:-1]:
            folder = self.now[folder][part]
        return folder, parts[-1]

    def _name(self, naming: Naming) -> None:
        naming.do(self.now)
        self.namings.append(naming)

    def _sync(self, node: Node) -> None:
        left_out = Flaw.NO_FOLDER_SYNCS if node.is_folder else Flaw.NO_FILE_SYNCS
        if self.flaw in (Flaw.NO_SYNCS, left_out):
            return
        if not node.is_folder:
            node.safe = bytes(node.now)
            node.changes.clear()
        self._settle([naming for naming in self.namings if any(place[0] is node for place in naming.places)])
        # A sync of what is new brings its name along, as ext4 does it, and that of the directory that it is in.
        while births := [naming for naming in self.namings if naming.is_birth and naming.node is node]:
            self._settle(births)
            node = births[0].places[0][0]

    def _settle(self, wanted: list[Naming]) -> None:
        """Make these durable, and before each what was done to the same name."""
        chosen, touched = set(), set()
        for naming in reversed(self.namings):
            if naming in wanted or touched.intersection(naming.places):
                chosen.add(naming)
                touched.update(naming.places)
        for naming in self.namings:
            if naming in chosen:
                naming.do(self.safe)
        self.namings = [naming for naming in self.namings if naming not in chosen]

    # What a cut leaves

    def cut(self, way: Way, chance: random.Random) -> State:
        if way == Way.KILLED:
            return State(list(self._walk(self.now, {node: bytes(node.now) for node in self._nodes(self.now)})))
        names = {folder: dict(inside) for folder, inside in self.safe.items()}
        if way == Way.SYNCED:
            return State(list(self._walk(names, {node: node.safe for node in self._nodes(names)})))
        kept = self.namings[: chance.randint(0, len(self.namings))]
        if way == Way.LOOSE:
            kept = [naming for naming in self.namings if chance.random() < 0.5]
        for naming in kept:
            naming.do(names)
        return State(list(self._walk(names, {node: torn(node, chance) for node in self._nodes(names)})))

    @staticmethod
    def _nodes(names: Names) -> list[Node]:
        # In an order that comes from the journal alone, so that a seed means the same state each time.
        found = {node: None for inside in names.values() for _, node in sorted(inside.items())}
        return [node for node in found if not node.is_folder]

    def _walk(
        self, names: Names, contents: dict[Node, bytes], folder: Node | None = None, before: str = ""
    ) -> Iterator[Entry]:
        for name, node in sorted(names.get(folder or self.top, {}).items()):
            path = f"{before}{name}"
            yield Entry(path, id(node), node.is_folder, node.mode, node.moment, contents.get(node, b""))
            if node.is_folder:
                yield from self._walk(names, contents, node, f"{path}/")


def torn(node: Node, chance: random.Random) -> bytes:
    """The content with all, none or parts of what was not synced."""
    fate = chance.random()
    if fate < 0.2 or not node.changes:
        return node.safe
    if fate < 0.4:
        return bytes(node.now)
    content = bytearray(node.safe)
    for change in node.changes:
        change.do_partly(content, chance)
    return bytes(content)
