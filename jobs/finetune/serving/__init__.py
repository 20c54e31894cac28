"""Serve a registered model: an endpoint with two deployments, blue and green, and the traffic between them."""
