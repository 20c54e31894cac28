"""The assistant: answers from the user's documents and from the vector lake, with a language model or without."""
