"""All SQL of the enrichment service: submissions and what came of them, and identity."""
