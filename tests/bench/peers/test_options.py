"""The cases that a command line asks for."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

import pytest

from scripts.bench.peers.cases import case, cases
from scripts.bench.peers.options import add_options


def test_a_case_is_read_with_its_weight_and_types() -> None:
    assert case("gemm 64 32 16").name == "gemm-64x32x16-packed-u8s8"
    assert case("gemm 64 32 16 nk f32").name == "gemm-64x32x16-nk-f32"
    assert case("bmm 2 64 32 16").weight == "kn" or "packed" in type(case("bmm 2 8 8 8")).weights


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gem 1 2 3", "'gem 1 2 3'"),
        ("gemm 1 2", "'gemm 1 2'"),
        ("gemm 0 2 3", "positive"),
        ("gemm 1 2 3 pakced", "pakced"),
        ("", "none of gemm"),
    ],
)
def test_a_bad_case_is_one_line(text: str, words: str) -> None:
    with pytest.raises(SystemExit) as stop:
        case(text)
    assert words in str(stop.value) and "\n" not in str(stop.value)


def _parsed(words: list[str]) -> Namespace:
    parser = ArgumentParser()
    add_options(parser)
    return parser.parse_args(words)


def test_only_takes_what_has_the_text_in_its_name() -> None:
    arguments = _parsed(["--only", "gemv-", "--only", "scan-16x"])
    found = cases(arguments)
    assert {row.operator for row in found} == {"gemv", "scan"}
    with pytest.raises(SystemExit):
        cases(_parsed(["--only", "nothing like it"]))


def test_unknown_contenders_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        _parsed(["--with", "stock,onedn"])
    assert "'onedn' is none of" in capsys.readouterr().err
    assert _parsed(["--with", "stock"]).contenders == ("stock",)
    assert set(_parsed([]).contenders) == {"stock", "repaired", "onednn", "onnxruntime"}
