"""The cases that a command line asks for."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from heron_ms.errors import HeronError
from heron_ms.workloads import DTYPES, OPERATORS, SUITES
from scripts.bench.harness.console import first_line
from scripts.bench.harness.options import is_chosen


def cases(arguments: Namespace) -> list[Any]:
    """The workloads of the suite, or those given, as far as --only lets them.

    Raises SystemExit with a line that names what is wrong.
    """
    given = [case(text) for text in arguments.case or []] or SUITES[arguments.suite]
    chosen = [workload for workload in given if is_chosen(workload.name, arguments.only)]
    if not chosen:
        raise SystemExit(f"no case has {' or '.join(arguments.only)} in its name")
    return chosen


def case(text: str) -> Any:
    """A workload from "OPERATOR SIZES... [WEIGHT] [DTYPE]", such as "gemm 64 64 64 packed".

    Weights are packed and bytes u8s8 where the text does not say. Raises SystemExit.
    """
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
