"""``heron-ms report``: what a run did, as a page and as JSON, also while it goes on."""
