"""Kernels on the matrix unit of Intel's servers beside other libraries on the same unit."""
