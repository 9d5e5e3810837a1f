"""Write a bill of materials (CycloneDX 1.5): everything that is linked into the program or shipped beside it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any

from packages import architecture, sha256

HERE = Path(__file__).resolve().parent
NAMESPACE = uuid.UUID("6d3c1a0e-6a2f-5a39-9a51-9f2d4cf8f0c4")


def swift_packages(resolved: Path) -> list[dict[str, Any]]:
    """What SwiftPM resolved, all of it compiled into the program."""
    found = []
    for pin in json.loads(resolved.read_text())["pins"]:
        place = pin["location"].removesuffix(".git")
        name, version = place.rsplit("/", 1)[-1], pin["state"].get("version", pin["state"]["revision"])
        found.append(
            {
                "type": "library",
                "name": name,
                "version": version,
                "purl": f"pkg:swift/{place.removeprefix('https://')}@{version}",
                "properties": [{"name": "git:revision", "value": pin["state"]["revision"]}],
            }
        )
    return found


def models(directory: Path) -> list[dict[str, Any]]:
    """The inference library and the networks, with the sums that the daemon holds them against."""
    manifest = json.loads((directory / "models.json").read_text())
    runtime = manifest["runtime"]
    found = [component("library", "onnxruntime", runtime["version"], runtime, f"pkg:pypi/onnxruntime@{runtime['version']}")]
    for model in manifest["models"]:
        found.append(component("machine-learning-model", model["id"], model["version"], model, None))
    return found


def component(kind: str, name: str, version: str, entry: dict[str, Any], purl: str | None) -> dict[str, Any]:
    made: dict[str, Any] = {"type": kind, "name": name, "version": version}
    made |= {"hashes": [{"alg": "SHA-256", "content": entry["sha256"]}], "licenses": [{"license": {"id": entry["licence"]}}]}
    return made | ({"purl": purl} if purl else {})


def web_assets() -> list[dict[str, Any]]:
    """The viewers of the API's document, by the package that they come from."""
    found = []
    for package in json.loads((HERE / "www.lock.json").read_text())["packages"].values():
        name, version = package["requirement"].split("==")
        found.append({"type": "library", "name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"})
    return found


def swift_runtime(directory: Path, version: str) -> list[dict[str, Any]]:
    """Swift's own libraries, each with its sum."""
    return [
        {
            "type": "library",
            "name": file.name,
            "version": version,
            "hashes": [{"alg": "SHA-256", "content": sha256(file)}],
            # ICU, by its own name in Foundation's libraries.
            "licenses": [{"expression": "Unicode-3.0" if "ICU" in file.name else "Apache-2.0 WITH Swift-exception"}],
        }
        for file in sorted(directory.glob("*.so*"))
        if "onnxruntime" not in file.name
    ]


def debian_libraries(program: Path) -> list[dict[str, Any]]:
    """The system's libraries that the program is linked against; the machine that it runs on brings its own."""
    told = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    files = [Path(match).resolve() for match in re.findall(r"=> (/(?:usr/)?lib/\S+)", told)]
    found: dict[str, dict[str, Any]] = {}
    for file in files:
        owner = ""
        for name in (file, Path(str(file).removeprefix("/usr"))):
            asked = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True, check=False)
            owner = owner or asked.stdout.split(":")[0].strip()
        if not owner:
            continue
        shown = subprocess.run(
            ["dpkg-query", "--show", "--showformat=${Version}\n", owner], check=True, capture_output=True, text=True
        ).stdout.splitlines()[0]
        found[owner] = {"type": "library", "name": owner, "version": shown, "purl": f"pkg:deb/debian/{owner}@{shown}", "scope": "required"}
    return [found[name] for name in sorted(found)]


def bill(version: str, program: Path, model_directory: Path, libraries: Path, resolved: Path, swift_version: str) -> str:
    """The whole bill as JSON; the same inputs make the same bytes."""
    parts = swift_packages(resolved) + models(model_directory) + web_assets() + swift_runtime(libraries, swift_version)
    parts += debian_libraries(program)
    for number, part in enumerate(parts):
        part["bom-ref"] = part.get("purl") or f"edged/{number}-{part['name']}"
    body = json.dumps(parts, sort_keys=True)
    made = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())))
    edged = {"type": "application", "name": "edged", "version": version, "bom-ref": "edged", "licenses": [{"license": {"id": "Apache-2.0"}}]}
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(NAMESPACE, version + architecture() + body)}",
        "version": 1,
        "metadata": {"timestamp": made, "component": edged},
        "components": parts,
        "dependencies": [{"ref": "edged", "dependsOn": [part["bom-ref"] for part in parts]}],
    }
    return json.dumps(document, indent=1) + "\n"
