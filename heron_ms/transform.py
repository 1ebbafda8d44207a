"""Passes on whole models, to put between those of TVM."""

from __future__ import annotations

from inspect import signature
from typing import Any

from heron_ms._tvm import IRModule, PassContext, Target, module_pass
from heron_ms.models.tuning import tune_relax


def TuneIRMod(
    target: str | Target,
    work_dir: str,
    max_trials_global: int,
    params: dict[str, Any] | None = None,
    **how: Any,
) -> Any:
    """A pass that tunes a model and returns it as it is.

    As `relax.transform.MetaScheduleTuneIRMod`, but for a model of operators, which is fused as
    `tune_relax` does; the records are in ``work_dir``, where `heron_ms.compile_relax` and
    `heron_ms.relax_pipeline` find them for the same model. ``how`` is what else `tune_relax`
    takes: space, strategy, builder, runner, cost_model, seed and so on.

    Raises TypeError at once for an argument that `tune_relax` does not have; what `tune_relax`
    raises, when the pass runs.
    """
    signature(tune_relax).bind(None, {}, target, work_dir, max_trials_global, **how)

    def tune(mod: IRModule, _: PassContext) -> IRModule:
        tune_relax(mod, params or {}, target, work_dir, max_trials_global, **how)
        return mod

    return module_pass(tune, opt_level=0, name="heron_ms.TuneIRMod")
