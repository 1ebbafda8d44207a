"""Stops an import beside a TVM that would crash later.

apache-tvm 0.27.0.post1 asks for apache-tvm-ffi >= 0.1.14.post0 without an upper bound, pip then
installs 0.1.15, and that pair dies of a segmentation fault in `Schedule.tensorize`, in
`TuneContext` and in every JSON serialisation. Versions come from the metadata of the installed
distributions, so the check runs before TVM is loaded and costs milliseconds.
"""

from __future__ import annotations

import re
from importlib import metadata

TVM_RELEASE = (0, 27, 0)
FFI_RELEASE = (0, 1, 14)
FIX = "pip install 'apache-tvm[all]==0.27.0.post1' 'apache-tvm-ffi>=0.1.14.post0,<0.1.15'"

_VERSION = re.compile(r"(\d+(?:\.\d+)*)(.*)", re.DOTALL)


def check_versions() -> None:
    """Checks the installed apache-tvm and apache-tvm-ffi against the pair that works.

    Raises ImportError, naming both versions found and the command that installs the right ones.
    """
    tvm, ffi = _installed("apache-tvm"), _installed("apache-tvm-ffi")
    if _tvm_works(tvm) and _ffi_works(ffi):
        return
    raise ImportError(
        f"heron_ms needs apache-tvm 0.27.0.* with apache-tvm-ffi >=0.1.14.post0,<0.1.15, found "
        f"apache-tvm {tvm or 'not installed'} with apache-tvm-ffi {ffi or 'not installed'} "
        f"(ffi 0.1.15 crashes in this TVM); to fix it: {FIX}"
    )


def _installed(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _split(version: str) -> tuple[tuple[int, ...], str]:
    """The release of a PEP 440 version, and what follows it less a +local part."""
    match = _VERSION.fullmatch(version)
    if match is None:
        return (), version
    release = tuple(int(part) for part in match[1].split("."))
    return release, match[2].strip(".").split("+")[0]


def _tvm_works(version: str | None) -> bool:
    return version is not None and _split(version)[0] == TVM_RELEASE


def _ffi_works(version: str | None) -> bool:
    """0.1.14 itself, its release candidates and its development builds come before .post0."""
    if version is None:
        return False
    release, suffix = _split(version)
    if release[:3] != FFI_RELEASE:
        return False
    return len(release) > 3 or suffix.startswith("post")
