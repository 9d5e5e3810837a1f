"""Machines with networks of their own: a router between them that can lose what it carries without a word."""

from __future__ import annotations

import http.client
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

from device import Client
from fleet import Central, House
from smoke_client import START_SECONDS, Failure, until
from wire import REQUEST_SECONDS, Caller

CLOCK_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


def ip(*words: str, within: str | None = None, check: bool = True) -> None:
    command = ["ip", *(("-n", within) if within else ()), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise Failure(f"`{' '.join(command)}`: {done.stderr.strip()}")


def clock_library() -> str | None:
    """What gives one process another wall clock than the machine's; `None` where it is not installed."""
    found = [str(file) for pattern in CLOCK_LIBRARIES for file in Path("/").glob(pattern[1:])]
    return found[0] if found else None


def what_is_missing() -> str | None:
    """Why there can be no namespaces here; `None` where there can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need iproute2 (scripts/setup installs it)"
    name = f"edged-try-{os.getpid()}"
    done = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        return f"network namespaces are not allowed here: {done.stderr.strip()}"
    subprocess.run(["ip", "netns", "delete", name], capture_output=True, check=False)
    return None


class Wires:
    """A router and the networks that hang on it: 10.213.N.0/24, the router is .1 and the machine .2."""

    def __init__(self) -> None:
        self.prefix = f"edged-{os.getpid()}"
        self.router = self.space("router")
        self._networks = 0

    def space(self, name: str) -> str:
        name = f"{self.prefix}-{name}"
        ip("netns", "add", name)
        ip("link", "set", "lo", "up", within=name)
        if name.endswith("-router"):
            subprocess.run(
                ["ip", "netns", "exec", name, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"], check=True)  # fmt: skip
        return name

    def plug(self, space: str, interface: str) -> int:
        """Put a cable between a machine and the router; the number of the network."""
        self._networks += 1
        number, end = self._networks, f"r{self._networks}"
        ip("link", "add", interface, "netns", space, "type", "veth", "peer", "name", end, "netns", self.router)
        ip("address", "add", f"10.213.{number}.1/24", "dev", end, within=self.router)
        ip("link", "set", end, "up", within=self.router)
        ip("address", "add", f"10.213.{number}.2/24", "dev", interface, within=space)
        ip("link", "set", interface, "up", within=space)
        return number

    def route(self, space: str, number: int) -> None:
        ip("route", "replace", "default", "via", f"10.213.{number}.1", within=space)

    def lose(self, number: int) -> None:
        """From now on the router drops what is meant for a network; neither end hears of it."""
        ip("route", "add", "blackhole", f"10.213.{number}.2/32", within=self.router)

    def carry(self, number: int) -> None:
        ip("route", "del", "blackhole", f"10.213.{number}.2/32", within=self.router)

    def remove(self) -> None:
        listing = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=False).stdout
        for line in listing.splitlines():
            name = line.split()[0] if line.split() else ""
            if name.startswith(f"{self.prefix}-"):
                ip("netns", "delete", name, check=False)


class SocketConnection(http.client.HTTPConnection):
    """HTTP over a Unix socket: files lead into every network namespace."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=REQUEST_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(REQUEST_SECONDS)
        self.sock.connect(self._path)


class SocketCaller(Caller):
    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = SocketConnection(self.address)
        return self._connection


class Distant(House):
    """A daemon in a namespace of its own, that clients reach through its socket."""

    space = ""
    clock: Path | None = None

    def settle(self, space: str, long_poll: str = "25s") -> None:
        self.space = space
        text = self.configuration.read_text().replace('long_poll = "5s"', f'long_poll = "{long_poll}"')
        text = text.replace("[http]\n", f"[http]\nsocket = '{self.directory}/api.sock'\n", 1)
        self.configuration.write_text(text)

    def start(self) -> None:
        environment = dict(os.environ)
        if self.clock is not None:
            environment |= {
                "LD_PRELOAD": str(clock_library()), "FAKETIME_TIMESTAMP_FILE": str(self.clock), "FAKETIME_NO_CACHE": "1",
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_RESET": "1",
            }  # fmt: skip
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.space, self.program, *self.verb, "--config", self.configuration],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            )  # fmt: skip
        until("the daemon is ready", self._is_up, START_SECONDS)

    def _is_up(self) -> bool:
        if self.process is None or self.process.poll() is not None:
            raise Failure(f"the daemon ended before it was ready:\n{self.tail()}")
        path = self.directory / "api.sock"
        if self.ask("status")[0] != 0 or not path.exists():
            return False
        try:
            return SocketCaller(str(path)).ask("GET", "/readyz").status == 200
        except OSError:
            return False

    def log_in(self, key: str, secret: str) -> Client:
        answer = SocketCaller(str(self.directory / "api.sock")).ask_json(
            "POST", "/api/core/auth/client/", {"api_key": key, "api_secret": secret})  # fmt: skip
        if answer.status != 200:
            raise Failure(f"a client cannot log in: {answer}")
        return Client(key, secret, answer.json["access"], answer.json["refresh"])

    def caller(self, client: Client) -> Caller:
        return SocketCaller(str(self.directory / "api.sock"), {"X-API-Key": client.key})


class DistantCentral(Distant, Central):
    def settle_at(self, space: str, address: str) -> None:
        self.host = address
        text = self.configuration.read_text().replace(
            f'listen = "127.0.0.1:{self.port}"\nnames = ["127.0.0.1"]',
            f'listen = "{address}:{self.port}"\nnames = ["{address}"]')  # fmt: skip
        self.configuration.write_text(text)
        self.settle(space)


class DistantMember(Distant):
    """A device somewhere, and what it says of its fleet."""

    def __init__(self, program: Path, directory: Path, models: Path, central: DistantCentral) -> None:
        super().__init__(program, directory, models)
        self.central = central
        self.name = directory.name

    def join(self) -> None:
        self.command(
            "provision", "--central", f"https://{self.central.host}:{self.central.port}", "--token",
            self.central.token(), "--name", self.name, "--ca", str(self.central.certificate),
        )  # fmt: skip
        until("the device reaches central", lambda: self.phase() == "online")

    def sync(self) -> dict[str, Any]:
        _, status = self.ask("sync", "status")
        return dict(status["sync"]) if isinstance(status, dict) else {"phase": "no daemon"}

    def phase(self) -> str:
        return str(self.sync()["phase"])

    def lanes(self) -> dict[str, dict[str, Any]]:
        _, status = self.ask("sync", "status")
        return {lane["lane"]: lane for lane in status["lanes"]} if isinstance(status, dict) else {}

    def people_count(self) -> int:
        return len(self.ask("people", "list")[1]["people"])

    def client_id(self, name: str) -> str:
        return str(next(c["id"] for c in self.command("clients", "list")["clients"] if c["name"] == name))

    def last(self) -> int:
        return sum(int(lane["last"]) for lane in self.lanes().values())

    def waiting(self) -> int:
        return sum(int(lane["records"]) for lane in self.lanes().values())

    def has_told_all(self) -> bool:
        lanes = self.lanes()
        return bool(lanes) and all(lane["last"] == lane["acknowledged"] for lane in lanes.values())
