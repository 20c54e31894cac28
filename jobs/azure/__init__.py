"""Azure itself: how to log in, how often to try again, how to ask its Resource Manager, what its refusals mean."""
