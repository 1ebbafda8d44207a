"""The operators of the papers, as functions that return a PrimFunc."""

from heron_ms.workloads.gemm import WEIGHTS, Gemm

__all__ = ["WEIGHTS", "Gemm"]
