"""The arguments of the commands that take a model."""

from __future__ import annotations

import argparse
from argparse import ArgumentTypeError
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

from heron_ms.cli.arguments.numbers import CORES, SEED, TRIALS, Whole, duration, share, shown
from heron_ms.cli.arguments.paths import path
from heron_ms.cli.arguments.servers import add_servers
from heron_ms.cli.arguments.words import NO_EVENTS
from heron_ms.models.allowances import ALLOWANCES
from heron_ms.presets import PRESETS
from heron_ms.strategies import STRATEGIES

if TYPE_CHECKING:
    from heron_ms.models.sharing import Share

SUFFIXES = (".onnx", ".pt2")
"""How the name of a file ends that is a model."""

EXPLAIN = "explain-model"
"""What ``explain MODEL`` is to the parser, whose ``explain`` takes an operator."""

_TUNE = """\
Tune a whole model on this CPU: its operators are fused into tasks, equal ones are one task, and the
trials are spread over them. Ends with a table of the tasks, and PASS or FAIL: the outputs of the
tuned model compared with ONNX Runtime's, or, for a model of PyTorch, with the same model
unscheduled. What was measured is kept in the work directory: the same command goes on where the
last one stopped.

MODEL is an ONNX file (.onnx) or one that torch.export.save wrote (.pt2).

Several tuners share a model's tasks out with --share, each with a work directory of its own, on one
machine or on many; then their databases are joined, and a last run compares and times the whole.

examples:
  heron-ms tune-model cls.onnx --share 1/2 --work-dir build/one
  heron-ms tune-model cls.onnx --share 2/2 --work-dir build/two
  heron-ms db merge build/one build/two -o build/cls
  heron-ms tune-model cls.onnx --shape x=1x3x48x192 --trials 400 --work-dir build/cls --cores 1
  heron-ms tune-model cls.onnx --shape x=1x3x48x192 --budget 20m --work-dir build/cls --cores 1
  heron-ms compile cls.onnx --work-dir build/cls -o cls.so
  heron-ms run cls.so --check cls.onnx"""

_COMPILE = """\
Compile a model to a shared library, with the best records of the work directory of `tune-model`,
which also knows the shapes and the target. Without --work-dir nothing is needed but the model: no
task is measured then. The library needs TVM's runtime to run, and not heron-ms:

  machine = tvm.relax.VirtualMachine(tvm.runtime.load_module("cls.so"), tvm.cpu())
  outputs = machine["main"](tvm.runtime.tensor(x))

What it is (its inputs, outputs and layers) is in the library: machine["heron_ms_about"]() is a
tensor of bytes, a JSON text.

The target may be another machine than this one, of another platform too; then a cross compiler
links the library, or, without one, `-o cls.tar` holds the objects, to be linked there.

examples:
  heron-ms compile cls.onnx --work-dir build/cls -o cls.so
  heron-ms compile cls.onnx --shape x=1x3x48x192 -o cls.so
  heron-ms compile cls.onnx --shape x=1x3x48x192 --target neoverse-v1 --cores 1 -o cls.tar"""

_RUN = """\
Run a library that `compile` wrote, on random inputs: the median latency, and what each layer takes
of it. With --check, the outputs are compared with those of ONNX Runtime (.onnx) or of the same
model unscheduled (.pt2), on random inputs: floats may be off by the tolerance times the largest
magnitude of an output, bytes by one step of rounding, wider integers not at all. Exit status 1 if
they differ.

examples:
  heron-ms run cls.so
  heron-ms run cls.so --check cls.onnx --repeat 200"""

_EXPLAIN = """\
Show the tasks of a model: how often each is called, its share of the work (arithmetic operations),
the intrinsic that it maps to or the reason why none. No device is needed.

example:
  heron-ms explain cls.onnx --shape x=1x3x48x192 --target cascadelake"""

Shape = tuple[str, tuple[int, ...]]


def add_parsers(commands: Any) -> None:
    """Add the commands to the sub-parsers of `heron-ms`."""
    _add_tune(_made(commands, "tune-model", _TUNE, "tune a whole model on this CPU"))
    _add_compile(_made(commands, "compile", _COMPILE, "compile a model to a shared library"))
    _add_run(_made(commands, "run", _RUN, "time and check a compiled model"))
    explain = _made(commands, EXPLAIN, _EXPLAIN, None, prog="heron-ms explain")
    _model(explain)
    machines = "KIND[:MODEL]: host, cpu:cascadelake, or any LLVM CPU name; default host"
    explain.add_argument("--target", default="host", help=machines)
    _allow(explain)
    explain.set_defaults(run=_command("explain"))


def routed(argv: Sequence[str]) -> Sequence[str]:
    """The arguments, ``explain MODEL`` by the name that its parser has."""
    first = [argument for argument in argv[1:2] if not argument.startswith("-")]
    # A file of another kind is a mistaken model: no operator has a dot in its name.
    files = [argument for argument in first if "." in argument]
    models = [argument for argument in argv[1:] if argument.endswith(SUFFIXES)]
    return [EXPLAIN, *argv[1:]] if argv[:1] == ["explain"] and (files or models) else argv


def shape(text: str) -> Shape:
    """The argparse type of ``name=1x3x224x224``; a scalar is ``name=``."""
    name, equals, sizes = text.rpartition("=")
    numbers = sizes.split("x") if sizes else []
    if not (name and equals) or not all(number.isdecimal() for number in numbers):
        raise ArgumentTypeError(f"must be NAME=1x3x224x224, got {shown(text)}")
    return name, tuple(Whole(1, 2**31 - 1)(number) for number in numbers)


