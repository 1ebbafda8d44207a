"""The files and folders that a person names: what no file system takes is refused at once."""

from __future__ import annotations

from argparse import ArgumentTypeError
from pathlib import Path

from heron_ms.cli.arguments.numbers import shown

_LONGEST = 255
"""Bytes of a name on every file system of Linux."""

_LONGEST_PATH = 3800
"""Bytes of a path, of 4096 in all: names of files are appended to that of a work directory."""


def path(text: str) -> str:
    """The argparse type of a path, which need not be there."""
    fault = _fault(text)
    if fault is not None:
        raise ArgumentTypeError(f"must be {fault}, got {shown(text)}")
    return text


def _fault(text: str) -> str | None:
    """What a path must be and is not; None for one that can be used."""
    if not text:
        return "the name of a file or a folder"
    names = text.encode().split(b"/")
    if max(map(len, names)) > _LONGEST or len(b"/".join(names)) > _LONGEST_PATH:
        return f"at most {_LONGEST} bytes a name and {_LONGEST_PATH} in all"
    try:
        Path(text).stat()
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"a path that can be used ({error.strerror})"
    return None
