"""ONNX's own tests of its operators, loaded as models and run untuned.

A row for each of `onnx.backend.test.case.node`: right (every output within the test's tolerance),
refused (an error of ours that names what cannot be had), or wrong, which is anything else. Many
tests give as an input what no model changes from run to run, such as the sizes of a Reshape or the
axes of a reduction. A test that gives no values at first is tried again with such inputs (scalars,
lists of int64, and the scales of a Resize) as constants, and counted apart.
Prints the operators of which some test is not right, and counts; the exit status is 1 if one is
wrong. ``--json`` prints every test. The tests of training operators are left out.
"""

from __future__ import annotations

import warnings
from argparse import ArgumentParser, Namespace
from collections import Counter
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
import tvm
from tvm import relax

from heron_ms._tvm import tvm_compile
from heron_ms.errors import HeronError
from heron_ms.models.load import load
from scripts.bench.harness.console import first_line
from scripts.bench.harness.journal import Record
from scripts.bench.harness.options import add_only, is_chosen
from scripts.bench.harness.report import Report
from scripts.bench.harness.rows import CRASHED, Rows
from scripts.bench.harness.tables import markdown

HEAD = ("operator", "right", "refused", "wrong", "why")
OTHER_VALUES = "other values"
RESIZING = {"Resize", "Upsample"}
_QUICK = {"kind": "llvm", "opt-level": 0}
"""Compiled in half the time: nothing here is timed."""

_TWO_STEPS = {"float16": 2.0**-9, "bfloat16": 2.0**-6}
"""The tests' tolerance is less than a step of these types: a sum that is rounded once, not after
each term, is another number."""


@cache
def cases() -> dict[str, Any]:
    """The tests by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of numpy, for values that the tests want
        from onnx.backend.test.case.node import collect_testcases

        return {case.name: case for case in collect_testcases(None) if not _trains(case.model)}


def _trains(model: Any) -> bool:
    return any(entry.domain.startswith("ai.onnx.preview.training") for entry in model.opset_import)


def make(identity: Record, _: Path) -> Record:
    """A row: what becomes of one test."""
    begun = perf_counter()
    case = cases()[identity["test"]]
    row = _tried(case, [])
    sizes = _sizes(case.model, _data(case)[0])
    if row["outcome"] != "right" and row["why"] != OTHER_VALUES and sizes:
        row = _tried(case, sizes)
    return {**row, "seconds": round(perf_counter() - begun, 1)}


def _tried(case: Any, constants: list[int]) -> Record:
    """The outcome with the inputs at these places as constants."""
    row = {"constant inputs": len(constants), "why": ""}
    inputs, right = _data(case)
    model = _bound(case.model, {place: inputs[place] for place in constants})
    given = [value for place, value in enumerate(inputs) if place not in constants]
    try:
        loaded = load(model)
    except HeronError as error:
        return {**row, "outcome": "refused", "why": str(error)}
    except Exception as error:  # whatever it is, the table shows it
        return {**row, "outcome": "wrong", "why": f"loading: {first_line(error)}"}
    try:
        outputs = _outputs(loaded.mod, given)
    except Exception as error:
        return {**row, "outcome": "wrong", "why": f"compiling or running: {first_line(error)}"}
    good = len(outputs) == len(right) and all(
        _same(ours, theirs, case) for ours, theirs in zip(outputs, right, strict=True)
    )
    return {**row, "outcome": "right" if good else "wrong", "why": "" if good else OTHER_VALUES}


def _data(case: Any) -> tuple[list[Any], list[Any]]:
    """The inputs and the right outputs as arrays; those of types that numpy lacks are ONNX's."""
    from onnx import TensorProto, numpy_helper

    def array(value: Any) -> Any:
        if isinstance(value, TensorProto):
            return numpy_helper.to_array(value)
        # A sequence or an optional is nothing that a model of ours takes or returns.
        return np.asarray(value if isinstance(value, (np.ndarray, np.generic)) else None)

    inputs, outputs = case.data_sets[0]
    return [array(value) for value in inputs], [array(value) for value in outputs]


