"""A device that is not ours: it speaks the protocol from its description and says what ours never would."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import ssl
import subprocess
import uuid
from pathlib import Path
from typing import Any

from fleet import Central
from smoke_client import Failure

# DER of an Ed25519 public key before its 32 bytes (RFC 8410).
KEY_HEAD = bytes.fromhex("302a300506032b6570032100")
START = "0" * 64


class StrangeDevice:
    """A member made of nothing but the protocol."""

    def __init__(self, directory: Path, central: Central, name: str) -> None:
        self.id = str(uuid.uuid4())
        self.name = name
        self.central = central
        self.epoch = str(uuid.uuid4())
        self.head, self.sequence = START, 0
        directory.mkdir()
        self._key = directory / "device.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", str(self._key)], check=True)
        der = subprocess.run(
            ["openssl", "pkey", "-in", str(self._key), "-pubout", "-outform", "DER"], check=True, capture_output=True
        ).stdout
        if not der.startswith(KEY_HEAD):
            raise Failure("openssl writes public keys in another form")
        self.public_key = base64.b64encode(der[len(KEY_HEAD):]).decode()
        self._trust = ssl.create_default_context(cafile=str(central.certificate))
        self._access: str | None = None

    def provision(self, token: str) -> tuple[int, dict[str, Any]]:
        statement = f"edged provision v1\n{self.id}\n{self.public_key}\n{token}\n"
        proof = self._sign(statement.encode())
        status, answer = self.ask("provision", {
            "token": token, "device": self.id, "name": self.name, "public_key": self.public_key,
            "proof": base64.b64encode(proof).decode(), "model": {"id": "other", "version": "1"}, "software": "strange",
        })  # fmt: skip
        if status == 200:
            status, tokens = self._send("/api/core/auth/client/", {k: answer[k] for k in ("api_key", "api_secret")})
            self._access = tokens["access"]
        return status, answer

    def open(self, reason: str = "fresh", history: list[str] | None = None) -> tuple[int, dict[str, Any]]:
        opening = {"epoch": self.epoch, "history": history or [], "reason": reason}
        return self.ask(
            "open", {"opening": opening, "model": {"id": "other", "version": "1"}, "software": "strange"})  # fmt: skip

    def push(self, *payloads: tuple[str, str], lane: str = "enrollment") -> tuple[int, dict[str, Any]]:
        """Send records of (kind, payload) after those that were sent before."""
        first, previous, head, records = self.sequence + 1, self.head, self.head, []
        for number, (kind, payload) in enumerate(payloads, first):
            fields = [
                "1", self.id, self.epoch, lane, str(number), kind, None, None, "1800000000000000", None, None, None,
            ]  # fmt: skip
            text = "".join("-," if f is None else f"{len(f.encode())}:{f}," for f in fields)
            digest = hashlib.sha256(payload.encode()).digest()
            head = hashlib.sha256(bytes.fromhex(head) + text.encode() + digest).hexdigest()
            records.append({"kind": kind, "wall": 1_800_000_000_000_000, "payload": payload})
        status, answer = self.ask("push", {
            "epoch": self.epoch, "lane": lane, "first": first, "previous": previous, "head": head, "records": records,
        })  # fmt: skip
        if status == 200:
            self.sequence, self.head = first + len(payloads) - 1, head
        return status, answer

    def pull(self) -> tuple[int, dict[str, Any]]:
        return self.ask("pull", {"cursors": [], "mistrusted": [], "wait_ms": 0})

    def request_certificate(self, proof: bytes | None = None) -> tuple[int, dict[str, Any]]:
        """Ask for a certificate with a key of its own, made for this; what it gets is kept beside that."""
        key, request = self._key.with_name("tls.key"), self._key.with_name("tls.csr")
        subprocess.run(
            ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", "/CN=whatever", "-keyout", str(key), "-out", str(request)],
            check=True, capture_output=True,
        )  # fmt: skip
        text = request.read_text()
        if proof is None:
            proof = self._sign(f"edged certificate v1\n{self.id}\n{text}".encode())
        status, answer = self.ask("certificate", {"request": text, "proof": base64.b64encode(proof).decode()})
        if status == 200:
            self.certificate.write_text(answer["certificate"])
        return status, answer

    @property
    def certificate(self) -> Path:
        return self._key.with_name("tls.crt")

    @property
    def certificate_key(self) -> Path:
        return self._key.with_name("tls.key")

    def show(self, certificate: Path | None = None, key: Path | None = None) -> None:
        """Show this certificate from now on; none without."""
        self._trust = ssl.create_default_context(cafile=str(self.central.certificate))
        if certificate is not None:
            self._trust.load_cert_chain(certificate, key)

    def ask(self, what: str, message: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return self._send(f"/api/sync/v1/{what}/", message)

    def _send(self, path: str, message: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPSConnection("127.0.0.1", self.central.port, context=self._trust, timeout=30)
        headers = {"Content-Type": "application/json"}
        if self._access:
            headers["Authorization"] = f"Bearer {self._access}"
        connection.request("POST", path, body=json.dumps(message), headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read() or b"{}")
        connection.close()
        return response.status, answer

    def _sign(self, text: bytes) -> bytes:
        message = self._key.with_suffix(".txt")
        message.write_bytes(text)
        return subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(self._key), "-in", str(message)],
            check=True, capture_output=True,
        ).stdout  # fmt: skip
