"""Methods that the document does not have are 405 with Allow; the slash at the end of a path does not matter."""

from __future__ import annotations

import unittest

from document import Operation
from wire import fresh_source
from world import world

SWEPT = ("GET", "POST", "PUT", "PATCH", "DELETE", "TRACE")


class Methods(unittest.TestCase):
    def test_a_method_that_a_path_does_not_have_is_405_with_allow(self) -> None:
        document = world().document
        caller = world().device.caller(world().scoped["admin"])
        for path, methods in document.paths.items():
            operation = next(one for one in document.operations if one.path == path)
            target = operation.target(world().samples.nobody(operation))
            for method in (one for one in SWEPT if one not in methods):
                with self.subTest(path=path, method=method):
                    answer = caller.ask(method, target)
                    self.assertEqual(answer.status, 405, str(answer))
                    self.assertEqual(answer.code, "request.method")
                    allowed = {name.strip() for name in answer.headers.get("Allow", "").split(",")}
                    self.assertEqual(allowed - {"HEAD", "OPTIONS"}, methods - {"HEAD", "OPTIONS"})
        caller.close()

    def test_a_method_that_nobody_knows_is_refused_everywhere(self) -> None:
        caller = world().device.caller(world().scoped["admin"])
        for operation in world().document.operations:
            with self.subTest(operation=str(operation)):
                target = operation.target(world().samples.nobody(operation))
                self.assertIn(caller.ask("PROPFIND", target).status, (400, 405, 501))
        caller.close()

    def test_a_path_that_is_not_there_is_404_for_every_method(self) -> None:
        caller = world().device.caller(world().scoped["admin"])
        for path in ("/api/nothing/", "/api/auth/enrollment/nothing/at/all/", "/api/../etc/passwd", "/%2e%2e/"):
            for method in SWEPT:
                with self.subTest(path=path, method=method):
                    answer = caller.ask(method, path)
                    self.assertIn(answer.status, (400, 404), str(answer))
        caller.close()


class Slashes(unittest.TestCase):
    def test_each_path_answers_the_same_with_and_without_the_slash_at_its_end(self) -> None:
        for operation in world().document.operations:
            if operation.plain == "/":
                continue
            with self.subTest(operation=str(operation)):
                self.assertEqual(*(self.statuses(operation, ending) for ending in ("", "/")))

    @staticmethod
    def statuses(operation: Operation, ending: str) -> list[int]:
        """What nobody and an administrator are answered; nothing that they send changes anything."""
        target = operation.target(world().samples.nobody(operation)).rstrip("/") + ending
        statuses = []
        for client in (None, world().scoped["admin"]):
            caller = world().device.caller(client, fresh_source())
            statuses.append(caller.ask(operation.method, target, ends=not operation.never_ends).status)
            caller.close()
        return statuses
