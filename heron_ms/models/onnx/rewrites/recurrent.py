"""RNN, GRU and LSTM as what they are made of: their steps, as many as the input is long.

The products with x do not wait for each other and are one product for all steps. Where sequences of
a batch have lengths of their own, a state stays as it is beyond the end of its sequence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from heron_ms.models.onnx.rewrites import cells
from heron_ms.models.onnx.rewrites.cells import State, Step, Weights
from heron_ms.models.onnx.writer import CannotBeHad, Writer

_ACTIVATIONS = {b"Sigmoid", b"Tanh", b"Relu"}
_BACKWARDS = {b"forward": [False], b"reverse": [True], b"bidirectional": [False, True]}


@dataclass(frozen=True)
class _Kind:
    """``states``: h, and c of an LSTM; ``defaults``: the activations of one direction."""

    gates: int
    states: int
    defaults: tuple[bytes, ...]
    step: Step


def _rnn(write: Writer) -> bool:
    return _unrolled(write, _Kind(1, 1, (b"Tanh",), cells.rnn))


def _gru(write: Writer) -> bool:
    after = write.attributes().get("linear_before_reset", 0)
    step = cells.gru_reset_after if after else cells.gru
    return _unrolled(write, _Kind(3, 1, (b"Sigmoid", b"Tanh"), step))


def _lstm(write: Writer) -> bool:
    return _unrolled(write, _Kind(4, 2, (b"Sigmoid", b"Tanh", b"Tanh"), cells.lstm))


def _unrolled(write: Writer, kind: _Kind) -> bool:
    attributes, shape, hidden = write.attributes(), write.shape(), write.shape(2)
    if shape is None or hidden is None:
        raise CannotBeHad("its shapes are known only at run time")
    if attributes.get("clip") is not None or attributes.get("input_forget", 0):
        raise CannotBeHad("it clips its gates or has one for input and forgetting")
    batch_first = bool(attributes.get("layout", 0))
    x = write.transpose(write.input(0), 1, 0, 2) if batch_first else write.input(0)
    length, batch = (shape[1], shape[0]) if batch_first else (shape[0], shape[1])
    backwards = _BACKWARDS[attributes.get("direction", b"forward")]
    ways = [
        _Way(write, kind, place, backward, (length, batch, hidden[2]), batch_first).run(x)
        for place, backward in enumerate(backwards)
    ]
    # Of all steps (length, directions, batch, hidden), of the last one (directions, batch, hidden).
    orders = [(2, 0, 1, 3), (1, 0, 2), (1, 0, 2)]
    parts = [(all_steps, *last) for all_steps, last in ways]
    for place, values in enumerate(zip(*parts, strict=True)):
        out = write.outputs(place)
        if not out:
            continue
        if batch_first:
            joined = write.add("Concat", *values, axis=1 if place == 0 else 0)
            write.transpose(joined, *orders[place], out=out)
        else:
            write.add("Concat", *values, out=out, axis=1 if place == 0 else 0)
    return True


class _Way:
    """One direction of a recurrent operator."""

    def __init__(
        self,
        write: Writer,
        kind: _Kind,
        place: int,
        backward: bool,
        sizes: tuple[int, int, int],
        batch_first: bool,
    ) -> None:
        self._write, self._kind, self._place = write, kind, place
        self._backward, self._batch_first = backward, batch_first
        self._length, self._batch, self._hidden = sizes
        self._width = kind.gates * self._hidden

    def run(self, x: str) -> tuple[str, list[str]]:
        """All hidden states (length, 1, batch, hidden), and the last states (1, batch, hidden)."""
        write, weights = self._write, self._weights()
        of_x = write.add("MatMul", x, self._transposed(1))
        bias = self._bias(0)
        of_x = write.add("Add", of_x, bias) if bias else of_x
        state = tuple(self._initial(operand) for operand in range(5, 5 + self._kind.states))
        steps = []
        for place in self._order():
            new = self._kind.step(write, weights, write.at(of_x, place), state)
            state, shown = self._within(place, new, state)
            steps.append(write.reshape(shown, [1, 1, self._batch, self._hidden]))
        ordered = reversed(steps) if self._backward else steps
        last = [write.reshape(part, [1, self._batch, self._hidden]) for part in state]
        return write.add("Concat", *ordered, axis=0), last

    def _order(self) -> list[int]:
        places = range(self._length)
        return list(reversed(places)) if self._backward else list(places)

    def _within(self, place: int, new: State, old: State) -> tuple[State, str]:
        """The states after a step and what is shown of it: nothing beyond the end of a sequence."""
        lengths, write = self._write.input(4), self._write
        known = write.array(lengths) if lengths else None
        if not lengths or (known is not None and (known > place).all()):
            return new, new[0]
        bound = write.constant(np.asarray(place, "int32"))
        runs = write.reshape(write.add("Greater", lengths, bound), [self._batch, 1])
        state = tuple(write.add("Where", runs, *pair) for pair in zip(new, old, strict=True))
        zero = write.constant(np.zeros((), write.dtype()))
        return state, write.add("Where", runs, new[0], zero)

    def _weights(self) -> Weights:
        write = self._write
        peepholes: tuple[str, ...] = ()
        if write.input(7):
            all_of_them = write.at(write.input(7), self._place)
            parts = range(0, 3 * self._hidden, self._hidden)
            peepholes = tuple(
                write.slice(all_of_them, start, start + self._hidden, axis=0) for start in parts
            )
        r, b = self._transposed(2), self._bias(1)
        return Weights(r, b, peepholes, self._hidden, self._activations())

    def _transposed(self, operand: int) -> str:
        of_this = self._write.at(self._write.input(operand), self._place)
        return self._write.transpose(of_this, 1, 0)

    def _bias(self, half: int) -> str:
        """The bias of W, or of R; "" where there is none."""
        if not self._write.input(3):
            return ""
        both = self._write.at(self._write.input(3), self._place)
        return self._write.slice(both, half * self._width, (half + 1) * self._width, axis=0)

    def _initial(self, operand: int) -> str:
        write = self._write
        if not write.input(operand):
            return write.constant(np.zeros((self._batch, self._hidden), write.dtype()))
        return write.at(write.input(operand), self._place, axis=1 if self._batch_first else 0)

    def _activations(self) -> tuple[str, ...]:
        count, given = len(self._kind.defaults), self._write.attributes().get("activations")
        names = given[self._place * count :][:count] if given else self._kind.defaults
        others = set(names) - _ACTIVATIONS
        if others:
            raise CannotBeHad(f"the activation {min(others).decode()}")
        return tuple(name.decode() for name in names)


RECURRENT: dict[str, Callable[[Writer], bool]] = {"RNN": _rnn, "GRU": _gru, "LSTM": _lstm}
