"""The arguments of every command."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from importlib import metadata
from typing import Any, NoReturn

from heron_ms.cli.arguments.numbers import CORES, SEED, TRIALS, duration, share, size, sketch
from heron_ms.cli.arguments.operators import USAGES, Usage
from heron_ms.cli.arguments.paths import path
from heron_ms.cli.arguments.servers import add_servers
from heron_ms.cli.arguments.words import NO_EVENTS
from heron_ms.cli.dataflow.arguments import add_parser
from heron_ms.cli.db.arguments import add_parser as add_databases
from heron_ms.cli.model.arguments import EXPLAIN
from heron_ms.cli.model.arguments import add_parsers as add_models
from heron_ms.cli.report.arguments import add_report
from heron_ms.errors import UsageError
from heron_ms.presets import PRESETS
from heron_ms.strategies import STRATEGIES
from heron_ms.workloads import DTYPES, SUITES, Grouped2d, Workload

_CHOICE = re.compile(r"argument (\S+): invalid choice: (.+?) \(choose from (.+)\)")
_VALUE = re.compile(r"argument (\S+): (must be .+)", re.DOTALL)

_MAIN = """\
Constraint-aware search for Apache TVM MetaSchedule (Heron, ASPLOS 2023).

start here:
  heron-ms doctor                    is everything there that tuning needs?
  heron-ms tune gemm 64 64 64        a tuned kernel, checked against numpy
  heron-ms explain gemm 64 64 64     what the search space is, and why
  heron-ms tune-model net.onnx       a whole model, tuned and compared with ONNX Runtime
  heron-ms report DIR                a page about either, also while it runs"""

_TUNE = """\
Tune an operator on this CPU: search, build, run, then check the best kernel exactly against numpy
on fresh random data and measure it again. Ends with PASS and the latency. What was measured is kept
in the work directory: the same command again goes on where the last one stopped.

Or tune every case of a suite, each in a folder of its own: a line for each case as it finishes.

examples:
  heron-ms tune gemm 64 64 64 --trials 32 --work-dir build/gemm64
  heron-ms tune c2d 1 56 56 64 64 3 3 1 1 1 --weight packed
  heron-ms tune --suite dlboost --only gemm --trials 64 --cores 1
  heron-ms tune gemm 512 512 512 --budget 5m --until 0.9
  heron-ms tune gemm 64 64 64 --strategy annealing
  heron-ms tune c2d 1 56 56 64 64 3 3 1 1 1 --transfer build/tune/dlboost

strategies:
{strategies}"""

_EXPLAIN = """\
Show the search space of an operator: which blocks map to an intrinsic, the sketches, and the
constraint satisfaction problem of a sketch. No device is needed: the target may be another machine.
Or, of a model (an .onnx or a .pt2 file), its tasks: see `heron-ms explain net.onnx --help`.

examples:
  heron-ms explain gemm 64 64 64 --target cascadelake
  heron-ms explain c2d 1 56 56 64 64 3 3 1 1 1 --weight packed --sketch all
  heron-ms explain gemm 64 64 64 --target cascadelake --sketch 1 --plot csp.svg"""

_DOCTOR = """\
Check what tuning needs: versions, CPU, caches, extras, and every intrinsic compiled once (and run
once, exactly, where this CPU has the instruction). Exit status 1 if a check fails.

example:
  heron-ms doctor"""


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageError` where argparse prints its usage and exits."""

    def parse_known_args(self, *args: Any, **options: Any) -> Any:
        """What is parsed; what is left is refused here, as only here the command is known."""
        parsed, left = super().parse_known_args(*args, **options)
        if left:
            self.error(f"unrecognized arguments: {' '.join(left)}")
        return parsed, left

    def error(self, message: str) -> NoReturn:
        """Raise `UsageError` in the words of this command line."""
        match = _CHOICE.fullmatch(message)
        if match is not None:
            choices = match[3].replace(f"'{EXPLAIN}', ", "")
            message = f"unknown {match[1]} {match[2]}: choose from {choices}"
        match = _VALUE.fullmatch(message)
        if match is not None:
            message = f"{match[1]} {match[2]}"
        raise UsageError(f"{message} (see `{self.prog} --help`)")


