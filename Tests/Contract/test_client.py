"""A client that is generated from the document enrolls and recognizes a person, as it comes out of the generator."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

from document import shape
from generated_flow import PACKAGE
from world import world

HERE = Path(__file__).resolve().parent
FLOW = {
    "token": ("POST", "/api/core/auth/client/"),
    "enrollment": ("POST", "/api/auth/enrollment/"),
    "authentication": ("POST", "/api/auth/authentication/"),
    "picture": ("POST", "/api/auth/process-image/"),
    "session": ("GET", "/api/auth/sessions/{}/status/"),
    "user": ("POST", "/api/clients/users/"),
}

# Tidying for readers is left out; pictures are bytes, which the generator has to be told.
GENERATOR = """post_hooks: []
content_type_overrides:
  image/*: application/octet-stream
  image/jpeg: application/octet-stream
  image/png: application/octet-stream
  image/webp: application/octet-stream
  multipart/x-mixed-replace: application/octet-stream
"""


def calls(api: Path) -> dict[tuple[str, str], str]:
    """The modules of a generated package by the method and the path that each calls."""
    found = {}
    for file in api.rglob("*.py"):
        text = file.read_text()
        method = re.search(r'"method": "(\w+)"', text)
        url = re.search(r'"url": "([^"]+)"', text)
        if method and url:
            module = ".".join(file.relative_to(api).with_suffix("").parts)
            found[(method.group(1).upper(), shape(url.group(1)))] = module
    return found


class GeneratedClient(unittest.TestCase):
    directory: Path
    calls: dict[tuple[str, str], str]
    result: subprocess.CompletedProcess[str]

    @classmethod
    def setUpClass(cls) -> None:
        cls.directory = world().directory / "generated"
        cls.directory.mkdir()
        (cls.directory / "document.json").write_text(json.dumps(world().document.body))
        (cls.directory / "generator.yml").write_text(GENERATOR)
        cls.result = subprocess.run(
            [
                Path(sys.executable).with_name("openapi-python-client"), "generate", "--path", "document.json",
                "--config", "generator.yml", "--meta", "none", "--output-path", PACKAGE, "--fail-on-warning",
            ],
            cwd=cls.directory, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300, check=False,
        )  # fmt: skip
        cls.calls = calls(cls.directory / PACKAGE / "api")

    def test_the_generator_takes_the_document_without_a_warning(self) -> None:
        self.assertEqual(self.result.returncode, 0, (self.result.stdout + self.result.stderr)[-3000:])

    def test_every_operation_has_a_call(self) -> None:
        for operation in world().document.operations:
            with self.subTest(operation=str(operation)):
                self.assertIn((operation.method, shape(operation.path)), self.calls)

    def test_the_whole_package_can_be_imported(self) -> None:
        program = (
            "import importlib, pkgutil, sys; package = importlib.import_module(sys.argv[1]);"
            "[importlib.import_module(m.name) for m in pkgutil.walk_packages(package.__path__, package.__name__ + '.')]"
        )
        result = self.python("-c", program, PACKAGE)
        self.assertEqual(result.returncode, 0, result.stderr[-2000:])

    def test_it_enrolls_and_recognizes_a_person(self) -> None:
        places = {name: self.calls.get((method, shape(path))) for name, (method, path) in FLOW.items()}
        places["session"] = places["session"] or self.calls.get(("GET", "/api/auth/sessions/{}"))
        self.assertEqual([name for name, place in places.items() if not place and name != "user"], [])
        client = world().device.make_client("generated", "integrator")
        result = self.python(
            str(HERE / "generated_flow.py"), "--base", world().device.base, "--places", json.dumps(places),
            "--clip", str(world().footage / "webcam-man"), "--user", "generated/man@device.example",
            given=json.dumps({"api_key": client.key, "api_secret": client.secret}),
        )  # fmt: skip
        self.assertEqual(result.returncode, 0, (result.stdout + result.stderr)[-3000:])
        self.assertIn("authentication: success", result.stdout)

    def python(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(self.directory)}
        return subprocess.run(
            [sys.executable, *words], input=given, capture_output=True, text=True, timeout=300, check=False,
            env=environment,
        )  # fmt: skip
