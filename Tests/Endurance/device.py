"""A real daemon that may be killed, and a client of it."""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from smoke_client import Daemon, Failure
from wire import Answer, Caller, form

TOKENS = "/api/core/auth/client/"

# Generous where a limit would only stop the tests.
CONFIGURATION = """[http]
listen = "127.0.0.1:0"

[store]
directory = '{directory}/store'

[models]
directory = '{models}'

[liveness]
policy = "off"

[sessions]
max_open_per_client = 100000
lockout_first = "1h"

[limits]
frames_per_second = 1000
anonymous_per_minute = 1000000
"""


@dataclass(frozen=True)
class Client:
    """An API client with the tokens of its log-in."""

    key: str
    secret: str
    access: str
    refresh: str


class Device(Daemon):
    """One daemon with a directory of its own."""

    def __init__(self, program: Path, directory: Path, models: Path) -> None:
        directory.mkdir()
        configuration = directory / "edged.toml"
        configuration.write_text(CONFIGURATION.format(directory=directory, models=models))
        self.directory = directory
        self.address = ""
        super().__init__(program, configuration, directory / "edged.log")

    def start(self) -> str:
        self.address = super().start()
        return self.address

    @property
    def process(self) -> int:
        if self._process is None:
            raise Failure("the daemon does not run")
        return self._process.pid

    def kill(self) -> None:
        """End it without a chance to clean up."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    def make_client(self, name: str) -> Client:
        made = self.command("clients", "create", name)
        return self.log_in(made["api_key"], made["api_secret"])

    def log_in(self, key: str, secret: str) -> Client:
        answer = Caller(self.address).ask_json("POST", TOKENS, {"api_key": key, "api_secret": secret})
        if answer.status != 200:
            raise Failure(f"a client cannot log in: {answer}")
        return Client(key, secret, answer.json["access"], answer.json["refresh"])

    def caller(self, client: Client) -> Caller:
        return Caller(self.address, {"Authorization": f"Bearer {client.access}"})

    def proof(self) -> dict[str, Any]:
        """What `edged audit verify` says of the running daemon's store."""
        return self.command("audit", "verify")


def upload(caller: Caller, token: str, picture: bytes) -> Answer:
    kind, body = form([("session_token", None, None, token.encode()), ("image", "frame.jpg", "image/jpeg", picture)])
    return caller.ask("POST", "/api/auth/process-image/", body, {"Content-Type": kind})


def stream(caller: Caller, token: str, pictures: list[bytes]) -> dict[str, Any]:
    """Send frames until the session is decided; the last answer."""
    last: dict[str, Any] = {}
    for picture in pictures:
        answer = upload(caller, token, picture)
        if answer.status != 200:
            raise Failure(f"a frame: {answer}")
        last = dict(json.loads(answer.body))
        if not last.get("requires_more_frames"):
            break
    return last


def open_session(caller: Caller, kind: str, **fields: Any) -> str:
    answer = caller.ask_json("POST", f"/api/auth/{kind}/", {"session_type": "api", **fields})
    if answer.status != 201:
        raise Failure(f"{kind}: {answer}")
    return str(answer.json["session_token"])


def pictures(footage: Path, clip: str, start: int = 0, step: int = 5, limit: int = 30) -> list[bytes]:
    files = sorted((footage / clip).glob("*.jpg"))[start::step][:limit]
    if not files:
        raise Failure(f"no frames of {clip}; run scripts/setup first")
    return [file.read_bytes() for file in files]
