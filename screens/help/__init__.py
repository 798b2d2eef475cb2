"""The keys of a place on one page."""
