"""Whether this CPU executes what is compiled for a target; one that does not ends in SIGILL."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from heron_ms.errors import TargetError
from heron_ms.hardware.cpu.host import cpu_flags, host
from heron_ms.hardware.cpu.targets import llvm_features

if TYPE_CHECKING:
    from tvm.target import Target

_EMITTED = re.compile(
    r"(s?sse|avx|amx|fma|xop|f16c|bmi|lzcnt|popcnt|movbe|gfni|vaes|vpclmul)"
    r"|(neon|dotprod|i8mm|sve|sme|fullfp16|bf16|fp16fml)"
)
"""LLVM's names of what it uses by itself for arithmetic, or our intrinsics ask it for.

Not those of instructions for an operating system, and not its hints on how to tune.
"""


def missing_here(target: Target) -> list[str]:
    """The features that code for a target may use and this CPU lacks, by LLVM's names."""
    wanted = {feature for feature in llvm_features(dict(target.attrs)) if _EMITTED.match(feature)}
    # What the system withholds is in no program for this CPU by its name: no intrinsic asks for it.
    own = cpu_flags() if target.attrs.get("mcpu") == host().mcpu else frozenset()
    return sorted(wanted - host().features - own)


def require_runnable(target: Target) -> None:
    """Raise `TargetError` unless this CPU executes all that code for a target may use."""
    missing = missing_here(target)
    if missing:
        name = target.attrs.get("mcpu", "generic")
        raise TargetError(
            f"the target {name} cannot run here: this CPU ({host().mcpu}) has no "
            f"{', '.join(missing[:4])}{' ...' if len(missing) > 4 else ''}; tune for mcpu "
            f"{host().mcpu}, or hand in a runner on such a machine"
        )
