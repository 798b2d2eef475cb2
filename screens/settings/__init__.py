"""What is in effect in this face, and where it comes from."""
