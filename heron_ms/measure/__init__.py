"""Measuring: the speed a machine can reach, and the time a kernel takes."""
