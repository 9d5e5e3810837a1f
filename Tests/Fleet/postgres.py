"""A PostgreSQL of the run's own, and the fleets' databases in it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from smoke_client import Failure


class Server:
    """A PostgreSQL of this run's own, on a Unix socket; it ends with the run."""

    def __init__(self, root: Path) -> None:
        self.process = subprocess.Popen(
            [root / "scripts" / "throwaway-postgres"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        line = self.process.stdout.readline().split() if self.process.stdout else []
        if not line:
            raise Failure(f"no PostgreSQL server: scripts/throwaway-postgres ended with {self.process.wait()}")
        self.words = [word for word in line if not word.startswith("dbname=")]

    def make(self, name: str) -> Database:
        Database(" ".join([*self.words, "dbname=postgres"])).rows(f"CREATE DATABASE {name}")
        return Database(" ".join([*self.words, f"dbname={name}"]))

    def stop(self) -> None:
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.wait(30)


class Database:
    """A fleet's database in PostgreSQL."""

    def __init__(self, address: str) -> None:
        self.address = address

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        result = subprocess.run(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator=\t",
             "--set=ON_ERROR_STOP=1", "--command", sql, self.address],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False,
        )  # fmt: skip
        if result.returncode != 0:
            raise Failure(f"{sql}: {result.stderr.strip()}")
        return [tuple(_value(word) for word in line.split("\t")) for line in result.stdout.splitlines()]


def _value(word: str) -> int | str | None:
    return None if word == "" else int(word) if word.lstrip("-").isdigit() else word
