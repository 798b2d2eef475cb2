"""Apply a payment or credit to open items."""
