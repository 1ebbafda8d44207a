"""The glossary is in the order of the alphabet, and says each word once."""

from __future__ import annotations

import re

from tests.docs.pages import REPOSITORY

PAGE = (REPOSITORY / "docs/glossary.md").read_text()
WORDS = re.findall(r"^\*\*(.+)\*\*$", PAGE, re.MULTILINE)


def test_words_are_in_order() -> None:
    assert sorted(WORDS, key=str.casefold) == WORDS
    assert len({word.casefold() for word in WORDS}) == len(WORDS)


def test_every_word_is_defined() -> None:
    assert len(re.findall(r"^\*\*.+\*\*\n:   \S", PAGE, re.MULTILINE)) == len(WORDS) > 30
