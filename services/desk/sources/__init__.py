"""What is known of a source: its fields, habit and token, its pages, and when it goes quiet."""
