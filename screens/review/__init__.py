"""What an order would do, before anybody confirms it."""
