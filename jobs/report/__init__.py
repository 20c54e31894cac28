"""The page that shows a search, and for the demo the whole flow: one HTML file, the pictures inside it."""