def build_parser() -> Parser:
    """The parser of `heron-ms`; ``args.run`` of what it returns is the command to call."""
    parser: Parser = _parser(Parser, _MAIN, prog="heron-ms")
    parser.add_argument("--version", action="version", version=metadata.version("heron-ms"))
    commands = parser.add_subparsers(dest="command", metavar="command", required=True)
    text = _TUNE.format(strategies=_strategies())
    _tune(_parser(commands.add_parser, text, name="tune", help="tune an operator on this CPU"))
    explain = _parser(commands.add_parser, _EXPLAIN, name="explain", help="show a search space")
    for operator in _operators(explain, "explain", "--target sapphirerapids", required=True):
        _explain_options(operator)
    doctor = _parser(commands.add_parser, _DOCTOR, name="doctor", help="check the installation")
    doctor.set_defaults(run=_run_doctor)
    add_models(commands)
    add_parser(commands)
    add_report(commands)
    add_databases(commands)
    return parser


def _parser(make: Any, text: str, **options: Any) -> Any:
    formatter = argparse.RawDescriptionHelpFormatter
    return make(description=text, formatter_class=formatter, allow_abbrev=False, **options)


def _tune(tune: Parser) -> None:
    suites = ", ".join(SUITES)
    tune.add_argument("--suite", help=f"tune all cases of a suite instead: {suites}")
    tune.add_argument("--only", help="of a suite, the cases with this in their names")
    _tune_options(tune)
    tune.set_defaults(run=_run_suite)
    for operator in _operators(tune, "tune", "--trials 64 --cores 1 --seed 0", required=False):
        # An option before the operator holds unless it comes again after it.
        operator.argument_default = argparse.SUPPRESS
        _tune_options(operator)


def _operators(command: Any, name: str, options: str, required: bool) -> Iterator[Parser]:
    """A parser for each operator, with what all commands want to know of it."""
    operators = command.add_subparsers(dest="operator", metavar="operator", required=required)
    for usage in USAGES:
        text, summary = usage.text(name, options), usage.operator.summary
        parser: Parser = _parser(operators.add_parser, text, name=usage.name, help=summary)
        _sizes(parser, usage)
        _layouts(parser, usage.operator)
        parser.set_defaults(run=_COMMANDS[name])
        yield parser


def _sizes(parser: Parser, usage: Usage) -> None:
    operator, defaults = usage.operator, usage.operator.defaults()
    for name in operator.sizes():
        meaning, kind = usage.meanings[name], size(0 if name in operator.may_be_zero else 1)
        if name in defaults:
            meaning, default = f"{meaning}; default {defaults[name]}", defaults[name]
            parser.add_argument(name.upper(), type=kind, nargs="?", default=default, help=meaning)
        else:
            parser.add_argument(name.upper(), type=kind, help=meaning)


def _layouts(parser: Parser, operator: type[Workload]) -> None:
    add = parser.add_argument
    add("--weight", choices=operator.weights, default="kn", help=_weights(operator))
    types = f"types of A and B (and C): {', '.join(DTYPES)}; default: the machine's, mostly u8s8"
    add("--dtype", help=types)
    if any(operator.layouts):
        data = "layout of the data: channels last or first; default nhwc"
        add("--layout", choices=operator.layouts, default="nhwc", help=data)
    if operator is Grouped2d:
        add("--joined", action="store_true", help="groups hidden in the channels, as in frameworks")


def _weights(operator: type[Workload]) -> str:
    meanings = {
        "kn": "the logical one",
        "nk": "transposed",
        "packed": "packed by the caller for the instruction",
        "ahead": "the logical one of a constant, which the tuner may pack once",
    }
    described = "; ".join(f"{layout}: {meanings[layout]}" for layout in operator.weights)
    return f"layout of the weight, {described}; default kn"


