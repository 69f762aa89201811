"""What staff do: to leads, to what is held or died, and what they write down themselves."""
