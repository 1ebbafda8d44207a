"""What a benchmark is."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from scripts.bench.harness.cores import Cores
from scripts.bench.harness.report import Report

FINISHED = "what is finished; the same command goes on from there"
NOTHING = "nothing"


class Benchmark(Protocol):
    """A module: its docstring is what ``--help`` says."""

    __doc__: str | None

    def options(self, parser: ArgumentParser) -> None:
        """Adds the options that it has beside those of every benchmark."""

    def run(self, arguments: Namespace) -> Report:
        """Measures what ``arguments.out`` has not got yet. Raises SystemExit for a bad request."""


@dataclass(frozen=True)
class Entry:
    """A benchmark as the command lists it.

    ``shows`` is a line. ``load`` imports the module, which may import whatever it likes: its
    processors are claimed by then. ``keeps``: what an interrupted run leaves in its folder.
    """

    name: str
    shows: str
    load: Callable[[], Benchmark]
    cores: Cores = Cores.ANY
    keeps: str = FINISHED
