"""CUDA C++ run on the CPU: threads are fibres, instructions of a warp do what the PTX ISA says."""
