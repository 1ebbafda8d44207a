"""How fast kernels are on the GPU of this computer, beside NVIDIA's libraries."""
