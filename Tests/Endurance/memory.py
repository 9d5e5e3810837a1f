"""Looks into the memory of a running process and into files, for bytes that must not be there any more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy

CHUNK = 1 << 24


@dataclass(frozen=True)
class Region:
    """A mapping that the process may write to."""

    begin: int
    end: int
    name: str


def regions(process: int) -> list[Region]:
    """Everything writable: heaps, stacks, data of libraries, anonymous memory."""
    found = []
    for line in Path(f"/proc/{process}/maps").read_text().splitlines():
        words = line.split(maxsplit=5)
        begin, _, end = words[0].partition("-")
        if words[1].startswith("rw"):
            found.append(Region(int(begin, 16), int(end, 16), words[5] if len(words) > 5 else ""))
    return found


def dump(process: int) -> Iterator[tuple[Region, bytes]]:
    """The content of every writable region; what the kernel does not give is left out."""
    with Path(f"/proc/{process}/mem").open("rb", buffering=0) as memory:
        for region in regions(process):
            try:
                memory.seek(region.begin)
                content = bytearray()
                while len(content) < region.end - region.begin:
                    part = memory.read(min(CHUNK, region.end - region.begin - len(content)))
                    if not part:
                        break
                    content += part
            except (OSError, ValueError, OverflowError):
                continue
            yield region, bytes(content)


def unit_vectors(content: bytes, length: int) -> set[bytes]:
    """Every run of `length` floats whose Euclidean length is 1: that is how a template lies in memory."""
    values = numpy.frombuffer(content[: len(content) // 4 * 4], dtype="<f4")
    if len(values) < length:
        return set()
    with numpy.errstate(all="ignore"):
        good = numpy.isfinite(values) & (numpy.abs(values) < 1) & (numpy.abs(values) > 1e-6)
        clean = numpy.where(good, values, 0).astype("f8")
        sums = numpy.concatenate(([0.0], numpy.cumsum(clean * clean)))
        dense = numpy.concatenate(([0], numpy.cumsum(good)))
        squares = sums[length:] - sums[:-length]
        filled = dense[length:] - dense[:-length]
        starts = numpy.flatnonzero((numpy.abs(squares - 1) < 1e-5) & (filled == length))
    found = set()
    for start in starts:
        exact = values[start : start + length].astype("f8")
        if abs(float(exact @ exact) - 1) < 1e-5:
            found.add(values[start : start + length].tobytes())
    return found


def pieces(vector: bytes, size: int = 16) -> list[bytes]:
    """Parts of a template, each enough to know it by."""
    return [vector[start : start + size] for start in range(0, len(vector), size)]


def search(content: bytes, words: dict[str, bytes]) -> set[str]:
    """The names of the words that are in the content."""
    return {name for name, word in words.items() if word in content}


def places(content: bytes, word: bytes, around: int = 24) -> list[bytes]:
    """Where a word is, with what stands around it; for the message."""
    return [content[max(0, m.start() - around) : m.end() + around] for m in re.finditer(re.escape(word), content)][:4]
