"""What the fuzzer has to know to send requests that can be good: real pictures, ids, sessions that are open.

Loaded by schemathesis in a process of its own; what it needs comes in `EDGED_FUZZ`, a JSON file. No check is weakened
here: only values are made, and what was answered is noted.
"""

from __future__ import annotations

import atexit
import base64
import itertools
import json
import os
import random
import socket
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import schemathesis
import urllib3
from hypothesis import strategies as st
from schemathesis.generation.meta import TestPhase
from schemathesis.transport.serialization import Binary

from wire import Caller, fresh_source

GIVEN: dict[str, Any] = json.loads(Path(os.environ["EDGED_FUZZ"]).read_text())
PICTURES = [Path(file).read_bytes() for file in GIVEN["pictures"]]
OWN: dict[str, str] = GIVEN["own"]
SPARE: list[str] = GIVEN["spare"]
CLIENTS = "/api/clients/clients/"
SAFE = ("GET", "HEAD", "OPTIONS")
_lock = threading.Lock()
_answers: dict[str, Counter[int]] = {}
_numbers = itertools.count()
_chance = random.Random(GIVEN["seed"])


def by_chance() -> bool:
    """For every second request or so."""
    return _chance.random() < 0.5


base64_pictures = [base64.b64encode(picture).decode() for picture in PICTURES]
schemathesis.openapi.format(
    "face-image", st.sampled_from([*base64_pictures, *(f"data:image/jpeg;base64,{text}" for text in base64_pictures)])
)
schemathesis.openapi.format("binary", st.sampled_from(PICTURES).map(Binary))
schemathesis.openapi.format("external-id", st.from_regex(r"\A[a-z0-9][a-z0-9._@-]{0,40}\Z"))
for kind in ("image/jpeg", "image/png", "image/webp"):
    schemathesis.openapi.media_type(kind, st.sampled_from(PICTURES))


def connect_from_anywhere(address: tuple[str, int], *arguments: Any, **options: Any) -> socket.socket:
    """Every request from an address of its own: limits of refused credentials count by address."""
    options["source_address"] = (fresh_source(), 0)
    return _connect(address, *arguments, **options)


# No connection is used twice, so that each has another address.
_connect = urllib3.util.connection.create_connection
urllib3.util.connection.create_connection = connect_from_anywhere
urllib3.connectionpool.HTTPConnectionPool._put_conn = lambda _, connection: connection and connection.close()


class Sessions:
    """Tokens of sessions that are open, made as they are needed; each serves a few pictures."""

    USES = 4

    def __init__(self) -> None:
        self._caller = Caller(GIVEN["address"], {"X-API-Key": OWN["key"]})
        self._token = ""
        self._left = 0

    def token(self) -> str:
        with _lock:
            if self._left == 0:
                answer = self._caller.ask_json("POST", "/api/auth/authentication/", {"session_type": "api"})
                if answer.status != 201:
                    return self._token
                self._token, self._left = answer.json["session_token"], self.USES
            self._left -= 1
            return self._token


class Tokens:
    """Fresh tokens of the fuzzer's own, to be refreshed, verified and revoked."""

    def __init__(self) -> None:
        self._caller = Caller(GIVEN["address"])

    def fresh(self, name: str) -> str:
        with _lock:
            secrets = {"api_key": OWN["key"], "api_secret": OWN["secret"]}
            return str(self._caller.ask_json("POST", "/api/core/auth/client/", secrets).json[name])


class Objects:
    """Ids of what the client really has, read from the lists that the API itself gives."""

    USES = 6

    def __init__(self) -> None:
        self._caller = Caller(GIVEN["address"], {"X-API-Key": OWN["key"]})
        self._ids: dict[str, list[str]] = {}
        self._used: Counter[str] = Counter()

    def one_of(self, path: str) -> str | None:
        """An object for the first parameter of a path; `None` when there is no list of them, or it is empty."""
        place = path.split("{")[0].rstrip("/")
        if place.endswith("/auth/sessions") and (place not in GIVEN["lists"] or by_chance()):
            # A session may be named by its token as well.
            return sessions.token()
        if place not in GIVEN["lists"]:
            return None
        with _lock:
            if self._used[place] % self.USES == 0:
                self._ids[place] = self._read(GIVEN["lists"][place])
            self._used[place] += 1
            ids = self._ids[place]
            return ids[self._used[place] % len(ids)] if ids else None

    def _read(self, path: str) -> list[str]:
        answer = self._caller.ask("GET", path)
        if answer.status != 200:
            return []
        results = answer.json.get("results", []) if isinstance(answer.json, dict) else answer.json
        return [str(item["id"]) for item in results if "id" in item and str(item["id"]) != OWN["id"]]


sessions = Sessions()
tokens = Tokens()
objects = Objects()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    changed = keep_own_credentials(case)
    if case.meta is not None and case.meta.generation.mode.is_positive:
        changed |= open_the_way(case)
    if changed:
        # A value was exchanged for one that is as good: valid data stays valid, invalid stays invalid. Without this,
        # a body with a file in it would count as invalid, since it cannot be checked again.
        case._record_starting_state()


def open_the_way(case: Any) -> bool:
    """Exchange what only a client knows that has asked before."""
    changed = False
    path = case.operation.path.rstrip("/")
    first = next(iter(case.path_parameters or {}), None)
    # Not in the stateful phase, which has ids of its own.
    if first and case.meta.phase.name != TestPhase.STATEFUL and by_chance():
        known = objects.one_of(case.operation.path)
        if known:
            case.path_parameters[first] = known
            changed = True
    if case.query and "wait" in case.query:
        # Waiting is what is asked for; a moment of it shows as much as a minute.
        case.query["wait"] = 0.1
        changed = True
    if isinstance(case.body, dict):
        secrets = good_members(path, case.body)
        case.body.update(secrets)
        changed |= bool(secrets)
    # The same key for two different requests is an error of the client's.
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = f"fuzz-{next(_numbers)}"
        changed = True
    return changed


def good_members(path: str, body: dict[str, Any]) -> dict[str, str]:
    """Members that no generator can guess, for every second request of the operations that want them."""
    if path.endswith("/process-image") and "session_token" in body:
        return {"session_token": sessions.token()}
    if "/auth/" not in path or by_chance():
        return {}
    if path.endswith("/auth/client"):
        return {"api_key": OWN["key"], "api_secret": OWN["secret"]}
    if path.endswith("/auth/enrollments"):
        return {"client_user": GIVEN["person"]}
    if path.endswith("/auth/user"):
        return {"client_id": OWN["client_id"], "external_user_id": GIVEN["person"]}
    if "refresh" in body:
        return {"refresh": tokens.fresh("refresh")}
    return {"token": tokens.fresh("access")} if "token" in body else {}


def keep_own_credentials(case: Any) -> bool:
    """The fuzzer must not delete, disable or lock out the client that it is: another takes the blow."""
    if case.method in SAFE or not case.operation.path.startswith(CLIENTS):
        return False
    changed = False
    for name, value in (case.path_parameters or {}).items():
        if str(value) in (OWN["id"], OWN["client_id"]):
            case.path_parameters[name] = SPARE[next(_numbers) % len(SPARE)]
            changed = True
    return changed


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    if response.request.method != case.operation.method.upper():
        # A method that the operation does not have.
        return
    with _lock:
        _answers.setdefault(case.operation.label, Counter())[response.status_code] += 1


@atexit.register
def write_answers() -> None:
    Path(GIVEN["answers"]).write_text(json.dumps({label: dict(counts) for label, counts in _answers.items()}))
