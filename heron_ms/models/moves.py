"""What a block of a fused function moves: an element from where it lies, as it is."""

from __future__ import annotations

from typing import Any

from heron_ms._tvm import BufferStore, TensorLoad


def moved(block: Any) -> tuple[Any, Any] | None:
    """The store of a block and the load that it stores as it is; None for one that computes."""
    store = block.body
    if not isinstance(store, BufferStore) or not isinstance(store.value, TensorLoad):
        return None
    return store, store.value
