"""A receiver of webhooks on loopback, over TLS, that checks what it gets and can be down."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from fleet import free_port


class Receiver:
    """Answers 200 and keeps every delivery whose signature is right; what is wrong with others is kept too."""

    def __init__(self, directory: Path, secret: str) -> None:
        self.secret = secret
        self.deliveries: list[dict[str, Any]] = []
        self.faults: list[str] = []
        self.port = free_port()
        self._server: ThreadingHTTPServer | None = None
        self.certificate, self._key = directory / "receiver.crt", directory / "receiver.key"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-days", "2", "-subj", "/CN=receiver", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", str(self._key), "-out", str(self.certificate)],
            check=True, capture_output=True, timeout=60,
        )  # fmt: skip

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/hook"

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                receiver.take(dict(self.headers.items()), body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self._key)
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def take(self, headers: dict[str, str], body: bytes) -> None:
        named = {name.lower(): value for name, value in headers.items()}
        event, moment = named.get("webhook-id", ""), named.get("webhook-timestamp", "")
        text = self.secret.removeprefix("whsec_").replace("-", "+").replace("_", "/")
        key = base64.b64decode(text + "=" * (-len(text) % 4))
        code = hmac.new(key, f"{event}.{moment}.".encode() + body, hashlib.sha256).digest()
        if f"v1,{base64.b64encode(code).decode()}" not in named.get("webhook-signature", "").split():
            self.faults.append(f"a wrong signature: {named}")
            return
        document = json.loads(body)
        document["webhook_id"] = event
        self.deliveries.append(document)
