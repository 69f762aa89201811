"""The stage loop: slices in one transaction, the journal, dead letters, the watchdog."""
