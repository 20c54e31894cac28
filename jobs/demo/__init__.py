"""demo: every step on this laptop, from pictures to a page with the results of a search."""
