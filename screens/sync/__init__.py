"""How fresh everything is."""
