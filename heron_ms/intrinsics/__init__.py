"""Tensor intrinsics that the wheel lacks or breaks, registered by name on import.

A MetaSchedule database names intrinsics in its traces and cannot be opened before they are
registered; parsing these few takes about a tenth of a second.
"""

from heron_ms.intrinsics.intrinsic import Intrinsic
from heron_ms.intrinsics.pack import PACK_INTRINSICS
from heron_ms.intrinsics.vnni import VNNI_S8, VNNI_U8

INTRINSICS: dict[str, Intrinsic] = {each.name: each for each in (VNNI_U8, VNNI_S8)}

__all__ = ["INTRINSICS", "PACK_INTRINSICS", "VNNI_S8", "VNNI_U8", "Intrinsic"]
