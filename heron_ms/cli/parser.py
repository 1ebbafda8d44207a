"""The arguments of every command."""

from __future__ import annotations

import argparse
import re
from importlib import import_module, metadata
from typing import Any, NoReturn

WEIGHTS = ("kn", "nk", "packed")
PRESETS = ("quick", "default", "paper")

_CHOICE = re.compile(r"argument (\S+): invalid choice: (.+?) \(choose from (.+)\)")

_MAIN = """\
Constraint-aware search for Apache TVM MetaSchedule (Heron, ASPLOS 2023).

start here:
  heron-ms doctor                    is everything there that tuning needs?
  heron-ms tune gemm 64 64 64        a tuned kernel, checked against numpy
  heron-ms explain gemm 64 64 64     what the search space is, and why"""

_TUNE = """\
Tune an operator on this CPU: search, build, run, then check the best kernel exactly against numpy
on fresh random data and measure it again. Ends with PASS and the latency. What was measured is kept
in the work directory: the same command again goes on where the last one stopped.

example:
  heron-ms tune gemm 64 64 64 --trials 32 --work-dir build/gemm64"""

_TUNE_GEMM = """\
Tune C[M, N] = A[M, K] x B[K, N] on 8-bit integers, summed up in 32 bits.

examples:
  heron-ms tune gemm 64 64 64
  heron-ms tune gemm 512 512 512 --weight packed --trials 64 --json result.json
  heron-ms tune gemm 32 1000 2048 --weight nk --dtype s8s8 --cores 1 --seed 0"""

_EXPLAIN = """\
Show the search space of an operator: which blocks map to an intrinsic, the sketches, and the
constraint satisfaction problem of a sketch. No device is needed: the target may be another machine.

example:
  heron-ms explain gemm 64 64 64 --target cascadelake"""

_EXPLAIN_GEMM = """\
Show the search space of C[M, N] = A[M, K] x B[K, N] on 8-bit integers.

examples:
  heron-ms explain gemm 64 64 64
  heron-ms explain gemm 500 500 500 --weight packed --sketch 1
  heron-ms explain gemm 64 64 64 --target sapphirerapids --sketch all"""

_DOCTOR = """\
Check what tuning needs: versions, CPU, caches, extras, and every intrinsic compiled once (and run
once, exactly, where this CPU has the instruction). Exit status 1 if a check fails.

example:
  heron-ms doctor"""


class UsageError(ValueError):
    """Arguments that make no command; the message is one line."""


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageError` where argparse prints its usage and exits."""

    def error(self, message: str) -> NoReturn:
        found = _CHOICE.fullmatch(message)
        if found is not None:
            message = f"unknown {found[1]} {found[2]}: choose from {found[3]}"
        raise UsageError(f"{message} (see `{self.prog} --help`)")


def build_parser() -> Parser:
    """The parser of `heron-ms`; ``args.run`` of what it returns is the command to call."""
    parser: Parser = _parser(Parser, _MAIN, prog="heron-ms")
    parser.add_argument("--version", action="version", version=metadata.version("heron-ms"))
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    tune = _parser(commands.add_parser, _TUNE, name="tune", help="tune an operator on this CPU")
    _tune_options(_gemm(tune, _TUNE_GEMM, "tune"))
    explain = _parser(commands.add_parser, _EXPLAIN, name="explain", help="show a search space")
    _explain_options(_gemm(explain, _EXPLAIN_GEMM, "explain"))
    doctor = _parser(commands.add_parser, _DOCTOR, name="doctor", help="check the installation")
    doctor.set_defaults(run=_command("doctor"))
    return parser


def _parser(make: Any, text: str, **options: Any) -> Any:
    formatter = argparse.RawDescriptionHelpFormatter
    return make(description=text, formatter_class=formatter, allow_abbrev=False, **options)


def _gemm(command: Any, text: str, name: str) -> Parser:
    """The operator `gemm` of a command, with what all commands want to know of it."""
    operators = command.add_subparsers(dest="operator", metavar="operator", required=True)
    gemm: Parser = _parser(operators.add_parser, text, name="gemm", help="matrix multiplication")
    for dimension, meaning in (("M", "rows of A"), ("K", "depth"), ("N", "columns of B")):
        gemm.add_argument(dimension, help=meaning)
    layouts = "layout of B: (K, N), (N, K), or packed (N/16, K/4, 16, 4); default kn"
    gemm.add_argument("--weight", choices=WEIGHTS, default="kn", help=layouts)
    dtypes = "types of A and B: u8s8 or s8s8; default u8s8"
    gemm.add_argument("--dtype", default="u8s8", help=dtypes)
    gemm.set_defaults(run=_command(name))
    return gemm


def _tune_options(gemm: Parser) -> None:
    add = gemm.add_argument
    add("--target", default="dlboost", help="dlboost (this CPU's AVX512-VNNI; default) or host")
    add("--trials", default="32", help="candidates to measure, earlier ones counted; default 32")
    add("--work-dir", help="where measurements are kept; default build/tune/CASE")
    add("--seed", help="an integer; the same one proposes the same candidates")
    add("--preset", choices=PRESETS, default="default", help="effort of the search a round")
    add("--cores", help="cores that the kernel uses; default: all that this process may use")
    add("--json", help="write the result to this file too")


def _explain_options(gemm: Parser) -> None:
    add = gemm.add_argument
    machines = "host, dlboost, a described machine (cascadelake, ...) or any LLVM CPU name"
    add("--target", default="dlboost", help=f"{machines}; default dlboost")
    add("--sketch", default="0", help="number of the sketch to show in full, or all; default 0")


def _command(name: str) -> Any:
    def run(args: argparse.Namespace) -> int:
        return int(import_module(f"heron_ms.cli.{name}").run(args))

    return run
