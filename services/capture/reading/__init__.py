"""What a submission says, read out of it: pure, and strict about what it believes."""
