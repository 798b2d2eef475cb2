"""Which order of work brings cash in earlier: a payment history is replayed day by day under several orders."""
