"""Hand something over to somebody who can decide it."""
