"""What a builder in this process writes lies where temporary files go while it builds."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest

from heron_ms._tvm import IRModule
from heron_ms.cli.process.scratch import scratch
from heron_ms.measure.artifacts import ArtifactBuilder


class _Builder(ArtifactBuilder):
    def made(self, mod: IRModule) -> bytes:
        return b"seconds"


def _written() -> Path:
    result: Any = _Builder()._built(IRModule({}))
    return Path(str(result.artifact_path))


def test_nothing_is_left_of_an_interrupted_search(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(KeyboardInterrupt), scratch():
        artifact = _written()
        raise KeyboardInterrupt
    assert artifact.is_relative_to(tmp_path) and not artifact.exists()
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith("artifact-")]


def test_a_place_that_is_none_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    for place in ("", "/nowhere/at/all"):
        monkeypatch.setenv("TMPDIR", place)
        assert _written().is_relative_to(tmp_path)
