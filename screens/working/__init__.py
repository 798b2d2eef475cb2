"""Working the list together: snooze, follow up, assign, pin."""
