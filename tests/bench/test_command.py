"""The one command: every benchmark is there, asks what it says, and is interrupted in a line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from scripts.bench.catalogue import ENTRIES
from scripts.bench.command import INTERRUPTED, main
from scripts.bench.harness.benchmark import Entry
from scripts.bench.harness.paths import REPOSITORY
from scripts.bench.harness.report import Report


class Doubling:
    """Shows twice what it is given; interrupted by zero, not sound below it."""

    def options(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int)

    def run(self, arguments: Namespace) -> Report:
        if not arguments.number:
            raise KeyboardInterrupt
        rows = [(arguments.number, 2 * arguments.number)]
        return Report.of_table(("number", "double"), rows, sound=arguments.number > 0)


DOUBLING = [Entry("doubling", "what twice a number is", Doubling)]


def test_a_report_is_printed_and_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doubling", "3", "--out", str(tmp_path)], DOUBLING) == 0
    text = capsys.readouterr().out
    assert "| 3 | 6 |" in text and (tmp_path / "doubling.md").read_text() == text
    assert main(["doubling", "3", "--out", str(tmp_path), "--json"], DOUBLING) == 0
    data = [{"number": 3, "double": 6}]
    assert json.loads(capsys.readouterr().out) == data
    assert json.loads((tmp_path / "doubling.json").read_text()) == data


def test_the_status_says_whether_all_is_sound(tmp_path: Path) -> None:
    assert main(["doubling", "--out", str(tmp_path), "--", "-3"], DOUBLING) == 1


def test_an_interruption_is_a_line_that_says_what_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doubling", "0", "--out", str(tmp_path)], DOUBLING) == INTERRUPTED
    (line,) = capsys.readouterr().err.splitlines()
    assert "interrupted" in line and str(tmp_path) in line and DOUBLING[0].keeps in line


WAITING = """
import sys, time
from pathlib import Path
from scripts.bench.command import main
from scripts.bench.harness.benchmark import Entry
from scripts.bench.harness.processes import fresh_pool

class Waiting:
    def options(self, parser):
        pass
    def run(self, arguments):
        with fresh_pool(1) as pool:
            pool.submit(print, "started", flush=True).result()
            pool.submit(time.sleep, 60).result()

if __name__ == "__main__":
    sys.exit(main(["waiting"], [Entry("waiting", "nothing", Waiting)]))
"""


def _as_in_a_terminal() -> None:
    """A shell has what it starts in the background ignore Ctrl-C, and so its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("everybody", [True, False])
def test_no_process_says_more_nor_stays(everybody: bool, tmp_path: Path) -> None:
    """As by Ctrl-C, which a terminal sends to the children too, or by ``kill -INT``."""
    script = tmp_path / "waiting.py"
    script.write_text(WAITING)
    with subprocess.Popen(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_as_in_a_terminal,
    ) as process:
        assert process.stdout is not None and process.stdout.readline() == "started\n"
        (os.killpg if everybody else os.kill)(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=20)
    assert process.returncode == INTERRUPTED
    assert len(said.splitlines()) == 1 and "interrupted" in said


def test_the_list_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["--help"])
    lines = capsys.readouterr().out.splitlines()
    assert stop.value.code == 0
    for entry in ENTRIES:
        assert any(line.split()[:1] == [entry.name] and entry.shows in line for line in lines)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_each_teaches_its_options(entry: Entry, capsys: pytest.CaptureFixture[str]) -> None:
    benchmark = entry.load()
    with pytest.raises(SystemExit) as stop:
        main([entry.name, "--help"], [Entry(entry.name, entry.shows, lambda: benchmark)])
    text = capsys.readouterr().out
    assert stop.value.code == 0
    assert (benchmark.__doc__ or "").splitlines()[0] in text and "--out" in text


def test_an_unknown_name_is_told_the_known_ones(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["figure13"])
    assert "figure12" in capsys.readouterr().err
