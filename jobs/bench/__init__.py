"""bench: each step against what a user would write instead, in one run, on the same data, results compared."""
