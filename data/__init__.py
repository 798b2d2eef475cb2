"""What remembers and what travels: the store, the peers, the sync and the broker."""
