"""What sets the repository up, and the benchmarks; nothing here is installed."""
