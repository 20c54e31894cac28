"""bench: measure each step against a simple implementation, in one run, on the same data, and compare the results."""
