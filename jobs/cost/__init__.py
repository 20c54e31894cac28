"""What a configured stack costs a month by Azure's public prices, what was spent, and how long the credit lasts."""
