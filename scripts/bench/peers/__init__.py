"""Kernels beside those of other libraries and of stock MetaSchedule."""
