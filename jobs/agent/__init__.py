"""Agents: instructions, files and functions from agent.yaml, in Foundry or on this laptop."""
