"""adopt: take over a table that other programs filled, such as the original tutorial's loop, with its vectors."""
