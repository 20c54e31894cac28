"""teardown: delete a stack, empty Azure's bin of it, and look whether anything is left that costs."""
