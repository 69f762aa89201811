"""Normal forms that several services must agree on: text for matching, and pages of origin."""
