"""What the suites of this directory begin with: a central instance and two devices that are members."""

from __future__ import annotations

import secrets
import unittest
from pathlib import Path

from fleet import Central, Member
from smoke_client import until
from postgres import Database, Server
from setting import setting


_servers: list[Server] = []


def set_server(server: Server) -> None:
    """From now on every central keeps its books in a database of this server."""
    _servers[:] = [server]


def fresh_database() -> Database | None:
    """A database for one fleet; `None` where central keeps its books in a file."""
    return _servers[0].make(f"fleet_{secrets.token_hex(8)}") if _servers else None


class Stage(unittest.TestCase):
    """A fleet of its own for each test."""

    central: Central
    north: Member
    south: Member
    place: Path

    def setUp(self) -> None:
        self.place = setting().directory / self.id().split(".")[-1][:40]
        self.place.mkdir()
        self.central = self.make_central()
        self.north = self.member("north")
        self.south = self.member("south")
        for house in (self.central, self.north, self.south):
            self.addCleanup(house.stop)
            house.start()
        for member in (self.north, self.south):
            member.join(member.directory.name)
            until("the device reaches central", lambda member=member: member.sync()["phase"] == "online")
        self.client = self.north.make_client("kiosk")
        listing = self.north.command("clients", "list")
        self.tenant = next(client["id"] for client in listing["clients"] if client["name"] == "kiosk")

    def make_central(self) -> Central:
        return Central(setting().daemon, self.place / "central", setting().models, fresh_database())

    def member(self, name: str) -> Member:
        return Member(setting().daemon, self.place / name, setting().models, self.central)

    def elsewhere(self, house: Member | None = None) -> object:
        """The same client at another device, once the fleet brought it."""
        place = house or self.south
        return until("the client is known at the other device", lambda: place.same_client(self.client))
