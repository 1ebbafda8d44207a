"""A database of two small products of matrices, tuned once for all tests."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from heron_ms.database.files import DAMAGED, RECORDS, WORKLOADS
from heron_ms.testing import small_runs, survival
from heron_ms.testing.survival import Kept

TRIALS = 4


@pytest.fixture(autouse=True)
def _nobody_has_set_up_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a fresh process: packages that other tests import set it up, for a stream of theirs."""
    monkeypatch.setattr(logging.root, "handlers", [])


@dataclass(frozen=True)
class Copy:
    """A copy of it: the files, and what was recorded of the first and of the second."""

    folder: Path
    kept: list[Kept]

    @property
    def workloads(self) -> Path:
        return self.folder / WORKLOADS

    @property
    def records(self) -> Path:
        return self.folder / RECORDS

    @property
    def damaged(self) -> Path:
        return self.folder / DAMAGED

    def left(self) -> list[Kept]:
        """What is recorded in it once it has been opened."""
        small_runs.opened(self.folder)
        return survival.records(self.folder)

    def lines(self, name: str) -> list[bytes]:
        return (self.folder / name).read_bytes().splitlines(keepends=True)


@pytest.fixture(scope="session")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    small_runs.tune(folder, TRIALS)
    return folder


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Copy:
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    return Copy(folder, survival.records(whole))
