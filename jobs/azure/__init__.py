"""Azure itself: login, retries, Resource Manager, soft-deleted resources, and what its errors mean."""
