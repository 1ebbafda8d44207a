"""Scan and Loop written out, where it is known how often they run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from heron_ms.models.onnx.branches import instance
from heron_ms.models.onnx.writer import CannotBeHad, Writer

_MOST = 20_000
"""Nodes up to which a loop is written out."""


def _scan(write: Writer) -> bool:
    attributes = write.attributes()
    if write.version < 9:
        raise CannotBeHad("of a version with a batch of its own")
    body, count = attributes["body"], attributes["num_scan_inputs"]
    states = list(write.node.input[: len(write.node.input) - count])
    scanned = write.node.input[len(states) :]
    axes = attributes.get("scan_input_axes", [0] * count)
    shapes = [write.facts.shape(name) for name in scanned]
    if any(shape is None for shape in shapes):
        raise CannotBeHad("how often it runs is known only at run time")
    length = int((shapes[0] or ())[axes[0]])
    backwards = attributes.get("scan_input_directions", [0] * count)

    def given(step: int) -> list[str]:
        return [
            write.at(name, length - 1 - step if backward else step, axis=axis % len(shape or ()))
            for name, axis, backward, shape in zip(scanned, axes, backwards, shapes, strict=True)
        ]

    shown: list[list[str]] = []
    for step in range(_checked(length, body)):
        results = _step(write, body, step, [*states, *given(step)])
        states, rest = results[: len(states)], results[len(states) :]
        shown.append(rest)
    outputs = len(body.output) - len(states)
    _finish(
        write, states, shown,
        attributes.get("scan_output_axes", [0] * outputs),
        attributes.get("scan_output_directions", [0] * outputs),
    )  # fmt: skip
    return True


def _loop(write: Writer) -> bool:
    body = write.attributes()["body"]
    count, goes_on = write.known(0), write.known(1)
    endless = not write.input(1) or (goes_on is not None and goes_on.all())
    if count is None or not endless or not _goes_on(body):
        raise CannotBeHad("how often it runs is known only at run time")
    states, shown = list(write.node.input[2:]), []
    true = write.constant(np.asarray(True))
    for step in range(_checked(int(count.reshape(())), body)):
        number = write.constant(np.asarray(step, "int64").reshape(_rank_of_number(body)))
        results = _step(write, body, step, [number, true, *states])[1:]
        states, rest = results[: len(states)], results[len(states) :]
        shown.append(rest)
    outputs = len(body.output) - 1 - len(states)
    _finish(write, states, shown, [0] * outputs, [0] * outputs)
    return True


def _rank_of_number(body: Any) -> list[int]:
    """The shape that the body declares for the number of the step: a scalar, or one element."""
    return [1] * len(body.input[0].type.tensor_type.shape.dim)


def _checked(steps: int, body: Any) -> int:
    if steps < 1:
        raise CannotBeHad("it never runs")
    if steps * len(body.node) > _MOST:
        raise CannotBeHad(f"{steps} steps of {len(body.node)} nodes are too many to write out")
    return steps


def _goes_on(body: Any) -> bool:
    """Whether a body hands on the condition that it was given, or a constant that is true."""
    name = body.output[0].name
    for node in reversed(body.node):
        if name in node.output:
            if node.op_type == "Constant":
                return any(attribute.t.raw_data == b"\x01" or list(attribute.t.int32_data) == [1]
                           for attribute in node.attribute)  # fmt: skip
            if node.op_type != "Identity":
                return False
            name = node.input[0]
    return bool(name == body.input[1].name)


def _step(write: Writer, body: Any, step: int, given: list[str]) -> list[str]:
    """Writes the body with its inputs under these names; returns those of its results."""
    names = {value.name: name for value, name in zip(body.input, given, strict=True)}
    prefix = next(name for name in write.node.output if name)
    graph = instance(body, f"{prefix}/{write.node.op_type}.{step}", write.facts, names)
    write.nodes.extend(graph.node)
    return [value.name for value in graph.output]


def _finish(
    write: Writer, states: list[str], shown: list[list[str]], axes: list[int], backwards: list[int]
) -> None:
    """The last states, and what each step showed, joined along new axes."""
    for name, out in zip(states, write.node.output, strict=False):
        if out:
            write.add("Identity", name, out=out)
    for place, (axis, backward) in enumerate(zip(axes, backwards, strict=True)):
        out = write.outputs(len(states) + place)
        if out:
            parts = [write.unsqueeze(step[place], axis) for step in shown]
            write.add("Concat", *(reversed(parts) if backward else parts), out=out, axis=axis)


LOOPS: dict[str, Callable[[Writer], bool]] = {"Scan": _scan, "Loop": _loop}
