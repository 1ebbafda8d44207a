"""Every fact about TVM names the tests that would notice if TVM changed, or says that none does."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs.pages import REPOSITORY

PAGE = (REPOSITORY / "docs/tvm.md").read_text()
FACTS = re.findall(r"^- .*?(?=^- |^\n|\Z)", PAGE, re.MULTILINE | re.DOTALL)
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def functions(file: str) -> set[str]:
    """The names of the functions of a module."""
    tree = ast.parse((REPOSITORY / file).read_text())
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact[2:30])
def test_a_fact_has_a_test_or_says_why_not(fact: str) -> None:
    _, noticed = fact.split("\n  → ")
    assert re.match(r"`tests/[\w/]+\.py::test_\w+`|\*No test\*: ", noticed)


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert name in functions(file)


def test_every_test_of_a_fact_is_named() -> None:
    files = sorted((REPOSITORY / "tests/tvm").glob("test_*.py"))
    written = {
        (file.relative_to(REPOSITORY).as_posix(), name)
        for file in files
        for name in functions(str(file))
        if name.startswith("test_")
    }
    assert len(files) == len(re.findall(r"^## ", PAGE, re.MULTILINE))
    assert written <= set(TESTS)
