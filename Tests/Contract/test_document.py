"""The document itself: valid, complete, and its examples are what its schemas say."""

from __future__ import annotations

import unittest
from collections import Counter
from collections.abc import Iterator
from typing import Any

import jsonschema
from openapi_spec_validator import OpenAPIV31SpecValidator

from document import SCOPES, Operation
from world import world

DIALECT = jsonschema.Draft202012Validator


class TheDocument(unittest.TestCase):
    def test_it_is_valid_openapi_3_1(self) -> None:
        body = world().document.body
        self.assertRegex(body["openapi"], r"^3\.1\.\d+$")
        errors = [f"{'/'.join(map(str, error.path))}: {error.message[:200]}" for error in validator_errors(body)]
        self.assertEqual(errors[:5], [])

    def test_it_has_operations(self) -> None:
        self.assertGreater(len(world().document.operations), 8)

    def test_every_schema_is_a_valid_schema(self) -> None:
        for name, schema in world().document.body.get("components", {}).get("schemas", {}).items():
            with self.subTest(schema=name):
                DIALECT.check_schema(schema)

    def test_operation_ids_are_there_and_unique(self) -> None:
        counts = Counter(operation.id for operation in world().document.operations)
        self.assertNotIn("", counts)
        self.assertEqual([name for name, count in counts.items() if count > 1], [])

    def test_every_operation_says_who_may_call_it(self) -> None:
        schemes = set(world().document.body["components"]["securitySchemes"])
        for operation in world().document.operations:
            with self.subTest(operation=str(operation)):
                self.assertIn("security", operation.spec)
                named = {name for requirement in operation.security for name in requirement}
                self.assertLessEqual(named, schemes)
                if operation.wants_credentials:
                    self.assertIn("x-scopes", operation.spec)
                    self.assertLessEqual(operation.scopes, set(SCOPES))
                    self.assertTrue(operation.scopes)
                    self.assertIn("401", operation.spec["responses"])

    def test_every_parameter_of_a_path_is_described(self) -> None:
        for operation in world().document.operations:
            with self.subTest(operation=str(operation)):
                described = {one["name"] for one in operation.parameters if one["in"] == "path"}
                self.assertEqual(described, set(operation.path_names))

    def test_every_operation_has_an_answer_of_success_and_words(self) -> None:
        for operation in world().document.operations:
            with self.subTest(operation=str(operation)):
                statuses = operation.spec["responses"].keys()
                self.assertTrue(any(str(status)[0] in "123" for status in statuses), sorted(statuses))
                self.assertTrue(operation.spec.get("summary") or operation.spec.get("description"))
                self.assertTrue(operation.spec.get("tags"))


class Examples(unittest.TestCase):
    def test_there_are_examples_of_answers(self) -> None:
        found = [example for operation in world().document.operations for example in examples_of(operation)]
        self.assertGreater(len(found), 0)

    def test_every_example_is_what_its_schema_says(self) -> None:
        components = world().document.body.get("components", {})
        for operation in world().document.operations:
            for place, schema, example in examples_of(operation):
                with self.subTest(operation=str(operation), place=place):
                    whole = DIALECT({**schema, "components": components}, format_checker=DIALECT.FORMAT_CHECKER)
                    errors = [f"{error.json_path}: {error.message[:200]}" for error in whole.iter_errors(example)]
                    self.assertEqual(errors[:3], [])


def validator_errors(body: dict[str, Any]) -> Iterator[Any]:
    return OpenAPIV31SpecValidator(body).iter_errors()


def examples_of(operation: Operation) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Where each example stands, its schema and the example, of the request and of all answers."""
    resolved = operation.document.resolved
    places = {"request": resolved(operation.spec.get("requestBody", {}))}
    places |= {str(status): resolved(answer) for status, answer in operation.spec["responses"].items()}
    for place, node in places.items():
        for kind, media in node.get("content", {}).items():
            schema = media.get("schema", {})
            if "example" in media:
                yield f"{place} {kind}", schema, media["example"]
            for name, example in media.get("examples", {}).items():
                yield f"{place} {kind} {name}", schema, resolved(example)["value"]
            # Examples may also stand in the schema itself.
            for example in resolved(schema).get("examples", []):
                yield f"{place} {kind} schema", schema, example
