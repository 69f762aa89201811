"""All SQL of the desk, by what it is about."""
