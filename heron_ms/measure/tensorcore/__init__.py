"""GPUs that are programmed in CUDA C++: lowering, the tool chain, an estimate of time."""
