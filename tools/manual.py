"""Write the manual pages edged.1, from what the program tells of its commands, and edged.toml.5, from its example configuration."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

EXIT_CODES = (
    ("0", "Done, or yes."),
    ("1", "No: something is wrong, and the answer says what."),
    ("2", "It cannot be told, for example because no daemon answers."),
    ("64 to 78", "The command failed, as in sysexits.h: 65 wrong input, 69 unavailable, 75 try again, 77 not allowed, 78 wrong configuration."),
)
LAYERS = """Each key is shown with the value that holds where it is not written. Every key is optional, an unknown one is an error; edged
config check tells all problems with file and line. Relative paths begin at the file's directory. Files in conf.d/*.toml beside the
file come after it, in the order of their names; of the environment EDGED__SESSIONS__TTL=5m comes last. What ends in (reload) takes
effect by systemctl reload edged, everything else by a restart."""
FILES = (
    ("/etc/edged/edged.toml", "The device's configuration; files of /etc/edged/conf.d come after it."),
    ("/etc/edged/central.toml", "The configuration of a central instance (edged-central.service)."),
    ("/var/lib/edged", "The store, its keys and backups."),
    ("/usr/share/edged/models", "The networks, and what is to be known of them."),
    ("/usr/share/doc/edged/runbook.md", "Every error code and condition with its remedy."),
)


def date() -> str:
    """The day that the package is of, so that the same sources make the same page."""
    return time.strftime("%Y-%m-%d", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())))


def plain(text: str) -> str:
    """Text as roff shows it unchanged."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in ".'" else line for line in text.splitlines())


def heading(name: str, section: int, about: str, version: str) -> list[str]:
    return [f'.TH {name.upper()} {section} "{date()}" "edged {version}" "edged"', ".SH NAME", f"{plain(name)} \\- {plain(about)}"]


def spelled(argument: dict[str, Any]) -> str:
    """How an argument is written on the command line, in bold and italics."""
    names = ["\\-" * (1 if name["kind"] == "short" else 2) + plain(name["name"]) for name in argument.get("names", [])]
    value = f"\\fI{plain(argument.get('valueName', 'value').upper())}\\fR"
    if argument["kind"] == "positional":
        return value
    bold = ", ".join(f"\\fB{name}\\fR" for name in names)
    return f"{bold} {value}" if argument["kind"] == "option" else bold


def arguments_of(command: dict[str, Any]) -> list[dict[str, Any]]:
    """Those that are shown, without --help and --version, which every command has."""
    shown = [each for each in command.get("arguments", []) if each.get("shouldDisplay", True)]
    return [each for each in shown if {name["name"] for name in each.get("names", [])}.isdisjoint({"help", "version"})]


def synopsis(words: list[str], command: dict[str, Any]) -> str:
    parts = [f"\\fB{plain(' '.join(words))}\\fR"]
    for argument in arguments_of(command):
        if argument["kind"] == "positional":
            part = spelled(argument) + (" ..." if argument.get("isRepeating") else "")
            parts.append(f"[{part}]" if argument.get("isOptional") else part)
    if any(each["kind"] != "positional" for each in arguments_of(command)):
        parts.insert(1, "[\\fIoptions\\fR]")
    return " ".join(parts)


def described(command: dict[str, Any], words: list[str], common: set[str]) -> list[str]:
    """A command and all below it."""
    lines: list[str] = []
    below = [each for each in command.get("subcommands", []) if each.get("shouldDisplay", True) and each["commandName"] != "help"]
    if not below or len(words) > 1:
        lines += [f".SS {plain(' '.join(words))}"]
        if not below:
            lines += [synopsis(words, command), ".PP"]
        lines += [plain(command.get("abstract", ""))]
        if command.get("discussion"):
            lines += [".PP", plain(command["discussion"])]
        for argument in arguments_of(command):
            if json.dumps(argument, sort_keys=True) in common:
                continue
            text = argument.get("abstract", "")
            if argument.get("defaultValue") not in (None, "", "false"):
                text += f" Default: {argument['defaultValue']}."
            lines += [".TP", spelled(argument), plain(text) or "\\&"]
    for each in below:
        lines += described(each, [*words, each["commandName"]], common)
    return lines


