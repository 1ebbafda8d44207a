"""A database that came to harm: what is used of it, what is set aside, and what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from heron_ms._tvm import ms
from heron_ms.database import mending, shape
from heron_ms.database.child import CRASHED
from heron_ms.database.files import RECORDS, WORKLOADS
from heron_ms.database.text import unsigned
from heron_ms.errors import WorkDirError
from heron_ms.testing import survival
from heron_ms.work_dir import locked, open_database

FIRST = b'["'


def test_a_whole_one_stays_as_it_is(copy: Any) -> None:
    before = copy.records.read_bytes(), copy.workloads.read_bytes()
    assert copy.left() == copy.kept
    assert (copy.records.read_bytes(), copy.workloads.read_bytes()) == before
    assert all(record.checksum for record in copy.kept) and not copy.damaged.exists()


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'{"schema": 99}', "no list"),
        (b"null", "no list"),
        (b"[" * 100_000, "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[0,[[[],[]],[1.0]]]", "not a record"),
        (b"[9,[[[],[]],[1.0],{},[]]]", "its workload is missing"),
        (b"[0,[[[],[]],[-1.0],{},[]]]", "its seconds are not positive numbers"),
    ],
)
def test_a_foreign_record_is_named_and_set_aside(
    copy: Any, line: bytes, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    lines = copy.lines(RECORDS)
    copy.records.write_bytes(b"".join([*lines[:2], line + b"\n", *lines[2:]]))
    assert copy.left() == copy.kept
    assert f"{copy.records}: moved to {copy.damaged}: line 3 ({why})" in capfd.readouterr().err
    entry = json.loads(copy.damaged.read_text())
    assert entry["text"].encode("utf-8", "surrogateescape") == line
    assert (entry["file"], entry["line"], entry["why"]) == (RECORDS, 3, why)
    assert copy.left() == copy.kept and not capfd.readouterr().err


def test_tvm_may_crash_on_a_record(copy: Any) -> None:
    row = json.loads(copy.lines(RECORDS)[1])
    row[1][0][1][0][0] = None
    copy.records.write_bytes(json.dumps(row).encode() + b"\n" + copy.records.read_bytes())
    assert copy.left() == copy.kept
    assert json.loads(copy.damaged.read_text())["why"] == CRASHED


def test_a_workload_that_is_lost_does_not_move_the_others(copy: Any) -> None:
    first, second = copy.lines(WORKLOADS)
    copy.workloads.write_bytes(first.replace(b"A", b"B", 1) + second)
    open_database(str(copy.folder))
    assert survival.records(copy.folder) == [e for e in copy.kept if e.workload in second]
    assert copy.lines(WORKLOADS)[1] == second


def test_records_come_back_with_their_workload(copy: Any) -> None:
    _, second = copy.lines(WORKLOADS)
    copy.workloads.write_bytes(second[:-40] + b"\n")
    open_database(str(copy.folder))
    assert not copy.records.read_bytes()
    assert len(copy.damaged.read_text().splitlines()) == 1 + len(copy.kept)
    assert set(copy.left()) == set(copy.kept)
    assert len(copy.damaged.read_text().splitlines()) == 1


def test_a_program_in_place_of_another_is_noticed(copy: Any) -> None:
    """Without checksums: TVM reads a workload whose hash is not that of its program."""
    first, second = (json.loads(line) for line in copy.lines(WORKLOADS))
    lines = [json.dumps(row).encode() for row in ([first[0], second[1]], second)]
    copy.workloads.write_bytes(b"\n".join(lines) + b"\n")
    copy.records.write_bytes(unsigned(copy.records.read_bytes()))
    open_database(str(copy.folder))
    assert {record.workload for record in survival.records(copy.folder)} == {second[0].encode()}
    assert "its program is not the one" in copy.damaged.read_text()


def test_a_decision_that_does_not_fit_is_noticed(copy: Any) -> None:
    """Without checksums: TVM replaces a tile that does not divide, in silence."""
    rows = [json.loads(line) for line in copy.lines(RECORDS)]
    _, (decision, *_) = rows[0][1][0]
    decision[1][0] += 1
    copy.records.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len(copy.left()) == len(copy.kept) - 1
    assert "its decisions are none of its program" in copy.damaged.read_text()


def test_files_that_were_swapped_are_swapped_back(copy: Any) -> None:
    before = copy.records.read_bytes(), copy.workloads.read_bytes()
    copy.records.write_bytes(before[1])
    copy.workloads.write_bytes(before[0])
    assert copy.left() == copy.kept
    assert (copy.records.read_bytes(), copy.workloads.read_bytes()) == before


def test_workloads_that_moved_are_found(copy: Any) -> None:
    first, second = copy.lines(WORKLOADS)
    copy.workloads.write_bytes(second + second + first)
    assert copy.left() == copy.kept


@pytest.mark.parametrize("between", [b"", b"x", b'[0,[[[["GetSBlock",'])
def test_a_record_behind_the_rest_of_another_is_found(copy: Any, between: bytes) -> None:
    first, second, *others = copy.lines(RECORDS)
    copy.records.write_bytes(first[:-1] + between + b"".join([second, *others]))
    assert copy.left() == copy.kept


def test_an_intrinsic_that_nobody_registered(copy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    copy.records.write_bytes(unsigned(copy.records.read_bytes()))
    with monkeypatch.context() as context:
        context.setattr(shape, "_is_known", lambda name: False)
        assert copy.left() == []
    assert "import what registers the intrinsic" in copy.damaged.read_text()
    assert copy.left() == copy.kept and not copy.damaged.read_text()


def test_lines_that_tvm_refuses_although_they_are_whole(
    copy: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As those of another version may be: each is tried, and the rest is used."""
    made, refused = ms.database.JSONDatabase, copy.kept[0].rest

    def constructor(*paths: str, work_dir: str = "", **given: Any) -> Any:
        record = Path(paths[1] if paths else f"{work_dir}/{RECORDS}").read_bytes()
        if refused in record:
            raise RuntimeError("an instruction of another version")
        return made(*paths, work_dir=work_dir or None, **given)

    monkeypatch.setattr(ms.database, "JSONDatabase", constructor)
    open_database(str(copy.folder))
    assert survival.records(copy.folder) == copy.kept[1:]
    assert "an instruction of another version" in copy.damaged.read_text()
    monkeypatch.undo()
    assert set(copy.left()) == set(copy.kept)


