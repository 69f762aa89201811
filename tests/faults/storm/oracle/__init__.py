"""The oracle: posts, plays the providers, keeps the ledger. It is never faulted itself."""
