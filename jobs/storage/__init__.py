"""Blob Storage and the Data Lake: client, errors, retries, and the lake's layout."""
