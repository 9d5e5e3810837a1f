"""Schemathesis against the daemon: every check, valid and invalid data, examples, coverage, fuzzing and stateful."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import tomllib
import unittest
from collections import Counter
from pathlib import Path
from typing import Any

from seeds import seed_minimum
from smoke_client import Failure
from world import Client, Device, world

HERE = Path(__file__).resolve().parent
# From its start on; it needs a third of it on two cores.
SECONDS = 900
PHASES = ("examples", "coverage", "fuzzing", "stateful")

# Operations that are left out, by an expression of schemathesis, each with its reason.
LEFT_OUT = {
    "/x-stream == true": "the answer has no end that the fuzzer could wait for; the other suites read its head",
}
# Operations that a fuzzer cannot bring to succeed, each with its reason; all others must have succeeded.
NEVER_GOOD = {
    "POST /api/webhooks/deliveries/{id}/retry/": "nothing is delivered where local delivery is off, so nothing fails",
}

_device: Device
_fuzzing: subprocess.Popen[bytes]
_directory: Path
_started = 0.0


def begin() -> None:
    """Start the fuzzer beside the other suites, against a daemon of its own: it deletes what it finds."""
    global _device, _fuzzing, _directory, _started
    _started = time.monotonic()
    _directory = (world().arguments.keep or world().directory) / "fuzz"
    _directory.mkdir(exist_ok=True)
    _device = world().second_device("fuzzed")
    own = _device.make_client("fuzz", "admin")
    spare = [_device.make_client(f"spare-{number}", "integrator") for number in range(3)]
    ids = ids_of_clients(own)
    seed_minimum(world(), _device, own)
    given = {
        "address": _device.address,
        "pictures": [str(file) for file in sorted((world().footage / "webcam-man").glob("*.jpg"))[::9]],
        "own": {"key": own.key, "secret": own.secret, "client_id": own.id, "id": ids.get(own.id, own.id)},
        "person": "fuzz-man",
        "seed": world().seed,
        "spare": [ids.get(client.id, client.id) for client in spare],
        "lists": {
            one.plain: one.path
            for one in world().document.operations
            if one.method == "GET" and not one.path_names and "admin" in one.scopes
        },
        "answers": str(_directory / "answers.json"),
    }
    (_directory / "given.json").write_text(json.dumps(given))
    (_directory / "document.json").write_text(json.dumps(world().document.body))
    (_directory / "schemathesis.toml").write_text((HERE / "schemathesis.toml").read_text())
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join((str(HERE), str(HERE.parents[1] / "scripts"))),
        "SCHEMATHESIS_HOOKS": "fuzz_hooks", "EDGED_FUZZ": str(_directory / "given.json"), "EDGED_FUZZ_KEY": own.key,
        "EDGED_FUZZ_TOKEN": own.access,
    }  # fmt: skip
    with (_directory / "output.txt").open("wb") as output:
        _fuzzing = subprocess.Popen(
            command(), cwd=_directory, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )


def command() -> list[str]:
    # From a file: by its address schemathesis would leave out the operation that serves the document.
    words = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file", "schemathesis.toml",
        "run", "document.json", "--url", _device.base, "--checks", "all", "--phases", ",".join(PHASES),
        "--mode", "all", "--seed", str(world().seed), "--report", "json", "--report-json-path", "report.json",
        # More workers would run into a fault of CPython 3.11's parser.
        "--no-color", "--workers", "1",
    ]  # fmt: skip
    for expression in LEFT_OUT:
        words += ["--exclude-by", expression]
    return words


def end() -> None:
    """Stop what still runs."""
    if "_fuzzing" in globals() and _fuzzing.poll() is None:
        _fuzzing.kill()
        _fuzzing.wait()
    if "_device" in globals():
        _device.stop()


def ids_of_clients(own: Client) -> dict[str, str]:
    """Our ids of the clients by their public names."""
    if world().document.find("GET", "/api/clients/clients/") is None:
        return {}
    caller = _device.caller(own)
    answer = caller.ask("GET", "/api/clients/clients/")
    caller.close()
    if answer.status != 200:
        raise Failure(f"the list of clients: {answer}")
    return {item["client_id"]: item["id"] for item in answer.json["results"]}


class Schemathesis(unittest.TestCase):
    report: dict[str, Any]
    answers: dict[str, Counter[str]]

    @classmethod
    def setUpClass(cls) -> None:
        try:
            cls.status = _fuzzing.wait(max(10, _started + SECONDS - time.monotonic()))
        except subprocess.TimeoutExpired:
            _fuzzing.kill()
            raise AssertionError(f"not done within {SECONDS} s: {cls.output()[-500:]}") from None
        cls.report = json.loads((_directory / "report.json").read_text())
        answers = json.loads((_directory / "answers.json").read_text())
        cls.answers = {label: Counter(counts) for label, counts in answers.items()}

    @staticmethod
    def output() -> str:
        return (_directory / "output.txt").read_text(errors="replace")

    def test_no_check_failed(self) -> None:
        print(self.output()[-12_000:] if self.status else summary(self.output()), file=sys.stderr)
        self.assertEqual(self.status, 0, "schemathesis found failures, see above")

    def test_every_check_and_every_phase_ran(self) -> None:
        settings = tomllib.loads((HERE / "schemathesis.toml").read_text())
        self.assertNotIn("checks", settings, "no check may be switched off or softened")
        self.assertTrue(self.report["complete"], self.report["stop_reason"])
        self.assertEqual({name: phase["skip_reason"] for name, phase in self.report["phases"].items()},
                         dict.fromkeys(PHASES))  # fmt: skip
        left_out = sum(1 for operation in world().document.operations if operation.never_ends)
        self.assertEqual(self.report["operations"]["tested"], len(world().document.operations) - left_out)
        self.assertEqual(self.report["errors"], [])

    def test_nothing_failed_inside_the_daemon(self) -> None:
        self.assertTrue(_device.is_running, "the daemon has ended")
        self.assertEqual(_device.faults()[:5], [])
        server = {label: counts for label, counts in self.answers.items() if any(status[0] == "5" for status in counts)}
        self.assertEqual(server, {})

    def test_every_operation_succeeded_at_least_once(self) -> None:
        """A fuzzer that is refused everywhere finds nothing."""
        for operation in world().document.operations:
            if operation.never_ends:
                continue
            with self.subTest(operation=str(operation)):
                good = [status for status in self.answers.get(str(operation), {}) if status[0] in "123"]
                reason = NEVER_GOOD.get(str(operation))
                if reason is None:
                    self.assertTrue(good, dict(self.answers.get(str(operation), {})))
                else:
                    self.assertFalse(good, "it did succeed: remove it from NEVER_GOOD")

    def test_the_credentials_still_open(self) -> None:
        """Otherwise most of what ran would have been 401."""
        counts = Counter[str]()
        for label, statuses in self.answers.items():
            if "auth/" not in label:
                counts.update(statuses)
        self.assertLess(counts["401"], 0.5 * sum(counts.values()), dict(counts))


def summary(output: str) -> str:
    """The part of the output that says how much was done."""
    start = output.rfind("SUMMARY")
    return output[start - 40 :] if start > 0 else output[-2000:]
