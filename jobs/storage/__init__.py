"""Blob Storage and the Data Lake: clients, errors, retries, and the lake's layout."""
