"""Documents of the assistant: read, cut into passages, kept in the database, found by words and by meaning."""
