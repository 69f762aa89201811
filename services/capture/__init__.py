"""Capture: proves who sends, stores on disk, answers, publishes.

Consumes HTTP. Emits `leads.captured.v1`. Owns the spool (files under `<data_dir>/spool`) and the
tables `capture.keys` and `capture.spools`; needs neither the log nor Postgres to accept.
"""
