"""Lines of a database that somebody wrote to do harm: some twenty kinds of attack, varied.

Each is made of a line that TVM wrote, and would be read, built or run by a reader who trusts it.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

Graph = dict[str, Any]
Row = list[Any]

CANARY = "tests.database.canary"
"""A function of TVM's that says that it was called."""

_NO_REFERENCES = {"ndim", "data_alignment", "offset_factor", "iter_type", "kind"}


@dataclass(frozen=True)
class Attack:
    """A line, and whether it is a workload or a record of the first workload."""

    name: str
    line: bytes
    is_workload: bool


def attacks(workload: bytes, record: bytes) -> Iterator[Attack]:
    """Made of two lines of JSON, of which the record is of the workload."""
    for name, change in _on_programs().items():
        graph = program_of(json.loads(workload))
        text = change(graph)
        content = json.dumps(graph) if text is None else text
        yield Attack(name, _workload(json.loads(workload)[0], content.encode()), True)
    for name, spoil in _on_records().items():
        row = json.loads(record)
        spoilt = spoil(row)
        yield Attack(name, (json.dumps(row) if spoilt is None else spoilt).encode(), False)
    yield Attack("a program shorter than it says", _too_short(workload), True)


def program_of(row: Row) -> Graph:
    """The graph of objects in a workload."""
    graph: Graph = json.loads(base64.b64decode(row[1])[8:])
    return graph


def _workload(name: str, program: bytes) -> bytes:
    return _line(name, len(program).to_bytes(8, "little") + program)


def _too_short(workload: bytes) -> bytes:
    name, text = json.loads(workload)
    return _line(name, base64.b64decode(text)[:-9])


def _line(name: str, content: bytes) -> bytes:
    return json.dumps([name, base64.b64encode(content).decode()], separators=(",", ":")).encode()


# Attacks on a program: each changes a graph, or returns the text to put in its place.


def _on_programs() -> dict[str, Callable[[Graph], str | None]]:
    return {
        **{f"operator {name}": _calling(name) for name in _OPERATORS},
        **{f"packed {name}": _calling("tirx.tvm_call_packed", name) for name in _FUNCTIONS},
        **{f"type {name}": _of_type(name) for name in _TYPES},
        **{f"annotation {name}": _annotated("s_tir.SBlock", name) for name in _ANNOTATIONS},
        **{f"loop {name}": _annotated("tirx.For", name) for name in _ANNOTATIONS[:2]},
        **{f"attribute {name}": _annotated("tirx.PrimFunc", name) for name in _ATTRIBUTES},
        **{f"dtype {name}": _with_dtype(name) for name in ("custom[x]8", "float32; x", "u" * 99)},
        **{f"extent {size}": _with_extent(size) for size in (2**41, 2**62, 2**70, -(2**70))},
        "no operator": _calling(None),
        "depth": _deep,
        "depth of text": lambda graph: "[" * 100_000,
        "names itself": lambda graph: _with_reference(graph, 0),
        "names one after": lambda graph: _with_reference(graph, 1),
        "names nothing": lambda graph: _with_reference(graph, -(10**6)),
        "root": lambda graph: graph.update(root_index=10**9),
        "metadata": lambda graph: graph.update(metadata={"b64ndarrays": ["AAAA"]}),
        "a node of two types": _of_two_types,
        "alignment": lambda graph: _first(graph, "tirx.BufferType").update(data_alignment=2**40),
        "many nodes": lambda graph: graph["nodes"].extend([{"type": "None"}] * 300_000),
    }


