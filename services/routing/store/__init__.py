"""All SQL of routing.

Locks are taken in one order: persons, leads, teams, then submissions and notifications
(delivery rule 12), each sorted by its key.
"""
