"""Each error that the kernel's test camera can make is counted or told, and healed."""

from __future__ import annotations

from door import VIVID, DoorTest, is_streaming


class Injections(DoorTest):
    """One daemon lives through all of it."""

    camera = VIVID

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.camera.load()

    @classmethod
    def tearDownClass(cls) -> None:
        cls.camera.unload()

    def setUp(self) -> None:
        self.before = self.door.streams("test")

    def back(self) -> None:
        after = self.door.streams("test")
        self.assertGreater(after["recoveries"], self.before["recoveries"])
        self.assertEqual(self.door.conditions("test"), {})

    def goes_on(self, more: int = 10) -> None:
        """It streams on, and nothing had to be healed."""
        after = self.door.wait_for("test", "goes on", lambda c: c["frames"] > self.before["frames"] + more)
        self.assertTrue(is_streaming(after))
        self.assertEqual(after["recoveries"], self.before["recoveries"])
        self.assertEqual(self.door.conditions("test"), {})

    def test_disconnect(self) -> None:
        self.camera.set("disconnect")
        self.door.reports("test", "capture.device.missing", "capture.device.failed")
        self.camera.unbind()
        self.door.reports("test", "capture.device.missing")
        self.camera.bind()
        self.back()

    def test_fatal_streaming_error(self) -> None:
        self.camera.set("inject_fatal_streaming_error")
        self.door.wait_for("test", "recovers", lambda c: c["recoveries"] > self.before["recoveries"])
        self.back()

    def test_refusals_while_it_is_being_opened(self) -> None:
        for control in ("reqbufs", "qbuf", "streamon"):
            with self.subTest(control=control):
                before = self.door.streams("test")
                failures = self.door.log.read_text(errors="replace").count("Camera fault")
                self.camera.set(f"inject_vidioc_{control}_error")
                self.camera.set("inject_fatal_streaming_error")
                self.door.wait_for("test", "recovers", lambda c, b=before: c["recoveries"] > b["recoveries"])
                self.door.streams("test")
                self.assertEqual(self.door.conditions("test"), {})
                self.assertGreaterEqual(self.door.log.read_text(errors="replace").count("Camera fault"), failures)

    def test_buffers_that_are_marked_broken(self) -> None:
        for _ in range(3):
            broken = self.door.camera("test")["broken"]
            self.camera.set("inject_v4l2_buf_flag_error")
            self.door.wait_for("test", "counts it", lambda c, b=broken: c["broken"] > b)
        self.goes_on()

    def test_lost_buffers(self) -> None:
        self.camera.set("percentage_of_dropped_buffers", 50)
        self.door.wait_for("test", "counts them", lambda c: c["dropped"] > self.before["dropped"] + 5)
        self.camera.set("percentage_of_dropped_buffers", 0)
        self.goes_on()
        self.assertLess(self.door.camera("test")["dropped"], self.before["dropped"] + 10_000)

    def test_no_buffer_at_all(self) -> None:
        self.camera.set("percentage_of_dropped_buffers", 100)
        self.door.reports("test", "capture.stream.stalled")
        self.camera.set("percentage_of_dropped_buffers", 0)
        self.back()

    def test_a_picture_in_which_nothing_moves(self) -> None:
        # Without its clock it shows the same bars each time.
        self.camera.set("osd_text_mode", 2)
        self.door.reports("test", "capture.stream.frozen")
        self.camera.set("osd_text_mode", 0)
        self.back()
        self.assertGreater(self.door.camera("test")["frozen"], self.before["frozen"])

    def test_black_and_white_and_nothing_else(self) -> None:
        self.camera.set("osd_text_mode", 2)
        for pattern, tone in ((5, "darkness"), (6, "one tone")):
            with self.subTest(pattern=pattern):
                self.camera.set("test_pattern", pattern)
                self.assertIn(tone, self.door.reports("test", "capture.picture.covered")["title"])
                self.camera.set("test_pattern", 0)
                self.camera.set("osd_text_mode", 0)
                self.door.wait_for("test", "sees again", lambda c: not c["is_covered"])
                self.camera.set("osd_text_mode", 2)
        self.camera.set("osd_text_mode", 0)
        self.goes_on()

    def test_a_number_that_wraps(self) -> None:
        self.camera.set("wrap_sequence_number")
        self.camera.set("inject_fatal_streaming_error")  # the next stream begins near the wrap
        self.door.wait_for("test", "recovers", lambda c: c["recoveries"] > self.before["recoveries"])
        self.before = self.door.streams("test")
        # vivid begins 128 pictures before its number wraps.
        self.goes_on(more=160)
        self.assertLess(self.door.camera("test")["dropped"], self.before["dropped"] + 10_000)
        self.camera.set("wrap_sequence_number", 0)

    def test_a_time_that_wraps(self) -> None:
        self.camera.set("wrap_timestamp", 1)
        self.camera.set("inject_fatal_streaming_error")
        self.door.wait_for("test", "recovers", lambda c: c["recoveries"] > self.before["recoveries"])
        self.before = self.door.streams("test")
        self.goes_on()
        self.camera.set("wrap_timestamp", 0)
