"""Runs the contract tests: one real daemon, its own OpenAPI document, and whoever may come along to call it.

Prints what failed and how many checks passed and failed.
"""

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
sys.path[:0] = [str(HERE), str(ROOT / "scripts")]

from counting import Counting  # noqa: E402
from smoke_client import Failure  # noqa: E402
from world import World, set_world  # noqa: E402

# The fuzzing goes on beside the others, against a daemon of its own; its result is read last.
SUITES = ("document", "schemathesis", "access", "tenants", "methods", "bodies", "client", "pages", "hostile")


def arguments_of(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=" ".join((__doc__ or "").split()))
    parser.add_argument("--daemon", type=Path, required=True, help="the program edged")
    parser.add_argument("--models", type=Path, required=True, help="the model directory")
    parser.add_argument("--footage", type=Path, required=True, help="the directory of demonstration footage")
    parser.add_argument("--counts", type=Path, help="a file to write the numbers of passed and failed checks to")
    parser.add_argument("--only", nargs="+", choices=SUITES, default=SUITES, help="suites to run")
    parser.add_argument("--document", type=Path, help="an OpenAPI document to use instead of the served one")
    parser.add_argument("--central", action="store_true", help="test a central instance instead of a device")
    parser.add_argument("--keep", type=Path, help="a directory for logs, reports and screenshots")
    parser.add_argument("--seed", type=int, default=20261126, help="of everything that is drawn by chance")
    arguments = parser.parse_args(words)
    for name in ("daemon", "models", "footage"):
        setattr(arguments, name, getattr(arguments, name).resolve())
    return arguments


def run(arguments: argparse.Namespace, directory: Path) -> Counting:
    world = World(arguments, directory)
    set_world(world)
    result = Counting()
    try:
        world.start()
        modules = [importlib.import_module(f"test_{name}") for name in SUITES if name in arguments.only]
        beginnings = [module.begin for module in modules if hasattr(module, "begin")]
        endings = [module.end for module in modules if hasattr(module, "end")]
        try:
            for begin in beginnings:
                begin()
            # Suites that have begun on their own come last.
            for module in sorted(modules, key=lambda module: hasattr(module, "begin")):
                print(f"{module.__name__.removeprefix('test_')}: {headline(module)}", file=sys.stderr, flush=True)
                unittest.defaultTestLoader.loadTestsFromModule(module).run(result)
        finally:
            for end in endings:
                end()
    except Failure as failure:
        result.failed += 1
        print(f"FAILED the run as a whole: {failure}", file=sys.stderr)
    finally:
        world.stop()
    if result.failed:
        print(f"\nthe end of the daemon's log:\n{world.device.log_tail()}", file=sys.stderr)
    return result


def headline(module: object) -> str:
    return (module.__doc__ or "").splitlines()[0]


def main() -> int:
    arguments = arguments_of(sys.argv[1:])
    started = time.monotonic()
    # Where the daemon finds Swagger UI and ReDoc when it is not installed.
    os.environ.setdefault("EDGED_WWW", str(ROOT / "www"))
    print(f"contract tests, seed {arguments.seed}", file=sys.stderr)
    if arguments.keep:
        arguments.keep.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="edged-contract-") as directory:
        result = run(arguments, Path(directory))
    if arguments.counts:
        arguments.counts.write_text(f"{result.passed} {result.failed}\n")
    print(f"contract tests took {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(f"contract: {result.passed} passed, {result.failed} failed")
    return 1 if result.failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
