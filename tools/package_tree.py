"""Lay out what the Debian package installs: the program, its libraries, the networks, pages, units, manuals and completions."""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import catalogue
import manual
import sbom
from packages import SetupError, architecture, finish

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = "usr/lib/edged"
COMPLETIONS = {
    "bash": "usr/share/bash-completion/completions/edged",
    "zsh": "usr/share/zsh/vendor-completions/_edged",
    "fish": "usr/share/fish/vendor_completions.d/edged.fish",
}


def run(*words: str | Path) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


class Tree:
    """The directory `root` becomes /, the directory `man` beside it holds the manual pages."""

    def __init__(self, stage: Path, program: Path, models: Path, www: Path) -> None:
        self.stage = stage
        self.root = stage / "root"
        self.program = program
        self.models = models
        self.www = www

    def lay_out(self) -> None:
        self._program()
        self._models()
        shutil.copytree(self.www, self.root / "usr/share/edged/www")
        self._texts()
        self._copy(ROOT / "debian/edged.toml", "etc/edged/edged.toml")
        self._copy(ROOT / "debian/decoder.toml", "etc/edged/conf.d/10-decoder.toml")
        for shell, place in COMPLETIONS.items():
            script = run(self.program, "--generate-completion-script", shell)
            # A completion is read by a shell and not run.
            self._write(place, script.removeprefix("#!/bin/bash\n"))
        self._copy(ROOT / "systemd/edged.preset", "usr/lib/systemd/system-preset/50-edged.preset")
        self._write("usr/lib/systemd/catalog/edged.catalog", catalogue.catalogue(catalogue.RUNBOOK.read_text()))
        manual.write(self.program, self.stage / "man")
        self._settle_liveness()
        for path in self.root.rglob("*"):
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path == self.root / "usr/bin/edged" else 0o644)

    def _program(self) -> None:
        """The program looks for Swift's runtime in a directory of its own and nowhere else."""
        self._copy(self.program, "usr/bin/edged")
        found = re.findall(r"=> (\S+)", run("ldd", self.program))
        own = [Path(path) for path in found if not re.match(r"(/usr)?/lib/", path)]
        if any("not" == path.name for path in own):
            raise SetupError("the program lacks a library on this machine")
        for library in own:
            self._copy(library, f"{LIBRARIES}/{library.name}")
            # Before the bill of materials is made: it names the sums of what is installed.
            run("strip", "--strip-unneeded", self.root / LIBRARIES / library.name)
        run("patchelf", "--set-rpath", f"/{LIBRARIES}", self.root / "usr/bin/edged")

    def _models(self) -> None:
        """The inference library is of one architecture, so it does not lie among the shared files."""
        target = self.root / "usr/share/edged/models"
        for file in sorted(self.models.iterdir()):
            if file.name.startswith("libonnxruntime"):
                self._copy(file, f"{LIBRARIES}/{file.name}")
                target.mkdir(parents=True, exist_ok=True)
                (target / file.name).symlink_to(f"../../../lib/edged/{file.name}")
            elif file.suffix in (".onnx", ".json") and not file.name.startswith("."):
                self._copy(file, f"usr/share/edged/models/{file.name}")

    def _settle_liveness(self) -> None:
        """Without the networks of passive liveness the one with challenges is the default: never none."""
        if not (self.models / "minifasnet_v2.onnx").exists():
            file = self.root / "etc/edged/edged.toml"
            file.write_text(file.read_text().replace('policy = "passive"', 'policy = "active"'))

    def _texts(self) -> None:
        version = run(self.program, "--version").strip()
        compiler = re.search(r"Swift version (\S+)", run("swift", "--version"))
        bill = sbom.bill(
            version,
            self.program,
            self.models,
            self.root / LIBRARIES,
            ROOT / "Package.resolved",
            compiler[1] if compiler else "unknown",
        )
        self._write("usr/share/doc/edged/sbom.cdx.json", bill)
        self._write("usr/share/doc/edged/third-party.txt", self._notices())

    def _notices(self) -> str:
        """The terms of what is compiled in or shipped, as its makers wrote them."""
        texts = []
        places = [*sorted((ROOT / ".build/checkouts").iterdir()), *sorted((self.www / "vendor").iterdir())]
        places.append(Path(shutil.which("swift") or "/").resolve().parents[1] / "share/swift")
        for name, text in self._notices_of_the_inference_library():
            texts.append(f"{'=' * 20} onnxruntime: {name}\n\n{text.strip()}\n")
        toml = ROOT / ".build/checkouts/TOMLKit/Sources/CTOML/Sources/toml.hpp"
        texts.append(f"{'=' * 20} toml++: head of toml.hpp\n\n{self._head(toml)}\n")
        for place in places:
            for name in ("LICENSE", "LICENSE.txt", "NOTICE.txt", "NOTICES.txt"):
                file = place / name
                if file.is_file():
                    texts.append(f"{'=' * 20} {place.name}: {name}\n\n{file.read_text(errors='replace').strip()}\n")
        return "\n".join(texts)

    @staticmethod
    def _head(source: Path) -> str:
        """The comment that a source file begins with."""
        lines = source.read_text(errors="replace").splitlines()
        end = next((number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith(("//", "/*", "*"))), len(lines))
        return "\n".join(lines[: min(end, 120)])

    @staticmethod
    def _notices_of_the_inference_library() -> list[tuple[str, str]]:
        """From the package that the library was taken out of, which the set-up keeps."""
        lock = json.loads((ROOT / "tools/models.lock.json").read_text())
        file = ROOT / ".cache/packages" / lock["packages"]["onnxruntime"]["builds"][architecture()]["file"]
        if not file.is_file():
            raise SetupError(f"{file.name} is not kept any more: run scripts/setup --force")
        with zipfile.ZipFile(file) as package:
            names = [name for name in package.namelist() if name in ("onnxruntime/LICENSE", "onnxruntime/ThirdPartyNotices.txt")]
            return [(Path(name).name, package.read(name).decode(errors="replace")) for name in names]

    def _copy(self, source: Path, place: str) -> None:
        target = self.root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)

    def _write(self, place: str, text: str) -> None:
        target = self.root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stage", type=Path, help="an empty directory")
    parser.add_argument("--program", type=Path, required=True)
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--www", type=Path, required=True)
    arguments = parser.parse_args()
    os.umask(0o022)
    tree = Tree(arguments.stage, arguments.program, arguments.models, arguments.www)
    return finish(tree.lay_out)


if __name__ == "__main__":
    sys.exit(main())
