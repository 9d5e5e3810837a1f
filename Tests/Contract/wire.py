"""Requests as the sweeps need them: any method, any header, any body, from any loopback address."""

from __future__ import annotations

import http.client
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

REQUEST_SECONDS = 60
PATIENCE_SECONDS = 120
_sources = itertools.count(2)


def fresh_source() -> str:
    """An address of this machine that nobody has called from yet: limits count by address."""
    number = next(_sources)
    return f"127.{1 + number // 60_000}.{number // 250 % 240}.{1 + number % 250}"


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")

    @property
    def code(self) -> str | None:
        """The stable code of an error; `None` when the body is no error of ours."""
        try:
            document = self.json
        except ValueError:
            return None
        return str(document["code"]) if isinstance(document, dict) and "code" in document else None

    def __str__(self) -> str:
        return f"{self.status} {self.text[:160]}"


@dataclass
class Caller:
    """Sends requests with the same credentials; keeps its connection."""

    address: str
    headers: dict[str, str] = field(default_factory=dict)
    source: str = "127.0.0.1"
    _connection: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, target: str, body: bytes | None = None, headers: dict[str, str] | None = None,
        ends: bool = True,
    ) -> Answer:  # fmt: skip
        """Send one request. `ends`: whether the answer's body ends by itself; otherwise only its head is read."""
        sent = {"Accept": "application/json", **self.headers, **(headers or {})}
        for attempt in (1, 2):
            connection = self._connected()
            try:
                connection.request(method, target, body=body, headers=sent)
                response = connection.getresponse()
                ends = ends or response.status >= 400
                content = response.read() if ends else b""
            except (http.client.RemoteDisconnected, ConnectionError):
                # A kept connection may have been closed since.
                self.close()
                if attempt == 2:
                    raise
                continue
            if not ends or response.will_close:
                self.close()
            return Answer(response.status, response.headers, content)
        raise AssertionError("unreachable")

    def ask_patiently(self, method: str, target: str, **options: Any) -> Answer:
        """The same, but an answer 429 is obeyed: wait and try again."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.ask(method, target, **options)
            if answer.status != 429 or time.monotonic() > deadline:
                return answer
            time.sleep(min(5.0, float(answer.headers.get("Retry-After") or 1)))

    def ask_json(self, method: str, target: str, fields: Any) -> Answer:
        return self.ask(method, target, json.dumps(fields).encode(), {"Content-Type": "application/json"})

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connected(self) -> http.client.HTTPConnection:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(
                self.address, timeout=REQUEST_SECONDS, source_address=(self.source, 0)
            )
        return self._connection


def form(parts: list[tuple[str, str | None, str | None, bytes]], boundary: str = "edged-contract") -> tuple[str, bytes]:
    """A multipart form from (name, file name, content type, content); its content type and its bytes."""
    body = b""
    for name, file, kind, content in parts:
        body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
        body += f'; filename="{file}"'.encode() if file else b""
        body += (f"\r\nContent-Type: {kind}" if kind else "").encode() + b"\r\n\r\n" + content + b"\r\n"
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode()
