"""Runs the daemon on a real Linux kernel, with real camera drivers and a real systemd, in a guest made of user-mode Linux."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
# Each line is one boot: with systemd and udev, or bare.
BOOTS = (("systemd", ("streams", "usb", "vivid", "replug", "unit", "package", "sockets")), ("bare", ("identity", "pins", "room", "controls", "idle")))
SUITES = [suite for _, suites in BOOTS for suite in suites]
INSTALLING = {"unit", "package", "sockets"}
CYCLES, CYCLES_WHEN_DEEP = 10, 200
RESTARTS, RESTARTS_WHEN_DEEP = 5, 50
LIMIT_SECONDS, LIMIT_SECONDS_WHEN_DEEP = 900, 3000


def arguments_of(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=" ".join((__doc__ or "").split()))
    parser.add_argument("--daemon", type=Path, required=True, help="the program edged")
    parser.add_argument("--models", type=Path, required=True, help="the model directory")
    parser.add_argument("--footage", type=Path, required=True, help="the directory of demonstration footage")
    parser.add_argument("--counts", type=Path, help="a file to write the numbers of passed and failed checks to")
    parser.add_argument("--only", nargs="+", choices=SUITES, help="suites to run")
    parser.add_argument("--keep", type=Path, help="a directory for what the guests wrote, their journals too")
    parser.add_argument("--package", type=Path, help="the Debian package, which the suites unit, package and sockets install")
    parser.add_argument("--cycles", type=int, help="how often a camera is unplugged and plugged in again")
    arguments = parser.parse_args(words)
    if arguments.package is None and INSTALLING & set(arguments.only or SUITES):
        parser.error("the suites unit, package and sockets need --package (scripts/package --fast)")
    return arguments


def foreign_libraries(program: Path) -> list[Path]:
    """Directories of libraries that are not the system's own: the guest has only Debian's."""
    told = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
    files = [Path(line.split("=>")[1].split(" (")[0].strip()) for line in told.splitlines() if "=> /" in line]
    return sorted({file.parent for file in files if file.parts[1] not in ("lib", "lib64") and file.parts[:3] != ("/", "usr", "lib")})


def shares(arguments: argparse.Namespace, libraries: list[Path]) -> list[Path]:
    """What the guest must see besides the project, without what lies in another of them."""
    places = [arguments.daemon.resolve().parent, arguments.models.resolve(), arguments.footage.resolve(), *libraries]
    places += [arguments.package.resolve().parent] if arguments.package else []
    return [place for place in dict.fromkeys(places) if not any(place.is_relative_to(o) for o in (ROOT, *places) if o != place)]


def boot(kind: str, suites: list[str], arguments: argparse.Namespace, directory: Path) -> tuple[int, int]:
    """Boot once and run suites there; how many checks passed and failed."""
    deep = bool(os.environ.get("EDGED_DEEP"))
    libraries = foreign_libraries(arguments.daemon)
    words: list[str | Path] = [HERE / "vm" / "boot", "-k", directory]
    words += ["-t", str(LIMIT_SECONDS_WHEN_DEEP if deep else LIMIT_SECONDS)]
    words += ["-b"] if kind == "bare" else []
    words += [word for share in shares(arguments, libraries) for word in ("-s", share)]
    words += ["--", "python3", "-B", HERE / "guest.py", "--daemon", arguments.daemon.resolve(), "--models", arguments.models.resolve()]
    words += ["--footage", arguments.footage.resolve(), "--cycles", str(arguments.cycles or (CYCLES_WHEN_DEEP if deep else CYCLES))]
    words += ["--restarts", str(RESTARTS_WHEN_DEEP if deep else RESTARTS)]
    words += ["--package", arguments.package.resolve()] if arguments.package else []
    words += ["--libraries", ":".join(map(str, libraries)), "--suites", *suites]
    ended = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False).returncode
    counts = directory / "counts"
    passed, failed = map(int, counts.read_text().split()) if counts.exists() else (0, 0)
    if ended != 0 and not failed:
        print(f"  FAILED the {kind} guest ended with {ended}", file=sys.stderr)
        failed = 1
    return passed, failed


def older(package: Path, directory: Path) -> Path:
    """A package that calls itself older, so that an upgrade can be tried; beside a copy of the present one."""
    directory.mkdir(parents=True, exist_ok=True)
    present = directory / "edged.deb"
    shutil.copyfile(package, present)
    tree = directory / "tree"
    subprocess.run(["dpkg-deb", "--raw-extract", package, tree], check=True)
    control = tree / "DEBIAN" / "control"
    control.write_text("\n".join("Version: 0.0.1" if line.startswith("Version:") else line for line in control.read_text().splitlines()) + "\n")
    made = directory / "edged.older.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, made], check=True, stdout=subprocess.DEVNULL)
    shutil.rmtree(tree)
    return present


def main() -> int:
    arguments = arguments_of(sys.argv[1:])
    started = time.monotonic()
    subprocess.run([HERE / "vm" / "build"], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True)
    print(f"the guest was made in {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="edged-machine-") as temporary:
        if arguments.package:
            arguments.package = older(arguments.package, Path(temporary) / "package")
        for kind, suites in BOOTS:
            wanted = [suite for suite in suites if not arguments.only or suite in arguments.only]
            if not wanted:
                continue
            directory = (arguments.keep or Path(temporary)) / kind
            directory.mkdir(parents=True, exist_ok=True)
            (directory / "counts").unlink(missing_ok=True)
            good, bad = boot(kind, wanted, arguments, directory)
            passed, failed = passed + good, failed + bad
    if arguments.counts:
        arguments.counts.write_text(f"{passed} {failed}\n")
    print(f"machine tests took {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(f"machine: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
