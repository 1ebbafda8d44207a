"""The benchmarks, behind one command: ``python -m scripts.bench NAME``."""
