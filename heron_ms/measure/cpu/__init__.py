"""Measuring on the CPU that this process runs on."""