def _tune_options(parser: Parser) -> None:
    here = "host (the CPU that measures; default), dlboost (its AVX512-VNNI)"
    targets = f"KIND[:MODEL]: {here}, or another kind"
    _option(parser, "--target", "host", targets)
    many = "candidates to measure, earlier ones counted; default 32, with --budget or --until any"
    _option(parser, "--trials", None, many, type=TRIALS)
    time = "wall time for all of it, such as 90s, 20m or 1h30m; of a suite, for each case"
    _option(parser, "--budget", None, time, type=duration, metavar="TIME")
    enough = "stop at this share of the measured peak of the instruction, such as 0.95"
    _option(parser, "--until", None, enough, type=share, metavar="SHARE")
    kept = "where measurements are kept; default build/tune/CASE or SUITE"
    _option(parser, "--work-dir", None, kept, type=path)
    same = "an integer; the same one proposes the same candidates"
    _option(parser, "--seed", None, same, type=SEED)
    effort = "hyper-parameters of the search; default: default, with --transfer transferred"
    _option(parser, "--preset", None, effort, choices=tuple(PRESETS))
    ways = "how to search, as `heron-ms tune --help` lists them; default cga"
    _option(parser, "--strategy", "cga", ways, choices=tuple(STRATEGIES), metavar="NAME")
    source = "start from what other tasks taught: a folder of work directories, or a saved model"
    _option(parser, "--transfer", None, source, metavar="FROM_DB", type=path)
    cores = "cores that the kernel uses; default: all that this process, or a server, may use"
    _option(parser, "--cores", None, cores, type=CORES)
    add_servers(lambda name, text: _option(parser, name, None, text))
    _option(parser, "--no-events", False, NO_EVENTS, action="store_true")
    _option(parser, "--json", None, "write the result to this file too", type=path)
    binary = "write the best program here, where a machine has an encoding of its own"
    _option(parser, "--emit", None, binary, metavar="FILE", type=path)


def _strategies() -> str:
    """A line for each, as the help lists them."""
    width = max(map(len, STRATEGIES))
    return "\n".join(
        f"  {strategy.name:{width}}  {strategy.summary}" for strategy in STRATEGIES.values()
    )


def _option(parser: Parser, name: str, default: Any, text: str, **more: Any) -> None:
    suppressed = parser.argument_default is argparse.SUPPRESS
    kept = argparse.SUPPRESS if suppressed else default
    parser.add_argument(name, default=kept, help=text, **more)


def _explain_options(parser: Parser) -> None:
    machines = (
        "KIND[:MODEL]: host, dlboost, cpu:cascadelake, tensorcore (the GPU that is here), or any "
        "LLVM CPU name; default host"
    )
    _option(parser, "--target", "host", machines)
    shown = "number of the sketch to show in full, or all; default 0"
    _option(parser, "--sketch", 0, shown, type=sketch)
    picture = "draw its variables and constraints as a graph, to this file"
    _option(parser, "--plot", None, picture, metavar="SVG", type=path)


# A command is imported when it runs: the search takes seconds to load, which ``--help`` has not.


def _run_tune(args: argparse.Namespace) -> int:
    from heron_ms.cli.tune.command import run

    return run(args)


def _run_suite(args: argparse.Namespace) -> int:
    from heron_ms.cli.tune.suite import run

    if args.suite is None:
        raise UsageError(
            "the following arguments are required: operator or --suite (see `heron-ms tune --help`)"
        )
    return run(args)


def _run_explain(args: argparse.Namespace) -> int:
    from heron_ms.cli.explain.command import run

    return run(args)


def _run_doctor(args: argparse.Namespace) -> int:
    from heron_ms.cli.doctor.command import run

    return run(args)


_COMMANDS = {"tune": _run_tune, "explain": _run_explain}
"""What an operator is given to."""
