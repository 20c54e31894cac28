"""Embed on Ray's workers: the cores of this machine, or those of a cluster."""
