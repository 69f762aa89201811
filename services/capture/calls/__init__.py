"""One call as all behind the door sees it: its parts, its answer, what can be wrong with it."""
