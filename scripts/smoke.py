"""Runs through the whole of `edged` once, as an outside client: starts the daemon on a free loopback port, enrolls
people from real footage, recognizes them, and checks that everybody else is refused. Prints a table of what happened.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from smoke_client import API, Daemon, Failure, write_configuration

PASSIVE_WEIGHTS = ("minifasnet_v2.onnx", "minifasnet_v1se.onnx")
LIVENESS_IS_OFF = "LIVENESS IS OFF (THE PASSIVE LIVENESS WEIGHTS COULD NOT BE HAD AT SET-UP): PHOTOGRAPHS ARE ACCEPTED"
MAN, WOMAN = "alice-demo", "bea-demo"


Send = Callable[[str, bytes], tuple[int, dict[str, Any]]]


class Wrong(Exception):
    """A step came out otherwise than expected; the text says how."""


def frames(directory: Path, start: int, step: int, limit: int = 30) -> list[bytes]:
    """Frames spread over a clip; different starts give different frames."""
    files = sorted(directory.glob("*.jpg"))
    if not files:
        raise Failure(f"no frames in {directory}; run scripts/setup first")
    return [file.read_bytes() for file in files[start::step][:limit]]


class Run:
    """The steps, each with what it expects; a wrong one does not keep the others from running."""

    def __init__(self, api: API, footage: Path, liveness: bool) -> None:
        self.api = api
        self.liveness = liveness
        self.man = footage / "webcam-man"
        self.woman = footage / "woman"
        self.nobody = footage / "no-face"
        self.rows: list[tuple[bool, str, str, str, float]] = []

    def step(self, title: str, expected: str, action: Callable[[], str]) -> None:
        started = time.monotonic()
        try:
            right, got = True, action()
        except (Failure, Wrong) as error:
            right, got = False, str(error)
        self.rows.append((right, title, expected, got, (time.monotonic() - started) * 1000))

    def stream(self, token: str, pictures: Iterable[bytes], send: Send | None = None) -> dict[str, Any]:
        """Send frames until the session is decided; the last answer, with the number of frames in `sent`."""
        answer: dict[str, Any] = {}
        sent = 0
        for picture in pictures:
            status, answer = (send or self.api.upload)(token, picture)
            sent += 1
            if status != 200:
                raise Wrong(f"{status} {answer.get('code') or answer.get('reason')} after {sent} frames")
            if not answer.get("requires_more_frames", False):
                break
        return {**answer, "sent": sent}

    def enroll(self, user: str, pictures: list[bytes]) -> str:
        answer = self.stream(self.api.open_session("enrollment", user_id=user), pictures)
        if answer.get("session_status") != "completed" or answer.get("enrollment_complete") is not True:
            raise Wrong(describe(answer))
        self._check_liveness(answer)
        return f"enrolled from {answer['sent']} frames"

    def verify(self, user: str, pictures: list[bytes]) -> str:
        return self.accepted(user, self.stream(self.api.open_session("authentication", user_id=user), pictures))

    def identify(self, user: str, pictures: list[bytes]) -> str:
        answer = self.stream(self.api.open_session("authentication"), pictures, self.api.upload_as_text)
        return self.accepted(user, answer)

    def identify_from_camera(self, user: str) -> str:
        token = self.api.open_session("authentication", frame_source="camera", camera="front-door")
        status, answer = self.api.wait_for_result(token)
        if status != 200:
            raise Wrong(f"{status} {answer.get('code')}")
        return self.accepted(user, answer)

    def accepted(self, user: str, answer: dict[str, Any]) -> str:
        matched = (answer.get("matched_user") or {}).get("user_id")
        if answer.get("result") != "success" or answer.get("success") is not True or matched != user:
            raise Wrong(describe(answer))
        self._check_liveness(answer)
        return f"{user}, similarity {answer.get('similarity_score', 0):.2f}"

    def refused(self, pictures: list[bytes], **claim: str) -> str:
        answer = self.stream(self.api.open_session("authentication", **claim), pictures)
        if answer.get("result") != "failure" or answer.get("success") is not False:
            raise Wrong(describe(answer))
        if answer.get("matched_user") is not None or answer.get("similarity_score") is not None:
            raise Wrong("the refusal tells who the person is")
        return f"refused after {answer['sent']} frames"

    def nobody_there(self) -> str:
        token = self.api.open_session("authentication", user_id=MAN)
        status, answer = self.api.upload(token, frames(self.nobody, 3, 1, 1)[0])
        if status != 200 or answer.get("frame_accepted") is not False or answer.get("reason") != "face.none":
            raise Wrong(f"{status} {describe(answer)}")
        return f"{answer['reason']}: {answer.get('message')}"

    def print_refused(self, directory: Path) -> str:
        """Tries to enroll somebody from photographs of one printed photograph."""
        files = sorted(directory.glob("*.jpg"))
        one_person = [file.read_bytes() for file in files if file.name[:5] == files[0].name[:5]][:30]
        token = self.api.open_session("enrollment", user_id="carol-print")
        scores: list[float] = []
        reason = None
        for picture in one_person:
            status, answer = self.api.upload(token, picture)
            reason = answer.get("reason")
            if answer.get("enrollment_complete") is True or answer.get("liveness_verified") is True:
                raise Wrong("the printed photograph was taken for a person")
            if answer.get("liveness_score") is not None:
                scores.append(float(answer["liveness_score"]))
            if status != 200 or not answer.get("requires_more_frames", False):
                break
        if len(scores) < 3:
            raise Wrong(f"only {len(scores)} of {len(one_person)} frames were judged; last reason {reason}")
        return f"{reason}, liveness {sum(scores) / len(scores):.3f} over {len(scores)} frames"

    def liveness_is_declared_off(self) -> str:
        _, status = self.api.get("/status")
        titles = [str(condition.get("title")) for condition in status.get("conditions", [])]
        loud = [title for title in titles if "LIVENESS IS OFF" in title]
        if not loud:
            raise Wrong(f"/status says {titles}")
        return loud[0]

    def without_token(self, stranger: API) -> str:
        status, answer = stranger.post("/api/auth/authentication/", {"session_type": "api"})
        if status != 401:
            raise Wrong(f"{status} {answer}")
        return f"{status} {answer.get('code', '')}"

    def _check_liveness(self, answer: dict[str, Any]) -> None:
        if self.liveness and answer.get("liveness_verified") is not True:
            raise Wrong(f"success without proof of life ({answer.get('reason')})")


def describe(answer: dict[str, Any]) -> str:
    names = ("session_status", "result", "reason", "similarity_score", "liveness_score", "sent")
    return ", ".join(f"{name} {answer[name]}" for name in names if answer.get(name) is not None) or str(answer)[:200]


def all_steps(run: Run, stranger: API, prints: Path | None) -> None:
    man, woman = run.man, run.woman
    run.step("request without a token", "401", lambda: run.without_token(stranger))
    run.step("enroll the man", "enrolled", lambda: run.enroll(MAN, frames(man, 0, 6)))
    run.step("verify the man", MAN, lambda: run.verify(MAN, frames(man, 3, 5)))
    run.step("identify from the camera", MAN, lambda: run.identify_from_camera(MAN))
    run.step("a woman claims to be him", "refused", lambda: run.refused(frames(woman, 0, 3), user_id=MAN))
    run.step("a woman, not enrolled", "refused", lambda: run.refused(frames(woman, 1, 3)))
    run.step("enroll the woman", "enrolled", lambda: run.enroll(WOMAN, frames(woman, 0, 2)))
    run.step("identify the woman", WOMAN, lambda: run.identify(WOMAN, frames(woman, 1, 2)))
    run.step("the man claims to be her", "refused", lambda: run.refused(frames(man, 1, 2), user_id=WOMAN))
    run.step("a claim to be nobody known", "refused", lambda: run.refused(frames(man, 1, 2), user_id="nobody-demo"))
    run.step("a frame with nobody", "face.none", run.nobody_there)
    if not run.liveness:
        run.step("/status says LIVENESS IS OFF", "said", run.liveness_is_declared_off)
    elif prints is not None:
        run.step("a printed photograph", "not live", lambda: run.print_refused(prints))


def print_table(rows: list[tuple[bool, str, str, str, float]]) -> None:
    print(f"{'':5} {'step':28} {'expected':12} {'ms':>8}  got")
    for right, title, expected, got, milliseconds in rows:
        print(f"{'ok' if right else 'WRONG':5} {title:28} {expected:12} {milliseconds:8.0f}  {got}")


def smoke(arguments: argparse.Namespace, directory: Path) -> tuple[int, int]:
    """Run everything; how many steps came out right and how many wrong."""
    liveness = all((arguments.models / name).is_file() for name in PASSIVE_WEIGHTS)
    if not liveness:
        print(LIVENESS_IS_OFF, file=sys.stderr)
    path = write_configuration(directory, arguments.models, arguments.footage, "passive" if liveness else "off")
    daemon = Daemon(arguments.daemon, path, directory / "edged.log")
    rows: list[tuple[bool, str, str, str, float]] = []
    started = time.monotonic()
    try:
        address = daemon.start()
        rows.append((True, "start", "ready", address, (time.monotonic() - started) * 1000))
        api = API(address)
        run = Run(api, arguments.footage, liveness)
        run.rows = rows
        run.step("create a client, log in", "200", lambda: log_in(daemon, api))
        prints = os.environ.get("EDGED_PRINT_FRAMES")
        all_steps(run, API(address), Path(prints) if prints else None)
        run.step("stop", "exit status 0", lambda: stop(daemon))
    except Failure as failure:
        rows.append((False, "the run as a whole", "no failure", str(failure), (time.monotonic() - started) * 1000))
    finally:
        daemon.stop()
    if not liveness:
        print(LIVENESS_IS_OFF)
    print_table(rows)
    wrong = sum(1 for row in rows if not row[0])
    if wrong:
        print(f"\nthe end of the daemon's log:\n{daemon.log_tail()}", file=sys.stderr)
    return len(rows) - wrong, wrong


def log_in(daemon: Daemon, api: API) -> str:
    client = daemon.command("clients", "create", "smoke")
    status = api.log_in(client["api_key"], client["api_secret"])
    if status != 200:
        raise Wrong(str(status))
    return str(status)


def stop(daemon: Daemon) -> str:
    status = daemon.stop()
    if status != 0:
        raise Wrong("had to be killed" if status is None else f"exit status {status}")
    return "exit status 0"


def main() -> int:
    parser = argparse.ArgumentParser(description=" ".join((__doc__ or "").split()))
    parser.add_argument("--daemon", type=Path, required=True, help="the program edged")
    parser.add_argument("--models", type=Path, required=True, help="the model directory")
    parser.add_argument("--footage", type=Path, required=True, help="the directory of demonstration footage")
    parser.add_argument("--counts", type=Path, help="a file to write the numbers of right and wrong steps to")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edged-smoke-") as directory:
        right, wrong = smoke(arguments, Path(directory))
    if arguments.counts:
        arguments.counts.write_text(f"{right} {wrong}\n")
    print(f"smoke run: {right} steps right, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
