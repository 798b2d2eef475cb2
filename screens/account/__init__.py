"""One customer: card, ageing, open items, remarks, orders."""