class Killed(BaseException):
    """Ends a process here."""


@pytest.mark.parametrize("writes", range(5))
@pytest.mark.parametrize("swapped", [False, True])
def test_a_kill_between_two_writes_loses_nothing(
    copy: Any, writes: int, swapped: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = copy.lines(WORKLOADS)
    lines = copy.lines(RECORDS)
    workloads = second + second + b"null\n" + first
    records = b"".join([*lines[:2], b"{}\n", *lines[2:]])
    for path, content in ((copy.workloads, workloads), (copy.records, records)):
        path.write_bytes({workloads: records, records: workloads}[content] if swapped else content)
    with monkeypatch.context() as context, pytest.raises(Killed):
        _kill_after(writes, context)
        open_database(str(copy.folder))
        raise Killed
    assert set(copy.left()) == set(copy.kept)
    assert len(survival.records(copy.folder)) == len(copy.kept)
    assert len(copy.damaged.read_text().splitlines()) == 2


def _kill_after(writes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from heron_ms.database import aside

    left = [None] * writes
    for module in (mending, aside):
        replace = module.replace_file

        def killing(path: Path, text: bytes, replace: Callable[..., None] = replace) -> None:
            if not left:
                raise Killed
            left.pop()
            replace(path, text)

        monkeypatch.setattr(module, "replace_file", killing)


def test_nothing_is_mended_under_another_run(copy: Any) -> None:
    import heron_ms.work_dir

    copy.records.write_bytes(b"null\n" + copy.records.read_bytes())
    with locked(str(copy.folder)):
        heron_ms.work_dir._ours.clear()  # as if another process had it
        with pytest.raises(WorkDirError, match="in use by another run"):
            open_database(str(copy.folder))
        copy.records.write_bytes(unsigned(copy.records.read_bytes()[5:]))
        assert len(open_database(str(copy.folder)).get_all_tuning_records()) == len(copy.kept)


def test_a_full_disk_leaves_the_files_alone(copy: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    copy.records.write_bytes(b"null\n" + copy.records.read_bytes())
    before = copy.records.read_bytes()
    with monkeypatch.context() as context, pytest.raises(WorkDirError, match="No space left"):
        context.setattr(os, "fsync", _full)
        open_database(str(copy.folder))
    assert copy.records.read_bytes() == before
    assert copy.left() == copy.kept


def _full(*_: Any) -> None:
    raise OSError(28, "No space left on device")
