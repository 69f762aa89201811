"""Realistic traffic of every kind for a running system, and where all of it went.

Works from outside, over HTTP; the configuration only tells which kinds the system takes.
"""
