"""How it is run: images, dashboards, and the servers that tests bring up for themselves."""
