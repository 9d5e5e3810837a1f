"""A camera that is well: real faces come through the real driver to a decision."""

from __future__ import annotations

from typing import Any

from door import FRONT, SIDE, VIVID, DoorTest
from smoke_client import API, until


class Streams(DoorTest):
    """Two USB cameras and the kernel's test camera at once."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        VIVID.load()
        FRONT.plug_in()
        SIDE.plug_in()

    @classmethod
    def tearDownClass(cls) -> None:
        SIDE.unplug()
        FRONT.unplug()
        VIVID.unload()

    def test_1_three_stream_at_once(self) -> None:
        front, side, test = (self.door.streams(name) for name in ("front", "side", "test"))
        for usb in (front, side):
            self.assertEqual((usb["format"], usb["width"], usb["height"]), ("MJPG", 640, 360))
        self.assertEqual((test["format"], test["width"], test["height"]), ("YUYV", 640, 360))
        self.assertEqual(self.door.conditions("front") | self.door.conditions("test"), {})

    def test_2_edged_status_tells_it_over_the_control_socket(self) -> None:
        cameras = {camera["name"]: camera for camera in self.door.status()["cameras"]}
        self.assertTrue(cameras["front"]["is_streaming"] and cameras["test"]["is_streaming"])
        self.assertEqual(cameras["front"]["device"], FRONT.selector)

    def test_3_the_rate_is_the_cameras(self) -> None:
        self.door.wait_for("front", "gives more than 20 pictures a second", lambda c: c["frames_per_second"] > 20)

    def test_4_whoever_stands_there_is_enrolled_and_recognized_from_its_pictures(self) -> None:
        made = self.door.command("clients", "create", "kiosk")
        api = API(self.door.address)
        self.assertEqual(api.log_in(made["api_key"], made["api_secret"]), 200)
        enrollment = api.open_session("enrollment", user_id="man", frame_source="camera", camera="front")
        status, answer = api.wait_for_result(enrollment)
        self.assertEqual((status, answer.get("enrollment_complete")), (200, True), answer)
        session = api.open_session("authentication", frame_source="camera", camera="front")
        status, answer = api.wait_for_result(session)
        self.assertEqual((status, answer.get("result")), (200, "success"), answer)
        self.assertEqual((answer.get("matched_user") or {}).get("user_id"), "man")

    def test_5_a_covered_lens_shows_nobody_and_says_so(self) -> None:
        made = self.door.command("clients", "create", "kiosk-at-night")
        api = API(self.door.address)
        api.log_in(made["api_key"], made["api_secret"])
        FRONT.tell("black")
        session = api.open_session("authentication", frame_source="camera", camera="front")
        answer = until("the session says why", lambda: self.refusal(api, session))
        self.assertIn(answer["reason"], ("face.none", "image.dark"))
        FRONT.tell("film")
        status, answer = api.wait_for_result(session)
        self.assertEqual((status, answer.get("result")), (200, "failure"), "nobody is enrolled with this client")

    @staticmethod
    def refusal(api: API, session: str) -> dict[str, Any] | None:
        _, answer = api.get(f"/api/auth/sessions/{session}/result/?wait=1")
        return answer if answer.get("reason") else None
