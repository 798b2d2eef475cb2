"""What arqueue is about: money, safe text, the ledger's entities, work items and people."""
