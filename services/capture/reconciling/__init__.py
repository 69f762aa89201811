"""Platforms' lists are compared with what has come (docs/decisions/0019-…)."""
