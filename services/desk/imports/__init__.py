"""Lists that people keep: read as they are, checked without effect, and put in at a polite pace.

docs/decisions/0015-imports.md says why the rows go through the desk's own spool.
"""
