"""What programs write into README and docs stands there as they write it today."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.site.blocks import KINDS
from scripts.site.golden import golden
from scripts.site.helps import commands
from scripts.site.marks import Marked, marked, rewritten
from scripts.site.measured import measured
from scripts.site.pictures import PICTURES
from scripts.site.stated import PRIMITIVES
from tests.docs.pages import PAGES, REPOSITORY, name_of

BLOCKS = [(page, block) for page in PAGES for block in marked(page.read_text(), KINDS)]
ADVICE = "`python -m scripts.site` writes it anew"


def _comparable(kind: str, text: str) -> list[str]:
    """The words of a help: Python 3.13 names the argument of an option with two names once."""
    if kind != "help":
        return text.splitlines()
    return re.sub(r"(-\w) (\S+), (--[\w-]+) \2", r"\1, \3 \2", text).split()


@pytest.mark.parametrize(
    ("page", "block"),
    BLOCKS,
    ids=[f"{name_of(page)}: {block.kind} {block.words}" for page, block in BLOCKS],
)
def test_it_is_current(page: Path, block: Marked) -> None:
    now = KINDS[block.kind](block.words)
    assert _comparable(block.kind, block.text) == _comparable(block.kind, now), ADVICE


def test_every_command_has_its_help() -> None:
    page = (REPOSITORY / "docs/command-line.md").read_text()
    assert [block.words for block in marked(page, {"help": KINDS["help"]})] == commands()


def test_every_rule_is_shown() -> None:
    shown = {block.words.split()[0] for _, block in BLOCKS if block.kind != "help"}
    words = " ".join(block.words for _, block in BLOCKS if block.kind == "golden")
    assert set(PRIMITIVES) <= shown
    assert all(f": S{number}" in words for number in (1, 2, 3))


def test_only_marked_blocks_are_written() -> None:
    kinds = {"twice": lambda words: 2 * words}
    text = "a\n<!-- twice x -->\nold\n<!-- end -->\n<!-- other -->\nkept\n<!-- end -->\n"
    after = rewritten(text, kinds)
    assert after == text.replace("old", "xx")
    assert rewritten(after, kinds) == after
    assert [(block.words, block.text) for block in marked(after, kinds)] == [("x", "xx")]


def test_marks_within_a_line_stay_there() -> None:
    after = rewritten("a <!-- twice x -->old<!-- end --> b", {"twice": lambda words: 2 * words})
    assert after == "a <!-- twice x -->xx<!-- end --> b"


def test_a_number_that_is_not_kept() -> None:
    for words in ("nobody means all cases", "peers means nothing cases", "peers means all none"):
        with pytest.raises(KeyError):
            measured(words)


def test_a_step_that_is_none() -> None:
    with pytest.raises(KeyError):
        golden("gemm-pads: S9 nothing")


@pytest.mark.parametrize("name", PICTURES)
def test_pictures_are_current(name: str) -> None:
    assert (REPOSITORY / name).read_text() == PICTURES[name](), ADVICE
