"""The enrichment service: who is it, is it real, what is held.

Consumes leads.captured.v1 and leads.activity.v1 (staff.released, staff.discarded).
Emits leads.enriched.v1, and on leads.activity.v1 submission.resent and submission.key_conflict.
Owns the schema `enrichment`: submissions with their raw bytes, receipts of the spools, persons,
identifiers, touches, resends, visits, scans and what waits for either, candidates for a merge.
"""
