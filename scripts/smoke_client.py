"""A small client of the device's API and a guard around one daemon process; the standard library only."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import signal
import subprocess
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

START_SECONDS = 60
REQUEST_SECONDS = 60
PATIENCE = 90
Fact = TypeVar("Fact")


class Failure(Exception):
    """The run cannot go on; the text says why."""


def until(what: str, look: Callable[[], Fact | None], seconds: float = PATIENCE, pause: float = 0.05) -> Fact:
    """Look again and again until there is something to see."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise Failure(f"within {seconds:.0f} s it did not come to this: {what}")
        time.sleep(pause)


def write_configuration(directory: Path, models: Path, footage: Path, policy: str) -> Path:
    """Write the configuration of the run: a free port, a store of its own, footage as the camera."""
    path = directory / "edged.toml"
    path.write_text(
        f"""[http]
listen = "127.0.0.1:0"

[store]
directory = '{directory}/store'

[models]
directory = '{models}'

[[cameras]]
name = "front-door"
replay = '{footage}/webcam-man'

[liveness]
policy = "{policy}"
"""
    )
    return path


class Daemon:
    """One `edged run` with a configuration file of its own."""

    verb = "run"

    def __init__(self, program: Path, configuration: Path, log: Path) -> None:
        self._program = program
        self._configuration = configuration
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def command(self, *words: str) -> dict[str, Any]:
        """Run a command that prints one JSON document."""
        words = (*words, "--config", str(self._configuration), "--json")
        result = subprocess.run(
            [self._program, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, check=False
        )
        if result.returncode != 0:
            raise Failure(f"`edged {words[0]}` ended with {result.returncode}: {result.stderr.strip()[-500:]}")
        return dict(json.loads(result.stdout))

    def start(self) -> str:
        """Start the daemon and return its address, `host:port`, once it is ready."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._program, self.verb, "--config", self._configuration],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise Failure(f"the daemon ended with {self._process.returncode} before it was ready")
            address = self._address()
            if address and _is_ready(address):
                return address
            time.sleep(0.05)
        raise Failure(f"the daemon was not ready within {START_SECONDS} s")

    def _address(self) -> str | None:
        try:
            address = str(self.command("status").get("address", ""))
        except (Failure, ValueError):
            return None
        return urllib.parse.urlsplit(address if "//" in address else f"//{address}").netloc or None

    def stop(self) -> int | None:
        """Ask the daemon to stop; its exit status, or None when it had to be killed."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
                return None
        return self._process.returncode

    def log_tail(self, lines: int = 40) -> str:
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def _is_ready(address: str) -> bool:
    try:
        connection = http.client.HTTPConnection(address, timeout=5)
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False


class API:
    """The requests of the integration guide, over one connection that is kept."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(address, timeout=REQUEST_SECONDS)
        self._access: str | None = None

    def log_in(self, key: str, secret: str) -> int:
        status, body = self.post("/api/core/auth/client/", {"api_key": key, "api_secret": secret})
        self._access = body.get("access")
        return status

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        return self._send("GET", path, None, None)

    def post(self, path: str, fields: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        return self._send("POST", path, json.dumps(fields).encode(), "application/json")

    def open_session(self, kind: str, **fields: Any) -> str:
        """Create a session (`enrollment` or `authentication`) and return its token."""
        status, body = self.post(f"/api/auth/{kind}/", {"session_type": "api", **fields})
        if status != 201 or "session_token" not in body:
            raise Failure(f"{kind} session: {status} {body}")
        return str(body["session_token"])

    def upload(self, token: str, picture: bytes) -> tuple[int, dict[str, Any]]:
        """Send a frame as a file in a form."""
        boundary = secrets.token_hex(16)
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="session_token"\r\n\r\n{token}\r\n'
            f'--{boundary}\r\nContent-Disposition: form-data; name="image"; filename="frame.jpg"\r\n'
            "Content-Type: image/jpeg\r\n\r\n"
        )
        body = head.encode() + picture + f"\r\n--{boundary}--\r\n".encode()
        return self._send("POST", "/api/auth/process-image/", body, f"multipart/form-data; boundary={boundary}")

    def upload_as_text(self, token: str, picture: bytes) -> tuple[int, dict[str, Any]]:
        """Send a frame as a data URL in JSON."""
        image = "data:image/jpeg;base64," + base64.b64encode(picture).decode()
        return self.post("/api/auth/process-image/", {"session_token": token, "image": image})

    def wait_for_result(self, token: str) -> tuple[int, dict[str, Any]]:
        """Wait for a session's decision without sending frames."""
        return self.get(f"/api/auth/sessions/{token}/result/?wait=25")

    def _send(self, method: str, path: str, body: bytes | None, kind: str | None) -> tuple[int, dict[str, Any]]:
        headers = {"Accept": "application/json"}
        if kind:
            headers["Content-Type"] = kind
        if self._access:
            headers["Authorization"] = f"Bearer {self._access}"
        try:
            self._connection.request(method, path, body=body, headers=headers)
            response = self._connection.getresponse()
            text = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise Failure(f"{method} {path.split('?')[0]}: {type(error).__name__} {error}") from error
        try:
            answer = json.loads(text) if text else {}
        except ValueError as error:
            raise Failure(f"{method} {path.split('?')[0]}: {response.status} with a body that is not JSON") from error
        return response.status, answer if isinstance(answer, dict) else {"body": answer}
