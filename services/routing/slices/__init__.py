"""A slice of events: what it concerns is locked and loaded, each is answered, all is saved."""
