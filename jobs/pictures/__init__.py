"""Picture files: find them, read and decode them, draw sample faces."""
