"""Devices behind a proxy: it lets them through or refuses, dies and comes back, and each is said and healed."""

from __future__ import annotations

from typing import Any

from device import open_session
from fleet import Member, man
from smoke_client import until
from proxy import Proxy
from setting import setting
from stage import Stage

SECRET = "door:canary-of-the-proxy"


class Proxies(Stage):
    """Devices behind proxies beside those of the stage, which have their lines."""

    talks = 0

    def behind(self, proxy: Proxy, name: str, credentials: str | None = None, more: str = "") -> Member:
        """A device, started and not yet a member, with no way to central but the proxy."""
        self.addCleanup(proxy.cut)
        house = self.member(name)
        text = f'proxy = "http://127.0.0.1:{proxy.port}"\n{more}'
        if credentials is not None:
            self.secret = house.directory / "proxy.secret"
            self.secret.touch(mode=0o600)
            self.secret.write_text(credentials + "\n")
            text += f"proxy_credentials_file = '{self.secret}'\n"
        house.configure(text)
        self.addCleanup(house.stop)
        house.start()
        return house

    def joined(self, proxy: Proxy, name: str, credentials: str | None = None) -> Member:
        house = self.behind(proxy, name, credentials)
        house.join(name, port=self.central.port)
        until("the device reaches central", lambda: house.sync()["phase"] == "online")
        return house

    def conditions(self, house: Member) -> set[str]:
        _, status = house.ask("status")
        return {condition["code"] for condition in status["conditions"]}

    def says(self, house: Member, code: str) -> None:
        until(f"the device says {code}: {self.conditions(house)}", lambda: code in self.conditions(house))
        ways = {each for each in self.conditions(house) if each.startswith(("sync.proxy", "sync.central"))}
        self.assertEqual(ways, {code}, "one thing at a time")
        self.assertEqual(house.sync()["phase"], "offline")

    def heals(self, house: Member) -> None:
        house.command("sync", "now")
        until("the device reaches central again", lambda: house.sync()["phase"] == "online")
        until(
            f"nothing is said any more: {self.conditions(house)}",
            lambda: not any(each.startswith(("sync.proxy", "sync.central")) for each in self.conditions(house)),
        )

    def talk(self, house: Member, count: int = 20) -> Any:
        """Sessions that are opened and cancelled: audit lines and events for central."""
        self.talks += 1
        client = house.make_client(f"talker-{self.talks}")
        caller = house.caller(client)
        for _ in range(count):
            caller.ask("DELETE", f"/api/auth/sessions/{open_session(caller, 'authentication')}/")
        return client

    def test_through_a_proxy_with_credentials_everything_arrives_and_nobody_hears_them(self) -> None:
        proxy = Proxy(SECRET)
        house = self.joined(proxy, "inside", SECRET)
        self.talk(house)
        house.until_told()
        self.assertGreater(proxy.tunnels, 0)
        self.assertEqual(set(proxy.asked), {f"CONNECT 127.0.0.1:{self.central.port} HTTP/1.1"})
        # What comes down comes the same way.
        done = self.north.enroll(self.client, "jan", man(setting().footage))
        self.assertTrue(done.get("enrollment_complete"), done)
        there = self.elsewhere(house)
        until("jan is known behind the proxy", lambda: "jan" in house.people(there))
        # The password stands in the file alone.
        for path in house.directory.rglob("*"):
            if path.is_file() and path != self.secret:
                self.assertNotIn(b"canary-of-the-proxy", path.read_bytes(), path)
        self.assertNotIn("canary", str(house.ask("status")) + str(house.ask("config", "check")))

    def test_a_proxy_that_is_not_there_dies_and_comes_back(self) -> None:
        proxy = Proxy()
        house = self.joined(proxy, "inside")
        house.until_told()
        proxy.cut()
        self.talk(house, 10)
        self.says(house, "sync.proxy.unreachable")
        self.assertGreater(sum(lane["records"] for lane in house.lanes().values()), 0)
        proxy.mend()
        self.heals(house)
        house.until_told()
        # In the middle of what is sent, again and again.
        for _ in range(5):
            self.talk(house, 8)
            proxy.cut()
            proxy.mend()
        self.heals(house)
        house.until_told()

    def test_a_proxy_that_refuses_or_wants_other_credentials_is_named_and_healed_without_a_restart(self) -> None:
        proxy = Proxy(SECRET)
        house = self.behind(proxy, "inside", "door:wrong")
        status, words = house.ask(
            "provision", "--central", f"https://127.0.0.1:{self.central.port}", "--token", self.central.token(),
            "--name", "inside", "--ca", str(self.central.certificate),
        )  # fmt: skip
        self.assertNotEqual(status, 0)
        self.assertIn("sync.proxy.credentials", str(words))
        self.secret.write_text(SECRET + "\n")
        house.join("inside", port=self.central.port)
        until("the device reaches central", lambda: house.sync()["phase"] == "online")

        proxy.refusal = 403
        proxy.cut()
        proxy.mend()
        self.says(house, "sync.proxy.refused")
        proxy.refusal = None
        self.heals(house)

        proxy.credentials = "door:another"
        proxy.cut()
        proxy.mend()
        self.says(house, "sync.proxy.credentials")
        self.secret.write_text("door:another\n")
        self.heals(house)

        # A file that others may read is no secret any more.
        self.secret.chmod(0o644)
        proxy.credentials = "door:third"
        proxy.cut()
        proxy.mend()
        self.says(house, "sync.proxy.credentials")
        self.secret.write_text("door:third\n")
        self.secret.chmod(0o600)
        self.heals(house)
        self.talk(house, 5)
        house.until_told()

    def test_no_proxy_leads_to_a_central_that_is_excepted(self) -> None:
        proxy = Proxy()
        house = self.behind(proxy, "beside", more='no_proxy = ["127.0.0.0/8"]\n')
        house.join("beside", port=self.central.port)
        until("the device reaches central", lambda: house.sync()["phase"] == "online")
        house.until_told()
        self.assertEqual(proxy.asked, [])
