"""A member of the fleet of the central instance under test."""

from __future__ import annotations

import base64
import subprocess
import uuid
from pathlib import Path
from typing import Any

from smoke_client import Failure
from wire import Caller

PROVISION = "/api/sync/v1/provision/"
OPEN = "/api/sync/v1/open/"
MODEL = {"id": "other", "version": "1"}


def provision(address: str, token: str, directory: Path) -> dict[str, Any]:
    """Make a device's key and become a member with it: the answer with the device's credentials."""
    key, message = directory / "member.pem", directory / "member.txt"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    der = _openssl("pkey", "-in", str(key), "-pubout", "-outform", "DER")
    device, public_key = str(uuid.uuid4()), base64.b64encode(der[-32:]).decode()
    message.write_text(f"edged provision v1\n{device}\n{public_key}\n{token}\n")
    proof = _openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in", str(message))
    caller = Caller(address)
    answer = caller.ask_json("POST", PROVISION, {
        "token": token, "device": device, "name": "member", "public_key": public_key,
        "proof": base64.b64encode(proof).decode(), "model": MODEL, "software": "contract",
    })  # fmt: skip
    caller.close()
    if answer.status != 200:
        raise Failure(f"no member was made: {answer}")
    return dict(answer.json)


def open_epoch(caller: Caller) -> None:
    """Say which of its histories the device is in."""
    opening = {"epoch": str(uuid.uuid4()), "history": [], "reason": "fresh"}
    answer = caller.ask_json("POST", OPEN, {"opening": opening, "model": MODEL, "software": "contract"})
    if answer.status != 200:
        raise Failure(f"the member's epoch was not opened: {answer}")


def _openssl(*words: str) -> bytes:
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout
