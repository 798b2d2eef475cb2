"""One ranked list of what in receivables needs a person. This package is what the work means; it does no I/O."""
