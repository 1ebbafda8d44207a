"""What the space rules need to know of a tensor intrinsic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from heron_ms._tvm import PrimFunc
from heron_ms.errors import IntrinsicError
from heron_ms.intrinsics.semantics import read_semantics


@dataclass(frozen=True)
class Intrinsic:
    """A dot-product intrinsic C[rows, lanes] += sum over depth of A[rows, depth] * B[lanes, depth].

    Shapes: with one row A is (depth,) and C (lanes,); with a depth of one A is (1,) and B (lanes,).
    B is compact. ``description`` is the semantics in TensorIR and ``implementation`` what replaces
    it; None where TVM itself registers an intrinsic of that name.

    features: what the CPU must have, all of them, by LLVM's names.
    instruction: how the assembler writes what the implementation comes down to; "" for what no
    assembler writes.
    pack: for a plain weight "kn" (K, N) or "nk" (N, K), the name of the intrinsic that packs a tile
    of it into B's shape; a layout that is not there is packed element by element.
    b_layout: "nk" for B (lanes, depth), "kn" for B (depth, lanes), "knk" for B (depth / group,
    lanes, group).
    companions: names of the intrinsics that must stand around this one, where an operand lies in a
    memory that only they reach: "A" copies a tile (rows, depth) there, "zero" starts a tile of C,
    "C" brings it back (rows, lanes); what copies B is in ``pack``, with its layout.
    accumulators: how many tiles of C there may be at a time, where registers of their own hold
    them; 0 where nothing but speed limits them.
    takes_elements: whether A and C lie in memories of whole tiles, which copies bring there.
    cycles: from one execution to the next, of a core that does nothing else.
    widened: registers that a vector of a factor takes while it is multiplied: 2 where bytes have to
    become 16-bit numbers first.
    b_is_small: whether B has to hold small bytes (`heron_ms.small_bytes`), as sums of others
    saturate.

    Raises IntrinsicError if the description is no such sum or says otherwise than these fields.
    """

    name: str
    features: frozenset[str]
    a_dtype: str
    b_dtype: str
    c_dtype: str
    lanes: int
    depth: int
    description: PrimFunc = field(repr=False)
    implementation: PrimFunc | None = field(repr=False)
    rows: int = 1
    instruction: str = ""
    pack: Mapping[str, str] = field(default_factory=dict, hash=False)
    b_layout: str = "nk"
    companions: Mapping[str, str] = field(default_factory=dict, hash=False)
    accumulators: int = 0
    takes_elements: bool = False
    cycles: float = 1.0
    widened: int = 1
    b_is_small: bool = False

    def __post_init__(self) -> None:
        try:
            described = vars(read_semantics(self.description))
        except IntrinsicError as error:
            raise IntrinsicError(f"intrinsic {self.name!r}: {error}") from error
        for name, value in described.items():
            if getattr(self, name) != value:
                raise IntrinsicError(
                    f"intrinsic {self.name!r}: {name} is {getattr(self, name)!r}, but its "
                    f"description says {value!r}"
                )

    @property
    def assembled(self) -> bool:
        """Whether LLVM makes machine code of it, for a CPU."""
        return self.implementation is not None and bool(self.instruction)

    @property
    def operations(self) -> int:
        """Operations of one execution: two for each multiply-accumulate."""
        return 2 * self.rows * self.lanes * self.depth

    @property
    def rate(self) -> float:
        """Multiplications in a cycle."""
        return self.operations / 2 / self.cycles

    @property
    def family(self) -> str:
        """The same for intrinsics that differ in their rows alone, of which the shape chooses."""
        return self.instruction if self.accumulators else self.name

    @property
    def group(self) -> int:
        """Values of the depth that lie side by side in B."""
        return int(self.description.params[1].shape[-1]) if self.b_layout == "knk" else self.depth

    @property
    def b_shape(self) -> tuple[int, ...]:
        """The shape of a tile of B."""
        return tuple(int(extent) for extent in self.description.params[1].shape)

    @property
    def scopes(self) -> dict[str, str]:
        """The scope of the memory that each operand lies in, "global" where it may be any."""
        buffers = zip("ABC", self.description.params, strict=True)
        return {operand: str(buffer.scope()) for operand, buffer in buffers}

    def accepts(self, a_dtype: str, b_dtype: str, c_dtype: str) -> bool:
        """Whether the operand and result dtypes are this intrinsic's."""
        return (a_dtype, b_dtype, c_dtype) == (self.a_dtype, self.b_dtype, self.c_dtype)
