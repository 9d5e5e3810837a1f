"""The pages of the API in a real browser: they work, complain of nothing, and ask nobody outside for anything."""

from __future__ import annotations

import json
import time
import unittest
from pathlib import Path

from browser import Browser
from document import Operation
from world import world

SWAGGER = "/api/schema/swagger-ui/"
STATUS = "/api/core/status/"


class Pages(unittest.TestCase):
    browser: Browser

    @classmethod
    def setUpClass(cls) -> None:
        cls.browser = Browser(world().directory)
        cls.addClassCleanup(cls.browser.close)

    def setUp(self) -> None:
        self.page = self.browser.page()
        self.addCleanup(self.page.close)

    def test_swagger_ui_executes_calls_and_nothing_leaves_the_machine(self) -> None:
        page = self.page
        self.assertEqual(self.load(SWAGGER, ".swagger-ui .opblock"), len(world().document.operations))
        open_one = self.operation("GET", STATUS)
        self.assertIn('"status"', self.try_out(open_one, 200))

        guarded = self.guarded()
        self.assertIn("401", self.status_of(guarded))
        client = world().scoped["admin"]
        self.authorize({"ApiKeyAuth": client.key})
        shown = self.try_out(guarded, 200)
        self.assertTrue(shown.strip(), "the answer is not shown")
        sent = [address for address in page.requests if address.endswith(guarded.path)]
        self.assertTrue(sent, page.requests[-5:])
        self.keep("swagger-ui")
        # The refusal that was provoked is the only thing that the browser may have noted.
        self.assert_quiet(lambda line: "401" in line)

    def test_swagger_ui_takes_a_token_too(self) -> None:
        self.load(SWAGGER, ".swagger-ui .opblock")
        self.authorize({"BearerAuth": world().scoped["admin"].access})
        self.assertTrue(self.try_out(self.guarded(), 200))
        self.assert_quiet()

    def test_docs_is_swagger_ui_too(self) -> None:
        self.assertEqual(self.load("/api/docs/", ".swagger-ui .opblock"), len(world().document.operations))
        self.keep("docs")
        self.assert_quiet()

    def test_redoc_shows_the_document(self) -> None:
        # Every operation has a line in the menu.
        count = self.load("/api/redoc/", "[data-item-id] .operation-type")
        self.assertGreaterEqual(count, len(world().document.operations))
        title = world().document.body["info"]["title"]
        self.assertIn(title, self.page.evaluate("document.body.innerText"))
        self.keep("redoc")
        self.assert_quiet()

    def test_the_pages_of_the_device_complain_of_nothing(self) -> None:
        for path in ("/", "/kiosk/"):
            with self.subTest(path=path):
                self.load(path, "body *")
                self.assert_quiet()

    # Steps.

    def load(self, path: str, selector: str) -> int:
        """Open a page and wait until elements are there and do not become more; how many there are."""
        self.page.open(world().device.base + path)
        counting = f"document.querySelectorAll({json.dumps(selector)}).length"
        self.page.wait_for(counting, 40, f"{path} shows {selector}")
        count, deadline = 0, time.monotonic() + 20
        while (now := int(self.page.evaluate(counting))) != count and time.monotonic() < deadline:
            count = now
            self.page.settle(0.5)
        return count

    def operation(self, method: str, path: str) -> Operation:
        operation = world().document.find(method, path)
        if operation is None:
            raise AssertionError(f"{method} {path} is not in the document")
        return operation

    def guarded(self) -> Operation:
        """An operation that only reads, needs credentials and nothing else."""
        return next(one for one in world().document.operations if one.method == "GET" and one.wants_credentials
                    and "admin" in one.scopes and not one.never_ends
                    and not any(parameter.get("required") for parameter in one.parameters))  # fmt: skip

    def block(self, operation: Operation) -> str:
        tag = operation.spec["tags"][0].replace(" ", "_")
        return f'[id="operations-{tag}-{operation.id}"]'

    def status_of(self, operation: Operation) -> str:
        """Execute the operation with "Try it out"; the status that is shown."""
        page, block = self.page, self.block(operation)
        page.wait_for(f"!!document.querySelector({json.dumps(block)})", what=f"{operation} is on the page")
        if not page.evaluate(f"!!document.querySelector({json.dumps(block + ' .opblock-body')})"):
            page.click(f"{block} .opblock-summary-control")
        if not page.evaluate(f"!!document.querySelector({json.dumps(block + ' .execute')})"):
            page.click(f"{block} .try-out__btn")
        if page.evaluate(f"!!document.querySelector({json.dumps(block + ' .btn-clear')})"):
            page.click(f"{block} .btn-clear")
        page.click(f"{block} .execute")
        shown = f"{block} .live-responses-table .response .response-col_status"
        page.wait_for(f"!!document.querySelector({json.dumps(shown)})", what=f"the answer of {operation}")
        return str(page.evaluate(f"document.querySelector({json.dumps(shown)}).innerText"))

    def try_out(self, operation: Operation, wanted: int) -> str:
        """The same; the body of the answer, when its status is as wanted."""
        self.assertIn(str(wanted), self.status_of(operation))
        body = f"{self.block(operation)} .live-responses-table .response .highlight-code"
        self.page.wait_for(f"!!document.querySelector({json.dumps(body)})", what=f"the body of {operation}")
        return str(self.page.evaluate(f"document.querySelector({json.dumps(body)}).innerText"))

    def authorize(self, secrets: dict[str, str]) -> None:
        self.page.click(".btn.authorize")
        for scheme, secret in secrets.items():
            form = f"""[...document.querySelectorAll('.auth-container form')]
                .find(form => form.innerText.includes({json.dumps(scheme)}))"""
            self.page.wait_for(f"!!({form})", what=f"a form for {scheme}")
            self.page.evaluate(f"({form}).id = 'contract-{scheme}'")
            self.page.write(f"#contract-{scheme} input", secret)
            self.page.click(f"#contract-{scheme} button.authorize")
            self.page.wait_for(f"!document.querySelector('#contract-{scheme} input')", what=f"{scheme} is taken")
        self.page.click(".auth-btn-wrapper .btn-done")

    def keep(self, name: str) -> None:
        directory: Path = world().arguments.keep or world().directory
        self.page.picture(directory / f"{name}.png")

    def assert_quiet(self, expected: object = None) -> None:
        """Nothing went out, nothing failed and the console is empty."""
        self.page.settle()
        self.assertEqual(self.page.outside, [])
        complaints = [line for line in self.page.complaints if not (callable(expected) and expected(line))]
        self.assertEqual(complaints, [])
        self.assertEqual([line for line in self.page.failures if "ABORTED" not in line], [])
