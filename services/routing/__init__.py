"""Routing: opens or joins a lead, gives it to a specialist, tells them, and watches the clock.

Consumes leads.scored.v1 and leads.activity.v1. Emits leads.routed.v1 and leads.notified.v1.
Owns persons (redirects, locks), leads, submissions, assignments, rotations, actions,
notifications and stopped_routes of the schema `routing`.
"""
