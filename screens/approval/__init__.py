"""Another person's yes or no to an order above its maker's limit."""
