"""The ranked list of work."""
