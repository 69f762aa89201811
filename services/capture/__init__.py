"""Capture: proves who sends, stores on disk, answers, publishes.

Consumes HTTP. Emits `leads.captured.v1`. Owns the spool (files under `<data_dir>/spool`) and the
tables `capture.keys`, `capture.spools` and `capture.misaddressed`; needs neither the log nor
Postgres to accept.
"""
