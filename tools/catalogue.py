"""Write the journal's catalogue: what `journalctl -x` says under each code, out of the runbook's tables."""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import textwrap
from pathlib import Path

RUNBOOK = Path(__file__).resolve().parents[1] / "docs/runbook.md"
ROW = re.compile(r"^\| `([a-z0-9_.]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)


def message_id(code: str) -> str:
    """As the daemon numbers its records: the first half of SHA-256 over `edged message CODE`."""
    return hashlib.sha256(f"edged message {code}".encode()).hexdigest()[:32]


def plain(text: str) -> str:
    """Markdown as it is read in a terminal."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", text)
    return text.replace("`", "").replace("**", "").strip()


def entries(runbook: str) -> dict[str, tuple[str, str]]:
    """Each code with what it means and what to do."""
    return {code: (plain(what), plain(remedy)) for code, what, remedy in ROW.findall(runbook) if "." in code}


def catalogue(runbook: str) -> str:
    parts = []
    for code, (what, remedy) in sorted(entries(runbook).items()):
        body = "\n".join(textwrap.wrap(remedy, 78))
        parts.append(
            f"-- {message_id(code)}\nSubject: {what}\nDefined-By: edged\nDocumentation: file:/usr/share/doc/edged/runbook.md\n\n"
            f"Code: {code}\n\n{body}\n"
        )
    return "\n".join(parts)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path, help="where to put it")
    arguments = parser.parse_args()
    arguments.file.parent.mkdir(parents=True, exist_ok=True)
    arguments.file.write_text(catalogue(RUNBOOK.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
