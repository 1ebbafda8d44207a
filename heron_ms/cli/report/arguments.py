"""The arguments of ``heron-ms report``."""

from __future__ import annotations

import argparse
from typing import Any

from heron_ms.cli.arguments.paths import path

_REPORT = """\
Write report.html and report.json into the work directory of `tune` or `tune-model`: tasks with
their first and their best time, share of the roof, which instruction by which mapping or why none,
how the search converged, what its model learned, failures by kind, versions, seed and command.

The page is one file that needs no network: send it to whom you like. While the run goes on, it
loads itself again every few seconds, and --follow writes it anew until the run is over. All of it
comes from the events of the run, which docs/events.md describes.

examples:
  heron-ms report build/tune/gemm-64x64x64-kn-u8s8
  heron-ms report build/models/cls --follow
  heron-ms report build/models/cls -o cls.html"""


def add_report(commands: Any) -> None:
    """Add the command to the sub-parsers of `heron-ms`."""
    parser = commands.add_parser(
        "report",
        description=_REPORT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        help="a page about a run, also while it goes on",
    )
    parser.add_argument("work_dir", metavar="DIR", type=path, help="the work directory of a run")
    written = "the page to write, the JSON beside it; default: report.html in DIR"
    parser.add_argument("-o", "--output", metavar="HTML", type=path, help=written)
    parser.add_argument(
        "--follow", action="store_true", help="write it again and again until the run is over"
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    from heron_ms.cli.report.command import run

    return run(args)
