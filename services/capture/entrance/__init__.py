"""The entrance: by which route a call goes on, and what is said of all paths."""