_OPERATORS = (
    "tirx.call_extern tirx.call_pure_extern tirx.call_llvm_intrin tirx.call_llvm_pure_intrin "
    "tirx.tvm_call_cpacked tirx.tvm_call_packed_lowered tirx.call_ffi_kernel tirx.tvm_struct_set "
    "tirx.address_of tirx.tvm_access_ptr tirx.masked_store tirx.handle_add_byte_offset "
    "tirx.anylist_setitem_call_packed tirx.TVMBackendAllocWorkspace tirx.print_buffer "
    "tirx.lookup_param tirx.cuda.func_call tirx.unheard_of"
).split()
_FUNCTIONS = (CANARY, "ffi.ModuleLoadFromFile", "tvm.rpc.server.upload", "runtime.SystemLib", "")
_TYPES = (
    "ffi.Function ffi.Module ffi.Tensor ffi.OpaquePyObject ir.EnvFunc relax.ExternFunc "
    "relax.Function target.Target s_tir.Trace s_tir.meta_schedule.PyDatabase unheard.Of"
).split()
_ANNOTATIONS = (
    "pragma_import_c pragma_import_llvm pragma_debug_skip_region pragma_unheard_of unheard_of "
    "tirx.unheard_of target.unheard_of"
).split()
_ATTRIBUTES = "target external_mods Codegen calling_conv tirx.is_entry_func Compiler".split()


def _calling(operator: str | None, function: str = CANARY) -> Callable[[Graph], None]:
    """A call in the place of what is cast first; without an operator, of a text."""

    def change(graph: Graph) -> None:
        at = _place(graph, "prim.Cast")
        _insert(graph, at, [
            {"type": "ffi.String", "data": function},
            {"type": "ir.StringImm", "data": {"span": 0, "ty": 1, "value": at}},
            {"type": "ffi.Array", "data": [at + 1]},
            {"type": "ffi.Array", "data": []},
            {"type": "ir.Op", "data": operator} if operator else {"type": "None"},
        ])  # fmt: skip
        cast = graph["nodes"][at + 5]
        call = {"op": at + 4, "args": at + 2, "attrs": 0, "ty_args": at + 3}
        cast.update(type="ir.Call", data={"span": 0, "ty": cast["data"]["ty"], **call})

    return change


def _of_type(name: str) -> Callable[[Graph], None]:
    def change(graph: Graph) -> None:
        at = _place(graph, "prim.Cast")
        _insert(graph, at, [{"type": name, "data": {"name": 2}}])

    return change


def _annotated(kind: str, name: str) -> Callable[[Graph], None]:
    """A text under a name, among the attributes of the last node of a kind."""

    def change(graph: Graph) -> None:
        at = _place(graph, kind)
        field = "attrs" if kind == "tirx.PrimFunc" else "annotations"
        text = 'extern "C" int system(const char *); int x = system("touch harm");'
        _insert(graph, at, [
            {"type": "ffi.String", "data": name},
            {"type": "ffi.String", "data": text},
            {"type": "ffi.Map", "data": [at, at + 1]},
            {"type": "ir.DictAttrs", "data": {"__dict__": at + 2}},
        ])  # fmt: skip
        graph["nodes"][at + 4]["data"][field] = at + (3 if field == "attrs" else 2)

    return change


def _with_dtype(dtype: str) -> Callable[[Graph], None]:
    return lambda graph: _first(graph, "ir.PrimType").update(dtype=dtype)


def _with_extent(size: int) -> Callable[[Graph], None]:
    def change(graph: Graph) -> None:
        for node in graph["nodes"]:
            if node["type"] == "int":
                node["data"] = size

    return change


def _deep(graph: Graph) -> None:
    at = _place(graph, "prim.Cast") + 1
    chain = [
        {"type": "prim.Add", "data": {"span": 0, "ty": 1, "a": at + n - 1, "b": at + n - 1}}
        for n in range(3000)
    ]
    _insert(graph, at, chain)


def _with_reference(graph: Graph, off: int) -> None:
    at = _place(graph, "prim.Cast")
    graph["nodes"][at]["data"]["value"] = at + off


def _of_two_types(graph: Graph) -> str:
    return json.dumps(graph).replace(
        '"type": "prim.Cast"', '"type": "ffi.Function", "type": "prim.Cast"', 1
    )


