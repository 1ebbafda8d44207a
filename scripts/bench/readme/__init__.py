"""The tables of README and docs, from the data of the benchmarks."""
