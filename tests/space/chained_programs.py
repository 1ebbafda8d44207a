"""Functions of several products, and of products between other blocks, as networks have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tvm import te, tirx, topi

Tensors = list[Any]


def floats(name: str, *shape: int) -> Any:
    """A float32 argument."""
    return te.placeholder(shape, "float32", name)


def product(a: Any, b: Any, name: str) -> Any:
    """a x b; of bytes, accumulated in 32 bits."""
    k = te.reduce_axis((0, a.shape[1]), f"k_{name}")
    wide = "int32" if "int" in str(a.dtype) else str(a.dtype)

    def dot(i: Any, j: Any) -> Any:
        return te.sum(a[i, k].astype(wide) * b[k, j].astype(wide), axis=k)

    return te.compute((a.shape[0], b.shape[1]), dot, name=name)


def relu(x: Any, name: str = "relu") -> Any:
    """The larger of x and zero."""
    return te.compute(x.shape, lambda *i: te.max(x(*i), tirx.const(0, str(x.dtype))), name)


def convolution(a: Any, w: Any, name: str) -> Any:
    """A padded 3 x 3 convolution, channels last."""
    n, h, width, ci = a.shape
    padded = topi.nn.pad(a, [0, 1, 1, 0], [0, 1, 1, 0], name=f"pad_{name}")
    x, y = (te.reduce_axis((0, 3), f"{axis}_{name}") for axis in "xy")
    c = te.reduce_axis((0, ci), f"c_{name}")

    def dot(b: Any, i: Any, j: Any, o: Any) -> Any:
        return te.sum(padded[b, i + x, j + y, c] * w[x, y, c, o], axis=[x, y, c])

    return te.compute((n, h, width, w.shape[3]), dot, name=name)


def requantised() -> Tensors:
    """u8 x s8, back to u8, x s8, no size a multiple of the intrinsic."""
    a, b, c = (
        te.placeholder(shape, dtype, name)
        for shape, dtype, name in (
            ((24, 36), "uint8", "A"),
            ((36, 20), "int8", "B"),
            ((20, 28), "int8", "C"),
        )
    )
    y = product(a, b, "y")

    def narrow(i: Any, j: Any) -> Any:
        return te.max(te.min(y[i, j] >> 8, 255), 0).astype("uint8")

    return [a, b, c, product(te.compute(y.shape, narrow, "q"), c, "z")]


def perceptron() -> Tensors:
    """A layer with bias and SiLU, and another."""
    a, b, s, c = floats("A", 24, 40), floats("B", 40, 48), floats("S", 48), floats("C", 48, 20)
    y = product(a, b, "y")
    h = te.compute(y.shape, lambda i, j: y[i, j] + s[j], "h")
    g = te.compute(y.shape, lambda i, j: h[i, j] * te.sigmoid(h[i, j]), "g")
    return [a, b, s, c, product(g, c, "z")]


def three() -> Tensors:
    """Three layers, all padded."""
    a, b, c, d = floats("A", 8, 24), floats("B", 24, 40), floats("C", 40, 17), floats("D", 17, 33)
    x = relu(product(a, b, "x"), "r1")
    return [a, b, c, d, product(relu(product(x, c, "y"), "r2"), d, "z")]


def residual() -> Tensors:
    """A result that the next product and the end of the block both read."""
    a, b, c = floats("A", 24, 32), floats("B", 32, 32), floats("C", 32, 32)
    y = relu(product(a, b, "y"))
    z = product(y, c, "z")
    return [a, b, c, te.compute(z.shape, lambda i, j: z[i, j] + y[i, j], "out")]


def scaled_residual() -> Tensors:
    """A sum with bytes that are centred, widened and scaled first, block by block."""
    a, b = te.placeholder((24, 36), "uint8", "A"), te.placeholder((36, 32), "int8", "B")
    r = te.placeholder((24, 32), "uint8", "R")
    y = product(a, b, "y")
    wide = te.compute(r.shape, lambda *i: r(*i).astype("int32"), "wide")
    centred = te.compute(r.shape, lambda *i: wide(*i) - 133, "centred")
    real = te.compute(r.shape, lambda *i: centred(*i).astype("float32"), "real")
    scaled = te.compute(r.shape, lambda *i: real(*i) * tirx.const(0.25, "float32"), "scaled")
    out = te.compute(y.shape, lambda *i: y(*i).astype("float32") + scaled(*i), "out")
    return [a, b, r, relu(out)]


def bottleneck() -> Tensors:
    """Convolution, ReLU, convolution."""
    a, w1, w2 = floats("A", 1, 8, 8, 16), floats("W1", 3, 3, 16, 32), floats("W2", 3, 3, 32, 16)
    return [a, w1, w2, convolution(relu(convolution(a, w1, "y")), w2, "z")]


def attention() -> Tensors:
    """Scores, softmax, values."""
    q, k, v = floats("Q", 32, 16), floats("K", 16, 32), floats("V", 32, 16)
    return [q, k, v, product(topi.nn.softmax(product(q, k, "s"), axis=1), v, "o")]


def heads() -> Tensors:
    """Three products of one activation."""
    x, weights = floats("X", 20, 32), [floats(name, 32, 32) for name in "QKV"]
    r = relu(x)
    return [x, *weights, *(product(r, w, f"{w.op.name.lower()}_out") for w in weights)]


def right_operand() -> Tensors:
    """A product that is the right operand of the next."""
    a, b, c = floats("A", 32, 40), floats("B", 40, 24), floats("C", 24, 16)
    return [a, b, c, product(a, relu(product(b, c, "y")), "o")]


CHAINS: dict[str, tuple[Callable[[], Tensors], int]] = {
    program.__name__: (program, products)
    for program, products in (
        (requantised, 2),
        (perceptron, 2),
        (three, 3),
        (residual, 2),
        (scaled_residual, 1),
        (bottleneck, 2),
        (attention, 2),
        (heads, 3),
        (right_operand, 2),
    )
}
"""By name: makes the arguments and results, and how many products there are."""
