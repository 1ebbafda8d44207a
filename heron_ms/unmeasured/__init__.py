"""Schedules for functions that nothing was measured of: in milliseconds, without a run.

A function with a block that maps to an intrinsic gets the point of `HeronSpace` that the machine's
analytic prior likes best (`by_prior`); any other gets loops that follow from its blocks
(`by_loops`): fused, vectorised, parallel.
"""

from heron_ms.unmeasured.schedule import How, schedule_module, schedule_unmeasured

__all__ = ["How", "schedule_module", "schedule_unmeasured"]
