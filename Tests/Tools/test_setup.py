"""What set-up installs: the lock files, the reader of the packaged network, and files that are never half there."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import onnx

import fetch_models
import fetch_www
import packages
from count_tests import count
from packages import Packages, SetupError
from tflite_reader import Operation, Table, read_network

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "tools"
MODELS = Path(os.environ.get("EDGED_MODELS", ROOT / "models"))
WWW = Path(os.environ.get("EDGED_WWW", ROOT / "www"))


def lock(name: str) -> dict:
    return json.loads((TOOLS / name).read_text())


class Locks(unittest.TestCase):
    def test_every_package_is_pinned_by_version_and_hash(self) -> None:
        for name in ("models.lock.json", "testdata.lock.json", "www.lock.json"):
            for pin in lock(name)["packages"].values():
                self.assertRegex(pin["requirement"], r"^[\w-]+==[\d.]+$")
                for build in pin.get("builds", {"": pin}).values():
                    self.assertRegex(build["sha256"], r"^[0-9a-f]{64}$")

    def test_every_member_is_taken_from_a_pinned_package(self) -> None:
        testdata = lock("testdata.lock.json")
        places = [*testdata["clips"], *testdata["stills"].values(), testdata["decoder"]]
        self.assertLessEqual({place["package"] for place in places}, set(testdata["packages"]))

    def test_both_architectures_have_a_runtime(self) -> None:
        self.assertEqual(set(lock("models.lock.json")["runtime"]["builds"]), {"x86_64", "aarch64"})


class Installed(unittest.TestCase):
    """The model directory as set-up left it; without it these tests fail."""

    def manifest(self) -> dict:
        return json.loads((MODELS / "models.json").read_text())

    def test_every_file_has_the_hash_and_size_that_the_manifest_says(self) -> None:
        manifest = self.manifest()
        for entry in [manifest["runtime"], *manifest["models"]]:
            content = (MODELS / entry["file"]).read_bytes()
            self.assertEqual(hashlib.sha256(content).hexdigest(), entry["sha256"], entry["file"])
            self.assertEqual(len(content), entry.get("bytes", len(content)), entry["file"])

    def test_every_network_has_the_inputs_and_outputs_that_the_manifest_says(self) -> None:
        for entry in self.manifest()["models"]:
            graph = onnx.load(MODELS / entry["file"]).graph
            for port, value in zip([entry["input"], *entry["output"]], [*graph.input, *graph.output], strict=True):
                sizes = [dimension.dim_value or -1 for dimension in value.type.tensor_type.shape.dim]
                self.assertEqual((value.name, sizes), (port["name"], port["shape"]), entry["id"])

    def test_the_required_networks_are_there(self) -> None:
        self.assertLessEqual({"yunet", "sface", "facemesh"}, {entry["id"] for entry in self.manifest()["models"]})

    def test_a_damaged_source_is_refused_and_nothing_is_put_in_place(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            mirror, target = Path(directory) / "mirror", Path(directory) / "models"
            mirror.mkdir()
            (mirror / "2.7_80x80_MiniFASNetV2.onnx").write_bytes(b"not the weights")
            installer = fetch_models.ModelDirectory(target, Path(directory) / "cache", mirror, offline=True)
            model = next(model for model in installer.lock["models"] if model["id"] == "minifasnet_v2")
            with self.assertRaisesRegex(SetupError, "SHA-256"):
                installer._install(model)
            self.assertFalse(target.exists())


class WebAssets(unittest.TestCase):
    """Swagger UI and ReDoc as set-up left them; without them the first test fails."""

    def test_every_file_is_the_pinned_one_and_no_other_is_there(self) -> None:
        vendor = WWW / "vendor"
        files = {str(path.relative_to(vendor)): path for path in vendor.rglob("*") if path.is_file()}
        wanted = {name: file["sha256"] for name, file in lock("www.lock.json")["files"].items()}
        self.assertEqual({name: packages.sha256(path) for name, path in files.items()}, wanted)

    def test_an_address_that_is_not_where_it_was_is_refused(self) -> None:
        replacement = [{"from": "//logo.example/a.svg", "to": "data:,"}]
        exchanged = fetch_www.rewritten(b'src:"https://logo.example/a.svg"', replacement, "a.js")
        self.assertEqual(exchanged, b'src:"data:,"')
        for content in (b"", b"https://logo.example/a.svg " * 2):
            with self.assertRaisesRegex(SetupError, "expected once"):
                fetch_www.rewritten(content, replacement, "a.js")


class Reader(unittest.TestCase):
    def test_a_file_of_another_kind_is_refused(self) -> None:
        with tempfile.NamedTemporaryFile() as file:
            file.write(b"\x00" * 64)
            file.flush()
            with self.assertRaisesRegex(ValueError, "not a TensorFlow Lite file"):
                read_network(Path(file.name))

    def test_a_field_that_is_absent_reads_as_its_default(self) -> None:
        # A root offset, a field list of 6 bytes with one field, then a table of 8 bytes that holds the number 7.
        data = b"\x0c\x00\x00\x00" + b"\x06\x00\x08\x00\x04\x00\x00\x00" + b"\x08\x00\x00\x00" + b"\x07\x00\x00\x00"
        table = Table.root(data)
        self.assertEqual(table.integer(0), 7)
        self.assertEqual(table.integer(1, default=42), 42)
        self.assertIsNone(table.table(3))
        self.assertEqual(table.integers(3), [])

    def test_the_numbers_of_the_operations_are_those_of_the_schema(self) -> None:
        self.assertEqual((Operation.CONV_2D, Operation.PAD, Operation.PRELU), (3, 34, 54))


class Files(unittest.TestCase):
    def test_an_interrupted_write_leaves_the_old_content_and_no_rest(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            target = Path(directory) / "file"
            target.write_bytes(b"old")
            with mock.patch("os.replace", side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
                packages.replace(target, b"new")
            self.assertEqual(target.read_bytes(), b"old")
            self.assertEqual([path.name for path in Path(directory).iterdir()], ["file"])

    @mock.patch("packages.say", new=mock.Mock())
    def test_a_package_that_is_not_the_pinned_one_is_refused(self) -> None:
        pin = {"requirement": "thing==1.0", "file": "thing-1.0-py3-none-any.whl", "sha256": "0" * 64}

        def deliver(_self: Packages, _pin: dict, scratch: Path) -> None:
            (scratch / pin["file"]).write_bytes(b"something else")

        with tempfile.TemporaryDirectory() as directory, mock.patch.object(Packages, "_download", deliver):
            with self.assertRaisesRegex(SetupError, "not the pinned one"):
                Packages({"thing": pin}, Path(directory)).file("thing")
            self.assertEqual(list(Path(directory).iterdir()), [])


class Counting(unittest.TestCase):
    def test_failed_cases_are_told_from_passed_ones(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
            file.write(
                '<testsuites><testsuite><testcase name="a"/><testcase name="c"><skipped/></testcase><testcase name="b"><failure/></testcase></testsuite></testsuites>'
            )
            file.flush()
            self.assertEqual(count([file.name]), (1, 1))


if __name__ == "__main__":
    unittest.main()
