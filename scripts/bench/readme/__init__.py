"""The tables of README and docs, from what the benchmarks measured."""
