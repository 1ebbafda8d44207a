"""One run of a built program, outside of a search."""

from __future__ import annotations

import logging
from typing import Any

from heron_ms._tvm import Device, Target, ms
from heron_ms.measure.disk_space import blame_the_disk

logger = logging.getLogger(__name__)


def run(runner: Any, target: Target, artifact: str, arguments: Any) -> list[float]:
    """Seconds of each repeat that a MetaSchedule runner measures; none, and a warning, on failure.

    artifact: the path of what was built for the target; arguments: its `ArgInfo`. Raises
    `WorkerError` where it fails for want of space.
    """
    device = Device(target.get_target_device_type(), 0).type
    given = ms.runner.RunnerInput(artifact, device, arguments)
    result = runner.run([given])[0].result()
    if result.error_msg:
        blame_the_disk(result.error_msg)
        why = str(result.error_msg).strip().rpartition("\n")[2]
        logger.warning("a program did not run again: %s", why)
    return [float(seconds) for seconds in result.run_secs or []]
