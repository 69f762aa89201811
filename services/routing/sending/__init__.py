"""Messages on their way: claimed, begun, sent, settled, kept in step with their leads."""
