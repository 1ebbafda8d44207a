"""CPUs: Heron's rules for DL Boost."""

from __future__ import annotations

from heron_ms.space_generators.platforms.platform import Platform
from heron_ms.space_generators.rules.finish import finish
from heron_ms.space_generators.rules.rest import schedule_rest
from heron_ms.space_generators.rules.s1_tensorize import tensorize
from heron_ms.space_generators.rules.s2_multi_level import attach
from heron_ms.space_generators.rules.s3_multi_scope import accumulate
from heron_ms.space_generators.rules.tiling import tile
from heron_ms.space_generators.rules.window import slide

CPU = Platform((tensorize, tile, accumulate, attach, finish), (schedule_rest,), window=slide)
