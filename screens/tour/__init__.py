"""The first steps on one page."""
