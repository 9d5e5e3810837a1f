"""Pinned roots: central goes from one root to the next without a gap, and a root that nobody pinned is refused and healed."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

from fleet import Central, House, Member
from smoke_client import until
from pki import Authority
from setting import setting
from stage import Stage, fresh_database


class RootedCentral(Central):
    """A central whose certificate an authority signed."""

    def __init__(self, program: Path, directory: Path, models: Path, authority: Authority, *rest: object) -> None:
        super().__init__(program, directory, models, *rest)
        self.served = (directory / "served.crt", directory / "served.key")
        text = self.configuration.read_text()
        own = 'names = ["127.0.0.1"]'
        assert own in text
        self.configuration.write_text(
            text.replace(own, f"certificate = '{self.served[0]}'\nkey = '{self.served[1]}'"))
        self.root = authority.certificate
        self.serve(authority)

    @property
    def certificate(self) -> Path:
        return self.root

    def serve(self, authority: Authority) -> None:
        """Show a certificate of this authority from now on."""
        # The key first: what is read between the two is not taken, and read again.
        made, key = authority.sign("central", "serverAuth")
        for source, target in ((key, self.served[1]), (made, self.served[0])):
            fresh = target.with_suffix(".new")
            shutil.copy(source, fresh)
            fresh.chmod(0o600)
            fresh.rename(target)
        if self.process is not None:
            self.process.send_signal(signal.SIGHUP)

    def fingerprint(self) -> str:
        _, status = self.ask("status")
        return str(status.get("tls_fingerprint"))


class Roots(Stage):
    central: RootedCentral

    def make_central(self) -> Central:
        self.old, self.next, self.other = (Authority(self.place / name, name) for name in ("old", "next", "other"))
        return RootedCentral(
            setting().daemon, self.place / "central", setting().models, self.old, fresh_database())

    def announce(self, *authorities: Authority) -> None:
        bundle = self.place / "bundle.pem"
        bundle.write_text("".join(authority.certificate.read_text() for authority in authorities))
        self.central.command("central", "roots", "--announce", str(bundle))

    def serve(self, authority: Authority) -> None:
        before = self.central.fingerprint()
        self.central.serve(authority)
        until("central shows another certificate", lambda: self.central.fingerprint() != before)

    def again(self, house: Member) -> None:
        """Have the device make new connections."""
        house.line.cut()
        house.line.mend()
        house.command("sync", "now")

    def conditions(self, house: House) -> set[str]:
        _, status = house.ask("status")
        return {condition["code"] for condition in status["conditions"] if condition["code"].startswith("sync.")}

    def pins(self, house: Member, count: int) -> None:
        until(f"the device pins {count} roots", lambda: (house.sync().get("roots") or {}).get("count") == count)

    def works(self, house: Member) -> None:
        house.command("sync", "now")
        until(
            f"all is well: {self.conditions(house)}",
            lambda: house.line.is_used and house.sync()["phase"] == "online" and not self.conditions(house),
        )

    def test_from_one_root_to_the_next_without_a_gap_and_a_wrong_one_is_refused_and_healed(self) -> None:
        # One that is away all the time.
        self.south.stop()
        status, words = self.member("late").ask(
            "provision", "--central", f"https://127.0.0.1:{self.central.port}", "--token", "any", "--name", "late",
            "--ca", str(self.other.certificate),
        )  # fmt: skip
        self.assertNotEqual(status, 0)
        self.assertIn("sync.central.certificate", str(words))

        self.pins(self.north, 1)
        self.announce(self.old, self.next)
        self.pins(self.north, 2)
        self.works(self.north)
        self.serve(self.next)
        self.again(self.north)
        self.works(self.north)
        self.announce(self.next)
        self.pins(self.north, 1)
        self.works(self.north)

        # Whoever takes central's place without the root.
        self.serve(self.other)
        self.again(self.north)
        until("the device refuses central", lambda: self.conditions(self.north) == {"sync.central.certificate"})
        self.assertEqual(self.north.sync()["phase"], "offline")
        self.serve(self.next)
        self.works(self.north)

        # Words that would lock everybody out are not followed.
        self.announce(self.other)
        until("the device refuses the roots", lambda: self.conditions(self.north) == {"sync.roots.refused"})
        self.assertEqual(self.north.sync()["phase"], "online")
        self.announce(self.next)
        self.works(self.north)
        # What is pinned outlives a restart.
        self.north.stop()
        self.north.start()
        until("the device is back", lambda: self.north.sync()["phase"] == "online")

        self.south.start()
        until("the old root alone does not do", lambda: self.conditions(self.south) == {"sync.central.certificate"})
        self.south.command("sync", "roots", "--pin", str(self.next.certificate))
        until("the device is back", lambda: self.south.sync()["phase"] == "online")
        for house in (self.north, self.south):
            house.until_told()
