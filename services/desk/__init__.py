"""The desk: what staff see and do.

Consumes every topic of the flow and all dead letters, and folds them into a read model.
Emits leads.activity.v1 (what staff decided) and replayed dead letters. Owns the schema `desk`.
"""
