"""Heron's schedule-generation rules as MetaSchedule space generators.

One rule a file, numbered as in the paper: S1 Tensorize, S2 multi-level SPM,
S3 multi-scope SPM; multi-level tiling and the finishing primitives are inherited from Ansor.
"""

from heron_ms.space_generators.space import HeronSpace, generate_sketches

__all__ = ["HeronSpace", "generate_sketches"]
