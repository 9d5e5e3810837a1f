"""Clients are good at every door, and central calls the receivers of all devices."""

from __future__ import annotations

from collections import Counter
from typing import Any

from device import Client
from fleet import Central, man
from receiver import Receiver
from setting import setting
from smoke_client import Failure, until
from stage import Stage


class Tenants(Stage):
    def refused(self, client: Client) -> bool:
        return self.south.same_client(client) is None

    def test_a_client_made_at_one_door_logs_in_at_another_with_the_line_cut(self) -> None:
        there = self.elsewhere()
        self.assertIsInstance(there, Client)
        self.south.line.cut()
        self.assertIsNotNone(self.south.same_client(self.client), "the same key and secret, without central")
        done = self.south.enroll(there, "jan", man(setting().footage))
        self.assertTrue(done.get("enrollment_complete"), done)
        self.south.line.mend()
        until("the person is known where the client was made", lambda: "jan" in self.north.people(self.client))

    def test_rotated_and_deactivated_where_it_is_kept_is_so_everywhere(self) -> None:
        self.elsewhere()
        status, document = self.south.ask("clients", "reset", self.tenant, "--secret")
        self.assertNotEqual(status, 0, f"a client is changed where it is kept: {document}")
        made = self.north.command("clients", "reset", self.tenant, "--secret")
        until("the old secret is good no more", lambda: self.refused(self.client))
        fresh = Client(self.client.key, made["api_secret"], "", "")
        until("the new secret is good", lambda: self.south.same_client(fresh))
        self.north.command("clients", "deactivate", self.tenant)
        until("the client is shut everywhere", lambda: self.refused(fresh))

    def test_a_client_that_is_removed_is_gone_everywhere(self) -> None:
        there = self.elsewhere()
        done = self.south.enroll(there, "jan", man(setting().footage))
        self.assertTrue(done.get("enrollment_complete"), done)
        until("the person is known where the client was made", lambda: "jan" in self.north.people(self.client))
        admin = self.central.make_client("boss", "admin")
        gone = self.central.caller(admin).ask("DELETE", f"/api/clients/clients/{self.tenant}/")
        self.assertEqual(gone.status, 204, gone)
        for house in (self.north, self.south):
            until(
                "the client is gone",
                lambda house=house: all(
                    client["id"] != self.tenant for client in house.command("clients", "list")["clients"]
                ),
            )


class Deliveries(Stage):
    receiver: Receiver

    def make_central(self) -> Central:
        self.receiver = Receiver(self.place, "whsec_" + "A" * 44)
        central = Central(setting().daemon, self.place / "central", setting().models)
        text = central.configuration.read_text()
        central.configuration.write_text(
            text + "\n[webhooks]\nlocal_delivery = true\nallow = [\"127.0.0.1\"]\n"
            f"ca_file = '{self.receiver.certificate}'\n"
        )
        return central

    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(self.receiver.stop)
        fields = {"name": "books", "url": self.receiver.url, "secret_token": self.receiver.secret}
        answer = self.north.caller(self.client).ask_json("POST", "/api/webhooks/endpoints/", fields)
        if answer.status != 201:
            raise Failure(f"an endpoint cannot be made: {answer}")

    def happen(self, count: int, house: Any = None, client: Client | None = None) -> list[str]:
        """Sessions that are opened and cancelled: two events each. Gives their ids."""
        caller = (house or self.north).caller(client or self.client)
        sessions = []
        for _ in range(count):
            answer = caller.ask_json("POST", "/api/auth/authentication/", {"session_type": "api"})
            if answer.status != 201:
                raise Failure(f"no session: {answer}")
            sessions.append(str(answer.json["session_id"]))
            caller.ask("DELETE", f"/api/auth/sessions/{answer.json['session_token']}/")
        return sessions

    def cancelled(self) -> Counter[str]:
        return Counter(
            delivery["webhook_id"] for delivery in self.receiver.deliveries if delivery["event"] == "session.cancelled"
        )

    def test_central_delivers_for_every_device_once_by_id_and_keeps_the_history(self) -> None:
        self.receiver.start()
        there = self.elsewhere()
        self.happen(3)
        self.happen(2, self.south, there)
        until("all are delivered", lambda: len(self.cancelled()) == 5)
        self.assertEqual(set(self.cancelled().values()), {1}, "each once")
        self.assertEqual(self.receiver.faults, [])
        ids = Counter(delivery["delivery_id"] for delivery in self.receiver.deliveries)
        self.assertEqual(set(ids.values()), {1}, "each delivery has an id of its own")
        desk = until("the client is known at central", lambda: self.central.same_client(self.client))
        history = self.central.caller(desk).ask("GET", "/api/webhooks/deliveries/")
        self.assertEqual(history.status, 200, history)
        self.assertEqual(
            {one["status"] for one in history.json["results"]}, {"success"}, "the history is read at central"
        )
        self.assertEqual(self.north.caller(self.client).ask("GET", "/api/webhooks/deliveries/").json["count"], 0)

    def test_a_receiver_that_was_down_and_a_central_that_was_killed_lose_nothing(self) -> None:
        self.happen(2)
        self.north.until_told()
        desk = until("the client is known at central", lambda: self.central.same_client(self.client))

        def tried() -> bool:
            listing = self.central.caller(desk).ask("GET", "/api/webhooks/deliveries/").json["results"]
            return len(listing) >= 4 and all(one["status"] == "retrying" for one in listing)

        until("central has tried in vain", tried)
        self.happen(1)
        self.central.kill()
        self.receiver.start()
        self.central.start()
        until("all are delivered after all", lambda: len(self.cancelled()) == 3, 400)
        self.assertEqual(set(self.cancelled().values()), {1}, "each once")
        self.assertEqual(self.receiver.faults, [])

    def test_a_central_that_is_killed_again_and_again_delivers_everything_in_order(self) -> None:
        self.receiver.start()
        sessions: list[str] = []
        for _ in range(setting().kills):
            # Some are handed on when the kill comes, some are delivered, some are told while nobody is there.
            sessions += self.happen(10)
            self.central.kill()
            sessions += self.happen(5)
            self.central.start()
        until("all are delivered", lambda: len(self.cancelled()) == len(sessions), 400)
        self.assertEqual(self.receiver.faults, [])
        seen = [one["data"]["session_id"] for one in self.receiver.deliveries if one["event"] == "session.cancelled"]
        self.assertEqual(list(dict.fromkeys(seen)), sessions, "in the order in which it happened")
        # What was on its way when the kill came is sent again, under the same id.
        self.assertLessEqual(len(seen) - len(sessions), 2 * setting().kills)
        for one in self.receiver.deliveries:
            again = [other for other in self.receiver.deliveries if other["webhook_id"] == one["webhook_id"]]
            self.assertEqual({other["delivery_id"] for other in again}, {one["delivery_id"]})
