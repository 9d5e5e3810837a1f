"""Runs a fleet of real daemons: people walk in where they were not enrolled, lines are cut, daemons killed and put back."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "Tests" / "Endurance"), str(ROOT / "Tests" / "Contract"), str(ROOT / "scripts")]

from counting import Counting  # noqa: E402
from postgres import Server  # noqa: E402
from setting import Setting, set_setting  # noqa: E402
from stage import set_server  # noqa: E402

SUITES = ("people", "lines", "proxies", "history", "strangers", "partition", "tenants", "certificates", "roots", "configuration", "doctor")
# Of central over PostgreSQL. Books that are put back are copied as a file in `history`, and in the room's own tests otherwise.
POSTGRES_SUITES = ("people", "lines", "strangers", "instances", "move", "configuration", "doctor")
KILLS, KILLS_WHEN_DEEP = 3, 25


def arguments_of(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=" ".join((__doc__ or "").split()))
    parser.add_argument("--daemon", type=Path, required=True, help="the program edged")
    parser.add_argument("--models", type=Path, required=True, help="the model directory")
    parser.add_argument("--footage", type=Path, required=True, help="the directory of demonstration footage")
    parser.add_argument("--counts", type=Path, help="a file to write the numbers of passed and failed checks to")
    parser.add_argument("--postgres", action="store_true", help="central's books in a PostgreSQL of this run's own")
    parser.add_argument("--only", nargs="+", choices=sorted({*SUITES, *POSTGRES_SUITES}), help="suites to run")
    parser.add_argument("--keep", type=Path, help="a directory for what the daemons wrote")
    parser.add_argument("--kills", type=int, help="how often a daemon is killed")
    parser.add_argument("--seed", type=int, default=20261126, help="of everything that is drawn by chance")
    return parser.parse_args(words)


def main() -> int:
    arguments = arguments_of(sys.argv[1:])
    started = time.monotonic()
    kills = arguments.kills or (KILLS_WHEN_DEEP if os.environ.get("EDGED_DEEP") else KILLS)
    result = Counting()
    with tempfile.TemporaryDirectory(prefix="edged-fleet-") as temporary:
        directory = arguments.keep or Path(temporary)
        directory.mkdir(parents=True, exist_ok=True)
        places = (arguments.daemon.resolve(), arguments.models.resolve(), arguments.footage.resolve(), directory)
        set_setting(Setting(*places, seed=arguments.seed, kills=kills))
        server = Server(ROOT) if arguments.postgres else None
        if server is not None:
            set_server(server)
        for suite in arguments.only or (POSTGRES_SUITES if server else SUITES):
            module = importlib.import_module(f"test_{suite}")
            print(f"{suite}: {(module.__doc__ or '').splitlines()[0]}", file=sys.stderr, flush=True)
            unittest.defaultTestLoader.loadTestsFromModule(module).run(result)
        if server is not None:
            server.stop()
    if arguments.counts:
        arguments.counts.write_text(f"{result.passed} {result.failed}\n")
    print(f"fleet tests took {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(f"fleet: {result.passed} passed, {result.failed} failed")
    return 1 if result.failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
