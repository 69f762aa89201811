"""Fixtures that need a server of their own, one file each."""
