"""doctor: check everything that `pulumi up` needs before you run it, with the command that fixes each problem."""