def part_of(text: str) -> Share:
    """The argparse type of ``1/2``."""
    number, _, count = text.partition("/")
    small = len(text) < 20 and number.isdecimal() and count.isdecimal()
    if not (small and 1 <= int(number) <= int(count)):
        raise ArgumentTypeError(f"must be I/N, as 1/2 of two, got {shown(text)}")
    from heron_ms.models.sharing import Share

    return Share(int(number), int(count))


class _Shapes(argparse.Action):
    """Collects shapes by the names of the inputs, each of which has one."""

    def __call__(
        self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: Any = None
    ) -> None:
        name, sizes = values
        known = dict(getattr(namespace, self.dest))
        if known.setdefault(name, sizes) != sizes:
            raise argparse.ArgumentError(
                self, f"must be given once for each input, {shown(name)} has two"
            )
        setattr(namespace, self.dest, known)


def _add_tune(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    add = parser.add_argument
    measured = (
        "candidates to measure in all; default 256, with --budget any; 0: every task is scheduled "
        "unmeasured"
    )
    add("--trials", type=Whole(0, TRIALS.highest), help=measured)
    time = "wall time for all of it, such as 90s, 20m or 1h30m"
    add("--budget", type=duration, metavar="TIME", help=time)
    kept = "where measurements are kept; default build/models/MODEL"
    add("--work-dir", type=path, help=kept)
    part = "tune only the I-th of N parts of the tasks, with an N-th of the trials"
    add("--share", type=part_of, metavar="I/N", help=part)
    _machine(parser)
    _allow(parser)
    add_servers(lambda name, text: add(name, help=text))
    add("--no-events", action="store_true", help=NO_EVENTS)
    same = "an integer; the same one proposes the same candidates"
    add("--seed", type=SEED, help=same)
    effort = "hyper-parameters of the search; default: quick"
    add("--preset", choices=tuple(PRESETS), default="quick", help=effort)
    ways = "how to search, as `heron-ms tune --help` lists them; default cga"
    add("--strategy", choices=tuple(STRATEGIES), default="cga", metavar="NAME", help=ways)
    _tolerance(parser)
    add("--json", type=path, help="write the result to this file too")
    parser.set_defaults(run=_command("tune"))


def _add_compile(parser: argparse.ArgumentParser) -> None:
    _model(parser)
    parser.add_argument("--work-dir", type=path, help="that of `tune-model`; default: no records")
    written = "the library to write; objects alone, where it ends in .tar"
    parser.add_argument("-o", "--output", type=path, required=True, metavar="OUT", help=written)
    _machine(parser, default=None)
    _allow(parser)
    linker = "what links for another platform; default: its GCC, such as aarch64-linux-gnu-g++"
    parser.add_argument("--cc", metavar="COMPILER", help=linker)
    parser.set_defaults(run=_command("compiling"))


def _add_run(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("library", metavar="LIBRARY", type=path, help="what `heron-ms compile` wrote")
    add("--check", metavar="MODEL", type=path, help="compare the outputs with those of this model")
    _shape(parser)
    _tolerance(parser)
    add("--repeat", type=Whole(1, 1_000_000), default=100, help="calls to time; default 100")
    add("--cores", type=CORES, default=1, help="cores that it may use; default 1")
    add("--seed", type=SEED, help="of the random inputs")
    parser.set_defaults(run=_command("running"))


def _model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("model", metavar="MODEL", type=path, help="an .onnx or a .pt2 file")
    _shape(parser)


def _shape(parser: argparse.ArgumentParser) -> None:
    fixed = "fix an input of dynamic shape; once for each"
    parser.add_argument(
        "--shape", type=shape, action=_Shapes, default={}, metavar="NAME=1x3x8x8", help=fixed
    )


def _machine(parser: argparse.ArgumentParser, default: str | None = "host") -> None:
    targets = "KIND[:MODEL]: host (this CPU), dlboost (its AVX512-VNNI), or another kind"
    known = "default host" if default else "default: that of the work directory, or host"
    parser.add_argument("--target", default=default, help=f"{targets}; {known}")
    cores = "cores that the model uses; default: all that this process may use"
    parser.add_argument("--cores", type=CORES, help=cores)


def _allow(parser: argparse.ArgumentParser) -> None:
    narrow = (
        "compute products of float32 by this type, so far bf16, where the machine has an "
        "instruction for it; each is off by up to 2^-7 of itself; may be repeated"
    )
    parser.add_argument("--allow", choices=ALLOWANCES, action="append", default=[], help=narrow)


def _tolerance(parser: argparse.ArgumentParser) -> None:
    allowed = (
        "how far floats may be off, as a share of the largest of an output; default 1e-4, 2e-2 for "
        "a model that quantises or computes by bf16, and as far as rounding moves it where a QDQ "
        "model makes more of that"
    )
    parser.add_argument("--tolerance", type=share, help=allowed)


def _made(commands: Any, name: str, description: str, text: str | None, **more: Any) -> Any:
    formatter = argparse.RawDescriptionHelpFormatter
    shown_as = {} if text is None else {"help": text}
    return commands.add_parser(
        name,
        description=description,
        formatter_class=formatter,
        allow_abbrev=False,
        **shown_as,
        **more,
    )


def _command(module: str) -> Callable[[argparse.Namespace], int]:
    """A command that is imported when it runs."""

    def run(args: argparse.Namespace) -> int:
        return int(import_module(f"heron_ms.cli.model.{module}").run(args))

    return run
