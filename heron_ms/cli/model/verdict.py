"""Whether a library computes what the model that it was compiled of does, and in which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms.cli.terminal.patience import working
from heron_ms.measure.cpu.pool import run_with_threads
from heron_ms.models.comparing import Difference, compare, floors_of, tolerance_of
from heron_ms.models.exporting import digest
from heron_ms.models.inputs import random_inputs
from heron_ms.models.library import Library, require_same
from heron_ms.models.model import Model
from heron_ms.models.reference import reference
from heron_ms.models.sensitivity import sensitivity
from heron_ms.models.timing import outputs

Arrays = list[NDArray[Any]]


@dataclass(frozen=True)
class Verdict:
    """The outputs compared with those of ``reference``.

    ``tolerance``: of floats, a share of the largest magnitude of an output. ``widened``: it is what
    rounding does to this model (`sensitivity`). ``changed``: the file is another one.
    """

    reference: str
    tolerance: float
    widened: bool
    differences: list[Difference]
    changed: bool

    @property
    def passed(self) -> bool:
        """Whether no element is wrong."""
        return not any(one.wrong for one in self.differences)

    @property
    def words(self) -> str:
        """PASS or FAIL, and against what; a line, and one more for each output that is wrong."""
        wrong = [one for one in self.differences if one.wrong]
        largest = max((one.largest for one in self.differences), default=0.0)
        how = (
            f"{len(self.differences)} outputs compared with {self.reference} on random inputs, "
            f"floats within {self.tolerance:.3g} of the largest magnitude"
        )
        if self.widened:
            how += " (rounding alone moves them nearly as far)"
        if not wrong:
            return f"PASS: {how}; largest difference {largest:.3g}"
        another = "; the model is not the file that was compiled" if self.changed else ""
        return "\n".join([f"FAIL: {how}{another}", *(f"  {one}" for one in wrong)])


def checked(
    library: Library,
    model: Model,
    source: Path,
    tolerance: float | None,
    seed: int | None,
    cores: int,
) -> Verdict:
    """Compare a library with the model of a file.

    Raises `LibraryError` for a model with other inputs or outputs, `ModelFileError` where the
    reference does not run it.
    """
    require_same(library, model)
    changed = library.about.digest != digest(source)

    def compute(arrays: Arrays) -> Arrays:
        return run_with_threads(cores, lambda: outputs(library, arrays))

    return judged(model, source, tolerance, seed, compute, changed)


def judged(
    model: Model,
    source: Path,
    tolerance: float | None,
    seed: int | None,
    compute: Callable[[Arrays], Arrays],
    changed: bool = False,
) -> Verdict:
    """Compare what is computed of random inputs with the model of a file.

    Without a ``tolerance``, outputs of a quantised model may be off by what `sensitivity` finds.

    Raises `ModelFileError` where the reference does not run it.
    """
    allowed = tolerance_of(model) if tolerance is None else tolerance
    with working(f"comparing with {model.source}"):
        arrays = random_inputs(model, np.random.default_rng(seed))
        who, right = reference(model, source, arrays)
        ours = compute(arrays)
        differences = compare(model.outputs, ours, right, allowed, floors_of(model))
        widened = tolerance is None and any(one.wrong for one in differences)
        if widened:
            found = sensitivity(model, source, arrays, right)
            allowed, widened = max(allowed, found), found > allowed
            differences = compare(model.outputs, ours, right, allowed, floors_of(model))
    return Verdict(who, allowed, widened, differences, changed)
