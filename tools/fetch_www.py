"""Fill the directory of web assets that are not ours, as pinned in `www.lock.json`: Swagger UI and ReDoc.

The daemon serves them itself, so that its pages work without the internet. A file that is already right is left alone;
what the lock file does not name is removed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

from packages import Packages, SetupError, finish, replace, say, sha256

HERE = Path(__file__).resolve().parent


def rewritten(content: bytes, replacements: list[dict[str, str]], name: str) -> bytes:
    """The file with addresses of other hosts exchanged; each must stand there exactly as often as once."""
    for replacement in replacements:
        # The lock file leaves the scheme out.
        wanted = b"https:" + replacement["from"].encode()
        if content.count(wanted) != 1:
            raise SetupError(f"{name}: {replacement['from']} stands there {content.count(wanted)} times, expected once")
        content = content.replace(wanted, replacement["to"].encode())
    return content


class WebAssets:
    """The directory `vendor` below the web directory."""

    def __init__(self, directory: Path, cache: Path) -> None:
        self.lock: dict[str, Any] = json.loads((HERE / "www.lock.json").read_text())
        self.vendor = directory / "vendor"
        self.packages = Packages(self.lock["packages"], cache)

    def fill(self) -> None:
        """Put every file in its place and remove what does not belong there."""
        for name, file in self.lock["files"].items():
            self._install(name, file)
        wanted = {self.vendor / name for name in self.lock["files"]}
        for path in sorted(self.vendor.rglob("*"), reverse=True):
            if path.is_dir() and not any(path.iterdir()):
                path.rmdir()
            elif not path.is_dir() and path not in wanted:
                path.unlink()

    def _install(self, name: str, file: dict[str, Any]) -> None:
        target = self.vendor / name
        if target.is_file() and sha256(target) == file["sha256"]:
            return
        say(f"taking {name} from {self.packages.source(file['package'])}")
        content = rewritten(self.packages.member(file["package"], file["member"]), file.get("replace", []), name)
        digest = hashlib.sha256(content).hexdigest()
        if digest != file["sha256"]:
            raise SetupError(f"{name}: its SHA-256 is {digest}, not the pinned one")
        if target.is_dir():
            shutil.rmtree(target)
        replace(target, content)


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("directory", type=Path, help="the web directory; the files go to `vendor` below it")
    parser.add_argument("--cache", type=Path, required=True, help="where downloaded packages are kept")
    arguments = parser.parse_args()
    return finish(WebAssets(arguments.directory, arguments.cache).fill)


if __name__ == "__main__":
    sys.exit(main())
