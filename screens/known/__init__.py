"""By what payers are known."""
