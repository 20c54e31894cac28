"""Doctor: everything that `pulumi up` needs, looked at before it, with the command that mends each."""
