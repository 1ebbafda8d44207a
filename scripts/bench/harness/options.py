"""Options that several benchmarks have, each said once, and the types of their values."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser
from collections.abc import Callable
from math import inf
from pathlib import Path


def at_least(least: int) -> Callable[[str], int]:
    """The type of an option that is an integer from somewhere on."""

    def whole(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be an integer of at least {least}: {text!r}")
        return int(text)

    return whole


def folder(text: str) -> Path:
    """The type of an option that is a folder to write to; it is made."""
    path = Path(text)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise argparse.ArgumentTypeError(
            f"{text} cannot be written to: {error.strerror}"
        ) from error
    return path


def add_seed(parser: ArgumentParser) -> None:
    """``--seed N``, zero unless told: of all that is drawn at random."""
    parser.add_argument("--seed", type=at_least(0), default=0, metavar="N",
                        help="of all that is drawn at random (default 0)")  # fmt: skip


def add_seeds(parser: ArgumentParser, default: int) -> None:
    """``--seeds N``: how many searches, each from a seed of its own."""
    parser.add_argument("--seeds", type=at_least(1), default=default, metavar="N",
                        help=f"searches of each strategy (default {default})")  # fmt: skip


def add_trials(parser: ArgumentParser, default: int, each: str) -> None:
    """``--trials N`` of each search, or whatever ``each`` says."""
    parser.add_argument("--trials", type=at_least(1), default=default, metavar="N",
                        help=f"of {each} (default {default})")  # fmt: skip


def add_seconds(parser: ArgumentParser, default: float = inf, row: str = "row") -> None:
    """``--seconds N`` after which no row is begun; no limit unless told."""
    usual = "whatever it takes" if default == inf else default
    parser.add_argument("--seconds", type=at_least(1), default=default, metavar="N",
                        help=f"after which no {row} is begun (default {usual})")  # fmt: skip


def add_only(parser: ArgumentParser, rows: str) -> None:
    """``--only TEXT``, which may be repeated: an empty list for all ``rows``."""
    parser.add_argument("--only", action="append", default=[], metavar="TEXT",
                        help=f"only {rows} with this in their name; may be repeated")  # fmt: skip


def is_chosen(name: str, only: list[str]) -> bool:
    """Whether ``--only`` lets a name pass."""
    return not only or any(text in name for text in only)
