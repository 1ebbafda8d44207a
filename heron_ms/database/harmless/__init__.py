"""What a line of a database may say: whoever wrote it, reading, building and running it is safe.

A workload is any program that TVM can write down, so it may call any function of this process or of
the C library, ask LLVM for code of its own, or be too deep to read. All that is not known to be
harmless is refused before TVM sees it.
"""

from __future__ import annotations

from heron_ms.database.harmless.rows import objection_to_record, objection_to_workload

__all__ = ["objection_to_record", "objection_to_workload"]
