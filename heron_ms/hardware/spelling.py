"""Targets as people write them: objects, dicts, tags, TVM's words, and the old command-line form.

TVM 0.27 has given up ``"llvm -mcpu=skylake-avx512 -num-cores 4"``, and still recommends it in its
own messages; MetaSchedule asks every target for its "num-cores".
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from heron_ms.errors import TargetError, last_line
from heron_ms.hardware.cpu.host import host

if TYPE_CHECKING:
    from tvm.target import Target

_NUMBER = re.compile(r"\d+")


def target_of(given: Any) -> Target:
    """The TVM target of whatever a caller calls one, with a number of cores.

    A CPU without "num-cores" gets those of this process. Raises `TargetError`, with a form that
    works, for what is no target, names a CPU that LLVM does not know, or is compiled by something
    else than LLVM.
    """
    from tvm.target import Target

    try:
        target = given if isinstance(given, Target) else Target(_parsed(given))
    except Exception as error:  # TVM has a type for each way to be wrong
        raise TargetError(f"no target: {given!r} ({last_line(error)}); {_advice()}") from error
    kind = str(target.kind.name)
    if kind != "llvm":
        raise TargetError(f"no kernels are tuned for the target kind {kind!r}; {_advice()}")
    _check_cpu(target)
    if target.attrs.get("num-cores") is not None:
        return target
    return Target({**_dict(target), "num-cores": host().cores})


def require_cores(target: Target) -> None:
    """Raise `TargetError` for a CPU without "num-cores", of which MetaSchedule makes much."""
    if target.attrs.get("num-cores") is None:
        raise TargetError(f"the target has no num-cores; {_advice()}")


def _advice() -> str:
    here = host()
    form = f'{{"kind": "llvm", "mcpu": "{here.mcpu}", "num-cores": {here.cores}}}'
    return f"for this CPU it is tvm.target.Target({form})"


def _parsed(given: Any) -> Any:
    """A dict for the old form, which begins with a kind and goes on with options."""
    if not isinstance(given, str) or " -" not in given:
        return dict(given) if isinstance(given, Mapping) else given
    kind, *words = given.replace("=", " ").split()
    return {"kind": kind, **dict(_options(words))}


def _options(words: list[str]) -> Iterator[tuple[str, Any]]:
    for name, value in zip(words[::2], words[1::2], strict=True):
        listed = name in ("-mattr", "-keys", "-libs", "--mattr", "--keys", "--libs")
        number = int(value) if _NUMBER.fullmatch(value) else value
        yield name.lstrip("-"), value.split(",") if listed else number


def _check_cpu(target: Target) -> None:
    from tvm.target.codegen import llvm_get_system_triple, llvm_is_valid_cpu

    mcpu = target.attrs.get("mcpu")
    triple = str(target.attrs.get("mtriple", llvm_get_system_triple()))
    if mcpu is None:
        words = f"the target names no CPU, so kernels use none of its instructions; {_advice()}"
        warnings.warn(words, stacklevel=3)
    elif not llvm_is_valid_cpu(str(mcpu), triple):
        raise TargetError(f"LLVM knows no CPU {str(mcpu)!r} for {triple}; {_advice()}")


def _dict(target: Target) -> dict[str, Any]:
    import json

    attrs: dict[str, Any] = json.loads(str(target))
    return attrs
