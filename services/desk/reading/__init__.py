"""What events come to in the read model: rows, a lead's story, what is erased. Pure."""
