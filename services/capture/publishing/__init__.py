"""Accepted on the disk, then to the log: also what an outage or a dead worker left behind."""
