"""Depthwise convolutions and pools as an importer leaves them, and what numpy computes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import IRModule, PrimFunc, relax
from heron_ms.models.passes import legalize_and_fuse

Array = NDArray[Any]


@dataclass(frozen=True)
class Depthwise:
    """A depthwise convolution, bias, residual and ReLU6; x is (1, c, h, w) or channels last.

    Arguments: x, the weight, the bias, the residual.
    """

    c: int
    h: int
    w: int
    kernel: int
    stride: int
    pad: int
    layout: str = "NCHW"

    @property
    def module(self) -> IRModule:
        """The one task that it is, as "main"."""
        x, weight, bias, residual = (
            relax.Var(name, relax.TensorType(shape, "float32"))
            for name, shape in zip("xwbr", self.shapes, strict=True)
        )
        convolution = relax.op.nn.conv2d(
            x,
            weight,
            strides=self.stride,
            padding=self.pad,
            groups=self.c,
            data_layout=self.layout,
            kernel_layout="OIHW" if self.layout == "NCHW" else "HWOI",
        )
        steps = (
            lambda value: relax.op.add(value, bias),
            lambda value: relax.op.add(value, residual),
            lambda value: relax.op.clip(value, 0, 6),
        )
        return _task([x, weight, bias, residual], convolution, steps)

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of the arguments."""
        high, wide = (_out(size, self.kernel, self.stride, self.pad) for size in (self.h, self.w))
        square = (self.kernel, self.kernel)
        if self.layout == "NCHW":
            data, out = (1, self.c, self.h, self.w), (1, self.c, high, wide)
            return [data, (self.c, 1, *square), (1, self.c, 1, 1), out]
        data, out = (1, self.h, self.w, self.c), (1, high, wide, self.c)
        return [data, (*square, self.c, 1), (1, 1, 1, self.c), out]

    def expected(self, x: Array, weight: Array, bias: Array, residual: Array) -> Array:
        """In float64."""
        if self.layout == "NCHW":
            x, bias, residual = (np.moveaxis(a, 1, -1) for a in (x, bias, residual))
            weight = np.transpose(weight, (2, 3, 0, 1))
        windows = _windows(x, self.kernel, self.stride, self.pad, 0.0)
        result = np.einsum("nyxcij,ijc->nyxc", windows, weight[..., 0].astype(np.float64))
        result = np.clip(result + bias + residual, 0, 6)
        return np.moveaxis(result, -1, 1) if self.layout == "NCHW" else result


@dataclass(frozen=True)
class Pool:
    """A pool of "max" or "avg" of windows of 3 x 3; argument: x."""

    kind: str
    c: int
    h: int
    w: int
    stride: int
    layout: str = "NCHW"

    @property
    def module(self) -> IRModule:
        """The one task that it is, as "main"."""
        x = relax.Var("x", relax.TensorType(self.shapes[0], "float32"))
        pool = {"max": relax.op.nn.max_pool2d, "avg": relax.op.nn.avg_pool2d}[self.kind]
        pooled = pool(x, (3, 3), self.stride, padding=1, layout=self.layout)
        return _task([x], pooled, ())

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """Of the argument."""
        last = (1, self.h, self.w, self.c)
        return [(1, self.c, self.h, self.w) if self.layout == "NCHW" else last]

    def expected(self, x: Array) -> Array:
        """In float64; the average is over what is no padding."""
        if self.layout == "NCHW":
            x = np.moveaxis(x, 1, -1)
        if self.kind == "max":
            result = _windows(x, 3, self.stride, 1, -np.inf).max(axis=(-2, -1))
        else:
            counted = _windows(np.ones_like(x), 3, self.stride, 1, 0.0).sum(axis=(-2, -1))
            result = _windows(x, 3, self.stride, 1, 0.0).sum(axis=(-2, -1)) / counted
        return np.moveaxis(result, -1, 1) if self.layout == "NCHW" else result


def _task(arguments: list[Any], value: Any, steps: Any) -> IRModule:
    builder = relax.BlockBuilder()
    with builder.function("main", arguments):
        with builder.dataflow():
            result = builder.emit(value)
            for step in steps:
                result = builder.emit(step(result))
            output = builder.emit_output(result)
        builder.emit_func_output(output)
    functions = legalize_and_fuse(builder.get()).functions_items()
    [task] = [func for _, func in functions if isinstance(func, PrimFunc)]
    return IRModule({"main": task.with_attr("global_symbol", "main")})


def _out(size: int, kernel: int, stride: int, pad: int) -> int:
    return (size + 2 * pad - kernel) // stride + 1


def _windows(x: Array, kernel: int, stride: int, pad: int, fill: float) -> Array:
    """(n, y, x, c, kernel, kernel) of channels last."""
    around = ((0, 0), (pad, pad), (pad, pad), (0, 0))
    padded = np.pad(x.astype(np.float64), around, constant_values=fill)
    every = np.lib.stride_tricks.sliding_window_view(padded, (kernel, kernel), axis=(1, 2))
    return every[:, ::stride, ::stride]
