"""Each intrinsic compiled once, looked for in the assembly, and run where the CPU can."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from heron_ms._tvm import Target, tvm_compile
from heron_ms.checking import count_wrong
from heron_ms.cli.doctor.facts import Fact, Status
from heron_ms.hardware import Cpu, host, known_machines, machine
from heron_ms.intrinsics import INTRINSICS, Intrinsic
from heron_ms.intrinsics.pack import PACKINGS, Packing
from heron_ms.intrinsics.probe import Probe
from heron_ms.intrinsics.probe_pack import PackProbe


def intrinsic_facts() -> Iterator[Fact]:
    """One fact for each intrinsic of a CPU that heron_ms registers."""
    for intrinsic in tried():
        yield _guarded(intrinsic.name, partial(_try, intrinsic, host()))
    for name, packing in PACKINGS.items():
        yield _guarded(name, partial(_try_packing, packing))


def tried() -> list[Intrinsic]:
    """Those that an assembler writes; of those that differ in their rows alone, most and fewest."""
    families: dict[str, list[Intrinsic]] = {}
    for intrinsic in INTRINSICS.values():
        if intrinsic.assembled:
            families.setdefault(intrinsic.family, []).append(intrinsic)
    ordered = [sorted(family, key=lambda each: -each.rows) for family in families.values()]
    return [each for family in ordered for each in dict.fromkeys((family[0], family[-1]))]


def _guarded(name: str, attempt: Callable[[], Fact]) -> Fact:
    try:
        return attempt()
    except Exception as error:  # whatever goes wrong is what the user wants to know
        lines = str(error).strip().splitlines() or [type(error).__name__]
        return Fact(Status.FAIL, name, lines[-1])


def _try(intrinsic: Intrinsic, here: Cpu) -> Fact:
    compiled_for = _machine_with(intrinsic.features, here)
    probe = Probe(intrinsic)
    kernel = tvm_compile(probe.tensorized(), target=Target(compiled_for.target()))
    if intrinsic.instruction not in kernel.mod.inspect_source("asm"):
        detail = f"compiled for {compiled_for.model}, but there is no {intrinsic.instruction} in it"
        return Fact(Status.FAIL, intrinsic.name, detail)
    detail = f"compiled for {compiled_for.model}, {intrinsic.instruction} in the assembly"
    missing = ", ".join(sorted(intrinsic.features - here.features))
    if missing:
        return Fact(Status.OK, intrinsic.name, f"{detail}; not run: this CPU has no {missing}")
    wrong = _wrong(kernel, probe)
    return _verdict(intrinsic.name, detail, wrong)


def _machine_with(features: frozenset[str], here: Cpu) -> Cpu:
    """This CPU, or a described one that has the features."""
    described = (machine(name) for name in known_machines() if name != "dlboost")
    cpus = (here, *(other for other in described if isinstance(other, Cpu)))
    return next(cpu for cpu in cpus if features <= cpu.features)


def _wrong(kernel: Any, probe: Probe) -> int:
    """How many results are further from numpy's than rounding allows; none may be off in bytes."""
    import tvm

    a, b = probe.random_inputs(np.random.default_rng(0))
    expected = probe.reference(a, b)
    c = tvm.runtime.tensor(np.zeros(expected.shape, probe.intrinsic.c_dtype))
    kernel(tvm.runtime.tensor(a), tvm.runtime.tensor(probe.arrange(b)), c)
    return count_wrong(c.numpy(), expected, probe.tolerance(a, b))


def _try_packing(packing: Packing) -> Fact:
    import tvm

    probe = PackProbe(packing)
    kernel = tvm_compile(probe.tensorized(), target=Target(host().target()))
    source = probe.random_input(np.random.default_rng(0))
    expected = probe.reference(source)
    packed = tvm.runtime.tensor(np.zeros_like(expected))
    kernel(tvm.runtime.tensor(source), packed)
    wrong = int(np.count_nonzero(packed.numpy() != expected))
    return _verdict(packing.name, f"compiled for {host().model}", wrong)


def _verdict(name: str, detail: str, wrong: int) -> Fact:
    if wrong:
        return Fact(Status.FAIL, name, f"{detail}, but {wrong} results differ from numpy")
    return Fact(Status.OK, name, f"{detail}, results right")
