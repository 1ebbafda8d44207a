"""Heron's constrained search for Apache TVM's MetaSchedule.

A sketch states a constraint satisfaction problem; its solutions are the legal programs, and the
constrained genetic algorithm never leaves them. `tune_tir` is MetaSchedule's, with that space and
that search as defaults.
"""

from heron_ms._compat import check_versions

check_versions()

from heron_ms import intrinsics as _intrinsics  # noqa: E402, F401  (registers them by name)
from heron_ms.constraints import derive_csp, materialize  # noqa: E402
from heron_ms.errors import HeronError  # noqa: E402
from heron_ms.sketch import Sketch  # noqa: E402
from heron_ms.space_generators import HeronSpace, generate_sketches  # noqa: E402

__all__ = [
    "HeronError",
    "HeronSpace",
    "Sketch",
    "derive_csp",
    "generate_sketches",
    "materialize",
]
