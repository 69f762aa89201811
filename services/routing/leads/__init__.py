"""What becomes of a lead: opened, joined, merged, sent again, listed, erased. Pure."""
