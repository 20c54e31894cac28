"""recover: a stack that an interrupted or failed `pulumi up` left behind goes on, and loses nothing."""
