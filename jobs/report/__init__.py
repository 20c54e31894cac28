"""The HTML page of a search, and of the demo's whole flow."""
