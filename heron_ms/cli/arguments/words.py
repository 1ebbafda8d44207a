"""What several commands say of an option that they share."""

from __future__ import annotations

NO_EVENTS = "write no events.jsonl to the work directory: `heron-ms report` will know nothing of it"
