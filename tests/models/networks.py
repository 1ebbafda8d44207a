"""Small networks built by hand, with their arrays as constants, and running them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import tvm
from tvm import relax

op = relax.op
Body = Callable[["Network", Any], Any]


class Network:
    """Emits operators whose constants are random, from a seed of its own."""

    def __init__(self) -> None:
        self.builder = relax.BlockBuilder()
        self.rng = np.random.default_rng(0)

    def emit(self, value: Any) -> Any:
        return self.builder.emit(value)

    def constant(self, *shape: int) -> Any:
        return relax.const(self.rng.standard_normal(shape).astype("float32") / 4)

    def positive(self, *shape: int) -> Any:
        return relax.const((self.rng.random(shape) + 0.5).astype("float32"))

    def conv(self, x: Any, channels: int, kernel: int, **attrs: Any) -> Any:
        weight = self.constant(channels, int(x.ty.shape[1]), kernel, kernel)
        return self.emit(op.nn.conv2d(x, weight, padding=kernel // 2, **attrs))

    def batch_norm(self, x: Any, axis: int = 1) -> Any:
        channels = int(x.ty.shape[axis])
        gamma, beta, mean = (
            self.positive(channels),
            self.constant(channels),
            self.constant(channels),
        )
        variance = self.positive(channels)
        both = op.nn.batch_norm(x, gamma, beta, mean, variance, axis=axis, training=False)
        return self.emit(relax.TupleGetItem(self.emit(both), 0))

    def relu(self, x: Any) -> Any:
        return self.emit(op.nn.relu(x))


def module(body: Body, *shape: int) -> tvm.IRModule:
    """A network of one float32 input."""
    network = Network()
    tensor = getattr(relax, "TensorType", None) or relax.TensorStructInfo
    x = relax.Var("x", tensor(shape, "float32"))
    with network.builder.function("main", [x]):
        with network.builder.dataflow():
            out = network.builder.emit_output(body(network, x))
        network.builder.emit_func_output(out)
    return network.builder.get()


def bottleneck(network: Network, x: Any) -> Any:
    """ResNet's block with a projection: four convolutions, each with a batch norm."""
    channels = int(x.ty.shape[1]) // 4
    y = network.relu(network.batch_norm(network.conv(x, channels, 1)))
    y = network.relu(network.batch_norm(network.conv(y, channels, 3, strides=2)))
    y = network.batch_norm(network.conv(y, 4 * channels, 1))
    shortcut = network.batch_norm(network.conv(x, 4 * channels, 1, strides=2))
    return network.relu(network.emit(op.add(y, shortcut)))


def run(mod: tvm.IRModule, *inputs: Any) -> Any:
    """What a module computes, compiled as TVM does by default."""
    machine = relax.VirtualMachine(tvm.compile(mod, tvm.target.Target("llvm")), tvm.cpu())
    return machine["main"](*[tvm.runtime.tensor(array) for array in inputs]).numpy()


def random(shape: Sequence[int]) -> Any:
    """A normally distributed input."""
    return np.random.default_rng(1).standard_normal(shape).astype("float32")


def tasks(mod: tvm.IRModule) -> list[str]:
    """The names of the functions of a fused module."""
    functions = (name.name_hint for name, _ in mod.functions_items())
    return sorted(name for name in functions if name != "main")
