"""Write a remark on a record."""
