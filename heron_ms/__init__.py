"""Heron's constrained search for Apache TVM's MetaSchedule.

A sketch states a constraint satisfaction problem; its solutions are the legal programs, and the
constrained genetic algorithm never leaves them. `tune_tir` is MetaSchedule's, with that space and
that search as defaults.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from heron_ms import _starting  # noqa: F401  first: the rest takes a second
from heron_ms._compat import check_versions
from heron_ms._preload import frames_without_source

check_versions()


# MetaSchedule's databases name intrinsics and cannot be read before these are registered.
with frames_without_source():
    import_module("heron_ms.intrinsics")

if TYPE_CHECKING:
    from heron_ms import transform
    from heron_ms.checking import check
    from heron_ms.compiling import compile_tir
    from heron_ms.constraints import derive_csp, materialize
    from heron_ms.errors import HeronError
    from heron_ms.measure.records import best_record
    from heron_ms.measure.servers.device import Servers
    from heron_ms.models.compiling import compile_relax
    from heron_ms.models.pipeline import relax_pipeline
    from heron_ms.models.tuning import tune_relax
    from heron_ms.normalization import normalize
    from heron_ms.search import ConstrainedGeneticSearch, Preset
    from heron_ms.sketch import Sketch
    from heron_ms.space_generators import HeronSpace, generate_sketches
    from heron_ms.tune import tune_tir
    from heron_ms.untuned import UntunedWarning

__all__ = [
    "ConstrainedGeneticSearch",
    "HeronError",
    "HeronSpace",
    "Preset",
    "Servers",
    "Sketch",
    "UntunedWarning",
    "best_record",
    "check",
    "compile_relax",
    "compile_tir",
    "derive_csp",
    "generate_sketches",
    "materialize",
    "normalize",
    "relax_pipeline",
    "transform",
    "tune_relax",
    "tune_tir",
]

_HOME = {
    "ConstrainedGeneticSearch": "heron_ms.search",
    "HeronError": "heron_ms.errors",
    "HeronSpace": "heron_ms.space_generators",
    "Preset": "heron_ms.search",
    "Servers": "heron_ms.measure.servers.device",
    "Sketch": "heron_ms.sketch",
    "UntunedWarning": "heron_ms.untuned",
    "best_record": "heron_ms.measure.records",
    "check": "heron_ms.checking",
    "compile_relax": "heron_ms.models.compiling",
    "compile_tir": "heron_ms.compiling",
    "derive_csp": "heron_ms.constraints",
    "generate_sketches": "heron_ms.space_generators",
    "materialize": "heron_ms.constraints",
    "normalize": "heron_ms.normalization",
    "relax_pipeline": "heron_ms.models.pipeline",
    "tune_relax": "heron_ms.models.tuning",
    "tune_tir": "heron_ms.tune",
}


def __getattr__(name: str) -> Any:
    """Import on first use: xgboost alone takes longer than all the rest."""
    if name == "transform":
        return import_module("heron_ms.transform")
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
