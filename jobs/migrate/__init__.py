"""migrate: make the target's table equal to the source's, bit for bit, in one transaction."""
