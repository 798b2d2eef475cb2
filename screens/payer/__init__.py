"""Who sent a payment that nobody knows the sender of."""
