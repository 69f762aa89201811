"""What works beside the door: claims, asks platforms, and settles what came of it."""
