"""Who comes in and what they bring: sign-ins, bounds, forms, cursors, refusals."""
