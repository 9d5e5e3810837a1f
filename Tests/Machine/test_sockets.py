"""Sockets from systemd: the daemon is started by the first connection, and a restart refuses nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import unittest
from pathlib import Path

from cameras import command
from installed import CONFIGURATION, UNIT, install, journal, purge, shown, traces
from setting import setting
from smoke_client import until

SOCKET_UNIT = "edged.socket"
TEXT = """[http]
listen = "127.0.0.1:{port}"
socket = "/run/edged/api.sock"

[liveness]
policy = "off"
"""
PORT, OTHER_PORT = 8080, 8090
API_SOCKET, CONTROL_SOCKET = "/run/edged/api.sock", "/var/lib/private/edged/edged.sock"
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
MOST_SECONDS_TO_AN_ANSWER = 120
Address = tuple[str, int] | str


def ask(address: Address) -> str:
    """One request over a connection of its own: answered, cut off without an answer, or refused."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(MOST_SECONDS_TO_AN_ANSWER)
        try:
            connection.connect(address)
        except (ConnectionRefusedError, FileNotFoundError):
            return "refused"
        answer = b""
        try:
            connection.sendall(REQUEST)
            while piece := connection.recv(4096):
                answer += piece
        except (ConnectionResetError, BrokenPipeError):
            pass
        return "answered" if answer.startswith(b"HTTP/1.1 200") else "cut off"


class Caller(threading.Thread):
    """Asks one request after the other until it is told to end."""

    def __init__(self, address: Address) -> None:
        super().__init__(daemon=True)
        self.address = address
        self.counts = {"answered": 0, "cut off": 0, "refused": 0}
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.is_set():
            self.counts[ask(self.address)] += 1

    def end(self) -> dict[str, int]:
        self.is_over.set()
        self.join(MOST_SECONDS_TO_AN_ANSWER)
        return self.counts


class Sockets(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.before = traces()
        install()

    def configure(self, port: int = PORT) -> None:
        CONFIGURATION.write_text(TEXT.format(port=port))

    def kept(self) -> int:
        """How many sockets systemd keeps for the daemon."""
        return int(shown("NFileDescriptorStore"))

    def restart_under_load(self, times: int, *addresses: Address) -> None:
        """None of those who call meanwhile may be refused; one at a time may be cut off by a stop, as ever."""
        callers = [Caller(address) for address in addresses]
        for caller in callers:
            caller.start()
        for _ in range(times):
            command("systemctl", "restart", UNIT)
            answered = [caller.counts["answered"] for caller in callers]
            until("all are answered again", lambda before=answered: all(c.counts["answered"] > b for c, b in zip(callers, before, strict=True)))
        for caller in callers:
            counts = caller.end()
            print(f"    {caller.address}: {counts}", file=sys.stderr)
            self.assertEqual(counts["refused"], 0, caller.address)
            self.assertLessEqual(counts["cut off"], times, caller.address)

    def test_1_the_daemon_starts_with_the_machine_and_the_socket_is_for_those_who_enable_it(self) -> None:
        self.assertEqual((shown("UnitFileState"), shown("UnitFilePreset")), ("enabled", "enabled"))
        self.assertEqual((shown("UnitFileState", SOCKET_UNIT), shown("UnitFilePreset", SOCKET_UNIT)), ("disabled", "disabled"))
        self.assertEqual(shown("ActiveState", SOCKET_UNIT), "inactive")

    def test_2_a_restart_refuses_nobody(self) -> None:
        self.configure()
        command("systemctl", "restart", UNIT)
        until("three sockets are kept", lambda: self.kept() == 3)
        self.restart_under_load(setting().restarts, ("127.0.0.1", PORT), API_SOCKET, CONTROL_SOCKET)
        self.assertEqual(self.kept(), 3)

    def test_3_nothing_that_the_daemon_starts_gets_a_passed_socket(self) -> None:
        # Systemd passes them from number 3 on.
        for descriptor in (3, 4, 5):
            place = f"/proc/{shown('MainPID')}/fd/{descriptor}"
            self.assertTrue(os.readlink(place).startswith("socket:"), place)
            facts = Path(place.replace("/fd/", "/fdinfo/")).read_text()
            flags = int(next(line for line in facts.splitlines() if line.startswith("flags:")).split()[1], 8)
            self.assertTrue(flags & os.O_CLOEXEC, place)

    def test_4_a_socket_that_fits_no_more_is_given_up(self) -> None:
        self.configure(OTHER_PORT)
        command("systemctl", "restart", UNIT)
        until("the new one is kept in its place", lambda: self.kept() == 3)
        self.assertEqual(ask(("127.0.0.1", OTHER_PORT)), "answered")
        self.assertEqual(ask(("127.0.0.1", PORT)), "refused")
        self.assertIn("A kept socket is given up", journal("-o", "cat", "-n", "50"))

    def test_5_stopped_it_keeps_nothing(self) -> None:
        command("systemctl", "stop", UNIT)
        self.assertEqual((shown("ActiveState"), shown("Result")), ("inactive", "success"))
        until("systemd has let go of them", lambda: self.kept() == 0)
        for address in (("127.0.0.1", OTHER_PORT), API_SOCKET, CONTROL_SOCKET):
            self.assertEqual(ask(address), "refused", address)
        self.assertFalse(Path(API_SOCKET).exists())

    def test_6_the_first_connection_starts_it(self) -> None:
        self.configure()
        command("systemctl", "enable", "--now", SOCKET_UNIT)
        self.assertEqual((shown("ActiveState", SOCKET_UNIT), shown("ActiveState")), ("active", "inactive"))
        self.assertEqual(ask(("127.0.0.1", PORT)), "answered")
        until("it is ready", lambda: shown("ActiveState") == "active")
        until("its own sockets are kept", lambda: self.kept() == 2)
        self.restart_under_load(2, ("127.0.0.1", PORT), API_SOCKET)

    def test_7_a_socket_that_no_listener_has_ends_the_start(self) -> None:
        command("systemctl", "stop", UNIT)
        self.configure(OTHER_PORT)
        started = subprocess.run(["systemctl", "start", UNIT], capture_output=True, check=False, timeout=MOST_SECONDS_TO_AN_ANSWER)
        self.assertNotEqual(started.returncode, 0)
        # The next try begins two seconds later, so the unit itself does not tell for long.
        for word in ("http.socket.unfit", "status=78"):
            until(f"the journal says {word}", lambda word=word: word in journal("-o", "cat", "-n", "100"))
        command("systemctl", "stop", UNIT)
        self.configure()
        self.assertEqual(ask(("127.0.0.1", PORT)), "answered")

    def test_8_both_ends_stop_in_order(self) -> None:
        command("systemctl", "stop", SOCKET_UNIT, UNIT)
        for unit in (SOCKET_UNIT, UNIT):
            self.assertEqual((shown("ActiveState", unit), shown("Result", unit)), ("inactive", "success"))
        self.assertEqual(ask(("127.0.0.1", PORT)), "refused")

    def test_9_purged_it_leaves_nothing_and_nobody_listens(self) -> None:
        command("systemctl", "start", SOCKET_UNIT)
        self.assertEqual(ask(("127.0.0.1", PORT)), "answered")
        command("dpkg", "--remove", "edged")
        self.assertEqual(ask(("127.0.0.1", PORT)), "refused")
        purge()
        self.assertEqual(traces() - self.before, set())
