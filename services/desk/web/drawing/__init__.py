"""How things look on a page: templates, dates, stories, pictures."""
