"""The daemon is killed again and again while clients talk to it: what was answered is there afterwards."""

from __future__ import annotations

import http.client
import random
import threading
import time
import unittest
from collections import Counter
from collections.abc import Callable
from typing import Any

from device import Client, Device, open_session, pictures, stream
from setting import setting
from smoke_client import Failure
from wire import Caller

CUT = (OSError, http.client.HTTPException, Failure)
MISSES_TO_LOCK = 5


class Ledger:
    """What was answered, and what was asked for without an answer."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.created: dict[str, str] = {}
        self.removed: set[str] = set()
        self.unanswered: set[str] = set()
        self.sessions: list[str] = []
        self.misses = 0
        self.unanswered_misses = 0
        self.refresh = ""
        self.refreshing = False
        self.answers = 0
        self.wrong: list[str] = []


class Talk:
    """Clients that talk to a device until it is gone."""

    def __init__(self, device: Device, client: Client, ledger: Ledger, woman: list[bytes]) -> None:
        self.device, self.client, self.ledger, self.woman = device, client, ledger, woman
        works = [self.people, self.people, self.sessions, self.tokens, self.misses]
        self.threads = [threading.Thread(target=self.until_cut, args=(work,)) for work in works]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def join(self) -> None:
        for thread in self.threads:
            thread.join()

    def until_cut(self, work: Callable[[Caller], bool]) -> None:
        caller = self.device.caller(self.client)
        try:
            while work(caller):
                pass
        except CUT as error:
            # A refusal is none of the kill's doing.
            if isinstance(error, Failure):
                self.blame(str(error))

    def blame(self, sentence: str) -> None:
        with self.ledger.lock:
            self.ledger.wrong.append(sentence)

    def answered(self) -> None:
        with self.ledger.lock:
            self.ledger.answers += 1

    def people(self, caller: Caller) -> bool:
        """Make somebody, and remove every second one again."""
        name = f"user-{random.getrandbits(64):016x}"
        self.ledger.unanswered.add(name)
        made = ask_once(caller, "POST", "/api/clients/users/", {"external_user_id": name}, 201)
        self.ledger.created[name] = made["id"]
        self.ledger.unanswered.discard(name)
        self.answered()
        if int(name[-1], 16) % 2:
            self.ledger.unanswered.add(name)
            ask_once(caller, "DELETE", f"/api/clients/users/{made['id']}/", None, 204)
            self.ledger.removed.add(name)
            self.ledger.unanswered.discard(name)
            self.answered()
        return True

    def sessions(self, caller: Caller) -> bool:
        made = ask_once(caller, "POST", "/api/auth/enrollment/", {"session_type": "api", "user_id": "somebody"}, 201)
        self.ledger.sessions.append(made["session_token"])
        self.answered()
        return True

    def tokens(self, caller: Caller) -> bool:
        self.ledger.refreshing = True
        pair = ask_once(caller, "POST", "/api/auth/refresh/", {"refresh": self.ledger.refresh}, 200)
        self.ledger.refresh = pair["refresh"]
        self.ledger.refreshing = False
        self.answered()
        return True

    def misses(self, caller: Caller) -> bool:
        """Somebody else claims to be the man, until he is locked."""
        ledger = self.ledger
        if ledger.misses >= MISSES_TO_LOCK:
            return False
        opened = caller.ask_json("POST", "/api/auth/authentication/", {"session_type": "api", "user_id": "man"})
        if opened.code == "session.locked_out" and ledger.misses + ledger.unanswered_misses >= MISSES_TO_LOCK:
            ledger.misses = MISSES_TO_LOCK
            return False
        if opened.status != 201:
            raise Failure(f"authentication: {opened}")
        ledger.unanswered_misses += 1
        answer = stream(caller, opened.json["session_token"], self.woman)
        ledger.unanswered_misses -= 1
        if answer.get("result") != "failure":
            raise Failure(f"the woman was taken for the man: {answer}")
        self.ledger.misses += 1
        self.answered()
        return True


def ask_once(caller: Caller, method: str, path: str, fields: Any, wanted: int) -> dict[str, Any]:
    """Ask without a second attempt: what was cut off is unanswered."""
    # A kept connection that the last answer closed is opened anew by the client itself.
    answer = caller.ask(method, path) if fields is None else caller.ask_json(method, path, fields)
    if answer.status != wanted:
        raise Failure(f"{method} {path}: {answer}")
    return dict(answer.json) if answer.body else {}


class Kills(unittest.TestCase):
    def setUp(self) -> None:
        directory = setting().directory / "kills"
        self.device = Device(setting().daemon, directory, setting().models)
        self.addCleanup(self.device.stop)
        self.device.start()
        self.client = self.device.make_client("kiosk")
        footage = setting().footage
        man = pictures(footage, "webcam-man", step=6)
        self.woman = pictures(footage, "woman", step=3)
        caller = self.device.caller(self.client)
        done = stream(caller, open_session(caller, "enrollment", user_id="man"), man)
        self.assertTrue(done.get("enrollment_complete"), done)
        self.ledger = Ledger()
        self.ledger.refresh = self.client.refresh

    def test_whatever_was_answered_before_a_kill_is_there_afterwards_once(self) -> None:
        chance = random.Random(setting().seed)
        for number in range(setting().kills):
            before = self.ledger.answers
            talk = Talk(self.device, self.client, self.ledger, self.woman)
            talk.start()
            # The time to the kill begins with an answer, every second time with a miss, so that a slow machine is killed
            # in the middle too.
            self.wait_for_answer(before, self.ledger.misses if number % 2 else None)
            time.sleep(chance.uniform(0.01, 0.8))
            self.device.kill()
            talk.join()
            with self.subTest(kill=number):
                self.assertEqual(self.ledger.wrong, [])
                self.assertGreater(self.ledger.answers, before, "nothing was answered before the kill")
                self.device.start()
                self.check()
        print(f"  {setting().kills} kills, {self.ledger.answers} answers, {self.ledger.misses} misses")

    def wait_for_answer(self, answers: int, misses: int | None) -> None:
        ledger, deadline = self.ledger, time.monotonic() + 60
        while time.monotonic() < deadline and not ledger.wrong:
            counted = misses is None or ledger.misses > misses or ledger.misses >= MISSES_TO_LOCK
            if ledger.answers > answers and counted:
                return
            time.sleep(0.002)

    def check(self) -> None:
        """Compare the device with what was answered."""
        ledger, caller = self.ledger, self.device.caller(self.client)
        there = Counter(self.all_people(caller))
        there.pop("man")
        twice = [name for name, count in there.items() if count > 1]
        self.assertEqual(twice, [], "somebody is there twice")
        kept = set(ledger.created) - ledger.removed - ledger.unanswered
        self.assertEqual(kept - set(there), set(), "somebody who was answered for is missing")
        self.assertEqual(set(there) & ledger.removed, set(), "somebody who was removed is back")
        self.assertEqual(set(there) - kept - ledger.unanswered, set(), "somebody is there whom nobody made")
        # What was cut off has come to one end or the other by now.
        for name in ledger.unanswered:
            if name not in there:
                ledger.removed.add(name)
            else:
                ledger.created.setdefault(name, "")
        ledger.unanswered.clear()
        for token in ledger.sessions[-20:]:
            answer = caller.ask("GET", f"/api/auth/sessions/{token}/")
            self.assertEqual(answer.status, 200, "a session that was opened is unknown")
            self.assertNotIn(answer.json["status"], ("pending", "active", "processing"), "nobody feeds it any more")
        self.check_lock(caller)
        self.check_tokens(caller)
        self.assertTrue(self.device.proof()["is_whole"], self.device.proof())

    def check_lock(self, caller: Caller) -> None:
        """Misses that were answered count for ever: five lock the user."""
        if self.ledger.misses < MISSES_TO_LOCK:
            return
        answer = caller.ask_json("POST", "/api/auth/authentication/", {"session_type": "api", "user_id": "man"})
        self.assertEqual(answer.code, "session.locked_out", f"{self.ledger.misses} misses were forgotten: {answer}")

    def check_tokens(self, caller: Caller) -> None:
        """The refresh token that was answered last is good, unless another was on its way."""
        answer = caller.ask_json("POST", "/api/auth/refresh/", {"refresh": self.ledger.refresh})
        if not self.ledger.refreshing:
            self.assertEqual(answer.status, 200, f"a token that was answered is not good: {answer}")
        self.ledger.refreshing = False
        if answer.status == 200:
            self.ledger.refresh = answer.json["refresh"]
        else:
            # The answer that was cut off was the good one; with the old token its family has ended.
            self.client = self.device.log_in(self.client.key, self.client.secret)
            self.ledger.refresh = self.client.refresh

    def all_people(self, caller: Caller) -> list[str]:
        names: list[str] = []
        target = "/api/clients/users/?page_size=100"
        while target:
            answer = caller.ask("GET", target)
            self.assertEqual(answer.status, 200, answer)
            names += [user["external_user_id"] for user in answer.json["results"]]
            following = answer.json["next"]
            target = following[following.index("/api/"):] if following else ""
        return names
