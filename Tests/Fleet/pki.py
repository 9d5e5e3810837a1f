"""Authorities and certificates of tests, made by the openssl program."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path


def run(*words: object, environment: dict[str, str] | None = None) -> None:
    subprocess.run([str(word) for word in words], check=True, capture_output=True, env=environment)


class Authority:
    """A root that signs servers on loopback and clients."""

    def __init__(self, directory: Path, name: str) -> None:
        directory.mkdir()
        self.directory, self.name = directory, name
        self.certificate, self._key = directory / "root.crt", directory / "root.key"
        run(
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", 30,
            "-subj", f"/CN={name}", "-addext", "keyUsage=critical,keyCertSign", "-keyout", self._key, "-out", self.certificate,
        )  # fmt: skip

    def sign(self, name: str, use: str) -> tuple[Path, Path]:
        """A certificate and its key; `use` is `serverAuth` or `clientAuth`."""
        key, request, made = (self.directory / f"{name}.{end}" for end in ("key", "csr", "crt"))
        extensions = self.directory / f"{name}.ext"
        extensions.write_text(f"extendedKeyUsage={use}\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n")
        run(
            "openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={name}", "-keyout", key, "-out", request,
        )  # fmt: skip
        run(
            "openssl", "x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", self._key, "-CAcreateserial",
            "-days", 20, "-extfile", extensions, "-out", made,
        )  # fmt: skip
        return made, key


class SoftwareTPM:
    """A TPM 2.0 in a process of its own."""

    @staticmethod
    def is_installed() -> bool:
        module = list(Path("/usr/lib").glob("*/ossl-modules/tpm2.so"))
        return bool(module) and all(shutil.which(program) for program in ("swtpm", "openssl"))

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        (directory / "state").mkdir()
        self.directory = directory
        self.socket = directory / "s"
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def tcti(self) -> str:
        return f"swtpm:path={self.socket}"

    def start(self) -> None:
        words = ["swtpm", "socket", "--tpm2", "--tpmstate", f"dir={self.directory / 'state'}",
                 "--server", f"type=unixio,path={self.socket}", "--ctrl", f"type=unixio,path={self.socket}.ctrl",
                 "--flags", "not-need-init,startup-clear"]  # fmt: skip
        self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None
        for path in (self.socket, self.socket.with_name("s.ctrl")):
            path.unlink(missing_ok=True)

    def make_key(self, path: Path) -> None:
        run(
            "openssl", "genpkey", "-provider", "tpm2", "-provider", "default", "-algorithm", "EC",
            "-pkeyopt", "group:P-256", "-out", path, environment={"TPM2OPENSSL_TCTI": self.tcti, "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
