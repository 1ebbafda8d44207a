"""oneDNN, through PyTorch."""
