"""PyTorch's own code generator, with its templates of products."""
