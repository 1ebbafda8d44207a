"""A builder and a runner of MetaSchedule's for programs that nothing executes.

The builder writes what it makes of a program to a file, the runner reads seconds from it.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from shutil import rmtree
from typing import Any, ClassVar

from heron_ms._tvm import IRModule, ms
from heron_ms.errors import HeronError, last_line
from heron_ms.measure.future import Done


class ArtifactBuilder(ms.builder.PyBuilder):  # type: ignore[misc]
    """A subclass says what it makes, and decorates itself (`derived_object`).

    failures: what may be raised for a program, which then is a candidate that did not build.
    file: what the file of a program is called.
    """

    failures: ClassVar[tuple[type[Exception], ...]] = (HeronError,)
    file: ClassVar[str] = "program"

    def made(self, mod: IRModule) -> bytes:
        """What the runner is to read of a scheduled program."""
        raise NotImplementedError

    def write(self, mod: IRModule, artifact: Path) -> None:
        """Write what is made of a scheduled program to its file."""
        artifact.write_bytes(self.made(mod))

    def build(self, build_inputs: list[Any]) -> list[Any]:
        """A file for each program, or its failure."""
        return [self._built(asked.mod) for asked in build_inputs]

    def close(self) -> None:
        """There is nothing to end."""

    def _built(self, mod: IRModule) -> Any:
        # A folder of its own, as a real builder makes: MetaSchedule removes it after the run.
        artifact = Path(tempfile.mkdtemp(prefix="artifact-", dir=_place())) / self.file
        try:
            self.write(mod, artifact)
        except self.failures as error:
            rmtree(artifact.parent)
            return ms.builder.BuilderResult(None, last_line(error))
        return ms.builder.BuilderResult(str(artifact), None)


def _place() -> str | None:
    """Where temporary files go now, which tempfile knows as it was when it was first asked."""
    folder = os.environ.get("TMPDIR")
    return folder if folder and Path(folder).is_dir() else None


class ArtifactRunner(ms.runner.PyRunner):  # type: ignore[misc]
    """A subclass says what the seconds are, and decorates itself (`derived_object`)."""

    def seconds(self, content: bytes) -> float:
        """Of what the builder wrote; a `HeronError` is a candidate that did not run."""
        raise NotImplementedError

    def run(self, runner_inputs: list[Any]) -> list[Any]:
        """The seconds of each file, at once."""
        return [Done(self._result(Path(str(asked.artifact_path)))) for asked in runner_inputs]

    def _result(self, artifact: Path) -> Any:
        try:
            seconds = self.seconds(artifact.read_bytes())
        except HeronError as error:
            return ms.runner.RunnerResult(None, str(error))
        return ms.runner.RunnerResult([seconds], None)
