"""Connections below HTTP: bytes as they are, kept open, half closed, slow, or by the thousand."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import re
import resource
import socket
import time
from collections.abc import Iterator

from wire import fresh_source


def address_of(text: str) -> tuple[str, int]:
    host, port = text.rsplit(":", 1)
    return host, int(port)


def exchange(address: str, data: bytes, seconds: float = 10, half_close: bool = False) -> tuple[bytes, bool]:
    """Send bytes and read until the other side closes or is silent; what came, and whether it closed."""
    with socket.create_connection(address_of(address), timeout=seconds) as connection:
        with contextlib.suppress(ConnectionError, TimeoutError):
            connection.sendall(data)
        if half_close:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
        return drain(connection, seconds)


def drain(connection: socket.socket, seconds: float) -> tuple[bytes, bool]:
    received = b""
    deadline = time.monotonic() + seconds
    try:
        while (left := deadline - time.monotonic()) > 0:
            connection.settimeout(left)
            chunk = connection.recv(65536)
            if not chunk:
                return received, True
            received += chunk
    except TimeoutError:
        pass
    except ConnectionError:
        return received, True
    return received, False


def statuses(received: bytes) -> list[int]:
    """The statuses of all answers in what came over one connection."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", received)]


async def drip(address: str, head: bytes, drops: bytes, every: float, limit: float) -> tuple[list[int], float]:
    """Send a head at once and then one byte after the other; the statuses that came, and when it was over."""
    started = time.monotonic()
    reader, writer = await asyncio.open_connection(*address_of(address))
    received = b""

    async def read() -> None:
        nonlocal received
        with contextlib.suppress(ConnectionError):
            while chunk := await reader.read(65536):
                received += chunk

    async def write() -> None:
        with contextlib.suppress(ConnectionError):
            writer.write(head)
            for drop in drops:
                await asyncio.sleep(every)
                writer.write(bytes([drop]))
                await writer.drain()

    writing = asyncio.ensure_future(write())
    try:
        async with asyncio.timeout(limit):
            await read()
    except TimeoutError:
        return statuses(received), float("inf")
    finally:
        writing.cancel()
        writer.close()
    return statuses(received), time.monotonic() - started


@contextlib.contextmanager
def many_files(count: int) -> Iterator[None]:
    """As many open files as are needed, for a while."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, max(hard, count)))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Crowd:
    """Thousands of connections that say nothing, or half of something."""

    def __init__(self, address: str, count: int, words: bytes = b"") -> None:
        self.place = address_of(address)
        self.words = words
        self.sockets: list[socket.socket] = []
        self.count = count

    def gather(self, seconds: float) -> int:
        """Open them all; how many have been let in when the time is over."""
        for number in range(self.count):
            one = socket.socket()
            one.setblocking(False)
            # From several addresses: one has not enough ports.
            one.bind((f"127.0.1.{1 + number // 2500}", 0))
            one.connect_ex(self.place)
            self.sockets.append(one)
        deadline = time.monotonic() + seconds
        waiting = list(self.sockets)
        # The kernel knocks again after one, three and seven seconds where it found no room.
        while waiting and time.monotonic() < deadline:
            time.sleep(0.2)
            waiting = [one for one in waiting if not self._is_connected(one)]
        if self.words:
            for one in self.sockets:
                with contextlib.suppress(OSError):
                    one.send(self.words)
        return self.count - len(waiting)

    @staticmethod
    def _is_connected(one: socket.socket) -> bool:
        try:
            one.getpeername()
        except OSError:
            return False
        return True

    def leave(self) -> None:
        for one in self.sockets:
            one.close()


def good_answer(address: str, seconds: float, path: str = "/healthz") -> float:
    """How long a good client waits for a good answer; it tries again when it is turned away."""
    started = time.monotonic()
    source = fresh_source()
    while (left := started + seconds - time.monotonic()) > 0:
        connection = http.client.HTTPConnection(address, timeout=left, source_address=(source, 0))
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return time.monotonic() - started
        except (OSError, http.client.HTTPException):
            time.sleep(0.05)
        finally:
            connection.close()
    return float("inf")
