"""The ground under every service: events, the log, the stage loop, the database, settings."""
