"""The constraint rules C1 to C6 as an interpreter over a trace (Heron's constraint rules)."""

from heron_ms.constraints.derive import (
    ConstrainedSketch,
    constrain,
    derive_csp,
    materialize,
)
from heron_ms.errors import DecisionError

__all__ = ["ConstrainedSketch", "DecisionError", "constrain", "derive_csp", "materialize"]