def leaves(command: dict[str, Any]) -> list[dict[str, Any]]:
    below = [each for each in command.get("subcommands", []) if each["commandName"] != "help"]
    return [leaf for each in below for leaf in leaves(each)] if below else [command]


def commands_page(tree: dict[str, Any], version: str) -> str:
    """The page of the program; options that most commands have are told once."""
    ends = leaves(tree)
    counted: dict[str, int] = {}
    for leaf in ends:
        for argument in arguments_of(leaf):
            key = json.dumps(argument, sort_keys=True)
            counted[key] = counted.get(key, 0) + 1
    common = {key for key, count in counted.items() if count > len(ends) / 2}
    lines = heading("edged", 1, tree.get("abstract", "").rstrip("."), version)
    lines += [".SH SYNOPSIS", "\\fBedged\\fR \\fIcommand\\fR [\\fIoptions\\fR]"]
    if tree.get("discussion"):
        lines += [".SH DESCRIPTION", plain(tree["discussion"])]
    lines += [".SH OPTIONS OF ALL COMMANDS"]
    for key in sorted(common):
        argument = json.loads(key)
        lines += [".TP", spelled(argument), plain(argument.get("abstract", ""))]
    lines += [".SH COMMANDS", *described(tree, ["edged"], common), ".SH EXIT STATUS"]
    for code, meaning in EXIT_CODES:
        lines += [".TP", code, plain(meaning)]
    lines += [".SH FILES"]
    for path, meaning in FILES:
        lines += [".TP", f"\\fI{plain(path)}\\fR", plain(meaning)]
    lines += [".SH SEE ALSO", ".BR edged.toml (5),", ".BR systemd.service (5),", ".BR v4l2-ctl (1)"]
    return "\n".join(lines) + "\n"


def remark(lines: list[str]) -> str:
    """What a key is for; of one that has no value of its own, that the value shown is an example."""
    text = " ".join(lines)
    for mark in (" Instead; example:", " Example:"):
        if text.endswith(mark):
            return f"{text.removesuffix(mark)} {'In the place of others. ' if 'Instead' in mark else ''}Unset; the value shown is an example."
    return text


def configuration_page(example: str, version: str) -> str:
    """The page of the configuration: each table and key with its meaning and what holds without it."""
    lines = heading("edged.toml", 5, "configuration of edged", version) + [".SH DESCRIPTION", plain(LAYERS)]
    remarks: list[str] = []
    in_tables = False
    for line in example.splitlines():
        table = re.fullmatch(r"#?(\[\[?[a-z_.]+\]?\])", line)
        key = re.fullmatch(r"#?([a-z_]+) = (.*)", line)
        if table:
            if not in_tables:
                in_tables = True
                lines += [".SH TABLES AND KEYS"]
            lines += [f".SS {plain(table[1])}", plain(" ".join(remarks))]
            remarks = []
        elif key:
            lines += [".TP", f"\\fB{plain(key[1])}\\fR = {plain(key[2])}", plain(remark(remarks)) or "\\&"]
            remarks = []
        elif line.startswith("#"):
            remarks.append(line.lstrip("# "))
        else:
            remarks = []
    lines += [".SH SEE ALSO", ".BR edged (1)"]
    return "\n".join(lines) + "\n"


def told(program: Path, *words: str) -> str:
    return subprocess.run([program, *words], check=True, capture_output=True, text=True, timeout=60).stdout


def write(program: Path, directory: Path) -> None:
    """Both pages, of this very program."""
    version = told(program, "--version").strip()
    tree = json.loads(told(program, "--experimental-dump-help"))["command"]
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "edged.1").write_text(commands_page(tree, version))
    (directory / "edged.toml.5").write_text(configuration_page(told(program, "config", "example"), version))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, required=True, help="the program edged")
    parser.add_argument("--directory", type=Path, required=True, help="where to put the pages")
    arguments = parser.parse_args()
    write(arguments.program, arguments.directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
