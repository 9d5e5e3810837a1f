"""A fleet of real daemons on this machine: a central instance, devices, and a line to each that can be cut."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import threading
from pathlib import Path
from typing import Any

from device import Client, open_session, pictures, stream
from postgres import Database
from smoke_client import START_SECONDS, Failure, until
from wire import Caller


CONFIGURATION = """[http]
listen = "127.0.0.1:0"
{lan}
[store]
directory = '{directory}/store'

[models]
directory = '{models}'

[liveness]
policy = "off"

[sessions]
max_open_per_client = 100000

[limits]
frames_per_second = 1000
anonymous_per_minute = 1000000

[sync]
long_poll = "5s"
"""

CENTRAL = """
[central]
postgres = "{address}"
"""

LAN = """
[http.lan]
listen = "127.0.0.1:{port}"
names = ["127.0.0.1"]
"""


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class House:
    """One daemon with a directory of its own, that can be killed and put back to an earlier day."""

    def __init__(self, program: Path, directory: Path, models: Path, lan_port: int | None = None) -> None:
        directory.mkdir()
        self.program, self.directory = program, directory
        self.configuration = directory / "edged.toml"
        lan = LAN.format(port=lan_port) if lan_port else ""
        self.configuration.write_text(CONFIGURATION.format(directory=directory, models=models, lan=lan))
        self.log = directory / "edged.log"
        self.address = ""
        self.process: subprocess.Popen[bytes] | None = None

    verb: tuple[str, ...] = ("run",)

    def configure(self, text: str) -> None:
        """Add to the configuration, whose last table is [sync]; heard at the next start."""
        with self.configuration.open("a") as configuration:
            configuration.write(text)

    def command(self, *words: str, seconds: float = 60) -> Any:
        status, document = self.ask(*words, seconds=seconds)
        if status != 0:
            raise Failure(f"`edged {' '.join(words[:2])}` ended with {status}: {document}")
        return document

    def ask(self, *words: str, seconds: float = 60) -> tuple[int, Any]:
        """Run a command: its exit status and its JSON document."""
        result = subprocess.run(
            [self.program, *words, "--config", str(self.configuration), "--json"],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=seconds, check=False,
        )  # fmt: skip
        try:
            return result.returncode, json.loads(result.stdout)
        except ValueError:
            return result.returncode, result.stderr.strip()[-500:]

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self.program, *self.verb, "--config", self.configuration],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        self.address = until("the daemon is ready", self._ready, START_SECONDS)

    def _ready(self) -> str | None:
        if self.process is None or self.process.poll() is not None:
            raise Failure(f"the daemon ended before it was ready:\n{self.tail()}")
        status, document = self.ask("status")
        address = str(document.get("address", "")) if isinstance(document, dict) else ""
        place = re.sub("^[a-z]+://", "", address)
        if not place:
            return None
        try:
            connection = http.client.HTTPConnection(place, timeout=5)
            connection.request("GET", "/readyz")
            return place if connection.getresponse().status == 200 else None
        except OSError:
            return None

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        self.process = None

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        self.process = None

    def tail(self, lines: int = 30) -> str:
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def keep_day(self, name: str) -> None:
        """Copy everything that the stopped daemon has on disk."""
        shutil.copytree(self.directory / "store", self.directory / name)

    def put_back(self, name: str) -> None:
        shutil.rmtree(self.directory / "store")
        shutil.copytree(self.directory / name, self.directory / "store")

    # What clients do.

    def make_client(self, name: str, scope: str = "integrator") -> Client:
        made = self.command("clients", "create", name, "--scope", scope)
        return self.log_in(made["api_key"], made["api_secret"])

    def log_in(self, key: str, secret: str) -> Client:
        answer = Caller(self.address).ask_json("POST", "/api/core/auth/client/", {"api_key": key, "api_secret": secret})
        if answer.status != 200:
            raise Failure(f"a client cannot log in: {answer}")
        return Client(key, secret, answer.json["access"], answer.json["refresh"])

    def same_client(self, client: Client) -> Client | None:
        """Log in with the key and secret of a client that was made elsewhere; `None` before it came."""
        try:
            return self.log_in(client.key, client.secret)
        except Failure:
            return None

    def caller(self, client: Client) -> Caller:
        return Caller(self.address, {"X-API-Key": client.key})

    def enroll(self, client: Client, user: str, frames: list[bytes]) -> dict[str, Any]:
        caller = self.caller(client)
        return stream(caller, open_session(caller, "enrollment", user_id=user), frames)

    def identify(self, client: Client, frames: list[bytes]) -> str | None:
        """Who is in front of the door; `None` for nobody known."""
        caller = self.caller(client)
        answer = stream(caller, open_session(caller, "authentication"), frames)
        if answer.get("result") != "success":
            return None
        return str(answer["matched_user"]["external_user_id"])

    def people(self, client: Client) -> set[str]:
        names: set[str] = set()
        target = "/api/clients/users/"
        while target:
            answer = self.caller(client).ask("GET", target)
            if answer.status != 200:
                raise Failure(f"people: {answer}")
            names |= {user["external_user_id"] for user in answer.json["results"]}
            following = answer.json["next"]
            target = following[following.index("/api/"):] if following else ""
        return names


class Central(House):
    """The central instance, reached by devices through TLS with a certificate that it made itself."""

    verb = ("central",)

    def __init__(self, program: Path, directory: Path, models: Path, database: Database | None = None) -> None:
        self.port = free_port()
        super().__init__(program, directory, models, lan_port=self.port)
        self.database: Database | None = None
        if database is not None:
            self.use(database)

    def use(self, database: Database) -> None:
        """From the next start on the books are in this database."""
        self.database = database
        self.configure(CENTRAL.format(address=database.address))

    @property
    def certificate(self) -> Path:
        return self.directory / "store" / "tls" / "device.crt"

    def token(self, *words: str) -> str:
        return str(self.command("central", "token", "create", *words)["token"])

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What stands in the books of this central, which is stopped where they are a file."""
        if self.database is not None:
            return self.database.rows(sql)
        with contextlib.closing(sqlite3.connect(self.directory / "store" / "central" / "central.sqlite")) as books:
            return books.execute(sql).fetchall()

    def devices(self) -> dict[str, dict[str, Any]]:
        _, listing = self.ask("central", "devices")
        return {device["name"]: device for device in listing["devices"]}

    def erasures(self) -> list[dict[str, Any]]:
        _, listing = self.ask("central", "erasures")
        return list(listing["erasures"])


