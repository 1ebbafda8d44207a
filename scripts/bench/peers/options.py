"""The options of the comparison."""

from __future__ import annotations

import argparse
from argparse import ArgumentParser

from scripts.bench.harness.options import add_only, add_seed, add_trials, at_least
from scripts.bench.peers.figures import SEARCHES

LIBRARIES = {
    "onednn": ("onednn",),
    "onnxruntime": ("onnxruntime", "onnxruntime-u8"),
    "openvino": ("openvino",),
    "inductor": ("inductor",),
}
"""Libraries and the peers that come from each."""

CONTENDERS = (*SEARCHES, *LIBRARIES)
USUAL = ("stock", "repaired", "onnxruntime", "onednn")
""""inductor" compiles for half a minute a case; "vectors" is for CPUs with tile registers."""


def add_options(parser: ArgumentParser) -> None:
    """What is compared, with what, how long."""
    parser.epilog = (
        "examples:\n"
        "  python -m scripts.bench peers --peers-only\n"
        "  python -m scripts.bench peers --only gemm- --with onnxruntime,onednn\n"
        '  python -m scripts.bench peers --case "gemm 64 64 64 packed" --trials 32\n'
        "\nThe peers come with `pip install -e .[peers]`; one that is missing is left out.\n"
    )
    add = parser.add_argument
    add("--suite", choices=("dlboost", "f32"), default="dlboost", help="default: dlboost")
    add("--case", action="append", metavar='"OP SIZES... [WEIGHT] [DTYPE]"',
        help="a case instead of the suite; may be repeated")  # fmt: skip
    add_only(parser, "cases")
    add_trials(parser, 64, "each search")
    add("--with", dest="contenders", type=_contenders, default=USUAL,
        metavar="NAMES",
        help=f"some of {','.join(CONTENDERS)} (default: {','.join(USUAL)})")  # fmt: skip
    add("--peers-only", action="store_true", help="time the libraries alone; search nothing")
    add("--time-limit", type=at_least(1), default=600, metavar="SECONDS",
        help="for each search of a case; what it found by then counts (default 600)")  # fmt: skip
    add("--rounds", type=at_least(15), default=15, help="of timing, at least 15 (default 15)")
    add_seed(parser)
    add("--clock", choices=("wall", "cpu"), default="wall",
        help="wall time, or the processor time of this process, which other processes on the "
        "same core disturb less; the JSON has both")  # fmt: skip
    add("--fresh", action="store_true", help="time again what was timed before")
    add("--retry", action="store_true", help="do again what failed or was cut short")


def _contenders(text: str) -> tuple[str, ...]:
    names = tuple(filter(None, text.split(",")))
    unknown = [name for name in names if name not in CONTENDERS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r} is none of {', '.join(CONTENDERS)}")
    return names
