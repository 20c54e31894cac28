"""A migration with two deployments side by side: weights, traffic, proof, deletion."""
