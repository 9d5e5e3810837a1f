"""An HTTP proxy that knows CONNECT and nothing else, and can be told to refuse, to want credentials, or to go away."""

from __future__ import annotations

import base64
import socket

from fleet import Line, hang_up

LONGEST_HEAD = 16_384
REASONS = {200: "Connection established", 400: "Bad Request", 403: "Forbidden", 407: "Proxy Authentication Required"}


class Proxy(Line):
    """A line whose far end is whom the near end asks for."""

    def __init__(self, credentials: str | None = None) -> None:
        self.credentials = credentials
        self.refusal: int | None = None
        self.asked: list[str] = []
        self.answered: list[int] = []
        super().__init__(target=0)

    @property
    def tunnels(self) -> int:
        return self.answered.count(200)

    def meet(self, near: socket.socket) -> socket.socket | None:
        near.settimeout(10)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            part = near.recv(1)
            if not part or len(head) > LONGEST_HEAD:
                return None
            head += part
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        method, target, *_ = [*first.split(" "), ""]
        self.asked.append(first)
        status = self._judge(method, headers.get("proxy-authorization"))
        self.answered.append(status)
        if status != 200:
            wants = 'Proxy-Authenticate: Basic realm="test"\r\n' if status == 407 else ""
            near.sendall(f"HTTP/1.1 {status} {REASONS[status]}\r\n{wants}Content-Length: 0\r\n\r\n".encode())
            hang_up(near)
            return None
        host, _, port = target.rpartition(":")
        far = socket.create_connection((host, int(port)), timeout=10)
        near.sendall(f"HTTP/1.1 200 {REASONS[200]}\r\n\r\n".encode())
        return far

    def _judge(self, method: str, authorization: str | None) -> int:
        if self.refusal is not None:
            return self.refusal
        if method != "CONNECT":
            return 400
        if self.credentials is None:
            return 200
        wanted = "Basic " + base64.b64encode(self.credentials.encode()).decode()
        return 200 if authorization == wanted else 407
