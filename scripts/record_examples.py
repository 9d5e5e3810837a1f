"""Ask a running daemon everything that its document lists and keep the answers as the document's examples.

Each example is what the daemon really said. Only what must not stand in a document is replaced: secrets by a word,
ids by numbered ones, points in time by one day, so that two recordings of the same API read the same.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import urllib.parse
from pathlib import Path
from typing import Any

from smoke_client import API, Daemon, Failure, write_configuration

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "Sources/EdgeAPI/Schema/Examples"
SECRETS = {"access", "access_token", "refresh", "token", "api_key", "api_secret", "secret_key", "secret_token",
           "webhook_secret", "session_token", "refresh_token"}  # fmt: skip
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
LONGEST_LIST = 2


class Plain:
    """Takes out of an answer what differs from one recording to the next."""

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)
        self._ids: dict[str, str] = {}

    def value(self, value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: self.value(inner, key) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.value(inner) for inner in value[:LONGEST_LIST]]
        if not isinstance(value, str):
            return value
        if name in SECRETS:
            return f"<{name}>"
        value = value.replace(str(ROOT), "/usr/share/edged").replace(self._directory, "/var/lib/edged")
        value = MOMENT.sub("2026-03-02T08:15:00Z", value)
        value = re.sub(r"eyJ[\w.-]{40,}", "<token>", value)
        value = re.sub(r"sess_[A-Za-z0-9_-]+", "<session_token>", value)
        value = re.sub(r"(?:127\.0\.0\.1|localhost):\d+", "127.0.0.1:8080", value)
        value = re.sub(r"\b[0-9a-f]{32}\b", "0123456789abcdef" * 2, value)
        value = re.sub("(\u2014 \\S+ )\\S+", r"\1<signature>", value)
        value = re.sub(r"(/erasures)\+[0-9a-f]{8}\+\S+", r"\1+<hash>+<public key>", value)
        value = re.sub(r"FR_[0-9A-F]{16}", "FR_0123456789ABCDEF", value)
        return UUID.sub(self._id, value)

    def _id(self, match: re.Match[str]) -> str:
        known = match.group(0).lower()
        if known.startswith("00000000-0000-8000-"):
            return known
        number = self._ids.setdefault(known, f"{len(self._ids) + 1:012x}")
        return f"5f0c2a1e-7b3d-4c6a-9e8f-{number}"


class Recorder:
    """Notes the first answer of each operation and status."""

    def __init__(self, api: API, document: dict[str, Any], directory: Path) -> None:
        self._api = api
        self._plain = Plain(directory)
        self._operations: list[tuple[re.Pattern[str], str, dict[str, Any]]] = []
        for path, item in document["paths"].items():
            pattern = re.compile("^" + re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path)).rstrip("/") + "/?$")
            self._operations += [(pattern, method, operation) for method, operation in item.items()]
        # Fixed paths before those with parameters, as the router has it.
        self._operations.sort(key=lambda entry: entry[0].pattern.count("[^/]+"))
        self.examples: dict[str, dict[str, Any]] = {}

    def ask(self, method: str, path: str, fields: dict[str, Any] | None = None) -> dict[str, Any]:
        body = None if fields is None else json.dumps(fields).encode()
        status, answer = self._api._send(method, path, body, None if body is None else "application/json")
        return self.note(method, path, status, answer)

    def note(self, method: str, path: str, status: int, answer: dict[str, Any]) -> dict[str, Any]:
        operation = self._find(method, path)
        if operation is None:
            print(f"record: {method} {path} is not in the document", file=sys.stderr)
        elif 200 <= status < 300 and answer:
            body = answer.get("body", answer) if list(answer) == ["body"] else answer
            part = self.examples.setdefault(operation["tags"][0], {})
            name = f"{operation['operationId']} {status}"
            if name not in part or self._is_fuller(body, part[name]):
                part[name] = self._plain.value(body)
        elif status >= 400:
            print(f"record: {method} {path}: {status} {answer}", file=sys.stderr)
        return answer

    @staticmethod
    def _is_fuller(new: Any, old: Any) -> bool:
        """A list with something in it says more than an empty one."""
        def size(value: Any) -> int:
            return len(value.get("results", [])) if isinstance(value, dict) else 0

        return size(new) > 0 and size(old) == 0

    def _find(self, method: str, path: str) -> dict[str, Any] | None:
        bare = path.split("?")[0]
        for pattern, verb, operation in self._operations:
            if verb == method.lower() and pattern.match(bare):
                return operation
        return None


def answers_json(operation: dict[str, Any]) -> bool:
    return "application/json" in operation["responses"].get("200", {}).get("content", {})


def first(answer: dict[str, Any], member: str = "id") -> str:
    results = answer.get("results") or answer.get("enrollments") or []
    return str(results[0][member]) if results else "00000000-0000-0000-0000-000000000000"


def tell_story(recorder: Recorder, daemon: Daemon, key: str, secret: str, footage: Path) -> None:
    """A day of a device: people made known and recognised, webhooks, figures."""
    ask = recorder.ask
    tokens = ask("POST", "/api/core/auth/client/", {"api_key": key, "api_secret": secret})
    if "access" in tokens:
        recorder._api._access = tokens["access"]
        fresh = ask("POST", "/api/core/auth/refresh/", {"refresh": tokens["refresh"]})
        recorder._api._access = fresh["access"]
        ask("POST", "/api/core/auth/verify/", {"token": fresh["access"]})
    pictures = [path.read_bytes() for path in sorted((footage / "webcam-man").glob("*.jpg"))[:60:6]]
    endpoint = ask("POST", "/api/webhooks/endpoints/", {"name": "backend", "url": "https://hooks.example/faces"})
    ask("POST", "/api/clients/users/", {"external_user_id": "alice", "profile": {"full_name": "Alice Example"}})
    for kind, fields in (("enrollment", {"user_id": "alice"}), ("authentication", {"user_id": "alice"}),
                         ("authentication", {})):  # fmt: skip
        consent = {"consent": {"text_version": "2026-01", "method": "paper"}} if kind == "enrollment" else {}
        session = ask("POST", f"/api/auth/{kind}/", {"session_type": "api", **fields, **consent})
        token = session["session_token"]
        for picture in pictures:
            status, answer = recorder._api.upload(token, picture)
            recorder.note("POST", "/api/auth/process-image/", status, answer)
            if not answer.get("requires_more_frames"):
                break
        ask("GET", f"/api/auth/sessions/{token}/status/")
        ask("GET", f"/api/auth/sessions/{token}/result/")
        ask("GET", f"/api/auth/sessions/{session['session_id']}/")
    spare = ask("POST", "/api/auth/authentication/", {"session_type": "api"})
    ask("POST", f"/api/auth/sessions/{spare['session_token']}/cancel/")
    made = ask("POST", "/api/auth/enrollments/", {"client_user": "alice", "sample_number": 1})
    ask("DELETE", f"/api/auth/sessions/{made.get('session_token', 'none')}/")
    ask("POST", "/api/core/auth/user/", {"client_id": tokens.get("client_id", ""), "external_user_id": "alice"})
    ask("POST", "/api/core/security/event/", {"event_type": "unusual_activity", "details": {"door": "back"}})
    for action in ("deactivate", "activate", "preload"):
        ask("POST", f"/api/clients/users/alice/{action}/", {})
    ask("PATCH", "/api/clients/users/alice/", {"metadata": {"badge": "1742"}})
    ask("PUT", "/api/clients/users/alice/", {"external_user_id": "alice", "profile": {"full_name": "Alice Example"}})
    ask("POST", "/api/clients/users/", {"external_user_id": "bob"})
    ask("DELETE", "/api/clients/users/bob/")
    hook = endpoint.get("id", "")
    ask("PATCH", f"/api/webhooks/endpoints/{hook}/", {"max_retries": 5})
    ask("PUT", f"/api/webhooks/endpoints/{hook}/", {"name": "backend", "url": "https://hooks.example/faces"})
    for action in ("test", "regenerate_secret"):
        ask("POST", f"/api/webhooks/endpoints/{hook}/{action}/", {})
    ask("POST", "/api/webhooks/retry-failed/", {})
    ask("DELETE", "/api/webhooks/clear-logs/?days=90")
    read_everything(recorder)


def read_everything(recorder: Recorder) -> None:
    """Every GET of the document: lists first, then one of each list, then clients and their credentials."""
    open_paths = [path for pattern, verb, operation in recorder._operations
                  if verb == "get" and not operation.get("x-stream") and answers_json(operation)
                  for path in [operation["x-path"]]]  # fmt: skip
    for path in open_paths:
        if "{" not in path:
            query = "?date=2026-03-02" if path.endswith("api/daily/") else ""
            recorder.ask("GET", path + query)
    for path in open_paths:
        if path.count("{") == 1:
            parent, rest = path.split("{", 1)
            tail = rest.split("}", 1)[1]
            if "sessions/{session}" in path:
                continue
            listed = recorder._api.get(parent)[1]
            name = "external_user_id" if "/users/" in parent else "id"
            recorder.ask("GET", parent + urllib.parse.quote(first(listed, name), safe="") + tail)
    made = recorder.ask("POST", "/api/clients/clients/", {
        "name": "second door", "domain": "https://door.example", "contact_email": "ops@door.example",
        "contact_name": "Ops",
    })  # fmt: skip
    other = made.get("id", "")
    recorder.ask("PATCH", f"/api/clients/clients/{other}/", {"description": "The door at the back."})
    recorder.ask("PUT", f"/api/clients/clients/{other}/", {
        "name": "second door", "domain": "https://door.example", "contact_email": "ops@door.example",
        "contact_name": "Ops",
    })  # fmt: skip
    recorder.ask("POST", f"/api/clients/clients/{other}/reset_credentials/", {"reset_api_key": True})
    recorder.ask("DELETE", f"/api/clients/clients/{other}/")


def swift_file(tag: str, examples: dict[str, Any]) -> tuple[str, str]:
    """One tag's examples as a Swift file: packed JSON, cut into lines."""
    name = "".join(word.capitalize() for word in tag.split())
    text = json.dumps(examples, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    if "\\#" in text or '"""' in text:
        raise Failure(f"an example of {tag} cannot stand in a Swift text")
    width, lines = 108, []
    while text:
        cut = min(width, len(text))
        if cut < len(text):
            # Behind a comma or a name where there is one; else a backslash and what it escapes stay together, and no line
            # begins or ends with a blank.
            ends = [place for place in range(width // 3, cut) if text[place - 1] == "," or text[place - 2 : place] == '":']
            cut = ends[-1] if ends else cut
            while text[cut - 1] in "\\ " or text[cut] == " ":
                cut -= 1
        lines.append(text[:cut])
        text = text[cut:]
    body = "\\#\n        ".join(lines)
    return f"RecordedExamples+{name}.swift", (
        "// Written by scripts/record-examples.\n"
        "extension RecordedExamples {\n"
        f"    static let {name[0].lower() + name[1:]} = #\"\"\"\n        {body}\n        \"\"\"#\n}}\n"
    )


def write(examples: dict[str, dict[str, Any]]) -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("RecordedExamples+*.swift"):
        old.unlink()
    names = []
    for tag, part in sorted(examples.items()):
        file, text = swift_file(tag, part)
        (TARGET / file).write_text(text)
        name = file.removeprefix("RecordedExamples+").removesuffix(".swift")
        names.append(name[0].lower() + name[1:])
    parts = ",\n            ".join(names)
    (TARGET / "RecordedExamples.swift").write_text(
        "/// Answers of a running daemon, by operation and status; tokens and ids in them are replaced.\n"
        "enum RecordedExamples {\n"
        "    /// All of them, as the document takes them in.\n"
        "    static let answers: JSONObject = {\n"
        "        var all: JSONObject = [:]\n"
        f"        let texts = [\n            {parts},\n        ]\n"
        "        for text in texts {\n"
        "            // Text that is not JSON gives no examples; a test sees to it that it is.\n"
        "            if let part = (try? JSONValue.parse(Array(text.utf8)))?.objectValue { all.merge(part) }\n"
        "        }\n"
        "        return all\n"
        "    }()\n"
        "}\n"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    for option in ("--daemon", "--models", "--footage"):
        parser.add_argument(option, type=Path, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edged-record-") as scratch:
        directory = Path(scratch)
        configuration = write_configuration(directory, options.models, options.footage, "off")
        daemon = Daemon(options.daemon, configuration, directory / "log")
        try:
            address = daemon.start()
            client = daemon.command("clients", "create", "recorder", "--scope", "admin")
            api = API(address)
            document = api.get("/api/schema/?format=json")[1]
            for path, item in document["paths"].items():
                for operation in item.values():
                    operation["x-path"] = path
            recorder = Recorder(api, document, directory)
            tell_story(recorder, daemon, client["api_key"], client["api_secret"], options.footage)
        except Failure as error:
            print(f"record: {error}\n{daemon.log_tail()}", file=sys.stderr)
            return 1
        finally:
            daemon.stop()
    write(recorder.examples)
    print(f"recorded {sum(len(part) for part in recorder.examples.values())} answers")
    return 0


if __name__ == "__main__":
    sys.exit(main())
