"""Who may call what: nobody without good credentials, and every scope exactly what the document says."""

from __future__ import annotations

import base64
import json
import time
import unittest
from typing import Any

import jwt

from document import SCOPES, Operation
from wire import Answer, Caller, fresh_source
from world import Client, world


def part_of(token: str, index: int) -> dict[str, Any]:
    """The header (0) or the claims (1) of a token, unverified."""
    text = token.split(".")[index]
    return dict(json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))


def unsigned(header: dict[str, Any], claims: dict[str, Any], signature: str = "") -> str:
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, signature])


def bad_credentials(client: Client, foreign: Client) -> dict[str, dict[str, str]]:
    """Headers that must not open anything, made from a good client and one of another device."""
    header, claims = part_of(client.access, 0), part_of(client.access, 1)
    head, body, signature = client.access.split(".")
    past = {**claims, "iat": int(time.time()) - 7200, "exp": int(time.time()) - 3600}
    stranger = "a key of somebody else, long enough"
    algorithm = str(header["alg"]) if str(header["alg"]).startswith("HS") else "HS256"
    altered = base64.urlsafe_b64encode(json.dumps({**claims, "exp": 2**31 - 1}).encode()).rstrip(b"=").decode()
    tokens = {
        "garbage": "garbage",
        "three parts of garbage": "a.b.c",
        "signed by somebody else": jwt.encode(claims, stranger, algorithm, headers={"kid": header.get("kid", "1")}),
        "expired": jwt.encode(past, stranger, algorithm),
        "longer claims, same signature": f"{head}.{altered}.{signature}",
        "no signature": f"{head}.{body}.",
        "algorithm none": unsigned({**header, "alg": "none"}, claims),
        "algorithm None": unsigned({"alg": "None", "typ": "JWT"}, claims, signature),
        "algorithm RS256": unsigned({**header, "alg": "RS256"}, claims, signature),
        "of another device": foreign.access,
        "a refresh token": client.refresh,
    }
    headers = {name: {"Authorization": f"Bearer {token}"} for name, token in tokens.items()}
    return headers | {
        "nothing": {},
        "no token": {"Authorization": "Bearer"},
        "basic": {"Authorization": "Basic " + base64.b64encode(f"{client.id}:{client.key}".encode()).decode()},
        "a good token under a strange name": {"Authorization": f"Token {client.access}"},
        "wrong key": {"X-API-Key": "frapi_" + "x" * 43},
        "almost the key": {"X-API-Key": client.key[:-1]},
        "empty key": {"X-API-Key": ""},
        "key of another device": {"X-API-Key": foreign.key},
        "the secret as key": {"X-API-Key": client.secret},
    }


class Unauthenticated(unittest.TestCase):
    bad: dict[str, dict[str, str]]

    @classmethod
    def setUpClass(cls) -> None:
        other = world().second_device("other-device")
        try:
            foreign = other.make_client("contract-admin", "admin")
        finally:
            other.stop()
        cls.bad = bad_credentials(world().scoped["admin"], foreign)

    def test_no_operation_is_open_that_is_not_said_to_be(self) -> None:
        everyone = [one for one in world().document.operations if one.takes_credentials]
        self.assertTrue(everyone)
        for operation in everyone:
            # Limits of refused attempts count by address.
            caller = world().device.caller(source=fresh_source())
            for name, headers in self.bad.items():
                if name == "nothing" and not operation.wants_credentials:
                    continue
                with self.subTest(operation=str(operation), credentials=name):
                    answer = caller.ask_patiently(operation.method, nowhere(operation), headers=headers)
                    self.assert_refused(answer)
            caller.close()

    def assert_refused(self, answer: Answer) -> None:
        self.assertEqual(answer.status, 401, str(answer))
        self.assertIn("Bearer", answer.headers.get("WWW-Authenticate", ""))
        self.assertRegex(answer.code or "", r"^credentials\.")

    def test_open_operations_do_not_ask_for_credentials(self) -> None:
        caller = world().device.caller(source=fresh_source())
        for operation in world().document.operations:
            if operation.security:
                continue
            with self.subTest(operation=str(operation)):
                answer = caller.ask_patiently(operation.method, nowhere(operation), ends=not operation.never_ends)
                if not says_credentials(operation):
                    self.assertNotIn(answer.status, (401, 403), str(answer))
        caller.close()

    def test_a_revoked_token_opens_nothing(self) -> None:
        revoke = world().document.find("POST", "/api/core/auth/revoke/")
        self.assertIsNotNone(revoke, "there is no way to revoke a token")
        client = world().device.make_client("contract-revoked", "integrator")
        caller = world().device.caller(client, fresh_source())
        guarded = next(one for one in world().document.operations if one.method == "GET" and one.wants_credentials
                       and "integrator" in one.scopes and not one.path_names)  # fmt: skip
        self.assertNotEqual(caller.ask("GET", guarded.path).status, 401)
        for token in (client.refresh, client.access):
            answer = caller.ask_json("POST", "/api/core/auth/revoke/", {"token": token})
            self.assertIn(answer.status, (200, 204), str(answer))
        self.assert_refused(caller.ask("GET", guarded.path))
        caller.close()


class Scopes(unittest.TestCase):
    def test_each_scope_may_do_what_the_document_says_and_nothing_else(self) -> None:
        for scope in SCOPES:
            caller = world().device.caller(world().scoped[scope])
            for operation in world().document.operations:
                if not operation.takes_credentials:
                    continue
                with self.subTest(operation=str(operation), scope=scope):
                    answer = self.knock(caller, operation)
                    if scope in operation.scopes:
                        self.assertNotIn(answer.status, (401, 403), str(answer))
                    else:
                        self.assertEqual(answer.status, 403, str(answer))
                        self.assertEqual(answer.code, "credentials.forbidden")
            caller.close()

    def test_key_token_and_the_form_JWT_are_the_same_client(self) -> None:
        for operation in world().document.operations:
            if operation.method != "GET" or not operation.wants_credentials:
                continue
            client = world().allowed_client(operation.scopes)
            forms = [client.by_token, client.by_key, {"Authorization": f"JWT {client.access}"}]
            forms.append({"Authorization": f"Bearer {client.key}"})
            caller = world().device.caller()
            with self.subTest(operation=str(operation)):
                target = nowhere(operation)
                ends = not operation.never_ends
                statuses = {caller.ask("GET", target, headers=headers, ends=ends).status for headers in forms}
                self.assertEqual(len(statuses), 1, statuses)
                self.assertNotIn(401, statuses)
            caller.close()

    @staticmethod
    def knock(caller: Caller, operation: Operation) -> Answer:
        """The smallest request: no body, and an object that is not there, so that nothing is changed by it."""
        return caller.ask(operation.method, nowhere(operation), ends=not operation.never_ends)


def nowhere(operation: Operation) -> str:
    return operation.target(world().samples.nobody(operation))


def says_credentials(operation: Operation) -> bool:
    """Whether it is one of those that take credentials in the body, where bad ones are 401 too."""
    return operation.spec["responses"].get("401") is not None
