"""teardown: delete a stack, purge what Azure soft-deletes, and check that nothing is left that is billed."""
