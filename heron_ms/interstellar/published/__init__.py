"""The files of the published tool, read: machines, layers and schedules."""
