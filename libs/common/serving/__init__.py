"""How HTTP is served: a connection's phases in bounds, fair turns, an end that resets nobody."""
