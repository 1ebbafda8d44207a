"""What every operator of the papers is: a program, its inputs, and what is right."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import MISSING, Field, dataclass, fields
from math import prod, sqrt
from typing import Any, ClassVar, TypeVar

import numpy as np
from numpy.typing import NDArray

from heron_ms._tvm import PrimFunc, te
from heron_ms.errors import InvalidDimensionError, LayoutError
from heron_ms.layout_free import with_layout_free
from heron_ms.workloads import stages
from heron_ms.workloads.dtypes import Dtypes
from heron_ms.workloads.weights import WEIGHTS, WeightLayout

LARGEST = 2**20
"""The largest size; the tile factors of a larger one take too long to enumerate."""

MOST_ELEMENTS = 2**31 - 1
"""The largest buffer: TVM computes the places of its elements in 32 bits."""

LAYOUTS = ("nhwc", "nchw")
"""Layouts of the data of a convolution of any number of axes: channels last, channels first."""

Self = TypeVar("Self", bound="Workload")


@dataclass(frozen=True, kw_only=True)
class Workload(ABC):
    """C += cast(A) x cast(B) of fixed sizes (Heron, section on workloads).

    Every operator is a frozen dataclass whose positional fields are its sizes, integers in the
    paper's order. Its options are given by keyword: ``layout`` (convolutions only), ``weight``,
    ``a_dtype`` and ``b_dtype``, and ``c_dtype`` where sums are not of the usual type. With
    ``weight="ahead"`` the program takes B in the logical layout and says of it that it is constant
    (MetaSchedule's attribute "layout_free_buffers"), so that it may be packed once. Where
    ``requantised``, C is int8 (`Dtypes`).

    Raises `InvalidDimensionError` for a size that is out of range and a buffer too large for TVM,
    `LayoutError` for an unknown layout, and `UnsupportedDtypeError` for operands that nothing
    multiplies.
    """

    operator: ClassVar[str]
    summary: ClassVar[str]
    """One line: what it computes."""
    may_be_zero: ClassVar[frozenset[str]] = frozenset()
    """Sizes that count from zero, such as padding."""
    weights: ClassVar[tuple[str, ...]] = WEIGHTS
    layouts: ClassVar[tuple[str, ...]] = ("",)

    layout: str = ""
    weight: str = "kn"
    a_dtype: str = "uint8"
    b_dtype: str = "int8"
    c_dtype: str = ""
    requantised: bool = False

    def __post_init__(self) -> None:
        self._check_sizes()
        _choose("weight", self.weight, self.weights)
        _choose("layout", self.layout, self.layouts)
        _ = self.dtypes
        for name, shape in self.buffers.items():
            _check_elements(name, shape)

    def _check_sizes(self) -> None:
        """Raise `InvalidDimensionError` for a size out of range, or sizes that clash."""
        for name, size in zip(self.sizes(), self.case, strict=True):
            _check(name, size, 0 if name in self.may_be_zero else 1)

    @classmethod
    def sizes(cls) -> tuple[str, ...]:
        """The names of the sizes in the paper's order, in lower case."""
        return tuple(size.name for size in _sizes(cls))

    @classmethod
    def defaults(cls) -> dict[str, int]:
        """The sizes that may be left out, and what they are then."""
        return {size.name: size.default for size in _sizes(cls) if size.default is not MISSING}

    @classmethod
    def of(cls: type[Self], case: tuple[int, ...], dtype: str = "u8s8", **options: Any) -> Self:
        """An operator by its sizes and the short name of its types (`Dtypes`).

        Raises `InvalidDimensionError` for too few or too many sizes too.
        """
        sizes, dtypes = cls.sizes(), Dtypes.named(dtype)
        if not len(sizes) - len(cls.defaults()) <= len(case) <= len(sizes):
            wanted = " ".join(name.upper() for name in sizes)
            raise InvalidDimensionError(f"{cls.operator} takes {wanted}, got {len(case)} sizes")
        named: dict[str, Any] = dict(zip(sizes, case, strict=False))
        types = {"a_dtype": dtypes.a, "b_dtype": dtypes.b, "requantised": dtypes.requantised}
        usual = Dtypes.of(dtypes.a, dtypes.b, requantised=dtypes.requantised)
        types["c_dtype"] = "" if dtypes == usual else dtypes.c
        return cls(**named, **{**types, **options})

    @property
    def case(self) -> tuple[int, ...]:
        """The sizes in the paper's order."""
        return tuple(getattr(self, name) for name in self.sizes())

    @property
    def name(self) -> str:
        """Operator, sizes and options; unique, and fit for the name of a file."""
        sizes = "x".join(map(str, self.case))
        words = (self.operator, sizes, self.layout, self.weight, self.dtypes.name)
        return "-".join(word for word in words if word)

    @property
    def dtypes(self) -> Dtypes:
        """The types of A, B and C."""
        return Dtypes.of(self.a_dtype, self.b_dtype, self.c_dtype, self.requantised)

    @property
    def operations(self) -> int:
        """Nominal operations: two for each multiplication, those with padding counted."""
        return 2 * int(np.prod(self.c_shape)) * self.reduction

    @property
    @abstractmethod
    def reduction(self) -> int:
        """Products that are summed up for an element of C, those with padding counted."""

    @property
    @abstractmethod
    def a_shape(self) -> tuple[int, ...]:
        """The shape of A in the program's layout."""

    @property
    @abstractmethod
    def b_shape(self) -> tuple[int, ...]:
        """The shape of B in the logical layout."""

    @property
    @abstractmethod
    def c_shape(self) -> tuple[int, ...]:
        """The shape of C in the program's layout."""

    @property
    def buffers(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the program's arguments, and of A with zeros around it."""
        return {
            "A": self.a_shape,
            "A_padded": self._padded_shape,
            "B": self._weight.shape,
            "C": self.c_shape,
        }

    @property
    @abstractmethod
    def _padded_shape(self) -> tuple[int, ...]:
        """The shape of A as the einsum reads it."""

    @property
    @abstractmethod
    def _weight(self) -> WeightLayout:
        """The layout of B in the program."""

    @abstractmethod
    def prim_func(self) -> PrimFunc:
        """The program, as a TensorIR function of A (data), B (weight) and C (result)."""

    @abstractmethod
    def arrange(self, b: NDArray[Any]) -> NDArray[Any]:
        """B from its logical layout to the one that the program takes."""

    @abstractmethod
    def _compute(self, a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """C of A in the program's layout and B in the logical one."""

    def _function(self, a: Any, b: Any, c: Any) -> PrimFunc:
        """The program of three tensors."""
        func = te.create_prim_func([a, b, c])
        return with_layout_free(func, [1]) if self.weight == "ahead" else func

    def _result(self, c: Any) -> Any:
        """Sums in the type of the result, before anything only moves them."""
        return stages.requantised(c) if self.requantised else c

    def random_inputs(self, rng: np.random.Generator) -> tuple[NDArray[Any], NDArray[Any]]:
        """A in the program's layout and B in the logical one.

        Integers are uniform over the whole range of their type, floats standard normal.
        """
        a, b = self.dtypes.a, self.dtypes.b
        return _random(rng, a, self.a_shape), _random(rng, b, self.b_shape)

    def reference(self, a: NDArray[Any], b: NDArray[Any]) -> NDArray[Any]:
        """C in the program's layout: integers as 32-bit arithmetic wraps, or float64 for floats."""
        # Products of bytes summed over any K that fits in memory stay exact in float64, which
        # BLAS multiplies a hundred times faster than numpy multiplies integers.
        exact = self._compute(a.astype(np.float64), b.astype(np.float64))
        if not self.dtypes.integer:
            return exact
        wrapped = exact.astype(np.int64).astype(np.int32)
        return requantise(wrapped) if self.requantised else wrapped

    def tolerance(self, a: NDArray[Any], b: NDArray[Any]) -> float | NDArray[np.float64]:
        """How far a right result may be from `reference`; 0 for integers.

        For floats, elementwise, the bound of a sum of products in f32 in any order: its length x
        eps x sum of |a| |b| (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1,
        with eps for 2u). In f16 a thousand products would be allowed to be anything by that, so
        there it is the root of the length, which rounding exceeds with next to no probability
        (Higham and Mary, A New Approach to Probabilistic Rounding Error Analysis, section 2).
        """
        if self.dtypes.integer:
            return 0.0
        magnitude = self._compute(*(np.abs(array.astype(np.float64)) for array in (a, b)))
        length = sqrt(self.reduction) if self.dtypes.c == "float16" else self.reduction
        return length * float(np.finfo(self.dtypes.c).eps) * magnitude

    def _layout_of(
        self, lead: tuple[int, ...], k: int, n: int, nk: tuple[int, ...]
    ) -> WeightLayout:
        """The layout of a weight (*lead, K, N) that this workload asks for."""
        return WeightLayout(self.weight, lead, k, n, nk, self.dtypes.lanes, self.dtypes.depth)


def _sizes(kind: type[Workload]) -> list[Field[Any]]:
    return [field for field in fields(kind) if not field.kw_only]


def _check(name: str, size: Any, lowest: int) -> None:
    at_least = f"{name.upper()} must be " + ("a positive integer" if lowest else "an integer >= 0")
    if isinstance(size, bool) or not isinstance(size, int) or size < lowest:
        raise InvalidDimensionError(f"{at_least}, got {size!r}")
    if size > LARGEST:
        raise InvalidDimensionError(f"{name.upper()} must be at most {LARGEST}, got {size}")


def _check_elements(name: str, shape: tuple[int, ...]) -> None:
    count = prod(shape)
    if count > MOST_ELEMENTS:
        raise InvalidDimensionError(
            f"{name} would have {' x '.join(map(str, shape))} = {count} elements, more than the "
            f"{MOST_ELEMENTS} of the largest buffer: choose smaller sizes"
        )


def _choose(option: str, given: str, allowed: tuple[str, ...]) -> None:
    if given not in allowed:
        choices = ", ".join(allowed) if any(allowed) else "left out"
        raise LayoutError(f"{option} must be {choices}, got {given!r}")


def _random(rng: np.random.Generator, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
    if "int" not in dtype:
        return to_dtype(rng.standard_normal(shape, np.float32), dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, shape, dtype=np.dtype(dtype), endpoint=True)


def requantise(sums: NDArray[np.int32]) -> NDArray[np.int8]:
    """The bytes of a requantised result (`Dtypes`)."""
    clipped: NDArray[np.int32] = np.clip(sums >> stages.SHIFT, 0, stages.HIGHEST)
    return clipped.astype(np.int8)


def to_dtype(array: NDArray[Any], dtype: str) -> NDArray[Any]:
    """An array in a type that TVM names; numpy has bfloat16 from ml_dtypes, as TVM does."""
    import ml_dtypes

    return array.astype(getattr(ml_dtypes, dtype, dtype))
