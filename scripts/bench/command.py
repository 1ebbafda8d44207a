"""The command line: ``python -m scripts.bench NAME [options]``."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from pathlib import Path

from scripts.bench.catalogue import ENTRIES
from scripts.bench.harness.benchmark import Benchmark, Entry
from scripts.bench.harness.console import say
from scripts.bench.harness.cores import claim, core_options
from scripts.bench.harness.options import folder
from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.readme.benchmark import write_tables
from scripts.bench.readme.stored import Measured
from scripts.bench.readme.tables import published

PROGRAM = "python -m scripts.bench"
INTERRUPTED = 130


def main(words: Sequence[str], entries: Sequence[Entry] = ENTRIES) -> int:
    """Runs the benchmark that the first word names, and returns the exit status.

    1 where something is not as claimed; after Ctrl-C 130, and a line of what is kept. Raises
    SystemExit for words that it cannot use and after ``--help``.
    """
    known = {entry.name: entry for entry in entries}
    name = _parser(entries).parse_args(words[:1]).name
    return _run(known[name], words[1:])


def _run(entry: Entry, words: Sequence[str]) -> int:
    out = Path("build", entry.name)
    try:
        claim(entry.cores, words)
        benchmark = entry.load()
        arguments = _arguments(entry, benchmark, words)
        out = arguments.out
        report = benchmark.run(arguments)
    except KeyboardInterrupt:
        say(f"{entry.name}: interrupted; kept in {out}: {entry.keeps}")
        return INTERRUPTED
    report.save(out, entry.name)
    report.show(arguments.json)
    if kept_as := getattr(arguments, "write_docs", None):
        Measured.now(entry.name, words, report.data, kept_as).keep(REPOSITORY)
        write_tables(REPOSITORY)
    return 0 if report.sound else 1


def _parser(entries: Sequence[Entry]) -> ArgumentParser:
    width = max(len(entry.name) for entry in entries)
    parser = ArgumentParser(
        prog=PROGRAM,
        usage=f"{PROGRAM} NAME [options]",
        description="Runs a benchmark and prints its tables.",
        epilog="benchmarks:\n"
        + "".join(f"  {entry.name:{width}}  {entry.shows}\n" for entry in entries)
        + f"\n{PROGRAM} NAME --help says what it does and what it can be asked.",
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    names = [entry.name for entry in entries]
    parser.add_argument("name", metavar="NAME", choices=names, help="one of those below")
    return parser


def _arguments(entry: Entry, benchmark: Benchmark, words: Sequence[str]) -> Namespace:
    parser = ArgumentParser(
        prog=f"{PROGRAM} {entry.name}",
        description=benchmark.__doc__,
        formatter_class=RawDescriptionHelpFormatter,
        parents=[core_options(entry.cores)],
        allow_abbrev=False,
    )
    benchmark.options(parser)
    add = parser.add_argument
    add("--out", type=folder, default=f"build/{entry.name}", metavar="DIR",
        help="for results, and what they are made of (default %(default)s)")  # fmt: skip
    add("--json", action="store_true", help="print the data behind the tables")
    if runs := published(entry.name):
        add("--write-docs", nargs="?", const=entry.name, choices=runs, metavar="AS",
            help="keep the figures in docs/measured, write README's and docs' tables; "
            f"AS says which tables: {', '.join(runs)} (default {entry.name})")  # fmt: skip
    return parser.parse_args(words)
