"""What every machine is to the rest of heron_ms; a kind of machine adds what is its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeVar

from heron_ms.errors import TargetError
from heron_ms.hardware.checks import demand, described, positive
from heron_ms.hardware.memory import Memory
from heron_ms.hardware.structure import Level, Structure, Tiling, check_structure

CORE = "core"
UNLIMITED = 2**30
AMachine = TypeVar("AMachine", bound="Machine")


def only(kind: type[AMachine], given: Machine, what: str) -> AMachine:
    """``given``, of which only one kind of machine will do; raises `TargetError` for any other."""
    if not isinstance(given, kind):
        raise TargetError(f"machine {given.name!r} is no {what}")
    return given


@dataclass(frozen=True)
class Unit:
    """Units that work side by side, and what a loop is bound to that runs on them.

    name: such as "core" or "warp". count: how many there are. binding: as in `Level`.

    Raises `TargetError` for a count that is not an integer above zero.
    """

    name: str
    count: int
    binding: str

    def __post_init__(self) -> None:
        positive(self.count, f"unit {self.name!r}: count")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """An accelerator as data.

    name: how a user names it. source: where the numbers come from that no memory carries.
    memories: a set; the order is of meaning to some kinds of machines only.
    units: what works side by side. structure: how products are tiled for it.
    intrinsics: names of tensor intrinsics, for the same operands the fastest first.
    limits: numbers by name that only the rules of its kind know.

    ``kind`` says which rules, constraints and device it has.

    Raises `TargetError` if the description contradicts itself.
    """

    kind: ClassVar[str] = ""
    usual: ClassVar[str] = ""
    """The name of the machine that is meant by the kind alone, where there are several."""
    parts: ClassVar[Mapping[str, type[Any]]] = {
        "memories": Memory,
        "units": Unit,
        "structure": Level,
    }
    """The tables of a file, and what one of them describes."""

    name: str
    source: str
    memories: tuple[Memory, ...]
    units: tuple[Unit, ...] = ()
    structure: Structure = ()
    intrinsics: tuple[str, ...] = ()
    limits: Mapping[str, int] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        for text in ("name", "source"):
            self.demand(bool(getattr(self, text)), f"{text} is empty")
        for members, what in ((self.memories, "memories"), (self.units, "units")):
            names = [member.name for member in members]
            self.demand(len(set(names)) == len(names), f"{what} named twice in {names}")
        check_structure(self.structure)
        held = {name for level in self.structure for name in level.holds.values()}
        for name in sorted(held):
            self.memory(name)

    @classmethod
    def of(cls: type[AMachine], given: Mapping[str, Any]) -> AMachine:
        """The machine that a file's tables describe: fields by name, ``[[memories]]`` and so on.

        Raises `TargetError`, with the name of the field, where they do not.
        """
        what = f"machine {given.get('name', '')!r}"
        made = {
            name: tuple(described(kind, table, f"{what}: {name}") for table in given[name])
            for name, kind in cls.parts.items()
            if name in given
        }
        intrinsics = {"intrinsics": tuple(given["intrinsics"])} if "intrinsics" in given else {}
        return described(cls, {**given, **made, **intrinsics}, what)

    def demand(self, holds: bool, message: str) -> None:
        """Raise `TargetError`, naming the machine, unless something holds."""
        demand(holds, f"machine {self.name!r}: {message}")

    def memory(self, name: str) -> Memory:
        """The memory of that name; `TargetError`, listing the memories, if there is none."""
        for memory in self.memories:
            if memory.name == name:
                return memory
        known = ", ".join(memory.name for memory in self.memories)
        raise TargetError(f"machine {self.name!r} has no memory {name!r}, only {known}")

    def memory_at(self, scope: str) -> Memory | None:
        """The memory that TVM's scope is of; None for "global", and for a scope of none of its."""
        explicit = (memory for memory in self.memories if memory.is_explicit)
        return next((memory for memory in explicit if memory.scope == scope), None)

    def share(self, name: str) -> int:
        """Bytes of a memory that one core can count on while all cores of this machine work."""
        memory = self.memory(name)
        return memory.capacity // min(memory.shared_by, self.cores)

    @property
    def cores(self) -> int:
        """How many of the outermost units there are; one where none is described."""
        return next((unit.count for unit in self.units if unit.name == CORE), 1)

    def with_cores(self: AMachine, cores: int) -> AMachine:
        """The same machine, of which a program uses that many cores; `TargetError` below one."""
        self.demand(cores > 0, f"a target needs at least one core, not {cores}")
        others = tuple(unit for unit in self.units if unit.name != CORE)
        own = [unit for unit in self.units if unit.name == CORE]
        return replace(self, units=(*(replace(unit, count=cores) for unit in own), *others))

    def limit(self, name: str, otherwise: int) -> int:
        """A limit of the machine's kind, or what holds where the description has none."""
        return self.limits.get(name, otherwise)

    @property
    def tallest(self) -> int:
        """Rows of the innermost tile at most."""
        return self.limit("tallest", UNLIMITED)

    @property
    def widest(self) -> int:
        """Tiles of lanes beside each other in the innermost tile at most."""
        return self.limit("widest", UNLIMITED)

    def tiling(self, accumulators: str) -> Tiling:
        """How products are tiled whose intrinsic accumulates in a scope, such as "global"."""
        return Tiling(self.structure, self.tallest, self.widest)

    def keeps(self, dtype: str) -> bool:
        """Whether programs for it may have buffers of their own of a dtype."""
        return True

    def parts_of_sum(self, results: int, depth: int) -> tuple[int, ...]:
        """In how many parts the sums of ``depth`` products of each of some results may be computed.

        1, a sum in one piece, comes first.
        """
        return (1,)

    def swizzles(self, dtypes: tuple[str, str], rows: tuple[int, int]) -> tuple[bool, ...]:
        """Whether rows of the factors' tiles are permuted in the memory that threads share.

        Both, where that is a choice. rows: how many elements the axes have that rows go along.
        """
        return (False,)

    @property
    def ways_of_results(self) -> tuple[bool, ...]:
        """Whether results go to memory by way of what threads share.

        Both, where that is a choice.
        """
        return (False,)

    @property
    def joins_sums(self) -> bool:
        """Whether sums may be stored as they are, to be joined with others and used later."""
        return True

    @property
    def dtype(self) -> str:
        """The short name of the types of a workload for it, unless told otherwise."""
        return "u8s8"

    @property
    def model(self) -> str:
        """What compilers call it."""
        return self.name

    @property
    def summary(self) -> str:
        """What to say beside its name, in a few words."""
        return f"{self.kind}, {self.cores} cores"

    @property
    def facts(self) -> dict[str, str | int]:
        """What a measurement on it depends on, for a record of it."""
        return {"machine": self.name, "cores": self.cores}

    def target(self) -> dict[str, Any]:
        """What `tvm.target.Target` takes; `TargetError` for one that nothing compiles for."""
        raise TargetError(f"nothing compiles for machine {self.name!r}")

    def here(self) -> str | None:
        """Why nothing can be measured on it here, as a predicate; None if it can."""
        return "is a description"
