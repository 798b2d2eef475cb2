"""What must hold after every step, each by its number in docs/reliability.md, one module a family; ``watch`` asks them all.
Everything is judged from the ledger's own books and from what people saw, never from what the broker says of itself."""
