"""The models of a region: which can be deployed there, and whether those of the stack can.

Retirement dates and quotas are read from Azure each time: the dates in its documentation move in both directions.
"""
