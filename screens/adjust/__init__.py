"""Write a difference off."""
