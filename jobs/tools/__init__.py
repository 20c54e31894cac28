"""What the assistant can ask the vector lake: tools that only read, each a JSON schema beside one function."""
