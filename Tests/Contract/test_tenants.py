"""Two tenants: whatever belongs to one does not exist for the other, read, written or deleted."""

from __future__ import annotations

import json
import re
import unittest
import urllib.parse
from collections.abc import Iterable
from typing import Any

from document import Operation, shape
from seeds import Tenant, seed
from tenant_rules import FLEET, NO_REFERENCES, OF_THE_DEVICE, REFERENCES, SHARED
from wire import Answer
from world import Client, world

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", re.IGNORECASE)
NAMES = ("id", "session_token", "session_id", "enrollment_id", "external_user_id", "client_user_id")
LOOKS_LIKE_A_REFERENCE = re.compile(
    r"(^|_)(session|session_token|client|client_user|client_user_id|endpoint|delivery|enrollment|enrollment_session"
    r"|user_id|external_user_id|person|person_id)$"
)
# What changes by being looked at.
VOLATILE = {
    "last_activity",
    "next_retry_at",
    "attempt_number",
    "attempt_count",
    "status",
    "updated_at",
    "error_message",
}


def listed(tenant: Tenant, operation: Operation) -> list[dict[str, Any]]:
    """The objects of the first page of a list."""
    answer = tenant.caller.ask("GET", operation.path)
    if answer.status != 200:
        return []
    body = answer.json
    results = body.get("results", body.get("enrollments", [])) if isinstance(body, dict) else body
    return [item for item in results if isinstance(item, dict)]


