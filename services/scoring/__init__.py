"""The scoring service: how ready somebody is to buy, and why.

Consumes leads.enriched.v1 and leads.activity.v1, emits leads.scored.v1, owns the schema
`scoring` (what is known to have happened, by person, and the score that follows from it).
"""
