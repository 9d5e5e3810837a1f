"""Read the parts of a TensorFlow Lite model file that the converter needs.

The file is a FlatBuffer: tables of optional fields that are found by number. The numbers below are those of the
public schema and never change meaning, so a reader of the few tables in use is short and needs no other package.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import numpy as np


class Operation(IntEnum):
    """The built-in operations that the converter knows."""

    ADD = 0
    CONCATENATION = 2
    CONV_2D = 3
    DEPTHWISE_CONV_2D = 4
    DEQUANTIZE = 6
    LOGISTIC = 14
    MAX_POOL_2D = 17
    RELU = 19
    RESHAPE = 22
    PAD = 34
    PRELU = 54


_ELEMENTS = {0: np.float32, 1: np.float16, 2: np.int32, 4: np.int64}


class Table:
    """One FlatBuffer table; a field that is absent reads as its default."""

    def __init__(self, data: bytes, position: int) -> None:
        self._data = data
        self._position = position
        self._fields = position - self._at("<i", position)
        self._size = self._at("<H", self._fields)

    @classmethod
    def root(cls, data: bytes) -> Table:
        return cls(data, struct.unpack_from("<I", data, 0)[0])

    def _at(self, form: str, position: int) -> int:
        return int(struct.unpack_from(form, self._data, position)[0])

    def _field(self, number: int) -> int | None:
        slot = 4 + 2 * number
        offset = self._at("<H", self._fields + slot) if slot < self._size else 0
        return self._position + offset if offset else None

    def _target(self, number: int) -> int | None:
        place = self._field(number)
        return None if place is None else place + self._at("<I", place)

    def integer(self, number: int, form: str = "<i", default: int = 0) -> int:
        place = self._field(number)
        return default if place is None else self._at(form, place)

    def table(self, number: int) -> Table | None:
        target = self._target(number)
        return None if target is None else Table(self._data, target)

    def tables(self, number: int) -> list[Table]:
        target = self._target(number)
        if target is None:
            return []
        places = [target + 4 + 4 * index for index in range(self._at("<I", target))]
        return [Table(self._data, place + self._at("<I", place)) for place in places]

    def integers(self, number: int) -> list[int]:
        target = self._target(number)
        if target is None:
            return []
        return list(struct.unpack_from(f"<{self._at('<I', target)}i", self._data, target + 4))

    def content(self, number: int) -> bytes:
        target = self._target(number)
        if target is None:
            return b""
        return self._data[target + 4 : target + 4 + self._at("<I", target)]


@dataclass(frozen=True)
class Tensor:
    """A tensor's name, shape and, for a weight, its values."""

    name: str
    shape: tuple[int, ...]
    values: np.ndarray | None


@dataclass(frozen=True)
class Step:
    """One operation with the numbers of the tensors it reads and writes."""

    operation: Operation
    inputs: list[int]
    outputs: list[int]
    options: Table | None

    def option(self, number: int, form: str = "<i", default: int = 0) -> int:
        return default if self.options is None else self.options.integer(number, form, default)


@dataclass(frozen=True)
class Network:
    """The first (and for our networks only) graph of a model file."""

    tensors: list[Tensor]
    inputs: list[int]
    outputs: list[int]
    steps: list[Step]


def _operation(code: Table) -> Operation:
    # Small numbers stand in the old one-byte field, larger ones in the new field; the other one is then zero.
    return Operation(max(code.integer(0, "<b"), code.integer(3)))


def _tensor(table: Table, buffers: list[Table]) -> Tensor:
    shape = tuple(table.integers(0))
    content = buffers[table.integer(2, "<I")].content(0)
    values = None
    if content:
        values = np.frombuffer(content, _ELEMENTS[table.integer(1, "<b")]).reshape(shape)
    return Tensor(table.content(3).decode(), shape, values)


def read_network(path: Path) -> Network:
    """Read a model file; an unknown operation or element type raises ValueError or KeyError."""
    data = path.read_bytes()
    if data[4:8] != b"TFL3":
        raise ValueError(f"{path} is not a TensorFlow Lite file")
    model = Table.root(data)
    codes, graphs, buffers = model.tables(1), model.tables(2), model.tables(4)
    if len(graphs) != 1:
        raise ValueError(f"{path} holds {len(graphs)} graphs, expected one")
    graph = graphs[0]
    steps = [
        Step(_operation(codes[step.integer(0, "<I")]), step.integers(1), step.integers(2), step.table(4))
        for step in graph.tables(3)
    ]
    return Network([_tensor(table, buffers) for table in graph.tables(0)], graph.integers(1), graph.integers(2), steps)
