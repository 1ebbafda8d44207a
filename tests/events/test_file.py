"""The file of events: one write a line, JSON lines at all times, and what cannot be read."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from heron_ms.errors import EventsError, WorkDirError
from heron_ms.events.bus import is_heard, listening, tell
from heron_ms.events.file import NAME, EventFile
from heron_ms.events.kinds import Event, TaskLeft
from heron_ms.events.reading import of_kind, read_events
from heron_ms.events.run import recorded

FACTS: dict[str, Any] = {"subject": "a test", "target": "llvm", "cores": 1, "trials": 4}


def test_a_line_is_there_before_tell_returns(tmp_path: Path) -> None:
    with recorded(tmp_path, **FACTS):
        tell(TaskLeft(task="main", error="no reason"))
        rows = read_events(tmp_path)
        assert [row["event"] for row in rows] == ["run", "left"]
    assert rows[1]["version"] == 1 and rows[1]["error"] == "no reason"
    [end] = of_kind(read_events(tmp_path), "end")
    assert end["how"] == "finished" and end["seconds"] > 0 and end["error"] is None


def test_every_value_is_flat(tmp_path: Path) -> None:
    with recorded(tmp_path, **FACTS):
        pass
    for line in (tmp_path / NAME).read_text().splitlines():
        for value in json.loads(line).values():
            assert value is None or isinstance(value, (str, int, float, bool))


def test_a_second_run_appends_after_a_broken_line(tmp_path: Path) -> None:
    with recorded(tmp_path, **FACTS):
        pass
    whole = (tmp_path / NAME).read_bytes()
    (tmp_path / NAME).write_bytes(whole + b'{"version": 1, "ev')
    assert len(read_events(tmp_path)) == 2
    with recorded(tmp_path, **FACTS):
        pass
    rows = [json.loads(line) for line in (tmp_path / NAME).read_text().splitlines()]
    assert (tmp_path / NAME).read_bytes().startswith(whole)
    assert [row["event"] for row in rows] == ["run", "end"] * 2
    assert rows[0]["run"] == rows[1]["run"] != rows[2]["run"]


def test_unwritten_it_is_heard_all_the_same(tmp_path: Path) -> None:
    heard: list[Event] = []
    unwritten = recorded(tmp_path, written=False, **FACTS)
    with listening(heard.append), unwritten, recorded(tmp_path, **FACTS):
        pass
    assert [event.kind for event in heard] == ["run", "end"]
    assert not list(tmp_path.iterdir())


def test_a_run_in_a_run_is_one(tmp_path: Path) -> None:
    with recorded(tmp_path, **FACTS), recorded(tmp_path, **FACTS):
        pass
    assert [row["event"] for row in read_events(tmp_path)] == ["run", "end"]


@pytest.mark.parametrize(
    ("error", "how"), [(KeyboardInterrupt, "interrupted"), (OSError, "failed")]
)
def test_how_it_ended(tmp_path: Path, error: type[BaseException], how: str) -> None:
    with pytest.raises(error), recorded(tmp_path, **FACTS):
        raise error("because")
    *_, end = read_events(tmp_path)
    assert end["how"] == how and end["error"] == ("because" if how == "failed" else None)


def test_another_thread_is_not_heard() -> None:
    heard: list[Event] = []
    others: list[bool] = []
    with listening(heard.append):
        thread = threading.Thread(target=lambda: others.append(is_heard()))
        thread.start()
        thread.join()
        assert is_heard()
    assert others == [False] and not is_heard()


def test_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / NAME).symlink_to("/dev/full")
    with pytest.raises(WorkDirError, match="is the disk full"), recorded(tmp_path, **FACTS):
        pass


def test_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(EventsError, match="has no events.jsonl: name the work directory"):
        read_events(tmp_path)
    file = EventFile(tmp_path)
    file.close()
    with pytest.raises(EventsError, match="no event yet"):
        read_events(tmp_path)
    (tmp_path / NAME).write_text('["no", "event"]\n')
    with pytest.raises(EventsError, match="line 1 is no event"):
        read_events(tmp_path)
    (tmp_path / NAME).write_text('{"version": 2, "event": "run", "run": "", "time": 0}\n')
    with pytest.raises(EventsError, match="is of version 2, and this heron-ms reads 1"):
        read_events(tmp_path)
