"""A headless Chromium, driven over its debugging protocol. It can reach nothing but this machine."""

from __future__ import annotations

import base64
import json
import shutil
import signal
import subprocess
import time
import urllib.parse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from smoke_client import Failure

NAMES = ("chromium", "chromium-browser", "google-chrome")
START_SECONDS = 60
HERE = ("127.0.0.1", "localhost", "[::1]")


class Browser:
    """One browser process."""

    def __init__(self, directory: Path) -> None:
        program = next((path for name in NAMES if (path := shutil.which(name))), None)
        if program is None:
            raise Failure("there is no Chromium; run scripts/setup --contract")
        self._profile = directory / "chromium"
        self._log = directory / "chromium.log"
        options = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
            "--no-default-browser-check", "--disable-background-networking", "--disable-component-update",
            "--disable-default-apps", "--disable-sync", "--disable-extensions", "--metrics-recording-only",
            "--disable-features=OptimizationHints,MediaRouter,Translate", "--window-size=1400,1600",
            # Whatever it would look up on its own does not exist.
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1", f"--user-data-dir={self._profile}",
            "--remote-debugging-port=0", "about:blank",
        ]  # fmt: skip
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [program, *options], stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def page(self) -> Page:
        """Open a page."""
        return Page(self._debugger())

    def _debugger(self) -> str:
        file = self._profile / "DevToolsActivePort"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise Failure(f"Chromium ended: {self._log.read_text(errors='replace')[-500:]}")
            lines = file.read_text().splitlines() if file.exists() else []
            if len(lines) == 2:
                return f"ws://127.0.0.1:{lines[0]}{lines[1]}"
            time.sleep(0.05)
        raise Failure(f"Chromium was not ready within {START_SECONDS} s")

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


class Page:
    """One tab, and everything that it and its workers ask the network for."""

    def __init__(self, debugger: str) -> None:
        self._socket: ClientConnection = connect(debugger, max_size=None, proxy=None)
        self._numbers = 0
        self._answers: dict[int, dict[str, Any]] = {}
        self.requests: list[str] = []
        self.failures: list[str] = []
        self.complaints: list[str] = []
        target = self._call("Target.createTarget", {"url": "about:blank"}, None)["targetId"]
        self._session = self._call("Target.attachToTarget", {"targetId": target, "flatten": True}, None)["sessionId"]
        self._listen(self._session)
        self.call("Page.enable")

    def _listen(self, session: str) -> None:
        for domain in ("Network", "Runtime", "Log"):
            self._send(f"{domain}.enable", {}, session)
        attach = {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": True}
        self._send("Target.setAutoAttach", attach, session)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._call(method, parameters, self._session)

    def open(self, address: str) -> None:
        self.call("Page.navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page; promises are awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise AssertionError(f"{expression[:200]}: {json.dumps(answer['exceptionDetails'])[:500]}")
        return answer["result"].get("value")

    def wait_for(self, expression: str, seconds: float = 20, what: str = "") -> Any:
        """Wait until an expression is true; its value."""
        return self._until(lambda: self.evaluate(expression), seconds, what or expression)

    def click(self, selector: str) -> None:
        self.wait_for(f"!!document.querySelector({json.dumps(selector)})")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def write(self, selector: str, text: str) -> None:
        """Type text into a field, as a keyboard does."""
        self.wait_for(f"!!document.querySelector({json.dumps(selector)})")
        self.evaluate(f"document.querySelector({json.dumps(selector)}).focus()")
        self.call("Input.insertText", text=text)

    def picture(self, file: Path) -> None:
        file.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))

    def settle(self, seconds: float = 1.0) -> None:
        """Take in what is said while nothing is asked, until it is quiet for a moment."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline and self._receive(seconds):
            pass

    @property
    def outside(self) -> list[str]:
        """Requests to anything but this machine."""
        return [address for address in self.requests if not is_here(address)]

    def close(self) -> None:
        self._socket.close()

    def _until(self, fact: Callable[[], Any], seconds: float, what: str) -> Any:
        deadline = time.monotonic() + seconds
        while not (value := fact()):
            if time.monotonic() > deadline:
                raise AssertionError(f"{what}: not within {seconds:.0f} s; {self.complaints[-3:]}")
            time.sleep(0.05)
        return value

    def _call(self, method: str, parameters: dict[str, Any], session: str | None) -> dict[str, Any]:
        number = self._send(method, parameters, session)
        deadline = time.monotonic() + 60
        while number not in self._answers:
            if time.monotonic() > deadline:
                raise Failure(f"Chromium does not answer {method}")
            self._receive(1)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise Failure(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def _send(self, method: str, parameters: dict[str, Any], session: str | None) -> int:
        self._numbers += 1
        message: dict[str, Any] = {"id": self._numbers, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._socket.send(json.dumps(message))
        return self._numbers

    def _receive(self, seconds: float) -> bool:
        """Take in one message; false when none comes."""
        try:
            message = json.loads(self._socket.recv(timeout=seconds))
        except TimeoutError:
            return False
        if "id" in message:
            self._answers[message["id"]] = message
        else:
            self._note(message["method"], message.get("params", {}))
        return True

    def _note(self, event: str, about: dict[str, Any]) -> None:
        match event:
            case "Target.attachedToTarget":
                self._listen(about["sessionId"])
            case "Network.requestWillBeSent":
                self.requests.append(about["request"]["url"])
            case "Network.webSocketCreated":
                self.requests.append(about["url"])
            case "Network.loadingFailed" if not about.get("canceled"):
                self.failures.append(f"{about.get('errorText')} {about.get('blockedReason', '')}".strip())
            case "Runtime.exceptionThrown":
                details = about["exceptionDetails"]
                self.complaints.append(details.get("exception", {}).get("description") or details["text"])
            case "Runtime.consoleAPICalled" if about["type"] in ("error", "assert"):
                self.complaints.append(" ".join(str(one.get("value", one.get("description"))) for one in about["args"]))
            case "Log.entryAdded" if about["entry"]["level"] == "error":
                self.complaints.append(f"{about['entry']['text']} {about['entry'].get('url', '')}")


def is_here(address: str) -> bool:
    parts = urllib.parse.urlsplit(address)
    if parts.scheme in ("data", "about", "blob"):
        return True
    return parts.netloc.rsplit(":", 1)[0] in HERE
