"""Whole models: from a file to tasks, and from tuned tasks to a program."""
