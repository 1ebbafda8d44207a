"""The arguments of ``heron-ms db``."""

from __future__ import annotations

import argparse
from importlib import import_module
from typing import Any

from heron_ms.cli.arguments.numbers import Whole
from heron_ms.cli.arguments.paths import path

_MAIN = """\
The databases of work directories: what they hold, and moving it about. They are read as they are;
a line of somebody else's that could run code is refused, and said to be.

examples:
  heron-ms db list build/tune/*
  heron-ms db show build/gemm
  heron-ms db export build/tune/* --format csv -o records.csv
  heron-ms db merge build/one build/two -o build/both
  heron-ms db prune build/both --keep 8
  heron-ms db verify build/both"""

_MODES = {
    "list": "tasks and targets, how many records each has, and the time of the best",
    "show": "the best record of each task and target: its times and its trace",
    "export": "every record as a line of JSON or CSV",
    "merge": "the records of several databases in a new one, each once",
    "prune": "only the fastest few records of each task and target, in place or in a new directory",
    "verify": "build the best records, run them and compare them with the untuned programs; exit "
    "status 1 if one is wrong",
}

_MOST = 1_000_000


def add_parser(commands: Any) -> None:
    """Add the command to the sub-parsers of `heron-ms`."""
    database = _made(commands, "db", _MAIN, "what work directories hold")
    modes = database.add_subparsers(dest="mode", metavar="mode", required=True)
    for name, text in _MODES.items():
        mode = _made(modes, name, f"{text[0].upper()}{text[1:]}.", text)
        folders = "a work directory, such as of `tune` or `tune-model`"
        mode.add_argument("folders", metavar="DIR", nargs="+", type=path, help=folders)
        _options(mode, name)
        mode.set_defaults(run=_run)


def _options(mode: Any, name: str) -> None:
    add = mode.add_argument
    if name == "export":
        add("--format", choices=("jsonl", "csv"), default="jsonl", help="default jsonl")
        add("-o", "--output", metavar="FILE", type=path, help="default: the standard output")
    if name == "merge":
        add("-o", "--output", metavar="NEW", type=path, required=True, help="the directory to make")
    if name == "prune":
        most = "records of each task and target"
        add("--keep", metavar="K", type=Whole(1, _MOST), required=True, help=most)
        add(
            "-o",
            "--output",
            metavar="NEW",
            type=path,
            help="a directory to make; default: in place",
        )
    if name == "verify":
        most = "records of each task and target, the fastest first; default 1"
        add("--best", metavar="K", type=Whole(1, _MOST), default=1, help=most)
    if name in ("show", "verify"):
        add("--task", metavar="HASH", help="only the task whose hash begins so")


def _made(commands: Any, name: str, description: str, text: str) -> Any:
    formatter = argparse.RawDescriptionHelpFormatter
    return commands.add_parser(
        name, description=description, formatter_class=formatter, allow_abbrev=False, help=text
    )


def _run(args: argparse.Namespace) -> int:
    return int(import_module(f"heron_ms.cli.db.{_MODULES[args.mode]}").run(args))


_MODULES = {
    **dict.fromkeys(("list", "show", "export"), "telling"),
    **dict.fromkeys(("merge", "prune"), "moving"),
    "verify": "verifying",
}
