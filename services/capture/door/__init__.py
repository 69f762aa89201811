"""The door: who calls and how, what is refused, and what every route shares."""
