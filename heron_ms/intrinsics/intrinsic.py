"""What the space rules need to know of a tensor intrinsic."""

from __future__ import annotations

from dataclasses import dataclass

from heron_ms._tvm import PrimFunc, TensorIntrin


@dataclass(frozen=True)
class Intrinsic:
    """A dot-product intrinsic C[lanes] += sum over depth of A[depth] * B[lanes, depth].

    Shapes: A is (depth,), B is (lanes, depth) and compact, C is (lanes,). The CPU must have
    ``feature`` (LLVM's name). ``description`` is the semantics in TensorIR and ``implementation``
    what replaces it.
    """

    name: str
    feature: str
    a_dtype: str
    b_dtype: str
    c_dtype: str
    lanes: int
    depth: int
    description: PrimFunc
    implementation: PrimFunc

    def __post_init__(self) -> None:
        TensorIntrin.register(self.name, self.description, self.implementation, override=True)

    def accepts(self, a_dtype: str, b_dtype: str, c_dtype: str) -> bool:
        """Whether the operand and result dtypes are this intrinsic's."""
        return (a_dtype, b_dtype, c_dtype) == (self.a_dtype, self.b_dtype, self.c_dtype)
