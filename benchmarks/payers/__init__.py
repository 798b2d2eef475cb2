"""Simulated customers who pay, and other systems' rules for telling what they paid.

They share nothing with `arqueue.cash` but types."""
