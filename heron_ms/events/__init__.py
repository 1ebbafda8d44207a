"""What happens in a run, told as it happens: kinds of events, who hears them, the file of them.

Knows nothing of TVM. docs/events.md describes the file.
"""
