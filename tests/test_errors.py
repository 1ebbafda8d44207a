"""Every error is a HeronError of one line; those about an argument are ValueErrors."""

from __future__ import annotations

import pytest

from heron_ms import errors

ARGUMENT_ERRORS = [
    errors.UnknownOperatorError,
    errors.InvalidDimensionError,
    errors.TargetError,
    errors.WorkDirError,
    errors.UnsupportedDtypeError,
    errors.TrialsError,
]


@pytest.mark.parametrize("kind", [*ARGUMENT_ERRORS, errors.UnsatisfiableSpaceError])
def test_the_message_is_one_line(kind: type[errors.HeronError]) -> None:
    error = kind("two\n  lines")
    assert str(error) == "two lines"
    assert isinstance(error, errors.HeronError)


@pytest.mark.parametrize("kind", ARGUMENT_ERRORS)
def test_a_bad_argument_is_a_value_error(kind: type[errors.HeronError]) -> None:
    assert issubclass(kind, ValueError)
