"""The command line of the comparison, and the cases that it asks for."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from common import at_least, first_line
from compare_figures import SEARCHES

LIBRARIES = {"onednn": ("onednn",), "onnxruntime": ("onnxruntime", "onnxruntime-u8")}
"""Libraries and the peers that come from each."""

CONTENDERS = (*SEARCHES, *LIBRARIES)


def cases(arguments: argparse.Namespace) -> list[Any]:
    """The workloads of the suite, or those given, as far as --only lets them.

    Raises SystemExit with a line that names what is wrong.
    """
    from heron_ms.workloads import SUITES

    given = [case(text) for text in arguments.case or []]
    wanted = arguments.only or [""]
    found = [
        each for each in given or SUITES[arguments.suite] if any(t in each.name for t in wanted)
    ]
    if not found:
        raise SystemExit(f"no case has {' or '.join(wanted)} in its name")
    return found


def case(text: str) -> Any:
    """A workload from "OPERATOR SIZES... [WEIGHT] [DTYPE]", such as "gemm 64 64 64 packed".

    Weights are packed and bytes u8s8 where the text does not say. Raises SystemExit.
    """
    from heron_ms.errors import HeronError
    from heron_ms.workloads import DTYPES, OPERATORS

    operator, *words = text.split() or [""]
    if operator not in OPERATORS:
        raise SystemExit(f"the operator of {text!r} is none of {', '.join(OPERATORS)}")
    kind = OPERATORS[operator]
    sizes = tuple(int(word) for word in words if word.isdigit())
    named = [word for word in words if not word.isdigit()]
    dtype = next((word for word in named if word in DTYPES), "u8s8")
    usual = "packed" if "packed" in kind.weights else "kn"
    weight = next((word for word in named if word not in DTYPES), usual)
    try:
        return kind.of(sizes, dtype, weight=weight)
    except (HeronError, TypeError) as error:
        raise SystemExit(f"{text!r}: {first_line(error)}") from error


def parser(description: str | None) -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=(
            "examples:\n"
            "  python scripts/compare_peers.py --peers-only\n"
            "  python scripts/compare_peers.py --only gemm- --with onnxruntime,onednn\n"
            '  python scripts/compare_peers.py --case "gemm 64 64 64 packed" --trials 32\n'
            "\nThe peers come with `pip install -e .[peers]`; one that is missing is left out.\n"
        ),
    )
    add = made.add_argument
    add("--suite", choices=("dlboost", "f32"), default="dlboost", help="default: dlboost")
    add("--case", action="append", metavar='"OP SIZES... [WEIGHT] [DTYPE]"',
        help="a case instead of the suite; may be repeated")  # fmt: skip
    add("--only", action="append", metavar="SUBSTRING",
        help="only cases with this in their name; may be repeated")  # fmt: skip
    add("--trials", type=at_least(1), default=64, help="of each search (default 64)")
    add("--cores", choices=("1", "all"), default="1", help="one pinned core, or all (default 1)")
    add("--core", type=int, help="the processor to pin to (default: the last one allowed)")
    add("--with", dest="contenders", type=_contenders, default=CONTENDERS,
        metavar="NAMES",
        help="some of stock,repaired,onnxruntime,onednn (default: all)")  # fmt: skip
    add("--peers-only", action="store_true", help="time the libraries alone; search nothing")
    add("--out", type=Path, help="results, databases, logs (default build/compare_peers/SUITE)")
    add("--time-limit", type=at_least(1), default=600, metavar="SECONDS",
        help="for each search of a case; what it found by then counts (default 600)")  # fmt: skip
    add("--rounds", type=at_least(15), default=15, help="of timing, at least 15 (default 15)")
    add("--seed", type=int, default=0, help="of the searches and of the data (default 0)")
    add("--clock", choices=("wall", "cpu"), default="wall",
        help="wall time, or the processor time of this process, which other processes on the "
        "same core disturb less; the JSON has both")  # fmt: skip
    add("--fresh", action="store_true", help="time again what was timed before")
    add("--retry", action="store_true", help="do again what failed or was cut short")
    return made


def _contenders(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    unknown = [name for name in names if name not in CONTENDERS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(CONTENDERS)}")
    return names
