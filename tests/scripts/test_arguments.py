"""The cases that a command line asks for."""

from __future__ import annotations

import pytest
from compare_arguments import case, cases, parser


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


def test_only_takes_what_has_the_text_in_its_name() -> None:
    arguments = parser(None).parse_args(["--only", "gemv-", "--only", "scan-16x"])
    found = cases(arguments)
    assert {each.operator for each in found} == {"gemv", "scan"}
    with pytest.raises(SystemExit):
        cases(parser(None).parse_args(["--only", "nothing like it"]))


def test_unknown_contenders_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser(None).parse_args(["--with", "stock,onedn"])
    assert "'onedn' is none of" in capsys.readouterr().err
    assert parser(None).parse_args(["--with", "stock"]).contenders == ("stock",)
