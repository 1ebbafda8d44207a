"""Whole lists of operators: MetaSchedule's own, and Relax's."""
