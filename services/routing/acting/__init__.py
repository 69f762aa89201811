"""What staff and clocks do with a lead, or with a specialist. Pure."""
