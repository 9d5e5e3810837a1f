"""Hostile input: a clear error or a closed connection, the memory flat, and other clients served meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
import unittest

from raw import Crowd, address_of, drain, drip, exchange, good_answer, many_files, statuses
from wire import Caller
from world import SCHEMA, wait_until, world

# What the daemon promises.
SLOW_SECONDS = 45
GOOD_CLIENT_SECONDS = 15
GROWTH_BYTES = 64 * 1024 * 1024
GIVEN_BACK_SECONDS = 60  # the daemon gives unused memory back twice a minute
CROWD = 10_000
LARGEST_BODY = 14 * 1024 * 1024
SMALL_BODY = 64 * 1024

GET = b"GET /healthz HTTP/1.1\r\nHost: device\r\n\r\n"
SMUGGLED = b"GET /healthz HTTP/1.1\r\nHost: smuggled\r\n\r\n"
POST = b"POST /api/core/auth/client/ HTTP/1.1\r\nHost: device\r\nContent-Type: application/json\r\n"

SMUGGLING = {
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 45\r\n\r\n{}" + SMUGGLED,
    "two lengths in one": POST + b"Content-Length: 2, 45\r\n\r\n{}" + SMUGGLED,
    "length and chunks": POST + b"Content-Length: 45\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks and length": POST + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "length with a plus": POST + b"Content-Length: +2\r\n\r\n{}" + SMUGGLED,
    "negative length": POST + b"Content-Length: -2\r\n\r\n{}" + SMUGGLED,
    "length that is no number": POST + b"Content-Length: 2a\r\n\r\n{}" + SMUGGLED,
    "length beyond all numbers": POST + b"Content-Length: 99999999999999999999999\r\n\r\n{}" + SMUGGLED,
    "unknown encoding": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunked is not last": POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "blank before the colon": POST + b"Transfer-Encoding : chunked\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED,
    "folded header": POST + b"Transfer-Encoding:\r\n chunked\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED,
    "chunk size beyond all numbers": POST + b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n{}" + SMUGGLED,
    "negative chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n" + SMUGGLED,
    "NUL in a header": POST + b"X-A: a\x00b\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED,
    "bare CR in a header": POST + b"X-A: a\rContent-Length: 45\r\nContent-Length: 2\r\n\r\n{}" + SMUGGLED,
}
STRANGE = {
    "TLS": bytes.fromhex("16030100c8010000c40303") + b"\x00" * 200,
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 60,
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/9.9": b"GET /healthz HTTP/9.9\r\nHost: device\r\n\r\n",
    "no words": b"\x00" * 4096,
    "a proxy's request": b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example\r\n\r\n",
    "no host": b"GET /healthz HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "a header of 200 KB": b"GET /healthz HTTP/1.1\r\nHost: device\r\nX-A: " + b"a" * 200_000 + b"\r\n\r\n",
    "20,000 headers": b"GET /healthz HTTP/1.1\r\nHost: device\r\n" + b"X-A: a\r\n" * 20_000 + b"\r\n",
    "a path of 200 KB": b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: device\r\n\r\n",
    "a query of 200 KB": b"GET /healthz?" + b"a" * 200_000 + b" HTTP/1.1\r\nHost: device\r\n\r\n",
    "a method of 100 KB": b"A" * 100_000 + b" /healthz HTTP/1.1\r\nHost: device\r\n\r\n",
}
STRANGE_PATHS = (
    "/%", "/%zz", "/%ff%fe/", "/%00", "/a%2f..%2f..%2fetc/passwd", "//healthz//", "/healthz%20", "/?%ff=%fe",
    "/healthz?a=" + "%41" * 1000, "/api/auth/sessions/%e2%82/status/", "*", "http://other.example/healthz",
)  # fmt: skip
TOO_LARGE = ("a header of 200 KB", "20,000 headers", "a path of 200 KB", "a query of 200 KB", "a method of 100 KB")


class Hostile(unittest.TestCase):
    address: str
    before: int

    @classmethod
    def setUpClass(cls) -> None:
        cls.address = world().device.address
        warm_up(cls.address)
        cls.before = world().device.resident_bytes()

    def tearDown(self) -> None:
        self.assertTrue(world().device.is_running, "the daemon has ended")
        self.assertLess(good_answer(self.address, GOOD_CLIENT_SECONDS), GOOD_CLIENT_SECONDS)

    # Slow and half closed.

    def test_slow_bodies_and_headers_end_in_time_and_others_are_served(self) -> None:
        body = POST + b"Content-Length: 1000\r\n\r\n"
        chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n400\r\n"
        slow = [(body, b"x" * 200), (chunked, b"x" * 200), (POST + b"X-A: ", b"x" * 200), (b"", GET[:30] + b"x" * 200)]
        over = threading.Event()
        waits: list[float] = []

        def ask_meanwhile() -> None:
            while not over.wait(1):
                waits.append(good_answer(self.address, GOOD_CLIENT_SECONDS))

        asking = threading.Thread(target=ask_meanwhile)
        asking.start()
        try:
            ends = asyncio.run(all_slow(self.address, slow * 8))
        finally:
            over.set()
            asking.join()
        for (head, _), (answered, seconds) in zip(slow * 8, ends, strict=True):
            with self.subTest(head=head[-30:]):
                self.assertLess(seconds, SLOW_SECONDS)
                self.assertIn(answered, ([408], [400], []))
        self.assertTrue(waits)
        self.assertLess(max(waits), 2)

    def test_a_half_closed_connection_gets_its_answer_and_ends(self) -> None:
        for name, data, wanted in (("whole", GET, [200]), ("cut", GET[:-6], None), ("nothing", b"", [])):
            with self.subTest(request=name):
                received, closed = exchange(self.address, data, half_close=True)
                self.assertTrue(closed)
                if wanted is not None:
                    self.assertEqual(statuses(received), wanted)
                self.assertFalse([status for status in statuses(received) if status >= 500])

    def test_clients_that_go_away_in_the_middle_leave_nothing_behind(self) -> None:
        files = world().device.open_files()
        for number in range(300):
            with socket.create_connection(address_of(self.address), timeout=10) as connection:
                connection.sendall(POST + b"Content-Length: 1000\r\n\r\n" + b"x" * (number % 900))
                if number % 2:
                    # Closed with a reset.
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        wait_until(lambda: world().device.open_files() <= files + 5, 10, "their connections are gone")

    # By the thousand.

    def test_ten_thousand_silent_connections_do_not_keep_others_out(self) -> None:
        self.crowd(b"")

    def test_ten_thousand_half_requests_do_not_keep_others_out(self) -> None:
        self.crowd(b"GET /healthz HTTP/1.1\r\nHost: dev")

    def grown(self, before: int | None = None) -> int:
        """Bytes more than before the tests of this class, or than `before`."""
        return world().device.resident_bytes() - (self.before if before is None else before)

    def crowd(self, words: bytes) -> None:
        files = world().device.open_files()
        before = world().device.resident_bytes()
        with many_files(CROWD + 1000):
            crowd = Crowd(self.address, CROWD, words)
            try:
                connected = crowd.gather(20)
                self.assertGreater(connected, 0.9 * CROWD)
                for _ in range(3):
                    waited = good_answer(self.address, GOOD_CLIENT_SECONDS + 1)
                    self.assertLess(waited, GOOD_CLIENT_SECONDS, f"{connected} connections are held")
                self.assertLess(self.grown(before), GROWTH_BYTES)
            finally:
                crowd.leave()
        wait_until(lambda: world().device.open_files() <= files + 10, 30, "the crowd's connections are gone")

    def test_clients_that_ask_and_do_not_read_cost_no_memory(self) -> None:
        # What earlier tests left behind is theirs to answer for, at the end.
        before = world().device.resident_bytes()
        request = b"GET " + SCHEMA.encode() + b" HTTP/1.1\r\nHost: device\r\n\r\n"
        with contextlib.ExitStack() as stack:
            for _ in range(40):
                connection = stack.enter_context(socket.socket())
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.settimeout(0.2)
                connection.connect(address_of(self.address))
                with contextlib.suppress(TimeoutError):
                    connection.sendall(request * 100)
            deadline = time.monotonic() + 5
            while time.monotonic() < deadline:
                self.assertLess(self.grown(before), GROWTH_BYTES)
                self.assertLess(good_answer(self.address, GOOD_CLIENT_SECONDS), GOOD_CLIENT_SECONDS)

    # Too large.

    def test_a_body_over_the_limit_is_413(self) -> None:
        for operation in (one for one in world().document.operations if one.body_types):
            kind = next(iter(operation.body_types))
            target = operation.target(world().samples.nobody(operation))
            client = world().allowed_client(operation.scopes) if operation.takes_credentials else None
            headers = "".join(f"{name}: {value}\r\n" for name, value in (client.by_token if client else {}).items())
            head = f"{operation.method} {target} HTTP/1.1\r\nHost: device\r\nContent-Type: {kind}\r\n{headers}"
            with self.subTest(operation=str(operation), form="length"):
                data = head.encode() + f"Content-Length: {LARGEST_BODY + 1}\r\n\r\n".encode()
                self.assertEqual(statuses(exchange_until_answer(self.address, data))[:1], [413])
            with self.subTest(operation=str(operation), form="chunks"):
                chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
                data = head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * (LARGEST_BODY // 65536 + 2)
                self.assertEqual(statuses(exchange_until_answer(self.address, data))[:1], [413])

    def test_floods_of_headers_and_long_addresses_are_refused_or_closed(self) -> None:
        for name in TOO_LARGE:
            with self.subTest(request=name):
                received, closed = exchange(self.address, STRANGE[name])
                self.assertTrue(closed or statuses(received), "neither an answer nor closed")
                self.assertIn(statuses(received), ([], [400], [414], [431], [404]))

    def test_what_is_not_http_is_refused_or_closed(self) -> None:
        for name, data in STRANGE.items():
            with self.subTest(request=name):
                received, closed = exchange(self.address, data, half_close=True)
                self.assertTrue(closed)
                bad = [status for status in statuses(received) if status >= 500 and status not in (501, 505)]
                self.assertEqual(bad, [])

    def test_strange_paths_are_refused(self) -> None:
        for path in STRANGE_PATHS:
            with self.subTest(path=path[:40]):
                request = f"GET {path} HTTP/1.1\r\nHost: device\r\nConnection: close\r\n\r\n"
                received, _ = exchange(self.address, request.encode())
                self.assertEqual(len(statuses(received)), 1, received[:200])
                self.assertLess(statuses(received)[0], 500)

    # More than one request.

    def test_no_request_hides_in_another(self) -> None:
        for name, data in SMUGGLING.items():
            with self.subTest(shape=name):
                received, closed = exchange(self.address, data, half_close=True)
                self.assertTrue(closed)
                answers = statuses(received)
                self.assertLessEqual(len(answers), 1, f"the hidden request was answered: {answers}")
                self.assertFalse([status for status in answers if status < 400 or (status >= 500 and status != 501)])

    def test_requests_that_are_sent_together_are_answered_in_order(self) -> None:
        paths = [b"/healthz", b"/nothing", b"/readyz"] * 20
        data = b"".join(b"GET %s HTTP/1.1\r\nHost: device\r\n\r\n" % path for path in paths[:-1])
        data += b"GET %s HTTP/1.1\r\nHost: device\r\nConnection: close\r\n\r\n" % paths[-1]
        received, closed = exchange(self.address, data)
        self.assertTrue(closed)
        self.assertEqual(statuses(received), [200, 404, 200] * 20)

    # At the end.

    def test_z_the_memory_is_flat_and_nothing_failed_inside(self) -> None:
        """Runs last: the tests of a class run by name."""
        warm_up(self.address)
        wait_until(lambda: self.grown() < GROWTH_BYTES, GIVEN_BACK_SECONDS, "what the others left is given back")
        print(f"  grown by {self.grown() // 1024 // 1024} MB", flush=True)
        self.assertEqual(world().device.faults()[:5], [])


async def all_slow(address: str, ones: list[tuple[bytes, bytes]]) -> list[tuple[list[int], float]]:
    return await asyncio.gather(*(drip(address, head, drops, 1, SLOW_SECONDS) for head, drops in ones))


def exchange_until_answer(address: str, data: bytes, seconds: float = 15) -> bytes:
    """Send what is taken; read as soon as something comes, as a client does that sees it is refused."""
    with socket.create_connection(address_of(address), timeout=seconds) as connection:
        sending = threading.Thread(target=send_all, args=(connection, data), daemon=True)
        sending.start()
        received = connection.recv(65536)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        sending.join(seconds)
        return received + drain(connection, 0.2)[0]


def send_all(connection: socket.socket, data: bytes) -> None:
    with contextlib.suppress(OSError):
        connection.sendall(data)


def warm_up(address: str) -> None:
    """So that what is made once is there before the memory is measured."""
    caller = Caller(address)
    for _ in range(200):
        caller.ask("GET", "/healthz")
        caller.ask("GET", SCHEMA)
    caller.close()