class Matrix(unittest.TestCase):
    a: Tenant
    b: Tenant
    others: list[Client]

    @classmethod
    def setUpClass(cls) -> None:
        cls.a, cls.b = seed(world(), "a"), seed(world(), "b")
        cls.others = [cls.b.client, *world().scoped.values()]
        cls.before = cls.everything_of_a()

    @classmethod
    def everything_of_a(cls) -> dict[str, list[dict[str, Any]]]:
        """What A sees in each list, without what changes by itself."""
        places = {one.path.split("{")[0].rstrip("/") for one in world().document.operations if one.path_names}
        lists = [one for one in world().document.operations
                 if one.method == "GET" and one.plain in places and "integrator" in one.scopes]  # fmt: skip
        return {operation.plain: listed(cls.a, operation) for operation in lists}

    # What of A there is for a path.

    def objects(self, path: str) -> list[str]:
        """Ids of A's that may stand at the first parameter of a path, in every form that is good there."""
        collection = path.split("{")[0].rstrip("/")
        found = [item[name] for item in self.before.get(collection, [])[:3] for name in NAMES if item.get(name)]
        if "/sessions" in collection and "/streaming" not in collection and "/recognition" not in collection:
            session = self.a.sessions[-1]
            found += [session[name] for name in ("session_token", "session_id") if name in session]
        if collection.startswith("/ws/"):
            found += [self.a.sessions[-1]["session_token"]]
        if collection.endswith("/clients/clients"):
            found += [item["id"] for item in self.before.get(collection, [])]
        return list(dict.fromkeys(str(one) for one in found))

    def one_object(self, kind: str) -> str:
        """An object of A's, for members of bodies and queries."""
        match kind:
            case "session_token":
                return str(self.a.sessions[-1]["session_token"])
            case "session_id":
                return str(self.a.sessions[-1]["session_id"])
            case "person":
                return self.a.people["man"]
            case "person_uuid":
                return str(self.before["/api/clients/users"][0]["id"])
            case "client":
                return self.a.client.id
            case "client_uuid":
                return str(self.before["/api/clients/clients"][0]["id"])
        raise AssertionError(f"tenant_rules.py names an object of the kind {kind}, which nobody has")

    def owned(self) -> list[Operation]:
        return [one for one in world().document.operations
                if one.path_names and one.takes_credentials and not begins(one.path, (*SHARED, FLEET))]  # fmt: skip

    # The matrix.

    def test_no_tenant_may_call_what_is_the_fleets(self) -> None:
        for operation in (one for one in world().document.operations if one.path.startswith(FLEET)):
            with self.subTest(operation=str(operation)):
                self.assertFalse(operation.takes_credentials and operation.scopes & {"kiosk", "door", "integrator"})

    def test_a_sees_its_own(self) -> None:
        """Otherwise a 404 for B would say nothing."""
        for operation in (one for one in self.owned() if one.method == "GET" and "integrator" in one.scopes):
            with self.subTest(operation=str(operation)):
                objects = self.objects(operation.path)
                self.assertTrue(objects, "no object of A's leads there: seeds.py must make one")
                answers = [self.ask(self.a.client, operation, one) for one in objects]
                self.assertIn(200, [answer.status for answer in answers], str(answers[0]))

    def test_b_gets_404_for_everything_of_a(self) -> None:
        for operation in self.owned():
            objects = self.objects(operation.path)
            with self.subTest(operation=str(operation), part="covered"):
                self.assertTrue(objects, "no object of A's leads there: seeds.py must make one")
            for client in self.others:
                if client.scope not in operation.scopes:
                    continue
                if client.scope == "admin" and begins(operation.path, OF_THE_DEVICE):
                    continue
                for one in objects:
                    with self.subTest(operation=str(operation), scope=client.scope, object=one[:24]):
                        answer = self.ask(client, operation, one)
                        self.assertEqual(answer.status, 404, str(answer))
                        self.assertNotIn(self.a.mark, answer.text)

    def test_every_path_with_a_parameter_is_in_the_matrix_or_shared_with_a_reason(self) -> None:
        document = world().document
        guarded = {str(one) for one in document.operations if one.path_names and one.takes_credentials}
        shared = {str(one) for one in document.operations if one.path_names and begins(one.path, (*SHARED, FLEET))}
        self.assertEqual(guarded - shared, {str(one) for one in self.owned()})
        for prefix in (*SHARED, *OF_THE_DEVICE):
            with self.subTest(rule=prefix):
                known = any(one.path.startswith(prefix.rstrip("/")) for one in document.operations)
                self.assertTrue(known, "no such path: remove the rule")

    def ask(self, client: Client, operation: Operation, value: str) -> Answer:
        """The operation with A's object at its first parameter, and everything else as it should be."""
        samples = world().samples
        values = samples.nobody(operation)
        values[operation.path_names[0]] = value
        kind, body = samples.body(operation)
        query = samples.query(operation)
        caller = world().device.caller(client)
        try:
            return caller.ask(
                operation.method, operation.target(values) + (f"?{query}" if query else ""), body,
                {"Content-Type": kind} if kind else {}, ends=not operation.never_ends,
            )  # fmt: skip
        finally:
            caller.close()

    # Members of bodies and queries.

    def test_references_in_bodies_and_queries_lead_nowhere(self) -> None:
        for operation in (one for one in world().document.operations if not one.path.startswith(FLEET)):
            for name in references(operation):
                with self.subTest(operation=str(operation), member=name):
                    rule = REFERENCES.get((operation.method, shape(operation.path), name))
                    self.assertIsNotNone(rule, "a rule in tenant_rules.py is missing")
                    if rule is None or "integrator" not in operation.scopes:
                        continue
                    value = self.one_object(rule.kind)
                    kind, body = world().samples.body(operation, {name: value})
                    target = operation.target(world().samples.nobody(operation))
                    if any(one["name"] == name for one in operation.parameters if one["in"] == "query"):
                        target += "?" + urllib.parse.urlencode({name: value})
                    headers = {"Content-Type": kind} if kind else {}
                    answer = self.b.caller.ask(operation.method, target, body, headers)
                    self.assertIn(answer.status, rule.statuses, str(answer))
                    self.assertNotIn(self.a.mark, answer.text.replace(value, ""))

    # Lists.

    def test_no_list_of_b_has_anything_of_a(self) -> None:
        secrets = {text.lower() for items in self.before.values() for text in UUID.findall(json.dumps(items))}
        shared = {
            text.lower() for operation in world().document.operations if begins(operation.path, SHARED)
            and operation.method == "GET" and not operation.path_names
            for text in UUID.findall(self.a.caller.ask("GET", operation.path).text)
        }  # fmt: skip
        # Examples in the document have ids as well, some of which are counted up.
        secrets -= shared | {text.lower() for text in UUID.findall(json.dumps(world().document.body))}
        self.assertTrue(secrets)
        for client in self.others:
            caller = world().device.caller(client)
            for operation in world().document.operations:
                if operation.method != "GET" or operation.path_names or client.scope not in operation.scopes:
                    continue
                if operation.never_ends or (client.scope == "admin" and begins(operation.path, OF_THE_DEVICE)):
                    continue
                with self.subTest(operation=str(operation), scope=client.scope):
                    query = world().samples.query(operation)
                    text = caller.ask("GET", operation.path + (f"?{query}" if query else "")).text
                    self.assertNotIn(self.a.mark, text)
                    self.assertEqual({one.lower() for one in UUID.findall(text)} & secrets, set())
                    self.assertNotIn(self.a.client.id, text)
            caller.close()

    def test_z_everything_of_a_is_as_it_was(self) -> None:
        """Runs last: the tests of a class run by name."""
        for path, items in self.everything_of_a().items():
            with self.subTest(list=path):
                now = {str(item.get("id")): stable(item) for item in items}
                for item in self.before[path]:
                    if str(item.get("id")) in now:
                        self.assertEqual(stable(item), now[str(item.get("id"))])
                missing = {str(item.get("id")) for item in self.before[path]} - set(now)
                # A full page may have moved on by what was written since; a short one has not.
                self.assertTrue(not missing or len(items) >= 20, f"gone: {missing}")


def stable(item: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in item.items() if name not in VOLATILE}


def begins(path: str, rules: Iterable[str]) -> bool:
    return any((path.rstrip("/") + "/").startswith(prefix) for prefix in rules)


def references(operation: Operation) -> list[str]:
    """Members of the body and the query that name an object, by their name or their form."""
    document = operation.document
    members = [pair for schema in operation.body_types.values() for pair in document.properties(schema)]
    members += [(one["name"], document.resolved(one.get("schema", {})))
                for one in operation.parameters if one["in"] == "query"]  # fmt: skip
    found = [name for name, schema in members if LOOKS_LIKE_A_REFERENCE.search(name) or schema.get("format") == "uuid"]
    ruled = {name for method, path, name in REFERENCES if (method, path) == (operation.method, shape(operation.path))}
    return [name for name in dict.fromkeys(found) if name not in NO_REFERENCES or name in ruled]
