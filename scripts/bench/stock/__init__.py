"""Candidates of stock MetaSchedule beside ours: how many are right."""
