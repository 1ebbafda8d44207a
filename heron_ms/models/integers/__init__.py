"""Quantised models in integers: a pass before operators become TensorIR."""

from heron_ms.models.integers.rewrite import integers

__all__ = ["integers"]
