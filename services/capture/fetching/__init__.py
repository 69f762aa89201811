"""What came by id only is fetched from its platform (docs/decisions/0007-…)."""
