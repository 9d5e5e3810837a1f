"""Real data of a tenant: people, enrollments from real footage, authentications of every outcome, a webhook."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from document import Document
from smoke_client import Failure
from wire import Answer, Caller, form
from world import Client, Device, World

HOOK = "https://hooks.device.example/edged"


@dataclass
class Tenant:
    """One tenant, as itself."""

    name: str
    client: Client
    caller: Caller
    document: Document
    people: dict[str, str] = field(default_factory=dict)
    sessions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """What every name that this tenant gives begins with."""
        return f"tenant-{self.name}-"

    def has(self, method: str, path: str) -> bool:
        return self.document.find(method, path) is not None

    def must(self, wanted: int, method: str, path: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
        """Ask and get the answer that belongs to the status; anything else ends the run."""
        answer = self.caller.ask(method, path) if fields is None else self.caller.ask_json(method, path, fields)
        if answer.status != wanted:
            raise Failure(f"seeding {self.name}: {method} {path}: {answer}")
        return dict(answer.json) if answer.body else {}


def seed(world: World, name: str) -> Tenant:
    """Make the data of a tenant."""
    client = world.tenants[name]
    tenant = Tenant(name, client, world.device.caller(client), world.document)
    # Ids as other systems have them: an address, and one with slashes and spaces.
    tenant.people = {"man": f"{tenant.mark}man@device.example", "woman": f"{tenant.mark}woman/2. b"}
    if tenant.has("POST", "/api/clients/users/"):
        for role, person in tenant.people.items():
            user = {"external_user_id": person, "profile": {"display_name": f"{tenant.mark}{role}"}}
            pictures = dict.fromkeys(("profile_image", "old_profile_photo"), world.samples.picture_url)
            tenant.must(201, "POST", "/api/clients/users/", {**user, **pictures})
    # Somebody who is gone, of whom a receipt is left.
    if tenant.has("GET", "/api/clients/erasures/"):
        tenant.must(201, "POST", "/api/clients/users/", {"external_user_id": f"{tenant.mark}gone"})
        tenant.must(204, "DELETE", f"/api/clients/users/{tenant.mark}gone/")
    # Before the sessions, whose events it is told.
    if tenant.has("POST", "/api/webhooks/endpoints/"):
        hook(tenant)
    enroll(tenant, "man", world.pictures("webcam-man"))
    enroll(tenant, "woman", world.pictures("woman", step=3))
    authenticate(tenant, world.pictures("webcam-man", 3), {"user_id": tenant.people["man"]}, "success")
    authenticate(tenant, world.pictures("woman", 1, 2), {}, "success")
    authenticate(tenant, world.pictures("woman", 1, 2), {"user_id": tenant.people["man"]}, "failure")
    # Misses until the user is locked out, which is an alert.
    for _ in range(5):
        authenticate(tenant, world.pictures("webcam-man", 2), {"user_id": tenant.people["woman"]}, "failure")
    tenant.sessions.append(tenant.must(201, "POST", "/api/auth/authentication/", {"session_type": "api"}))
    if tenant.has("POST", "/api/core/security/event/"):
        event = {"event_type": "unusual_activity", "severity": "low", "details": {"note": f"{tenant.mark}note"}}
        tenant.must(200, "POST", "/api/core/security/event/", event)
    return tenant


def seed_minimum(world: World, device: Device, client: Client) -> None:
    """What a fuzzer cannot make: one enrolled person, one decided authentication."""
    tenant = Tenant("fuzz", client, device.caller(client), world.document)
    tenant.people = {"man": "fuzz-man"}
    if tenant.has("POST", "/api/clients/users/"):
        user = {"external_user_id": tenant.people["man"]}
        pictures = dict.fromkeys(("profile_image", "old_profile_photo"), world.samples.picture_url)
        tenant.must(201, "POST", "/api/clients/users/", {**user, **pictures})
    if tenant.has("POST", "/api/webhooks/endpoints/"):
        hook(tenant)
    enroll(tenant, "man", world.pictures("webcam-man"))
    authenticate(tenant, world.pictures("webcam-man", 3), {"user_id": tenant.people["man"]}, "success")
    if tenant.has("POST", "/api/core/security/event/"):
        event = {"event_type": "unusual_activity", "severity": "low", "details": {}}
        tenant.must(200, "POST", "/api/core/security/event/", event)


def open_session(tenant: Tenant, kind: str, fields: dict[str, Any]) -> str:
    session = tenant.must(201, "POST", f"/api/auth/{kind}/", {"session_type": "api", **fields})
    tenant.sessions.append(session)
    return str(session["session_token"])


def upload(tenant: Tenant, token: str, picture: bytes) -> Answer:
    kind, body = form([("session_token", None, None, token.encode()), ("image", "frame.jpg", "image/jpeg", picture)])
    return tenant.caller.ask("POST", "/api/auth/process-image/", body, {"Content-Type": kind})


def stream(tenant: Tenant, token: str, pictures: list[bytes]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for picture in pictures:
        result = upload(tenant, token, picture)
        if result.status != 200:
            raise Failure(f"seeding {tenant.name}: a picture: {result}")
        answer = result.json
        if not answer.get("requires_more_frames"):
            break
    return answer


def enroll(tenant: Tenant, role: str, pictures: list[bytes]) -> None:
    answer = stream(tenant, open_session(tenant, "enrollment", {"user_id": tenant.people[role]}), pictures)
    if answer.get("enrollment_complete") is not True:
        raise Failure(f"seeding {tenant.name}: the {role} could not be enrolled: {json.dumps(answer)[:300]}")


def authenticate(tenant: Tenant, pictures: list[bytes], claim: dict[str, str], wanted: str) -> None:
    answer = stream(tenant, open_session(tenant, "authentication", claim), pictures)
    if answer.get("result") != wanted:
        raise Failure(f"seeding {tenant.name}: expected {wanted}: {json.dumps(answer)[:300]}")


def hook(tenant: Tenant) -> None:
    """An endpoint that wants to know everything, and a first delivery to it."""
    fields = {"name": f"{tenant.mark}hook", "url": HOOK, "subscribed_events": []}
    endpoint = tenant.must(201, "POST", "/api/webhooks/endpoints/", fields)
    tenant.must(200, "POST", f"/api/webhooks/endpoints/{endpoint['id']}/test/", {})
