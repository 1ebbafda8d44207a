"""The tables of README, from the data of the benchmarks."""
