"""cost: what a configured stack costs a month by Azure's prices, what was spent, how long the credit lasts."""
