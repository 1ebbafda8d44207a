"""Signals, worker processes and their files, memory."""
