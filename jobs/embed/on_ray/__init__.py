"""Embed on Ray's workers."""