def _sizes(model: Any, inputs: Any) -> list[int]:
    """The places of inputs that say how large something is or which axes are meant."""
    scales = any(node.op_type in RESIZING for node in model.graph.node)
    return [
        place
        for place, value in enumerate(inputs)
        if value.dtype.kind != "O"
        and (value.ndim == 0 or (value.ndim == 1 and (scales or value.dtype == np.int64)))
    ]


def _bound(model: Any, constants: dict[int, Any]) -> Any:
    from onnx import ModelProto, numpy_helper

    bound = ModelProto()
    bound.CopyFrom(model)
    names = [value.name for value in model.graph.input]
    for place, value in constants.items():
        bound.graph.initializer.append(numpy_helper.from_array(value, names[place]))
    return bound


def _outputs(mod: Any, given: list[Any]) -> list[Any]:
    machine = relax.VirtualMachine(tvm_compile(mod, target=tvm.target.Target(_QUICK)), tvm.cpu())
    arrays = [tvm.runtime.tensor(np.array(value, order="C")) for value in given]
    result = machine["main"](*arrays)
    parts = [result] if hasattr(result, "numpy") else list(result)
    return [part.numpy() for part in parts]


def _same(ours: Any, right: Any, case: Any) -> bool:
    if ours.shape != right.shape or ours.dtype != right.dtype:
        return False
    if ours.dtype.kind in "iub":
        return np.array_equal(ours, right)
    tolerance = max(case.rtol, _TWO_STEPS.get(ours.dtype.name, 0.0))
    return np.allclose(
        ours.astype("float64"), right.astype("float64"), tolerance, case.atol, equal_nan=True
    )


def summary(rows: list[Record]) -> str:
    """The last line."""
    counts = Counter(row.get("outcome", "wrong") for row in rows)
    bound = sum(row.get("outcome") == "right" and row["constant inputs"] > 0 for row in rows)
    return (
        f"{counts['right']} of {len(rows)} tests right, {bound} of these with their sizes "
        f"constant; {counts['refused']} refused by name, {counts['wrong']} wrong"
    )


def by_operator(rows: list[Record]) -> list[list[object]]:
    """A line for each operator of which not all tests are right, with the first reason."""
    found: dict[str, list[Record]] = {}
    for row in rows:
        found.setdefault(_operator(cases()[row["test"]].model), []).append(row)
    return [
        [name, *counts, next(row["why"] for row in tests if row["outcome"] != "right")]
        for name, tests in sorted(found.items())
        if (counts := _counts(tests))[0] < len(tests)
    ]


def _operator(model: Any) -> str:
    """What a test is about: the operator of its first node."""
    node = model.graph.node[0]
    return f"{node.op_type} of {node.domain}" if node.domain else str(node.op_type)


def _counts(rows: list[Record]) -> list[int]:
    counts = Counter(row["outcome"] for row in rows)
    return [counts[outcome] for outcome in ("right", "refused", "wrong")]


def options(parser: ArgumentParser) -> None:
    """Which tests."""
    add_only(parser, "tests")


def run(arguments: Namespace) -> Report:
    """Runs what is missing. Raises SystemExit for no test."""
    chosen = [name for name in cases() if is_chosen(name, arguments.only)]
    if not chosen:
        raise SystemExit("no test has this in its name")
    rows = Rows(make, arguments.out).all_of({"test": name} for name in chosen)
    lost = {"outcome": "wrong", "constant inputs": 0, "why": CRASHED, "seconds": 0.0}
    rows = [lost | row for row in rows]
    sound = all(row["outcome"] != "wrong" for row in rows)
    text = "\n\n".join((markdown(HEAD, by_operator(rows)), summary(rows)))
    return Report(text, rows, sound)