def _place(graph: Graph, kind: str) -> int:
    return next(at for at, node in enumerate(graph["nodes"]) if node["type"] == kind)


def _first(graph: Graph, kind: str) -> Any:
    return graph["nodes"][_place(graph, kind)]["data"]


def _insert(graph: Graph, at: int, nodes: list[Any]) -> None:
    """Put nodes before another; what was there keeps what it names."""

    def moved(value: Any) -> Any:
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return value + len(nodes) if is_number and value >= at else value

    later = graph["nodes"][at:]
    for node in later:
        data = node.get("data")
        if isinstance(data, list):
            node["data"] = [moved(value) for value in data]
        elif isinstance(data, dict):
            node["data"] = {
                name: value if name in _NO_REFERENCES else moved(value)
                for name, value in data.items()
            }
    graph["nodes"][at:] = [*nodes, *later]
    graph["root_index"] += len(nodes)


# Attacks on a record: each changes a row, or returns the text to put in its place.


def _on_records() -> dict[str, Callable[[Row], str | None]]:
    return {
        **{f"instruction {name}": _instructed(name) for name in _INSTRUCTIONS},
        **{f"traced {name}": _instructed("Annotate", ["l4", 1], [name]) for name in _ANNOTATIONS},
        **{f"layout of {name}": _laid_out(name) for name in _TYPES[:5]},
        **{f"target {name}": _targeted(name) for name in _OPTIONS},
        **{f"text {text}": _instructed("GetSBlock", [], [text, "main"]) for text in _TEXTS},
        "intrinsic": _instructed("Tensorize", ["b0"], ["unheard.of", True]),
        "number": _instructed("Split", ["l4", None, 2**90], [1, 0]),
        "object": _instructed("Split", ["l4", {"type": "ffi.Function"}], [1, 0]),
        "depth of lists": _instructed("Split", [_nested(50)], [1, 0]),
        "depth of the line": lambda row: "[0," + "[" * 100_000,
        "decision": lambda row: row[1][0][1].append([0, [2**90]]),
        "host": lambda row: row[1][2].update(host={"kind": "llvm", "cl-opt": ["-load=harm.so"]}),
        "shape": lambda row: row[1][3].append(["TENSOR", "float32", [2**62]]),
        "negative shape": lambda row: row[1][3].append(["TENSOR", "float32", [-1]]),
        "dtype": lambda row: row[1][3].append(["TENSOR", "custom[harm]8", [1]]),
        "argument": lambda row: row[1][3].append(["FUNCTION", "float32", [1]]),
        "two targets": lambda row: json.dumps(row).replace(
            '"kind": "llvm"', '"kind": "ext_dev", "kind": "llvm"'
        ),
        "no number": lambda row: json.dumps([row[0], [row[1][0], [float("nan")], *row[1][2:]]]),
    }


_INSTRUCTIONS = "UnsafeHideBufferAccess AnnotateBufferAccess Unheard os.system".split()
_OPTIONS = "cl-opt jit libs runtime system-lib unheard-of".split()
_TEXTS = ("../../etc/passwd", "x; touch harm", "$(touch harm)", "x\n#include <harm>", "x" * 9999)


def _instructed(
    name: str, inputs: list[Any] | None = None, attributes: list[Any] | None = None
) -> Callable[[Row], None]:
    instruction = [name, inputs or [], attributes or [], []]
    return lambda row: row[1][0][0].insert(0, deepcopy(instruction))


def _laid_out(kind: str) -> Callable[[Row], None]:
    graph = {"root_index": 1, "nodes": [{"type": "None"}, {"type": kind, "data": {"name": 0}}]}
    return _instructed("TransformLayout", ["b0", json.dumps(graph)], [0, 1, None, False])


def _targeted(option: str) -> Callable[[Row], None]:
    return lambda row: row[1][2].update({option: ["-load=harm.so"]})


def _nested(depth: int) -> Any:
    return [] if depth == 0 else [_nested(depth - 1)]
