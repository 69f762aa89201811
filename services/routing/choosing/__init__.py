"""Whose a lead is: which team, who of it, whose turn, and what waits for a seat. Pure."""