class Line:
    """A TCP line that can be cut in the middle of everything."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.port = free_port()
        self._pairs: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None
        self.mend()

    def mend(self) -> None:
        if self._listener is not None:
            return
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(64)
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Nobody gets through any more, and who was through is cut off."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # A thread that waits in accept() keeps the socket open until it is shut.
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        with self._lock:
            for end in self._pairs:
                # A thread that waits for its next byte would keep a socket open that was only closed.
                hang_up(end)
                end.close()
            self._pairs.clear()

    @property
    def is_used(self) -> bool:
        """Whether somebody's connection goes through."""
        with self._lock:
            return bool(self._pairs)

    def meet(self, near: socket.socket) -> socket.socket | None:
        """The far end of a new connection; `None` for one that gets none."""
        return self.dial()

    def dial(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.target), timeout=10)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._begin, args=(near,), daemon=True).start()

    def _begin(self, near: socket.socket) -> None:
        """Lead a connection to its far end; nobody who is slow to say where holds up the next one."""
        listener = self._listener
        try:
            far = self.meet(near)
        except OSError:
            far = None
        if far is None:
            near.close()
            return
        with self._lock:
            if listener is None or self._listener is not listener:
                # The line was cut meanwhile.
                near.close()
                far.close()
                return
            self._pairs |= {near, far}
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(source, sink), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        try:
            source.settimeout(None)
            while data := source.recv(65_536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            hang_up(end)


def hang_up(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        # The other side was faster.
        pass


class Member(House):
    """A device whose way to central is a line of its own."""

    def __init__(self, program: Path, directory: Path, models: Path, central: Central) -> None:
        super().__init__(program, directory, models)
        self.central = central
        self.line = Line(central.port)

    def join(self, name: str, token: str | None = None, port: int | None = None) -> None:
        self.command(
            "provision", "--central", f"https://127.0.0.1:{port or self.line.port}", "--token", token or self.central.token(),
            "--name", name, "--ca", str(self.central.certificate),
        )  # fmt: skip
        self.name = name

    def sync(self) -> dict[str, Any]:
        _, status = self.ask("sync", "status")
        return dict(status["sync"]) if isinstance(status, dict) else {"phase": "no daemon"}

    def lanes(self) -> dict[str, dict[str, Any]]:
        _, status = self.ask("sync", "status")
        return {lane["lane"]: lane for lane in status["lanes"]} if isinstance(status, dict) else {}

    def until_told(self) -> None:
        """Wait until central has everything that this device ever recorded, and says the same of it."""

        def look() -> bool:
            lanes = self.lanes()
            known = self.central.devices().get(self.name, {}).get("acknowledged", {})
            return bool(lanes) and all(
                lane["last"] == lane["acknowledged"] == known.get(name, 0) for name, lane in lanes.items()
            )

        until(f"central has everything of {self.name}: {self.lanes()} {self.sync()}", look)


def man(footage: Path, start: int = 0) -> list[bytes]:
    return pictures(footage, "webcam-man", start=start, step=6)


def woman(footage: Path, start: int = 0) -> list[bytes]:
    return pictures(footage, "woman", start=start, step=3)
