"""What staff press under a bot's messages, fetched and made activities."""
