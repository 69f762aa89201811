"""The desk service."""
