"""One step of each recurrent operator: from a state and the products with x to the next state.

``gates`` of x have x W^T and the bias of W added; r and b are R^T and the bias of R, whose columns
are the gates in ONNX's order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from heron_ms.models.onnx.writer import Writer

State = tuple[str, ...]


@dataclass(frozen=True)
class Weights:
    """Of one direction: R^T (hidden, gates hidden), the bias of R, and peepholes or none."""

    r: str
    b: str
    peepholes: tuple[str, ...]
    hidden: int
    activations: tuple[str, ...]


Step = Callable[[Writer, Weights, str, State], State]


def rnn(write: Writer, weights: Weights, gates: str, state: State) -> State:
    """h = f(x W^T + h R^T + b)."""
    total = write.add("Add", gates, _product(write, weights, state[0]))
    return (write.add(weights.activations[0], total),)


def lstm(write: Writer, weights: Weights, gates: str, state: State) -> State:
    """c = f c + i c~, h = o tanh(c); with peepholes, i and f see the old c and o the new one."""
    (h, c), (f, g, k) = state, weights.activations
    total = write.add("Add", gates, _product(write, weights, h))
    i, o, forget, new = (gate(write, total, weights, place) for place in range(4))
    if weights.peepholes:
        i, forget = (
            write.add("Add", part, write.add("Mul", c, weights.peepholes[place]))
            for part, place in ((i, 0), (forget, 2))
        )
    kept = write.add("Mul", write.add(f, forget), c)
    c = write.add("Add", kept, write.add("Mul", write.add(f, i), write.add(g, new)))
    if weights.peepholes:
        o = write.add("Add", o, write.add("Mul", c, weights.peepholes[1]))
    return write.add("Mul", write.add(f, o), write.add(k, c)), c


def gru(write: Writer, weights: Weights, gates: str, state: State) -> State:
    """h = (1 - z) h~ + z h, with h~ = g(x W^T + (r h) R^T + b)."""
    z, r = _update_and_reset(write, weights, gates, state[0])
    reset = _product(write, weights, write.add("Mul", r, state[0]))
    return _mixed(write, weights, gates, (z, gate(write, reset, weights, 2)), state[0])


def gru_reset_after(write: Writer, weights: Weights, gates: str, state: State) -> State:
    """The same with h~ = g(x W^T + r (h R^T + b))."""
    z, r = _update_and_reset(write, weights, gates, state[0])
    product = gate(write, _product(write, weights, state[0]), weights, 2)
    return _mixed(write, weights, gates, (z, write.add("Mul", r, product)), state[0])


def _update_and_reset(write: Writer, weights: Weights, gates: str, h: str) -> tuple[str, str]:
    total = write.add("Add", gates, _product(write, weights, h))
    first = weights.activations[0]
    return (
        write.add(first, gate(write, total, weights, 0)),
        write.add(first, gate(write, total, weights, 1)),
    )


def _mixed(write: Writer, weights: Weights, gates: str, parts: tuple[str, str], h: str) -> State:
    z, reset = parts
    new = write.add("Add", gate(write, gates, weights, 2), reset)
    new = write.add(weights.activations[1], new)
    # z h + (1 - z) h~ with one product less.
    return (write.add("Add", new, write.add("Mul", z, write.add("Sub", h, new))),)


def gate(write: Writer, gates: str, weights: Weights, place: int) -> str:
    """The columns of one gate."""
    return write.slice(gates, place * weights.hidden, (place + 1) * weights.hidden, axis=1)


def _product(write: Writer, weights: Weights, h: str) -> str:
    product = write.add("MatMul", h, weights.r)
    return write.add("Add", product, weights.b) if weights.b else product
