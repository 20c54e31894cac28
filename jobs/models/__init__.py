"""The models of a region: what can be deployed there, and whether what the stack is configured for can.

Lives and quotas are asked of Azure each time: the dates on its pages move in both directions.
"""
