"""The books: what all stores say of every submission, compared id by id."""
