"""What is due on which day."""
