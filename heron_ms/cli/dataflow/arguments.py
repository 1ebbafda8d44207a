"""The arguments of ``heron-ms dataflow``: basic, memory and explore."""

from __future__ import annotations

import argparse
from typing import Any

from heron_ms.cli.arguments.numbers import share
from heron_ms.cli.arguments.paths import path

_MAIN = """\
Machines that cannot be measured: the energy of a layer on an accelerator, by Interstellar's model,
and the best loop blocking for it, found exactly. ARCH, LAYER and HINT are the published tool's JSON
files; ARCH may also be the name of a machine that heron_ms describes.

examples:
  heron-ms dataflow basic arch.json layer.json --schedule hint.json --json result.json
  heron-ms dataflow memory arch.json layer.json --schedule hint.json --plot sweep.png
  heron-ms dataflow explore eyeriss layer.json --utilization 0.75"""

_BASIC = """\
The best blocking of a layer. With --schedule, what it fixes is kept: spatial factors and whatever
else it gives; without, the best dataflow is looked for too.

example:
  heron-ms dataflow basic arch.json layer.json --schedule hint.json --json result.json"""

_MEMORY = """\
The best blocking for every size of the inner memories. ARCH says which: explore_points (steps a
level), capacity_scale and access_cost_scale (factors a step).

example:
  heron-ms dataflow memory arch.json layer.json --schedule hint.json --plot sweep.png"""

_EXPLORE = """\
Every dataflow of the array, that is every choice of loops to unroll on its two sides, each with its
best blocking: energy and share of the units that work.

example:
  heron-ms dataflow explore arch.json layer.json --utilization 0.75 --json table.json"""

_MODES = (
    ("basic", _BASIC, "the best blocking of a layer"),
    ("memory", _MEMORY, "a sweep of memory sizes"),
    ("explore", _EXPLORE, "a table of all dataflows"),
)


def add_parser(commands: Any) -> None:
    """Add the command to the sub-parsers of `heron-ms`."""
    text = "energy and blocking on an accelerator, by a model"
    dataflow = _made(commands, "dataflow", _MAIN, text)
    modes = dataflow.add_subparsers(dest="mode", metavar="mode", required=True)
    for name, description, text in _MODES:
        mode = _made(modes, name, description, text)
        machine = "JSON file or name of a machine"
        mode.add_argument("arch", metavar="ARCH", type=path, help=machine)
        mode.add_argument("layer", metavar="LAYER", type=path, help="JSON file of a layer")
        if name == "explore":
            least = "least share of the units that must work, 0 to 1; default: as ARCH says"
            mode.add_argument("--utilization", type=share, help=least)
        else:
            fixed = "JSON file of what is fixed"
            mode.add_argument("--schedule", metavar="HINT", type=path, help=fixed)
        written = "write the result to this file too"
        mode.add_argument("--json", metavar="OUT", type=path, help=written)
        picture = "write a picture of it to this file (needs the extra [plot])"
        mode.add_argument("--plot", metavar="OUT", type=path, help=picture)
        mode.set_defaults(run=_run)


def _made(commands: Any, name: str, description: str, text: str) -> Any:
    formatter = argparse.RawDescriptionHelpFormatter
    return commands.add_parser(
        name, description=description, formatter_class=formatter, allow_abbrev=False, help=text
    )


def _run(args: argparse.Namespace) -> int:
    from heron_ms.cli.dataflow.command import run

    return run(args)
