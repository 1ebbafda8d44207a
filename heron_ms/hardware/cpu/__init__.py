"""CPUs: what LLVM and Linux tell of one, and what follows from it."""
