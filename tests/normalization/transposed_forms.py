"""Transposed convolutions as people write them, and what they compute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, Target, te, tirx, tvm_compile


@dataclass(frozen=True)
class Axis:
    """One axis: extents of input and kernel, stride, padding and output padding."""

    size: int
    kernel: int
    stride: int
    pad: int
    out_pad: int

    @property
    def out(self) -> int:
        """Extent of the output."""
        return (self.size - 1) * self.stride + self.kernel - 2 * self.pad + self.out_pad

    @property
    def border(self) -> int:
        """Zeros before the dilated input."""
        return self.kernel - 1 - self.pad

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Outputs and taps that meet between which the zeros are not, by going through all."""
        every = product(range(self.out), range(self.kernel))
        return [(y, t) for y, t in every if (y + t - self.border) % self.stride == 0]


@dataclass(frozen=True)
class Transposed:
    """A transposed convolution along two axes, and its operands' types."""

    n: int
    h: Axis
    w: Axis
    ci: int
    co: int
    dtypes: tuple[str, str, str]

    @property
    def products(self) -> int:
        """Multiplications of its polyphase form."""
        return self.n * self.ci * self.co * len(self.h.pairs) * len(self.w.pairs)

    def arrays(self, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
        """A (N, H, W, CI) and B (KH, KW, CI, CO), of small whole numbers."""
        shapes = (
            (self.n, self.h.size, self.w.size, self.ci),
            (
                *(self.h.kernel, self.w.kernel),
                *(self.ci, self.co),
            ),
        )
        low = [0 if dtype.startswith("uint") else -9 for dtype in self.dtypes]
        a, b = (
            rng.integers(least, 10, shape).astype(dtype)
            for least, shape, dtype in zip(low, shapes, self.dtypes, strict=False)
        )
        return a, b

    def reference(self, a: Any, b: Any) -> NDArray[np.float64]:
        """C (N, OH, OW, CO): each input adds the kernel, times itself, to a window of it."""
        full = [(axis.size - 1) * axis.stride + axis.kernel for axis in (self.h, self.w)]
        c = np.zeros((self.n, *(f + 9 for f in full), self.co))
        for y, x in product(range(self.h.size), range(self.w.size)):
            window = np.einsum("nc,hwco->nhwo", a[:, y, x].astype(np.float64), b.astype(np.float64))
            top, left = y * self.h.stride, x * self.w.stride
            c[:, top : top + self.h.kernel, left : left + self.w.kernel] += window
        return c[:, self.h.pad :][:, : self.h.out, self.w.pad :][:, :, : self.w.out]


@st.composite
def transposed(draw: st.DrawFn, dtypes: tuple[str, str, str] | None = None) -> Transposed:
    """A small one; the output is never empty."""
    h, w = (draw(_axes()) for _ in range(2))
    n, ci, co = (draw(st.integers(1, most)) for most in (2, 4, 4))
    known = [("uint8", "int8", "int32"), ("int8", "int8", "int32"), ("float32",) * 3]
    return Transposed(n, h, w, ci, co, dtypes or draw(st.sampled_from(known)))


@st.composite
def _axes(draw: st.DrawFn) -> Axis:
    size, kernel, stride = (draw(st.integers(*bounds)) for bounds in ((2, 5), (1, 5), (1, 3)))
    pad = draw(st.integers(0, min(kernel - 1, ((size - 1) * stride + kernel - 1) // 2)))
    return Axis(size, kernel, stride, pad, draw(st.integers(0, stride - 1)))


def _dot(of: Transposed, x: Callable[..., Any], b: Any, out: Callable[..., Any]) -> Any:
    rh, rw = (te.reduce_axis((0, axis.kernel), n) for axis, n in ((of.h, "rh"), (of.w, "rw")))
    rc, c = te.reduce_axis((0, of.ci), "rc"), of.dtypes[2]

    def dot(*at: Any) -> Any:
        n, y, z, o = out(*at)
        weight = b(of.h.kernel - 1 - rh, of.w.kernel - 1 - rw, rc, o).astype(c)
        return te.sum(x(n, y + rh, z + rw, rc).astype(c) * weight, axis=[rh, rw, rc])

    return dot


def _operands(of: Transposed) -> tuple[Any, Any]:
    shape = (of.h.kernel, of.w.kernel, of.ci, of.co)
    a = te.placeholder((of.n, of.h.size, of.w.size, of.ci), of.dtypes[0], name="A")
    return a, te.placeholder(shape, of.dtypes[1], name="B")


def _under(a: Any, of: Transposed) -> Callable[..., Any]:
    """The dilated and padded input as an expression."""

    def element(n: Any, y: Any, x: Any, c: Any) -> Any:
        inside, at = [], []
        for axis, index in ((of.h, y - of.h.border), (of.w, x - of.w.border)):
            inside += [index >= 0, index <= (axis.size - 1) * axis.stride]
            inside += [tirx.floormod(index, axis.stride) == 0] if axis.stride > 1 else []
            at.append(tirx.floordiv(index, axis.stride) if axis.stride > 1 else index)
        zero = tirx.const(0, of.dtypes[0])
        return tirx.if_then_else(tirx.all(*inside), a(n, *at, c), zero)

    return element


def predicated(of: Transposed) -> IRModule:
    """The operand is under a predicate."""
    a, b = _operands(of)
    shape = (of.n, of.h.out, of.w.out, of.co)
    c = te.compute(shape, _dot(of, _under(a, of), b, lambda *at: at), name="C")
    return IRModule({"main": te.create_prim_func([a, b, c])})


def staged(of: Transposed) -> IRModule:
    """The dilated and padded input in a block of its own."""
    a, b = _operands(of)
    sizes = [axis.out + axis.kernel - 1 for axis in (of.h, of.w)]
    x = te.compute((of.n, *sizes, of.ci), _under(a, of), name="A_dilated")
    shape = (of.n, of.h.out, of.w.out, of.co)
    return _function(a, b, te.compute(shape, _dot(of, x, b, lambda *at: at), name="C"))


def padded_first(of: Transposed) -> IRModule:
    """Padded by a block, then dilated under a predicate, as te_workload does."""
    a, b = _operands(of)
    before = [-(-axis.border // axis.stride) for axis in (of.h, of.w)]
    after = [-(-(axis.border + axis.out_pad) // axis.stride) for axis in (of.h, of.w)]
    padded = _topi().nn.pad(a, [0, *before, 0], [0, *after, 0])
    steps = (of.h.stride, of.w.stride)
    shifts = [-axis.border % axis.stride for axis in (of.h, of.w)]

    def x(n: Any, y: Any, z: Any, c: Any) -> Any:
        at = [index + shift for index, shift in zip((y, z), shifts, strict=True)]
        hits = [tirx.floormod(i, step) == 0 for i, step in zip(at, steps, strict=True) if step > 1]
        value = padded(n, *(tirx.floordiv(i, s) for i, s in zip(at, steps, strict=True)), c)
        zero = tirx.const(0, of.dtypes[0])
        return tirx.if_then_else(tirx.all(*hits), value, zero) if hits else value

    shape = (of.n, of.h.out, of.w.out, of.co)
    return _function(a, b, te.compute(shape, _dot(of, x, b, lambda *at: at), name="C"))


def topi(of: Transposed) -> IRModule:
    """TOPI's, on channels first, dilated and then padded, with the kernel turned by a block."""
    a = te.placeholder((of.n, of.ci, of.h.size, of.w.size), of.dtypes[0], name="A")
    b = te.placeholder((of.ci, of.co, of.h.kernel, of.w.kernel), of.dtypes[1], name="B")
    pads = (of.h.pad, of.w.pad, of.h.pad, of.w.pad)
    strides, out_pads = (of.h.stride, of.w.stride), (of.h.out_pad, of.w.out_pad)
    c = _topi().nn.conv2d_transpose_nchw(a, b, strides, pads, of.dtypes[2], out_pads)
    return _function(a, b, c)


def _function(a: Any, b: Any, c: Any) -> IRModule:
    return IRModule({"main": te.create_prim_func([a, b, c])})


def _topi() -> Any:
    from tvm import topi as library

    return library


FORMS = {"predicated": predicated, "staged": staged, "padded first": padded_first, "topi": topi}
"""The ways to write one."""


def compute(
    mod: IRModule, form: str, of: Transposed, a: Any, b: Any, target: Any = None
) -> NDArray[Any]:
    """What a module makes of A and B, built as it is, as C (N, OH, OW, CO)."""
    import tvm

    first = form == "topi"
    operands = [a.transpose(0, 3, 1, 2), b.transpose(2, 3, 0, 1)] if first else [a, b]
    shape = (of.n, of.co, of.h.out, of.w.out) if first else (of.n, of.h.out, of.w.out, of.co)
    c = tvm.runtime.tensor(np.full(shape, -7, of.dtypes[2]))
    plain = {"kind": "llvm", "num-cores": 1, "opt-level": 0}
    kernel = tvm_compile(mod, Target(target or plain))
    kernel(*(tvm.runtime.tensor(np.ascontiguousarray(array)) for array in operands), c)
    result = np.asarray(c.numpy())
    return result.transpose(0, 2, 3, 1) if first else result
