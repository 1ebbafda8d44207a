"""Packages that not everyone has: imported when a model asks for them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from heron_ms.errors import MissingExtraError


def optional(module: str, why: str, install: str) -> Any:
    """A module. Raises MissingExtraError, which says what to install, where there is none."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f'{why} needs the package {error.name}: pip install "{install}"'
        ) from error
