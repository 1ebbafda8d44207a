"""Our space and our search, which say which task they are at while a model is being tuned."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from heron_ms._tvm import IRModule, Schedule, derived_object
from heron_ms.search.explorer import Explorer
from heron_ms.search.strategy import _ConstrainedSearch
from heron_ms.space_generators.space import _HeronSpace
from heron_ms.unmeasured.by_loops import one_by_loops

Tell = Callable[[str], None]


class _TellingSpace(_HeronSpace):
    """Calls ``tell`` with the name of each task whose sketches it is about to make."""

    def __init__(self, tell: Tell) -> None:
        super().__init__(otherwise=one_by_loops)
        self._tell = tell

    def generate_design_space(self, mod: IRModule) -> list[Schedule]:
        self._tell(self._task_name)
        return super().generate_design_space(mod)

    def clone(self) -> Any:
        return TellingSpace(self._tell)


class _TellingSearch(_ConstrainedSearch):
    """Calls ``tell`` with the name of each task that it is about to make candidates of."""

    def __init__(
        self, explorer: Explorer, tell: Tell, on_candidate: Callable[[bool], None], resume: bool
    ) -> None:
        super().__init__(explorer, on_candidate, resume)
        self._tell = tell

    def generate_measure_candidates(self) -> list[Any] | None:
        """The next batch, or None when the trials are spent or the space is exhausted."""
        self._tell(str(self._context.task_name))
        return super().generate_measure_candidates()

    def clone(self) -> Any:
        return self._copy(self._resume)

    def resuming(self) -> Any:
        """The same search, for which what its database already holds counts as trials."""
        return self._copy(True)

    def _copy(self, resume: bool) -> Any:
        return TellingSearch(self.explorer.clone(), self._tell, self._on_candidate, resume)


TellingSpace: Any = derived_object(_TellingSpace)
TellingSearch: Any = derived_object(_TellingSearch)
