"""The storm: the system under every fault of the list, watched by an oracle (docs/faults.md)."""
