"""Mutual TLS: devices get their certificates by themselves, renew them, and nobody comes in with another's or without."""

from __future__ import annotations

import subprocess
import time
import unittest
from pathlib import Path

from fleet import Central, Member
from smoke_client import until
from pki import Authority, SoftwareTPM
from stage import Stage
from strange_device import StrangeDevice

LIFE = 10


def serial(house: Member) -> str | None:
    return (house.sync().get("certificate") or {}).get("serial")


class Certificates(Stage):
    """A central that hears nobody without a certificate, and whose certificates are soon over."""

    def make_central(self) -> Central:
        central = super().make_central()
        head = "" if central.database else "\n[central]\n"
        central.configure(f'{head}client_certificates = "required"\ncertificate_life = "{LIFE}s"\n')
        return central

    def refusals(self, reason: str) -> int:
        lines = self.central.command("audit", "show", "--limit", "0")
        return str(lines).count(reason)

    def key(self, house: Member) -> Path:
        return house.directory / "store" / "link" / "central.key"

    def certificate(self, house: Member) -> Path:
        return house.directory / "store" / "link" / "central.crt"

    def test_members_have_certificates_and_renew_them_and_nobody_comes_in_without_or_with_anothers(self) -> None:
        first = {house: until("the device has a certificate", lambda house=house: serial(house)) for house in (self.north, self.south)}
        # One that is switched off for longer than its certificate holds.
        self.south.stop()
        off_since = time.monotonic()
        self.assertEqual(self.key(self.north).stat().st_mode & 0o777, 0o600)
        _, status = self.north.ask("status")
        self.assertIn("certificate_expires_at", status["sync"])
        authority = self.central.command("central", "ca")
        (self.place / "ca.pem").write_text(authority["pem"])
        checked = subprocess.run(
            ["openssl", "verify", "-CAfile", str(self.place / "ca.pem"), "-purpose", "sslclient", str(self.certificate(self.north))],
            capture_output=True, check=False,
        )  # fmt: skip
        self.assertEqual(checked.returncode, 0, checked.stderr)

        strange = StrangeDevice(self.place / "strange", self.central, "strange")
        self.assertEqual(strange.provision(self.central.token())[0], 200)
        self.assertEqual(strange.open()[1]["code"], "sync.certificate.needed")
        status, answer = strange.request_certificate(proof=b"0" * 64)
        self.assertEqual((status, answer["code"]), (403, "sync.certificate.refused"), "the credentials alone get none")
        self.assertEqual(strange.request_certificate()[0], 200)
        given = time.monotonic()
        strange.show(self.certificate(self.north), self.key(self.north))
        self.assert_refused(strange, "another device's")
        strange.show(*Authority(self.place / "foreign", "foreign").sign(strange.id, "clientAuth"))
        self.assert_refused(strange, "not one of this central")
        strange.show(strange.certificate, strange.certificate_key)
        self.assertEqual(strange.open()[0], 200)
        self.assertEqual(strange.push(("a", "1"), lane="audit")[0], 200)

        until("the device has another certificate", lambda: serial(self.north) not in (None, first[self.north]))
        # A key that is another one, whatever the certificate's time.
        before = serial(self.north)
        self.key(self.north).unlink()
        until(
            "the device has a certificate for another key",
            lambda: self.key(self.north).exists() and serial(self.north) not in (None, before) and self.fits(self.north),
        )

        until("the strange device's certificate is over", lambda: time.monotonic() > given + LIFE + 1)
        self.assert_refused(strange, "over")
        self.assertEqual(strange.request_certificate()[0], 200, "who asks for one is not locked out")
        strange.show(strange.certificate, strange.certificate_key)
        self.assertEqual(strange.push(("b", "2"), lane="audit")[0], 200)
        for code in ("sync.certificate.needed", "sync.certificate.refused"):
            self.assertGreater(self.refusals(code), 0, code)

        until("the device's certificate is over", lambda: time.monotonic() > off_since + LIFE + 1)
        self.south.start()
        until("the device is back by itself", lambda: self.south.sync()["phase"] == "online")
        for house in (self.north, self.south):
            house.until_told()
        self.assertNotEqual(serial(self.south), first[self.south])
        self.central.command("central", "revoke", "south")
        until("the device hears that it was taken out", lambda: self.south.sync()["phase"] == "revoked")
        self.assertFalse(self.certificate(self.south).exists())

    def fits(self, house: Member) -> bool:
        """Whether the certificate is of the key that is there."""
        words = (["x509", "-in", str(self.certificate(house)), "-noout", "-pubkey"], ["pkey", "-in", str(self.key(house)), "-pubout"])
        one, two = (subprocess.run(["openssl", *each], capture_output=True, check=False) for each in words)
        return bool(one.stdout) and one.stdout == two.stdout

    def assert_refused(self, strange: StrangeDevice, reason: str) -> None:
        status, answer = strange.pull()
        self.assertEqual((status, answer["code"]), (403, "sync.certificate.refused"), answer)
        self.assertIn(reason, answer["detail"])


@unittest.skipUnless(SoftwareTPM.is_installed(), "swtpm or tpm2-openssl is not installed: run scripts/setup")
class KeysInTPMs(Stage):
    """A device whose key for central is in a TPM."""

    def make_central(self) -> Central:
        central = super().make_central()
        central.configure(("" if central.database else "\n[central]\n") + 'client_certificates = "required"\n')
        return central

    def member(self, name: str) -> Member:
        house = super().member(name)
        if name == "north":
            self.tpm = SoftwareTPM(self.place / "tpm")
            self.addCleanup(self.tpm.stop)
            key = house.directory / "tpm.pem"
            until("the TPM is there", self.tpm.socket.exists)
            self.tpm.make_key(key)
            house.configure(f"tls_provider = \"tpm2\"\ntls_key = '{key}'\ntls_tcti = '{self.tpm.tcti}'\n")
        return house

    def test_the_key_stays_in_the_tpm_and_a_tpm_that_is_away_is_named_and_healed(self) -> None:
        until("the device has a certificate", lambda: serial(self.north))
        self.assertEqual([path.name for path in (self.north.directory / "store" / "link").iterdir()], ["central.crt"])
        self.tpm.stop()
        self.north.line.cut()
        self.north.line.mend()
        until("the device says so", lambda: "sync.certificate.key" in self.conditions())
        self.tpm.start()
        self.north.command("sync", "now")
        until("the device is back by itself", lambda: self.north.sync()["phase"] == "online")
        until("nothing is said any more", lambda: "sync.certificate.key" not in self.conditions())

    def conditions(self) -> set[str]:
        _, status = self.north.ask("status")
        return {condition["code"] for condition in status["conditions"]}
