"""search: the pictures most like one picture, in the lake, the database or Azure AI Search."""
