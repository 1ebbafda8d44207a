"""What benchmarks share: cores, journals, options, processes, reports."""
