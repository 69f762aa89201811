"""Capture: proves who sends, stores on disk, answers, publishes.

Consumes HTTP, `leads.captured.v1` for what came by id only and is to be fetched, and
`leads.activity.v1` (staff.released) for what is to be fetched once more. Emits `leads.captured.v1`,
and `leads.activity.v1` of sources that stand still or whose tokens end. Owns the spool (files under
`<data_dir>/spool`) and the tables `capture.keys`, `capture.spools`, `capture.misaddressed`,
`capture.fetches`, `capture.fetch_sources` and `capture.token_ends`; needs neither the log nor
Postgres to accept.
"""
