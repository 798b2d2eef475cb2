"""One action on many rows: one review, one outcome each."""
