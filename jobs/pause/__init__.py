"""pause and resume: stop paying for the database's compute without losing anything, and go on later."""
