"""From the CUDA C++ that TVM generates to C++ for the emulator: inline assembly becomes calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from heron_ms.errors import EmulationError
from heron_ms.measure.tensorcore.generating import PROLOGUE_ENDS

HEADER = Path(__file__).with_name("emulator.h")
_ASM = re.compile(r"(?:__asm__ __volatile__|asm volatile)\s*\(")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_OPERAND = re.compile(r'\s*"[^"]*"\s*\((.*)\)\s*', re.DOTALL)
_MMA = {
    "m16n8k8.row.col.f32.f16.f16.f32": "MMA_K8_F16",
    "m16n8k8.row.col.f16.f16.f16.f16": "MMA_K8_F16_F16",
    "m16n8k16.row.col.f32.f16.f16.f32": "MMA_F16",
    "m16n8k16.row.col.f16.f16.f16.f16": "MMA_F16_F16",
    "m16n8k16.row.col.f32.bf16.bf16.f32": "MMA_BF16",
    "m16n8k32.row.col.s32.s8.s8.s32": "MMA_S8",
}


@dataclass(frozen=True)
class _Asm:
    """A statement of inline assembly: its text, and the C++ of what it writes and reads."""

    text: str
    outputs: tuple[str, ...]
    inputs: tuple[str, ...]


def translate(source: str, names: Iterable[str]) -> str:
    """The C++ of a program that runs any of some kernels of the source on files.

    Raises `EmulationError` for assembly that is not emulated.
    """
    _, _, text = source.partition(PROLOGUE_ENDS)
    text = "".join(_translated(text))
    text = re.sub(r'extern "C" __global__ [^;{]*;\n', "", text)
    text = re.sub(
        r"extern __shared__ __align__\(\d+\) uchar (\w+)\[\];", r"uchar* \1 = shared;", text
    )
    return f'#include "{HEADER}"\n{text}\n{_main(text, names)}'


def parameters(source: str, name: str) -> list[tuple[str, str]]:
    """Types and names of a kernel's parameters."""
    # A kernel whose blocks have one thread has no bounds.
    found = re.search(rf"void (?:__launch_bounds__\(\d+\) )?{name}\(([^)]*)\) {{", source)
    if found is None:
        raise EmulationError(f"there is no kernel {name} in the source")
    words = [part.replace("__restrict__", "").rsplit(" ", 1) for part in found[1].split(",")]
    return [(kind.strip(), argument) for kind, argument in words]


def _main(text: str, names: Iterable[str]) -> str:
    kernels = ", ".join(_kernel(name, parameters(text, name)) for name in names)
    return f"int main(int count, char** words) {{ return emulate(count, words, {{{kernels}}}); }}\n"


def _kernel(name: str, arguments: Sequence[tuple[str, str]]) -> str:
    given = ", ".join(f"({kind})arrays[{at}]" for at, (kind, _) in enumerate(arguments))
    return f'{{"{name}", [](void** arrays) {{ {name}({given}); }}}}'


def _translated(text: str) -> Iterator[str]:
    at = 0
    for found in _ASM.finditer(text):
        end = _closing(text, found.end())
        yield text[at : found.start()]
        yield _call(_parsed(text[found.end() : end]))
        at = end + 1
        while text[at : at + 1] in (" ", "\n", ";"):
            at += 1
    yield text[at:]


def _closing(text: str, at: int) -> int:
    """Where the bracket closes that opened before ``at``."""
    depth, quoted = 1, False
    for position in range(at, len(text)):
        if text[position] == '"':
            quoted = not quoted
        elif not quoted:
            depth += {"(": 1, ")": -1}.get(text[position], 0)
        if not depth:
            return position
    raise EmulationError("a bracket of inline assembly does not close")


def _parsed(body: str) -> _Asm:
    text, outputs, inputs = [*_split(body, ":"), "", ""][:3]
    return _Asm("".join(_STRING.findall(text)), _operands(outputs), _operands(inputs))


def _operands(text: str) -> tuple[str, ...]:
    matches = (_OPERAND.fullmatch(part) for part in _split(text, ","))
    return tuple(found[1] for found in matches if found)


def _split(text: str, separator: str) -> list[str]:
    """Parts between separators that stand in no bracket and no string."""
    parts, depth, quoted = [""], 0, False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        if not quoted:
            depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(letter, 0)
        if letter == separator and not quoted and not depth:
            parts.append("")
        else:
            parts[-1] += letter
    return parts


def _call(asm: _Asm) -> str:
    text = asm.text
    if text.startswith("cp.async.wait_group"):
        return f"cp_async_wait({text.removesuffix(';').split()[-1]});"
    if text.startswith("cp.async.commit_group"):
        return "cp_async_commit();"
    if "@p cp.async" in text:
        to, source, size, condition = asm.inputs[:4]
        copy = f"cp_async({to}, {source}, {size})"
        return f"if ({condition}) {copy}; else cp_async_zero({to}, {size});"
    if text.startswith("cp.async.c"):
        return f"cp_async({', '.join(asm.inputs[:3])});"
    return _collective(asm)


def _collective(asm: _Asm) -> str:
    if asm.text.startswith("ldmatrix"):
        op = "LDMATRIX_TRANS" if ".trans" in asm.text else "LDMATRIX"
        return _gathered(asm, f"collective({op}, {len(asm.outputs)});")
    found = re.match(r"mma\.sync\.aligned\.([a-z0-9.]+)", asm.text)
    kind = "" if found is None else found[1].replace(".satfinite", "")
    if kind not in _MMA:
        raise EmulationError(f"no emulation of {asm.text.partition('{')[0]}")
    return _gathered(asm, f"collective({_MMA[kind]});")


def _gathered(asm: _Asm, call: str) -> str:
    reads = _each("current->in[{at}] = bits({value});", asm.inputs)
    writes = _each("current->out[{at}] = (void*)&({value});", asm.outputs)
    return f"{{{reads}{writes}{call}}}"


def _each(form: str, values: Sequence[str]) -> str:
    return "".join(form.format(at=at, value=value) for at, value in enumerate(values))
