"""The convolutions of the papers with one, two and three spatial axes, plain and dilated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from heron_ms.workloads.convolution import Convolution


@dataclass(frozen=True)
class Conv1d(Convolution):
    """C1D: one spatial axis (Heron, section on workloads). Raises what `Convolution` raises."""

    operator: ClassVar[str] = "c1d"
    summary: ClassVar[str] = "convolution along one axis"
    axes: ClassVar[tuple[str, ...]] = ("w",)

    n: int
    w: int
    ci: int
    co: int
    kw: int
    stride: int
    pad: int
    dil: int


@dataclass(frozen=True)
class Conv2d(Convolution):
    """C2D: two spatial axes (Heron, section on workloads). Raises what `Convolution` raises."""

    operator: ClassVar[str] = "c2d"
    summary: ClassVar[str] = "convolution along two axes"
    axes: ClassVar[tuple[str, ...]] = ("h", "w")

    n: int
    h: int
    w: int
    ci: int
    co: int
    kh: int
    kw: int
    stride: int
    pad: int
    dil: int


@dataclass(frozen=True)
class Dilated2d(Conv2d):
    """DIL: C2D under the name that it has with a dilation above one."""

    operator: ClassVar[str] = "dil"
    summary: ClassVar[str] = "dilated convolution along two axes"


@dataclass(frozen=True)
class Conv3d(Convolution):
    """C3D: three spatial axes (Heron, section on workloads). Raises what `Convolution` raises."""

    operator: ClassVar[str] = "c3d"
    summary: ClassVar[str] = "convolution along three axes"
    axes: ClassVar[tuple[str, ...]] = ("d", "h", "w")

    n: int
    d: int
    h: int
    w: int
    ci: int
    co: int
    kd: int
    kh: int
    kw: int
    stride: int
    pad: int
    dil: int
