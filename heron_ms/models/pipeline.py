"""`relax_pipeline`: what `tvm.compile` runs over a model to get tuned kernels."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import IRModule, PassContext, Target, module_pass, relax
from heron_ms.errors import WorkDirError
from heron_ms.hardware import target_of
from heron_ms.models.compiling import scheduled_model
from heron_ms.transform import TuneIRMod
from heron_ms.work_dir import open_database


def relax_pipeline(
    database: Any = None,
    *,
    target: str | Target,
    work_dir: str | None = None,
    total_trials: int = 0,
    params: dict[str, Any] | None = None,
    cpu_weight_prepack: bool | None = None,
    **how: Any,
) -> Any:
    """A pipeline for ``tvm.compile(mod, target, relax_pipeline=...)``, with the records of a run.

    They are those of ``database``, else those in ``work_dir``. With ``total_trials`` the model is
    tuned in ``work_dir`` first; ``how`` is what else `tune_relax` takes. ``params`` and
    ``cpu_weight_prepack`` are as in `tune_relax` and have to be as they were when it was tuned.

    Raises `WorkDirError` where neither a database nor a work directory is given, or where trials
    are asked for without the latter.
    """
    target = target_of(target)
    if work_dir is None and (database is None or total_trials):
        raise WorkDirError(
            "relax_pipeline needs records: give a database, or the work_dir of a run"
        )
    tuning = []
    if total_trials:
        how = {"cpu_weight_prepack": cpu_weight_prepack, **how}
        tuning.append(TuneIRMod(target, str(work_dir), total_trials, params, **how))

    def pipeline(mod: IRModule, _: PassContext) -> IRModule:
        for step in tuning:
            mod = step(mod)
        records = open_database(str(work_dir)) if database is None else database
        scheduled = scheduled_model(records, mod, target, params, cpu_weight_prepack)
        return relax.get_pipeline("default_build")(scheduled)

    return module_pass(pipeline, opt_level=0, name="heron_ms.relax_pipeline")
