"""The public addresses, one file each."""
