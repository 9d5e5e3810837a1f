"""A thousand light devices against one central process: each keeps a long poll and pushes now and then."""

from __future__ import annotations

import asyncio
import base64
import gzip
import hashlib
import json
import ssl
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fleet import Central
from smoke_client import Failure
from strange_device import KEY_HEAD, START

MODEL = {"id": "light", "version": "1"}


@dataclass
class Line:
    """One kept connection, one question at a time; counts what goes over it."""

    host: str
    port: int
    trust: ssl.SSLContext
    sent: int = 0
    received: int = 0
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str, message: dict[str, Any], token: str = "", pack: bool = True) -> tuple[int, Any]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self.host, self.port, ssl=self.trust)
        reader, writer = self._streams
        body = json.dumps(message, separators=(",", ":")).encode()
        head = f"POST {path} HTTP/1.1\r\nHost: {self.host}\r\nContent-Type: application/json\r\n"
        if pack and len(body) > 1024:
            body = gzip.compress(body, 6)
            head += "Content-Encoding: gzip\r\n"
        head += f"Authorization: Bearer {token}\r\n" if token else ""
        packet = f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
        writer.write(packet)
        await writer.drain()
        top = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(int(line[15:]) for line in top.lower().split("\r\n") if line.startswith("content-length:"))
        answer = await reader.readexactly(length)
        self.sent += len(packet)
        self.received += len(top) + length
        return int(top.split(" ", 2)[1]), json.loads(answer or b"{}")

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Key:
    """One Ed25519 key for all of them: it is the device's id that tells them apart."""

    def __init__(self, directory: Path) -> None:
        import subprocess

        self.path = directory / "light.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(self.path)], check=True)
        der = subprocess.run(
            ["openssl", "pkey", "-in", str(self.path), "-pubout", "-outform", "DER"], check=True, capture_output=True
        ).stdout
        self.public = base64.b64encode(der[len(KEY_HEAD):]).decode()

    async def sign(self, text: bytes, scratch: Path) -> str:
        scratch.write_bytes(text)
        process = await asyncio.create_subprocess_exec(
            "openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(self.path), "-in", str(scratch),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        signature, _ = await process.communicate()
        return base64.b64encode(signature).decode()


@dataclass
class LightDevice:
    name: str
    directory: Path
    key: Key
    line: Line
    poll: Line
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    epoch: str = field(default_factory=lambda: str(uuid.uuid4()))
    head: str = START
    sequence: int = 0
    token: str = ""
    cursors: dict[str, Any] = field(default_factory=dict)
    incarnation: Any = None

    async def join(self, bootstrap: str) -> None:
        statement = f"edged provision v1\n{self.id}\n{self.key.public}\n{bootstrap}\n"
        proof = await self.key.sign(statement.encode(), self.directory / f"{self.name}.txt")
        grant = await self.good("/api/sync/v1/provision/", {
            "token": bootstrap, "device": self.id, "name": self.name, "public_key": self.key.public, "proof": proof,
            "model": MODEL, "software": "light",
        })  # fmt: skip
        tokens = await self.good("/api/core/auth/client/", {k: grant[k] for k in ("api_key", "api_secret")})
        self.token = tokens["access"]
        await self.good("/api/sync/v1/open/", {
            "opening": {"epoch": self.epoch, "history": [], "reason": "fresh"}, "model": MODEL, "software": "light",
        })  # fmt: skip

    async def good(self, path: str, message: dict[str, Any]) -> Any:
        status, answer = await self.line.ask(path, message, self.token)
        if status != 200:
            raise Failure(f"{path}: {status} {answer}")
        return answer

    async def push(self, count: int, lane: str = "audit") -> float:
        """Send so many records; the seconds until they are on disk."""
        first, previous, records = self.sequence + 1, self.head, []
        for number, payload in zip(range(first, first + count), payloads(first), strict=False):
            fields = [
                "1", self.id, self.epoch, lane, str(number), "session.completed", None, None,
                str(1_800_000_000_000_000), None, None, None,
            ]  # fmt: skip
            text = "".join("-," if f is None else f"{len(f.encode())}:{f}," for f in fields)
            digest = hashlib.sha256(payload.encode()).digest()
            self.head = hashlib.sha256(bytes.fromhex(self.head) + text.encode() + digest).hexdigest()
            records.append({"kind": "session.completed", "wall": 1_800_000_000_000_000, "payload": payload})
        begun = time.monotonic()
        await self.good("/api/sync/v1/push/", {
            "epoch": self.epoch, "lane": lane, "first": first, "previous": previous, "head": self.head,
            "records": records,
        })  # fmt: skip
        self.sequence = first + count - 1
        return time.monotonic() - begun

    async def hear(self, wait: float) -> bool:
        """Ask what is new; whether there was anything."""
        status, answer = await self.poll.ask("/api/sync/v1/pull/", {
            "incarnation": self.incarnation, "cursors": list(self.cursors.values()), "mistrusted": [],
            "wait_ms": int(wait * 1000),
        }, self.token)  # fmt: skip
        if status != 200:
            raise Failure(f"pull: {status} {answer}")
        self.incarnation = answer["incarnation"]
        for part in answer["scopes"]:
            self.cursors[part["scope"]] = {"scope": part["scope"], "cursor": part["next"]}
        return any(part["entries"] for part in answer["scopes"])


def payloads(first: int) -> Iterator[str]:
    """Lines of about the length that an audit line of a session has."""
    number = first
    while True:
        session = uuid.uuid5(uuid.NAMESPACE_OID, str(number))
        yield json.dumps({
            "sequence": number, "action": "session.completed", "session": str(session), "succeeded": True,
            "reason": "authenticated", "details": {"frames": 4, "kind": "verification"}, "at": 1_800_000_000_000_000,
            "boot": "0d8b6a0c-6c0e-4d43-9d4f-5bb1d6f5f0a1", "monotonic": number * 1_000_003,
        })  # fmt: skip
        number += 1


def trust_of(central: Central) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(central.certificate))
