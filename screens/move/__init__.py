"""Move an allocation to another invoice."""
