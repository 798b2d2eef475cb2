"""One's own views."""
