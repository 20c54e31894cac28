"""The formats of the report: each is a function of it that returns the text."""
