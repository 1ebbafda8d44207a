"""A compiled model as one shared library, which TVM's runtime alone loads and runs.

What the library is lies in it: a Relax function `ABOUT` returns a JSON text as a tensor of bytes.
A file beside it could be lost, or belong to another library.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from struct import unpack_from
from typing import Any

import numpy as np

from heron_ms._tvm import IRModule, relax
from heron_ms.errors import LibraryError, last_line
from heron_ms.hardware import cpu_for, host
from heron_ms.models.model import Input, Model

ABOUT = "heron_ms_about"
FORMAT = 1
_HEADER = 64
"""Bytes of the header of an ELF file."""


@dataclass(frozen=True)
class About:
    """What a library was compiled of: ``source`` by name and, where it was a file, ``digest``.

    ``layers`` are the seconds that each of its functions took while it was tuned, None for one
    without a record; ``cores`` are those that it was compiled for; ``allows`` is what was allowed
    (`models.narrowed.allowing`).
    """

    source: str
    digest: str | None
    cores: int
    target: str
    inputs: tuple[Input, ...]
    outputs: tuple[str, ...]
    layers: Mapping[str, float | None] = field(default_factory=dict)
    allows: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One line."""
        return json.dumps({"format": FORMAT, **asdict(self)})

    @classmethod
    def of_json(cls, text: str) -> About:
        """What `to_json` wrote. Raises ValueError, KeyError or TypeError for anything else."""
        fields = json.loads(text)
        if fields.pop("format") != FORMAT:
            raise ValueError("it is of another version of heron-ms")
        inputs = tuple(
            Input(given["name"], tuple(given["shape"]), given["dtype"])
            for given in fields.pop("inputs")
        )
        outputs, allows = (tuple(fields.pop(name)) for name in ("outputs", "allows"))
        return cls(inputs=inputs, outputs=outputs, allows=allows, **fields)


def with_about(mod: IRModule, about: About) -> IRModule:
    """A Relax module that says what it is; its other functions are as they were."""
    builder = relax.BlockBuilder(mod)
    with builder.function(ABOUT, []):
        text = np.frombuffer(about.to_json().encode(), "uint8")
        builder.emit_func_output(relax.const(text))
    return builder.get()


@dataclass(frozen=True)
class Library:
    """A loaded library; ``module`` is what TVM's runtime makes of it."""

    path: Path
    about: About
    module: Any

    def machine(self) -> Any:
        """A Relax virtual machine on this CPU, in the calling thread."""
        return _machine(self.module)


def open_library(path: Path) -> Library:
    """Load what `heron-ms compile` wrote; raises `LibraryError`, which says what it is not."""
    import tvm

    if not path.is_file():
        what = "is no file" if path.exists() else "does not exist"
        raise LibraryError(f"the library {path} {what}: make one with `heron-ms compile`")
    refused = f"{path} is no library that `heron-ms compile` wrote"
    with path.open("rb") as file:
        header = file.read(_HEADER)
    if header[:4] != b"\x7fELF":
        raise LibraryError(refused)
    if not _is_whole(header, path.stat().st_size):
        raise LibraryError(f"{path} is cut short: copy it again, or `heron-ms compile` it anew")
    try:
        module = tvm.runtime.load_module(str(path.resolve()))
        about = About.of_json(_machine(module)[ABOUT]().numpy().tobytes().decode())
    except Exception as error:  # TVM has one of several for each kind of file
        raise LibraryError(f"{refused}: {last_line(error)}") from error
    library = Library(path, about, module)
    _require_cpu(library)
    return library


def _is_whole(header: bytes, size: int) -> bool:
    """Whether all of a 64-bit ELF file is there, to load which would kill this process otherwise.

    Linkers write the table of sections last (System V ABI, ELF-64 object file format).
    """
    if len(header) < _HEADER:
        return False
    [begins] = unpack_from("<Q", header, 0x28)
    entry, count = unpack_from("<HH", header, 0x3A)
    return bool(begins + entry * count <= size)


def _require_cpu(library: Library) -> None:
    """Raise `LibraryError` where a library has instructions that this CPU lacks: they kill."""
    compiled = cpu_for(json.loads(library.about.target))
    missing = sorted(compiled.features - host().features)
    if missing:
        raise LibraryError(
            f"{library.path} was compiled for a CPU with {', '.join(missing)} ({compiled.summary})"
            f", which this one lacks ({host().summary}): compile it here"
        )


def _machine(module: Any) -> Any:
    import tvm

    return relax.VirtualMachine(module, tvm.cpu())


def require_same(library: Library, model: Model) -> None:
    """Raise `LibraryError` unless a model has the inputs and outputs of a library."""
    about = library.about
    ours, theirs = _signature(about.inputs), _signature(model.inputs)
    if ours != theirs or len(about.outputs) != len(model.outputs):
        raise LibraryError(
            f"{library.path} was compiled of {about.source} with inputs {ours} and "
            f"{len(about.outputs)} outputs; {model.source} is another model, with inputs {theirs} "
            f"and {len(model.outputs)} outputs"
        )


def _signature(inputs: tuple[Input, ...]) -> str:
    return ", ".join(
        f"{given.name} {'x'.join(map(str, given.shape)) or 'scalar'} {given.dtype}"
        for given in inputs
    )
