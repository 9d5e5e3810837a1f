"""Devices that say what ours never would: a poison record blocks nobody, a token is good once, a fork is stopped."""

from __future__ import annotations

import uuid

from smoke_client import until
from stage import Stage
from strange_device import StrangeDevice


class Strangers(Stage):
    def setUp(self) -> None:
        super().setUp()
        self.strange = StrangeDevice(self.place / "strange", self.central, "strange")
        self.token = self.central.token()
        status, answer = self.strange.provision(self.token)
        self.assertEqual(status, 200, answer)

    def test_a_poison_record_is_kept_without_effect_and_blocks_nobody(self) -> None:
        self.assertEqual(self.strange.open()[0], 200)
        poison = [("enrollment.completed", "not JSON at all"), ("enrollment.completed", '{"subject": 7}'), ("new", "{}")]
        status, answer = self.strange.push(*poison)
        self.assertEqual(status, 200, answer)
        self.assertEqual(answer["acknowledged"], 3)
        refused = {record["sequence"]: record["reason"] for record in answer["refused"]}
        self.assertEqual({1, 2} & refused.keys(), {1, 2}, refused)
        status, answer = self.strange.push(("new", "{}"))
        self.assertEqual((status, answer["acknowledged"]), (200, 4), answer)
        # Whoever else is in the fleet goes on.
        self.north.until_told()

    def test_a_batch_is_taken_once_a_gap_is_named_and_a_cut_one_is_refused(self) -> None:
        self.strange.open()
        before = (self.strange.head, self.strange.sequence)
        self.assertEqual(self.strange.push(("a", "1"), ("b", "2"), lane="audit")[0], 200)
        self.strange.head, self.strange.sequence = before
        status, answer = self.strange.push(("a", "1"), ("b", "2"), lane="audit")
        self.assertEqual((status, answer["acknowledged"]), (200, 2), "the same again")
        self.strange.sequence += 5
        status, answer = self.strange.push(("c", "3"), lane="audit")
        self.assertEqual((status, answer["code"], answer["sequence"]), (409, "sync.gap", 3), answer)

    def test_two_histories_are_a_fork_and_an_operator_must_look(self) -> None:
        self.strange.open()
        before = (self.strange.head, self.strange.sequence)
        self.assertEqual(self.strange.push(("a", "1"), lane="audit")[0], 200)
        self.strange.head, self.strange.sequence = before
        status, answer = self.strange.push(("a", "another"), lane="audit")
        self.assertEqual((status, answer["code"]), (409, "sync.fork"), answer)
        self.assertEqual(self.strange.push(("a", "1"), lane="audit")[1]["code"], "sync.device.quarantined")
        self.assertEqual(self.central.devices()["strange"]["standing"], "quarantined")
        status, _ = self.central.ask("central", "devices")
        self.assertEqual(status, 1, "a script learns of it")
        self.central.command("central", "release", "strange")
        ended, self.strange.epoch = self.strange.epoch, str(uuid.uuid4())
        self.strange.head, self.strange.sequence = "0" * 64, 0
        self.assertEqual(self.strange.open("released", [ended])[0], 200)
        self.assertEqual(self.strange.push(("a", "1"), lane="audit")[0], 200)

    def test_a_token_is_good_for_one_device_and_a_revoked_one_hears_why(self) -> None:
        thief = StrangeDevice(self.place / "thief", self.central, "thief")
        status, answer = thief.provision(self.token)
        self.assertEqual((status, answer["code"]), (401, "sync.token.invalid"), answer)
        self.assertEqual(thief.provision("guess")[0], 401)
        self.assertEqual(self.strange.open()[0], 200)
        self.central.command("central", "revoke", "strange")
        for answer in (self.strange.pull(), self.strange.push(("a", "1"))):
            self.assertEqual((answer[0], answer[1]["code"]), (403, "sync.device.revoked"), answer)
        # Others are members still.
        until("the device goes on", lambda: self.north.sync()["phase"] == "online")
