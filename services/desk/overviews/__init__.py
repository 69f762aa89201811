"""The board, the map and the health, as they are now: counted, looked at, judged."""
