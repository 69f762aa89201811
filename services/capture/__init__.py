"""Capture: proves who sends, stores on disk, answers, publishes.

Consumes HTTP, and `leads.captured.v1` for what came by id only and is to be fetched. Emits
`leads.captured.v1`, and `leads.activity.v1` of sources that stand still. Owns the spool (files under `<data_dir>/spool`) and the
tables `capture.keys`, `capture.spools` and `capture.misaddressed`; needs neither the log nor
Postgres to accept.
"""
