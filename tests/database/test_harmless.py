"""Databases of strangers: a hundred lines that would do harm, none of which TVM gets to see."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tvm_ffi import register_global_func

from heron_ms._tvm import IRModule, PrimFunc, ms, tirx
from heron_ms.database import mending, trial
from heron_ms.database.files import DAMAGED, RECORDS, WORKLOADS
from heron_ms.database.harmless import objection_to_record, objection_to_workload
from heron_ms.database.shape import hash_of
from heron_ms.database.text import Text
from heron_ms.work_dir import open_database
from tests.database.conftest import Copy
from tests.database.hostile import CANARY, Attack, attacks

MANY = 100


@pytest.fixture
def called() -> Iterator[list[str]]:
    """How often the canary was called."""
    calls: list[str] = []
    register_global_func(CANARY, lambda *_: calls.append("called"), override=True)
    yield calls
    register_global_func(CANARY, lambda *_: None, override=True)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is warned of."""
    texts: list[str] = []
    monkeypatch.setattr(mending.logger, "warning", lambda text, *parts: texts.append(text % parts))
    return texts


@pytest.fixture
def hostile(copy: Copy) -> list[Attack]:
    workload = Text.of(copy.lines(WORKLOADS)[0].rstrip(b"\n")).body
    record = Text.of(copy.lines(RECORDS)[0].rstrip(b"\n")).body
    assert objection_to_workload(workload) is None and objection_to_record(record) is None
    return list(attacks(workload, record))


def test_each_is_refused_with_a_message_and_nothing_is_called(
    copy: Copy, hostile: list[Attack], called: list[str], said: list[str],
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    assert len({attack.name for attack in hostile}) == len(hostile) >= MANY
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(trial, "verdicts", lambda n, _: pytest.fail("TVM was asked") if n else [])
    for number, attack in enumerate(hostile):
        folder = tmp_path / str(number)
        _plant(folder, copy, attack)
        said.clear()
        database = open_database(str(folder))
        assert len(database.get_all_tuning_records()) == 0, attack.name
        [entry] = [json.loads(line) for line in (folder / DAMAGED).read_text().splitlines()][:1]
        assert entry["why"].startswith(("refused: it has", "import what registers")), attack.name
        assert len(entry["why"]) < 300 and "\n" not in entry["why"]
        assert any(entry["why"] in text for text in said)
    assert called == []
    assert not list(tmp_path.rglob("harm*"))


def _plant(folder: Path, copy: Copy, attack: Attack) -> None:
    """A database of one line with harm in it, with checksums as whoever can count makes them."""
    folder.mkdir()
    workload = Text.of(copy.lines(WORKLOADS)[0].rstrip(b"\n")).body
    record = Text.of(copy.lines(RECORDS)[0].rstrip(b"\n")).body
    workload, record = (attack.line, record) if attack.is_workload else (workload, attack.line)
    key = hash_of(workload) or b""
    (folder / WORKLOADS).write_bytes(Text(workload).signed().line() + b"\n")
    (folder / RECORDS).write_bytes(Text(record).signed(key).line() + b"\n")


def test_what_stands_beside_is_kept(copy: Copy, hostile: list[Attack]) -> None:
    attack = next(attack for attack in hostile if not attack.is_workload)
    with copy.records.open("ab") as file:
        file.write(attack.line + b"\n")
    assert copy.left() == copy.kept


def test_a_constant_may_be_infinite() -> None:
    """As where a maximum begins."""
    body = tirx.Evaluate(tirx.FloatImm("float32", float("-inf")))
    workload = ms.database.Workload(IRModule({"main": PrimFunc([], body)}))
    line = json.dumps(workload.as_json(), separators=(",", ":")).encode()
    assert objection_to_workload(line) is None
