"""The options of a target that say what a CPU or GPU is."""

from __future__ import annotations

_DESCRIBING = frozenset(
    """
    arch device fast-math from_device keys kind l2_cache_size_bytes mabi mattr max_num_threads
    max_shared_memory_per_block max_threads_per_block mcpu mfloat-abi model mtriple num-cores
    opt-level registers_per_block tag thread_warp_size vector-width
    """.split()
)


def describes(option: str) -> bool:
    """Whether an option describes; others hand words to LLVM's command line, or name libraries."""
    return option in _DESCRIBING or option.startswith("feature.")
