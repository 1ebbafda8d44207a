"""Every block of code in README and docs runs, or says that it is a shell's, a file or output."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from heron_ms.cli import main
from heron_ms.cli.arguments.parser import build_parser
from heron_ms.cli.model.arguments import routed
from tests.docs.pages import PAGES, REPOSITORY, Block, blocks, name_of, ran

RUN, FILE = "python", re.compile(r'json title="(\S+)"')
NOT_RUN = {"shell", "console", "text", "diff"}
"""Commands, output, and differences between two programs."""

INCLUDED = re.compile(r"\{ \.(?:python|toml) \.include \}")
_SNIPPET = re.compile(r'--8<-- "(.+)"')


def _of(language: str, page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.language == language]


WITH_PYTHON = [page for page in PAGES if _of(RUN, page)]


def _commands(page: Path) -> Iterator[str]:
    """The calls of heron-ms in a page's blocks for a shell."""
    for block in _of("shell", page):
        for line in block.text.replace("\\\n", " ").splitlines():
            if line.startswith("heron-ms "):
                yield line


COMMANDS = sorted({command for page in PAGES for command in _commands(page)})


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_says_what_it_is(page: Path) -> None:
    for block in blocks(page):
        known = block.language in {RUN, *NOT_RUN} or FILE.fullmatch(block.language)
        if INCLUDED.fullmatch(block.language):
            match = _SNIPPET.fullmatch(block.text.strip())
            assert match and (REPOSITORY / match[1]).is_file()
        else:
            assert known, f"{name_of(page)}:{block.line}: {block.language!r}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_no_code_is_hidden_by_indenting_it(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
    assert not re.search(r"^\n {4}\S", text, re.MULTILINE)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands_are_commands(command: str) -> None:
    words = shlex.split(command, comments=True)[1:]
    assert build_parser().parse_args(routed(words)).run


WITH_OUTPUT = [(page, block) for page in PAGES for block in _of("console", page)]


@pytest.mark.parametrize(("page", "block"), WITH_OUTPUT)
def test_output_is_what_the_command_prints(
    page: Path, block: Block, capsys: pytest.CaptureFixture[str]
) -> None:
    command, *lines = block.text.splitlines()
    assert command.startswith("$ heron-ms ")
    assert main(shlex.split(command)[2:]) == 0
    printed = [line.split() for line in capsys.readouterr().out.splitlines()]
    for line in lines:
        assert line.split() in printed, f"{name_of(page)}:{block.line}: {line}"


@pytest.mark.slow
@pytest.mark.parametrize("page", WITH_PYTHON, ids=name_of)
def test_python_runs(page: Path, tmp_path: Path) -> None:
    for block in blocks(page):
        if match := FILE.fullmatch(block.language):
            json.loads(block.text)
            (tmp_path / match[1]).write_text(block.text)
    # The tuner's workers start anew from a file, not from a text.
    script = tmp_path / "page.py"
    script.write_text("\n".join(block.text for block in _of(RUN, page)))
    ran([str(script)], tmp_path)


def test_readme_runs_and_has_commands() -> None:
    assert REPOSITORY / "README.md" in WITH_PYTHON
    assert len(COMMANDS) > 20
