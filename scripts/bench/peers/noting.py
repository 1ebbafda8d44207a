"""A builder and a runner that write the first line of every failure to a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tvm.ir.utils import derived_object
from tvm.s_tir import meta_schedule as ms

from scripts.bench.harness.console import first_line


class _NotingBuilder(ms.builder.PyBuilder):  # type: ignore[misc]
    def __init__(self, inner: Any, path: Path) -> None:
        super().__init__()
        self._inner, self._path = inner, path

    def build(self, build_inputs: list[Any]) -> list[Any]:
        results = list(self._inner.build(build_inputs))
        _note(self._path, [result.error_msg for result in results])
        return results


class _NotingRunner(ms.runner.PyRunner):  # type: ignore[misc]
    def __init__(self, inner: Any, path: Path) -> None:
        super().__init__()
        self._inner, self._path = inner, path

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        return [_Watched(future, self._path) for future in self._inner.run(runner_inputs)]


class _WatchedFuture(ms.runner.PyRunnerFuture):  # type: ignore[misc]
    def __init__(self, inner: Any, path: Path) -> None:
        super().__init__()
        self._inner, self._path = inner, path

    def done(self) -> bool:
        return bool(self._inner.done())

    def result(self) -> Any:
        result = self._inner.result()
        _note(self._path, [result.error_msg])
        return result


_Watched: Any = derived_object(_WatchedFuture)
noting_builder: Any = derived_object(_NotingBuilder)
"""``noting_builder(inner, path)`` builds as ``inner`` does."""
noting_runner: Any = derived_object(_NotingRunner)
"""``noting_runner(inner, path)`` runs as ``inner`` does."""


def commonest(path: Path) -> str:
    """The failure that was noted most often; empty if none was."""
    lines = path.read_text().splitlines() if path.is_file() else []
    return Counter(lines).most_common(1)[0][0] if lines else ""


def _note(path: Path, messages: Sequence[Any]) -> None:
    lines = [first_line(message) for message in messages if message]
    with path.open("a") as file:
        file.writelines(line + "\n" for line in lines)
