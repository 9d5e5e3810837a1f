"""What the tests run against: real daemons on loopback, clients of every scope, and two tenants with real data."""

from __future__ import annotations

import argparse
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import member
from document import SCOPES, Document
from samples import Samples
from smoke_client import Daemon, Failure
from wire import Caller, fresh_source

SCHEMA = "/api/schema/?format=json"
TOKENS = "/api/core/auth/client/"

# Generous where a limit would only stop the tests; what is under test keeps its default.
CONFIGURATION = """[http]
listen = "127.0.0.1:0"

[store]
directory = '{directory}/store'

[models]
directory = '{models}'

[[cameras]]
name = "front-door"
replay = '{footage}/webcam-man'

[preview]
access = "network"

[liveness]
policy = "off"

[sessions]
max_open_per_client = 100000

[limits]
frames_per_second = 1000
anonymous_per_minute = 1000000
"""


@dataclass(frozen=True)
class Client:
    """An API client with its secrets and tokens."""

    scope: str
    id: str
    key: str
    secret: str
    access: str
    refresh: str

    @property
    def by_key(self) -> dict[str, str]:
        return {"X-API-Key": self.key}

    @property
    def by_token(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}


class Device(Daemon):
    """One daemon with a store of its own, and its clients."""

    def __init__(self, program: Path, directory: Path, models: Path, footage: Path) -> None:
        directory.mkdir()
        configuration = directory / "edged.toml"
        configuration.write_text(CONFIGURATION.format(directory=directory, models=models, footage=footage))
        self.log = directory / "edged.log"
        self.address = ""
        self.directory = directory
        super().__init__(program, configuration, self.log)

    def start(self) -> str:
        self.address = super().start()
        return self.address

    @property
    def base(self) -> str:
        return f"http://{self.address}"

    def make_client(self, name: str, scope: str) -> Client:
        """A new client, logged in."""
        return self.log_in(self.command("clients", "create", name, "--scope", scope), scope)

    def make_member(self) -> Client:
        """A device of this central instance's fleet, logged in and in its first epoch."""
        token = self.command("central", "token", "create")["token"]
        made = member.provision(self.address, token, self.directory)
        client = self.log_in({"client_id": "", **made}, "device")
        caller = self.caller(client)
        member.open_epoch(caller)
        caller.close()
        return client

    def log_in(self, made: dict[str, Any], scope: str) -> Client:
        """The client of these credentials, with its first tokens."""
        caller = Caller(self.address, source=fresh_source())
        answer = caller.ask_json("POST", TOKENS, {"api_key": made["api_key"], "api_secret": made["api_secret"]})
        caller.close()
        if answer.status != 200:
            raise Failure(f"a new client of scope {scope} cannot log in: {answer}")
        return Client(
            scope, made["client_id"], made["api_key"], made["api_secret"], answer.json["access"], answer.json["refresh"]
        )

    def caller(self, client: Client | None = None, source: str = "127.0.0.1") -> Caller:
        """Somebody who asks with the client's access token, or without credentials."""
        return Caller(self.address, client.by_token if client else {}, source)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def resident_bytes(self) -> int:
        """What the process holds in memory now."""
        if self._process is None:
            raise Failure("the daemon does not run")
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))

    def faults(self) -> list[str]:
        """What the daemon has written down as its own fault."""
        return re.findall(r"^\S+ (?:error|critical) .*$", self.log.read_text(errors="replace"), re.MULTILINE)

    def open_files(self) -> int:
        if self._process is None:
            raise Failure("the daemon does not run")
        return sum(1 for _ in Path(f"/proc/{self._process.pid}/fd").iterdir())


class World:
    """Everything that the test modules share; `world()` gives it to them."""

    def __init__(self, arguments: argparse.Namespace, directory: Path) -> None:
        self.arguments = arguments
        self.directory = directory
        self.footage: Path = arguments.footage
        self.seed: int = arguments.seed
        self.device = self._device("device")
        self.scoped: dict[str, Client] = {}
        self.tenants: dict[str, Client] = {}
        self.foreign_token = ""

    def _device(self, name: str) -> Device:
        device = Device(self.arguments.daemon, self.directory / name, self.arguments.models, self.footage)
        if self.arguments.central:
            device.verb = "central"
        return device

    def start(self) -> None:
        """Start the daemon, read its document and make the clients."""
        self.device.start()
        self.document = Document(self._read_document())
        self.samples = Samples(self.document, self.footage / "webcam-man" / "0000.jpg")
        self.scoped = {scope: self.device.make_client(f"contract-{scope}", scope) for scope in SCOPES}
        if self.arguments.central:
            self.scoped["device"] = self.device.make_member()
        self.tenants = {name: self.device.make_client(f"tenant-{name}", "integrator") for name in ("a", "b")}

    def second_device(self, name: str) -> Device:
        """Another daemon; the caller stops it."""
        device = self._device(name)
        device.start()
        return device

    def _read_document(self) -> dict[str, Any]:
        if self.arguments.document:
            return dict(json.loads(self.arguments.document.read_text()))
        caller = self.device.caller()
        answer = caller.ask("GET", SCHEMA)
        caller.close()
        if answer.status != 200:
            raise Failure(f"GET {SCHEMA}: {answer}")
        return dict(answer.json)

    def allowed_client(self, scopes: frozenset[str]) -> Client:
        """A client that may call an operation; one that can do little before one that can do much."""
        return next(client for scope, client in self.scoped.items() if scope in scopes)

    def pictures(self, clip: str, start: int = 0, step: int = 5, limit: int = 30) -> list[bytes]:
        files = sorted((self.footage / clip).glob("*.jpg"))[start::step][:limit]
        if not files:
            raise Failure(f"no frames of {clip}; run scripts/setup first")
        return [file.read_bytes() for file in files]

    def stop(self) -> None:
        self.device.stop()


_world: World | None = None


def set_world(world: World) -> None:
    global _world
    _world = world


def world() -> World:
    """The world of this run."""
    if _world is None:
        raise Failure("these tests run through Tests/Contract/run.py")
    return _world


def wait_until(fact: Any, seconds: float, what: str) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + seconds
    while not fact():
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {seconds:.0f} s")
        time.sleep(0.05)
