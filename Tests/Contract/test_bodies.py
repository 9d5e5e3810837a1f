"""Bodies of the wrong kind are 415, broken ones 400 with a code; never a 5xx, never silence."""

from __future__ import annotations

import json
import unittest

from document import FORM_TYPE, JSON_TYPE, Operation
from tenant_rules import FLEET
from wire import Caller, form
from world import world

BOUNDARY = "edged-contract"
FORM_KIND = f"{FORM_TYPE}; boundary={BOUNDARY}"


def deep(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


BROKEN_JSON = {
    "empty": b"",
    "only spaces": b"  \n ",
    "cut object": b'{"a": "b"',
    "cut text": b'{"a": "b',
    "bare word": b"nothing",
    "two documents": b"{} {}",
    "a comma too many": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "NaN": b'{"a": NaN}',
    "a number without end": b'{"a": 1e}',
    "control character in a text": b'{"a": "\x01"}',
    "not UTF-8": b'{"a": "\xff\xfe"}',
    "cut UTF-8": b'{"a": "\xe2\x82"}',
    "overlong UTF-8": b'{"a": "\xc0\xaf"}',
    "half a surrogate": b'{"a": "\\ud800"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "deep objects": deep(5000),
    "deep lists": b"[" * 20_000,
    "too many names": json.dumps({f"n{number}": 1 for number in range(3000)}).encode(),
    "the same name again and again": b"{" + b",".join([b'"a":1'] * 5000) + b"}",
    "too many values": b'{"a": [' + b",".join([b"1"] * 20_000) + b"]}",
    "a list": b"[]",
    "a text": b'"text"',
    "a number": b"1",
    "null": b"null",
}
NO_OBJECTS = ("a list", "a text", "a number", "null")
WRONG_KINDS = ("text/plain", "application/xml", "application/octet-stream", "application/jsonp", "nonsense", None)


def broken_forms(picture: bytes) -> dict[str, tuple[str, bytes]]:
    """Content type and body of forms that end early or are none."""
    _, whole = form([("session_token", None, None, b"x"), ("image", "a.jpg", "image/jpeg", picture)], BOUNDARY)
    part = b'--edged-contract\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    return {
        "no boundary in the header": (FORM_TYPE, whole),
        "empty boundary": (f"{FORM_TYPE}; boundary=", whole),
        "a boundary that is too long": (f"{FORM_TYPE}; boundary={'b' * 500}", whole),
        "another boundary": (f"{FORM_TYPE}; boundary=other", whole),
        "no end": (FORM_KIND, whole[: -len(f"--{BOUNDARY}--\r\n")]),
        "cut in a file": (FORM_KIND, whole[: len(whole) // 2]),
        "cut in a header": (FORM_KIND, whole[:60]),
        "empty": (FORM_KIND, b""),
        "no form at all": (FORM_KIND, picture[:2000]),
        "a part without a name": (FORM_KIND, part.replace(b'; name="a"', b"") + b"--edged-contract--\r\n"),
        "a part with endless headers": (
            FORM_KIND, b"--edged-contract\r\n" + b"X-A: b\r\n" * 5000 + b"\r\n1\r\n--edged-contract--\r\n",
        ),
        "too many parts": (FORM_KIND, part * 1000 + b"--edged-contract--\r\n"),
        "a name that is not UTF-8": (FORM_KIND, part.replace(b'"a"', b'"\xff"') + b"--edged-contract--\r\n"),
    }  # fmt: skip


class Bodies(unittest.TestCase):
    def setUp(self) -> None:
        self.operations = [one for one in world().document.operations if one.body_types]
        self.assertTrue(self.operations)

    def caller(self, operation: Operation) -> Caller:
        client = world().allowed_client(operation.scopes) if operation.takes_credentials else None
        return world().device.caller(client)

    def test_a_body_of_a_kind_that_the_document_does_not_name_is_415(self) -> None:
        for operation in self.operations:
            caller = self.caller(operation)
            for kind in (one for one in WRONG_KINDS if one not in operation.body_types):
                with self.subTest(operation=str(operation), kind=kind):
                    headers = {"Content-Type": kind} if kind else {}
                    answer = caller.ask_patiently(operation.method, nowhere(operation), body=b"{}", headers=headers)
                    self.assertEqual((answer.status, answer.code), (415, "request.media_type"), str(answer))
            caller.close()

    def test_broken_json_is_400_with_a_code(self) -> None:
        for operation in (one for one in self.operations if JSON_TYPE in one.body_types):
            caller = self.caller(operation)
            required = operation.document.resolved(operation.spec["requestBody"]).get("required", False)
            for name, body in BROKEN_JSON.items():
                if name == "empty" and not required:
                    continue
                with self.subTest(operation=str(operation), body=name):
                    headers = {"Content-Type": JSON_TYPE}
                    answer = caller.ask_patiently(operation.method, nowhere(operation), body=body, headers=headers)
                    if operation.path.startswith(FLEET) and answer.code == "sync.malformed":
                        # The protocol's own word for it.
                        self.assertEqual(answer.status, 422, str(answer))
                        continue
                    self.assertEqual(answer.status, 400, str(answer))
                    # What is no JSON is never looked into.
                    wanted = ("request.malformed", "request.invalid")[: 1 + (name in NO_OBJECTS)]
                    self.assertIn(answer.code, wanted, str(answer))
            caller.close()

    def test_a_broken_form_is_400_with_a_code(self) -> None:
        forms = broken_forms(world().samples.picture)
        for operation in (one for one in self.operations if FORM_TYPE in one.body_types):
            caller = self.caller(operation)
            for name, (kind, body) in forms.items():
                with self.subTest(operation=str(operation), body=name):
                    headers = {"Content-Type": kind}
                    answer = caller.ask_patiently(operation.method, nowhere(operation), body=body, headers=headers)
                    self.assertEqual(answer.status, 400, str(answer))
                    self.assertRegex(answer.code or "", r"^request\.(malformed|invalid)$")
            caller.close()

    def test_a_json_type_with_a_character_set_is_json(self) -> None:
        for operation in (one for one in self.operations if JSON_TYPE in one.body_types):
            caller = self.caller(operation)
            with self.subTest(operation=str(operation)):
                _, body = world().samples.body(operation)
                headers = {"Content-Type": "Application/JSON; charset=UTF-8"}
                answer = caller.ask_patiently(operation.method, nowhere(operation), body=body, headers=headers)
                self.assertNotEqual(answer.status, 415, str(answer))
                self.assertLess(answer.status, 500, str(answer))
            caller.close()


def nowhere(operation: Operation) -> str:
    return operation.target(world().samples.nobody(operation))
