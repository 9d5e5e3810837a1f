"""Runs in the unit's sandbox, before the daemon: tries what must not be possible there and writes down what was."""

from __future__ import annotations

import ctypes
import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

STATE = Path(os.environ["STATE_DIRECTORY"])
PTRACE_ATTACH, CLONE_NEWUSER, PR_GET_NO_NEW_PRIVS = 16, 0x10000000, 39
libc = ctypes.CDLL(None, use_errno=True)


def write(path: str) -> None:
    with open(path, "w") as file:
        file.write("x")


def read(path: str) -> None:
    with open(path, "rb", buffering=0) as file:
        file.read(1)


def called(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")


def attach() -> None:
    child = os.fork()
    if child == 0:
        while True:
            pass
    try:
        called(libc.ptrace(PTRACE_ATTACH, child, None, None))
    finally:
        os.kill(child, 9)


def gain_privileges() -> None:
    if libc.prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1:
        raise PermissionError("no new privileges")


ATTEMPTS: dict[str, Callable[[], object]] = {
    "its own state": lambda: write(str(STATE / "probe.tmp")),
    "the configuration": lambda: write("/etc/edged/probe"),
    "the system": lambda: write("/usr/probe"),
    "somebody's home": lambda: os.listdir("/root"),
    "the kernel's settings": lambda: write("/proc/sys/kernel/hostname"),
    "another device": lambda: read("/dev/kmsg"),
    "memory": lambda: read("/dev/mem"),
    "tracing": attach,
    "new privileges": gain_privileges,
    "a user of its own": lambda: called(libc.unshare(CLONE_NEWUSER)),
    "raw packets": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
    "a mount": lambda: called(libc.mount(b"none", b"/tmp", b"tmpfs", 0, None)),
    "the clock": lambda: os.system("date -s 2001-01-01 >/dev/null 2>&1") == 0 or called(-1),
}


def main() -> None:
    found = {}
    for name, attempt in ATTEMPTS.items():
        try:
            attempt()
            found[name] = True
        except OSError:
            found[name] = False
    (STATE / "probe.tmp").unlink(missing_ok=True)
    (STATE / "probe.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
