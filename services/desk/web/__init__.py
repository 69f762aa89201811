"""The desk over HTTP: the JSON API, the pages, and who may see them."""
